"""``efpep methods``."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from efpep.cli import options
from efpep.cli.command import Command
from efpep.cli.output import show
from efpep.cli.status import ExitCode
from efpep.methods import METHODS, Method
from efpep.report.answer import cited


@dataclass(frozen=True, kw_only=True)
class MethodsCommand(Command):
    """List the methods with their parameters, what they need, and where they are analysed."""

    as_json: options.AsJson = False

    def run(self) -> int:
        """Print the list."""
        described = [_describe(cls) for cls in METHODS.members.values()]
        show(self.as_json, lambda: {"methods": described}, lambda: _table(described))
        return ExitCode.ANSWERED


def _describe(cls: type[Method]) -> dict[str, object]:
    sentence = (cls.__doc__ or "").strip().splitlines()
    return {
        "method": cls.key,
        "name": cls.title,
        "parameters": {
            field.name: None if field.default is dataclasses.MISSING else str(field.default) for field in dataclasses.fields(cls)
        },
        "compresses": cls.compresses,
        "common_minimiser": cls.common_minimiser,
        "summary": sentence[0] if sentence else "",
        "reference": cls.reference,
    }


def _table(described: list[dict[str, object]]) -> str:
    """Return aligned columns, wide enough for what they hold."""
    header = ["method", "name", "parameters", "several agents", "reference"]
    lines = [header, *(_line(method) for method in described)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def _line(method: dict[str, object]) -> list[str]:
    parameters = method["parameters"]
    names = ", ".join(str(name) for name in parameters) if isinstance(parameters, dict) else ""  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    several = "one minimiser shared by all" if method["common_minimiser"] else "any minimisers"
    return [str(method["method"]), str(method["name"]), names, several, cited(str(method["reference"]))]
