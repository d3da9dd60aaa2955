"""``efpep patterns``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from efpep.cli import options
from efpep.cli.command import AskingKind
from efpep.cli.question import QuestionOptions
from efpep.model.field import whole

if TYPE_CHECKING:
    from efpep.questions.switching.answer import SwitchingWorstCase


@dataclass(frozen=True, kw_only=True)
class PatternsCommand(AskingKind["SwitchingWorstCase"], QuestionOptions):
    """Bound a switching method (safe-ef) after T rounds over all 2^T switching patterns, and name the worst one.

    The functions and the constraint are convex with subgradients bounded by M (--functions-set M=NUMBER, default 1). Without
    --step-size the step size and the threshold are those with the best guarantee; --set threshold=NUMBER gives the threshold.
    """

    mu: None = field(default=None, init=False)
    kappa: None = field(default=None, init=False)
    L: None = field(default=None, init=False)
    functions: str = field(default="bounded-subgradients", init=False)
    group: None = field(default=None, init=False)
    step_size: Annotated[
        str | None,
        typer.Option(
            "--step-size", metavar="NUMBER", help="A number; that of the best guarantee (with its threshold) without this option."
        ),
    ] = None
    iterations: Annotated[str, typer.Option("--T", "--iterations", metavar="NUMBER", help="The number of rounds, at most 12.")]
    radius: Annotated[
        str, typer.Option("--radius", metavar="NUMBER", help="The distance of x^0 from x*."), options.Gives("R")
    ] = "1"
    metric: Annotated[
        str,
        typer.Option(
            "--metric",
            metavar="NAME",
            help="average (the mean of f(x^t) - f* over the iterates below the threshold), gap (f(xbar) - f*) or constraint "
            "(g(xbar)).",
        ),
    ] = "average"
    every: Annotated[
        bool, typer.Option("--every", help="Bound every pattern itself, also those that are proved to be no worse than another.")
    ] = False
    jobs: options.Jobs = None

    def ask(self) -> SwitchingWorstCase:
        """Return the bound over all patterns."""
        from efpep.questions.switching.answer import completed, switching_worst_case

        rounds = whole(self.iterations, "--T")
        method, setting = completed(*self.read(), rounds, self.radius)
        return switching_worst_case(
            method,
            setting,
            rounds,
            self.metric,
            radius=self.radius,
            solver=self.solver,
            jobs=-1 if self.jobs is None else self.jobs,
            every=self.every,
        )
