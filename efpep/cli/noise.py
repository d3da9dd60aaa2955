"""``efpep noise``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from efpep.cli import options
from efpep.cli.command import AskingKind
from efpep.cli.question import QuestionOptions
from efpep.model.field import rational
from efpep.model.gradient_noise import GradientNoise

if TYPE_CHECKING:
    from efpep.questions.noise.answer import NoiseConstant
    from efpep.questions.nonconvex_noise.answer import NonconvexNoise


@dataclass(frozen=True, kw_only=True)
class NoiseCommand(AskingKind["NoiseConstant | NonconvexNoise"], QuestionOptions):
    """Compute and prove what stochastic gradients cost: the least c with E V+ <= rho E V - metric + c sigma^2.

    With --bound last the question is E V+ <= rho E V + c sigma^2 with V at least the metric. Numbers are integers, decimals or
    fractions ("1/10"), and are read exactly.

    With --functions smooth-weakly-convex it is the least c with E Phi+ <= Phi - a |grad f(x)|^2 + c sigma^2 of potentials (see
    efpep potential), a the --decrease, or about that with the least c/a.
    """

    rho: Annotated[str, typer.Option("--rho", metavar="NUMBER", help="The factor of V a step (default 1).")] = "1"
    bound: Annotated[
        str, typer.Option("--bound", metavar="NAME", help="What is bounded: average (default), or last, which needs rho < 1.")
    ] = "average"
    metric: options.Measured = "distance"
    sigma: Annotated[
        str, typer.Option("--sigma", metavar="NUMBER", help="Standard deviation of every agent's gradients (default 1).")
    ] = "1"
    decrease: Annotated[
        str | None,
        typer.Option("--decrease", metavar="NUMBER", help="The decrease a of potentials, for functions without a minimiser."),
    ] = None

    def ask(self) -> NoiseConstant | NonconvexNoise:
        """Return the constant."""
        method, setting = self.read()
        from efpep.questions.noises import noise

        noisy = replace(setting, noise=GradientNoise(rational(self.sigma, "--sigma")))
        rho, decrease = rational(self.rho, "--rho"), None if self.decrease is None else rational(self.decrease, "--decrease")
        return noise(method, noisy, rho, self.bound, self.metric, decrease=decrease, solver=self.solver)
