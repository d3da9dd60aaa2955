"""``efpep lower-bound``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.command import Command
from efpep.cli.output import show
from efpep.cli.status import ExitCode
from efpep.errors import InputError
from efpep.methods import METHODS
from efpep.model.field import whole


@dataclass(frozen=True, kw_only=True)
class LowerBoundCommand(Command):
    """Print a lower bound for nonsmooth methods with compressed messages, the method's guarantee, and their ratio.

    The bound holds for all methods whose query points are determined by what the server sends. Messages to the clients are not
    compressed.
    """

    method: options.MethodName
    delta: Annotated[str, typer.Option("--delta", metavar="NUMBER", help="The probability with which a coordinate passes.")]
    iterations: Annotated[
        str, typer.Option("--T", "--iterations", metavar="NUMBER", help="The number of rounds."), options.Gives("T")
    ]
    R: Annotated[str, typer.Option("--R", metavar="NUMBER", help="The distance of x^0 from x*.")] = "1"
    M: Annotated[str, typer.Option("--M", metavar="NUMBER", help="The bound of the subgradients.")] = "1"
    step_size: options.StepSize = None
    runs: Annotated[
        str, typer.Option("--runs", metavar="NUMBER", help="How often the method is run on the worst-case function (R = M = 1).")
    ] = "0"
    instance: Annotated[
        str, typer.Option("--instance", metavar="NAME", help="The compressor of these runs: rand-k or bernoulli.")
    ] = "rand-k"
    as_json: options.AsJson = False

    def run(self) -> int:
        """Print the bound."""
        from efpep.compressors import Contractive
        from efpep.functions import BoundedSubgradients
        from efpep.model.field import rational
        from efpep.model.text import exact
        from efpep.questions.common.guarantee import guarantee
        from efpep.setting import Setting
        from efpep.simulate.against_bound import against_bound
        from efpep.simulate.against_bound_report import bound_object, bound_text
        from efpep.theory.lower_bound import lower_bound, markov_bound

        cls = METHODS.find(self.method)
        if not cls.compresses:
            raise InputError(
                f"{cls.title} does not compress, so that no compressor keeps coordinates from it; take a method such as safe-ef.",
                argument="method",
            )
        share, T = rational(self.delta, "--delta"), whole(self.iterations, "--T")
        R, M = rational(self.R, "--R"), rational(self.M, "--M")
        least = lower_bound(share, T, R=R, M=M)
        setting = Setting(BoundedSubgradients(M), Contractive(share))
        known = cls.literature.averaging_constant(setting, T) is not None
        promise = guarantee(cls, setting, T, radius=R) if known else None
        count = whole(self.runs, "--runs") if self.runs.strip() != "0" else 0
        found = None
        if count:
            unit = replace(setting, functions=BoundedSubgradients())
            gamma = self.step_size or (str(guarantee(cls, unit, T).method.step_size) if known else None)
            if gamma is None:
                raise InputError(f"{cls.title} has no step size of its own here; give --step-size.")
            found = against_bound(
                METHODS.build({"class": self.method, "step_size": gamma}), share, T, runs=count, instance=self.instance
            )
        question: dict[str, object] = {"method": cls.identifier(), "delta": exact(share), "T": T, "R": exact(R), "M": exact(M)}
        described = bound_object(
            question, least, markov_bound(share, T, R=R, M=M), None if promise is None else promise.bound, found
        )
        show(self.as_json, lambda: described, lambda: bound_text(described))
        return ExitCode.ANSWERED
