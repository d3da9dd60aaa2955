"""Where the inequalities of a question come from: the points, messages and feasible points that a step of the method uses.

A question keeps its inequalities as matrices. For a reader, and for a script that rebuilds them from their formulas, the vectors
behind each are wanted too; the recording has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from efpep.model.vector import Part
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.rate.inequalities import recorded
from efpep.questions.rate.lyapunov_class import EVERYTHING, LyapunovClass

if TYPE_CHECKING:
    from efpep.compressors import Compressor
    from efpep.functions import FunctionClass
    from efpep.methods.base import Method
    from efpep.model.constraint import Feasible
    from efpep.model.sample import Sample
    from efpep.model.trace import Trace
    from efpep.setting import Setting


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a compressor.

    Attributes:
        number: the use's number.
        label: the use's number, with its group where there are several, or ``at the server``.
        group: whose agents compress, or None for the server.
        compressor: the compressor class.
        v: the message.
        loss: what is lost, in expectation where the compressor is random.
        noise: how the result fluctuates around its expectation.
    """

    number: str
    label: str
    group: int | None
    compressor: Compressor
    v: Part
    loss: Part
    noise: Part


@dataclass(frozen=True, slots=True)
class Observation:
    """A question with what its inequalities are about.

    Attributes:
        question: the question.
        functions: each group's function class.
        samples: each group's samples, the minimiser first.
        uses: the uses of compressors.
        feasible: the points of the set that the method projects onto, the minimiser first.
    """

    question: StepInequalities
    functions: tuple[FunctionClass, ...]
    samples: tuple[tuple[Sample, ...], ...]
    uses: tuple[Use, ...]
    feasible: tuple[Feasible, ...]

    def vectors(self) -> Iterator[tuple[int, Part]]:
        """Yield the vectors that the rows and the iterates are made of, each with its group (0 for the server's)."""
        yield from ((0, Part(iterate)) for iterate in self.question.iterates)
        for group, samples in enumerate(self.samples):
            for sample in samples:
                yield from ((group, sample.x), (group, sample.shape))
        for use in self.uses:
            yield from ((use.group or 0, part) for part in (use.v, use.loss, use.noise))
        for feasible in self.feasible:
            yield from ((0, vector.part(0)) for vector in (feasible.point, feasible.normal))


def observe(method: Method, setting: Setting, metric: str, lyapunov_class: LyapunovClass = EVERYTHING) -> Observation:
    """Ask the one-step question and return it with the samples, messages and feasible points of its inequalities."""
    question, trace = recorded(method, setting, metric, lyapunov_class=lyapunov_class)
    groups = range(len(trace.groups))
    functions = tuple(group.functions for group in trace.groups)
    return Observation(question, functions, tuple(trace.history(a) for a in groups), _uses(trace), trace.feasible)


def label_of(name: str, group: int | None, *, several: bool) -> str:
    """Return a name with its group where there are several."""
    return f"{name}[{group + 1}]" if several and group is not None else name


def _uses(trace: Trace) -> tuple[Use, ...]:
    found: list[Use] = []
    several = len(trace.groups) > 1
    for message in trace.messages:
        group = message.group
        compressor = trace.server_compressor if group is None else trace.groups[group].compressor
        if compressor is None:
            continue
        label = f"{message.label} at the server" if group is None else label_of(message.label, group, several=several)
        lost = message.sent - message.received + message.noise
        found.append(Use(message.label, label, group, compressor, message.sent, lost, message.noise))
    return tuple(found)
