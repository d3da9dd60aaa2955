"""What the inequalities of a question are about: the points, gradients and messages that a step of the method uses.

A question keeps its inequalities as matrices. For a reader, and for a script that rebuilds them from their formulas, the vectors
behind each are wanted too. They are observed by asking the question once more with function and compressor classes that write
down what they are asked and otherwise do what the setting's own classes do.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from efpep.compressors import Compressor
from efpep.functions import FunctionClass
from efpep.question.contraction import Contraction, contraction

if TYPE_CHECKING:
    from efpep.methods.base import Method
    from efpep.model.field import Scalar
    from efpep.model.form import Form
    from efpep.model.site import Site
    from efpep.model.trace import Sample, Trace
    from efpep.model.vector import Part
    from efpep.setting import Setting


@dataclass(frozen=True, slots=True)
class Pair:
    """An inequality between two samples of the functions of one group."""

    group: int
    functions: FunctionClass
    a: Sample
    b: Sample


@dataclass(frozen=True, slots=True)
class Message:
    """A use of the compressor of one group: the message ``v`` and the loss ``v - C(v)``."""

    group: int
    compressor: Compressor
    v: Part
    loss: Part


@dataclass(slots=True)
class Observation:
    """A question with what its inequalities are about.

    Attributes:
        question: the question.
        pairs: by name of the inequality, the two samples.
        messages: by name of the inequality, the message.
    """

    question: Contraction
    pairs: dict[str, Pair]
    messages: dict[str, Message]


@dataclass(slots=True)
class _Notes:
    pairs: dict[tuple[int, str], Pair] = field(default_factory=dict[tuple[int, str], Pair])
    messages: dict[tuple[int, str], Message] = field(default_factory=dict[tuple[int, str], Message])


def observe(method: Method, setting: Setting, metric: str) -> Observation:
    """Ask the one-step question and note the samples and messages of its inequalities."""
    notes = _Notes()
    question = contraction(method, _watched(setting, notes), metric)
    several = len(setting.populations()) > 1
    names = {row.name for row in question.rows}
    pairs = {_name(name, group, several=several): pair for (group, name), pair in notes.pairs.items()}
    messages = {_name(name, group, several=several): message for (group, name), message in notes.messages.items()}
    return Observation(
        question,
        {name: pair for name, pair in pairs.items() if name in names},
        {name: message for name, message in messages.items() if name in names},
    )


def _name(name: str, group: int, *, several: bool) -> str:
    return f"{name}[{group + 1}]" if several else name


def _watched(setting: Setting, notes: _Notes) -> Setting:
    agents = setting.agents
    if not isinstance(agents, int):
        agents = tuple(
            replace(
                group,
                functions=None if group.functions is None else _WatchedFunctions(group.functions, notes),
                compressor=None if group.compressor is None else _WatchedCompressor(group.compressor, notes),
            )
            for group in agents
        )
    return replace(
        setting,
        functions=None if setting.functions is None else _WatchedFunctions(setting.functions, notes),
        compressor=None if setting.compressor is None else _WatchedCompressor(setting.compressor, notes),
        agents=agents,
    )


@dataclass(frozen=True)
class _WatchedFunctions(FunctionClass):
    """A function class that notes which samples are compared."""

    functions: FunctionClass
    notes: _Notes

    @property
    def curvature(self) -> Scalar:
        return self.functions.curvature

    @property
    def smoothness(self) -> Scalar:
        return self.functions.smoothness

    def sample(self, trace: Trace, group: int, x: Part, gradient_at_minimiser: Part, label: str) -> Sample:
        return self.functions.sample(trace, group, x, gradient_at_minimiser, label)

    def interpolation(self, trace: Trace, group: int, a: Sample, b: Sample) -> Form:
        self.notes.pairs[group, f"interpolation({a.label},{b.label})"] = Pair(group, self.functions, a, b)
        return self.functions.interpolation(trace, group, a, b)


@dataclass(frozen=True)
class _WatchedCompressor(Compressor):
    """A compressor class that notes the messages."""

    compressor: Compressor
    notes: _Notes

    def record(self, site: Site, v: Part, label: str) -> Part:
        compressed = self.compressor.record(site, v, label)
        if site.group is not None:
            self.notes.messages[site.group, f"compression({label})"] = Message(site.group, self.compressor, v, v - compressed)
        return compressed

    def add_noise(self, site: Site, v: Part, expected: Part, label: str, past: tuple[int, int]) -> Part:
        return self.compressor.add_noise(site, v, expected, label, past)
