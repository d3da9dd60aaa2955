"""One numeric run of an experiment as a task of a sweep."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from efpep.compressors.operators import read_operator
from efpep.errors import CertificateError
from efpep.methods.base import Method
from efpep.model.field import rounded
from efpep.model.gradient_noise import GradientNoise
from efpep.simulate.problems import Clientwise, read_problem
from efpep.studies.engine.task import Outcome, Task, TaskState
from efpep.studies.experiments.step_rules import RULES

if TYPE_CHECKING:
    from efpep.compressors.operator_protocols import Operator

_DIGITS = 17
TRAFFIC = ("bytes_client", "bytes_server")


@dataclass(frozen=True)
class ExperimentTask(Task):
    """What does a method do on a problem?

    Attributes:
        method: the method; its step size is a number, or ``"optimal"`` where ``rule`` says which.
        rule: a name in :data:`~efpep.studies.experiments.step_rules.RULES`, or empty where the method has a number.
        problem: a problem as text, with its seed.
        compressor: the clients' operator as text; empty for none.
        server_compressor: the server's operator as text; empty for none.
        iterations: how many iterations are made.
        record_every: how many iterations lie between records.
        record: the columns that are recorded, without the traffic.
        seed: of the random operators, and of mini-batches.
        batch: the size of the mini-batches of gradients; None for exact ones.
    """

    provable: ClassVar[bool] = False
    method: Method
    rule: str
    problem: str
    compressor: str
    server_compressor: str
    iterations: int
    record_every: int
    record: tuple[str, ...]
    seed: int
    batch: int | None = None

    @property
    def kind(self) -> str:
        """The name of this kind of question."""
        return "experiment"

    def describe(self) -> dict[str, object]:
        """Return the run."""
        return {
            "method": self.method.describe(),
            **({"rule": self.rule} if self.rule else {}),
            "problem": read_problem(self.problem).describe(),
            "compressor": read_operator(self.compressor).describe() if self.compressor else None,
            "server": read_operator(self.server_compressor).describe() if self.server_compressor else None,
            "iterations": self.iterations,
            "record_every": self.record_every,
            "record": list(self.record),
            "seed": self.seed,
            **({} if self.batch is None else {"batch": self.batch}),
        }

    @property
    def storable(self) -> bool:
        """Whether everything is efpep's own: a run records no system, by which changed code would be noticed."""
        operators = [read_operator(text) for text in (self.compressor, self.server_compressor) if text]
        return not any(
            type(part).__module__.split(".")[0] != "efpep" for part in (self.method, read_problem(self.problem), *operators)
        )

    def label(self) -> str:
        """Return the method, its step size and the problem on one line."""
        return f"{self.method.identifier()} with step size {self.rule or self.method.step_size} on {self.problem}"

    def answer(self) -> Outcome:
        """Make the run."""
        from efpep.simulate.simulate import simulate

        problem = _problem(self.problem)
        compressor, server = _operator(self.compressor), _operator(self.server_compressor)
        method = self.resolved(problem, compressor)
        found = simulate(
            method,
            problem,
            self.iterations,
            compressor,
            server,
            seed=self.seed,
            noise=None if self.batch is None else GradientNoise(batch=self.batch),
            record=[*self.record, *TRAFFIC],
            record_every=self.record_every,
        )
        columns = {name: [_finite(float(number)) for number in column] for name, column in found.columns.items()}
        value: dict[str, object] = {
            "iteration": [int(k) for k in found.iterations],
            "columns": columns,
            "step_size": float(method.step_size),
            "diverged": found.diverged,
        }
        return Outcome(TaskState.MEASURED, value)

    def recheck(self, outcome: Outcome) -> None:
        """Make the run again, since nothing else can confirm it."""
        if self.answer().value != outcome.value:
            raise CertificateError("the same run gives other numbers here.")

    def resolved(self, problem: Clientwise, compressor: Operator | None) -> Method:
        """Return the method with a number as its step size.

        Raises:
            InputError: a constant that the rule needs is not known.
        """
        from efpep.simulate.prepare import setting_of

        if not self.rule:
            return self.method
        setting = setting_of(self.method, problem, compressor, problem.clients, problem.dimension, rule=self.rule)
        return replace(self.method, step_size=rounded(RULES[self.rule](self.method, setting).value, _DIGITS))


@lru_cache(maxsize=16)
def _problem(text: str) -> Clientwise:
    """Return a problem; a worker that runs on it again need not find its minimiser again."""
    return read_problem(text)


def _operator(text: str) -> Operator | None:
    return read_operator(text) if text else None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
