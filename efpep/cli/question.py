"""From options to a method and a setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from efpep.cli.output import note
from efpep.compressors import Contractive
from efpep.errors import InputError
from efpep.methods import METHODS, Method
from efpep.model.field import rational
from efpep.setting import Setting
from efpep.study.setting import GROUP_KEYS, build_setting, whole


@dataclass(frozen=True, slots=True)
class Options:
    """The options that describe a question, as text."""

    method: str
    mu: str | None
    L: str | None
    delta: str | None
    delta_server: str | None
    agents: str | None
    groups: Sequence[str] | None
    step_size: str | None
    parameters: Sequence[str] | None

    def read(self) -> tuple[Method, Setting]:
        """Return the method and the setting.

        Raises:
            InputError: an option is malformed, missing, unknown to the method, or impossible.
            UnavailableError: a class of the user's cannot be imported here.
        """
        given = _pairs(self.parameters or (), "--set", "name=value")
        if self.step_size is not None:
            if "step_size" in given:
                raise InputError("--step-size and --set step_size are both given; give one of them.")
            given["step_size"] = self.step_size
        cls = METHODS.find(self.method)
        if "class" in given:
            METHODS.check_parameters(cls, given)
        method = METHODS.build({"class": self.method, **given})
        constants = {"mu": self.mu, "L": self.L, "delta": self.delta}
        agents = None if self.agents is None else whole(self.agents, "--agents")
        groups = [_group(text) for text in self.groups or ()]
        if not method.compresses and (self.delta is not None or any("delta" in group for group in groups)):
            note(f"{method.title or self.method} does not compress, so delta is not used.")
        setting = build_setting(cls, constants, agents, groups, "--")
        if self.delta_server is not None:
            setting = replace(setting, server_compressor=Contractive(delta=rational(self.delta_server, "--delta-server")))
        return method, setting


def _group(text: str) -> dict[str, object]:
    pairs = _pairs(text.split(","), "--group", "count=3,mu=0.1,L=1")
    unknown = [name for name in pairs if name not in GROUP_KEYS]
    if unknown:
        raise InputError(f"--group has the unknown key {unknown[0]!r}; its keys are {', '.join(GROUP_KEYS)}.")
    return pairs


def _pairs(texts: Sequence[str], option: str, example: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for text in texts:
        name, sign, value = (piece.strip() for piece in text.partition("="))
        if not (name and sign and value):
            raise InputError(f"{option} has {text!r}, which is not name=value; write it like {option} {example!r}.")
        if name in found:
            raise InputError(f"{option} gives {name} twice; give it once.")
        found[name] = value
    return found
