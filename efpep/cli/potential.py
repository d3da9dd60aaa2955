"""``efpep potential``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from efpep.cli import options
from efpep.cli.command import AskingKind
from efpep.cli.question import QuestionOptions
from efpep.compressors import Compressor, Projection
from efpep.errors import InputError
from efpep.methods import METHODS
from efpep.model.compressor_class import Loss
from efpep.model.field import rational, whole
from efpep.model.gradient_noise import GradientNoise

if TYPE_CHECKING:
    from efpep.questions.common.potential_answer import Potential
    from efpep.setting import Setting


@dataclass(frozen=True, kw_only=True)
class PotentialCommand(AskingKind["Potential"], QuestionOptions):
    """Compute and prove the least constant K of a potential function of a method.

    The usual kind of potential grows with the number T of steps (--iterations): it proves f(x_T) - f* <= K ||x_0 - x*||^2 / A_T,
    A_T the sum of the method's weights. Without --mu and --functions the agents' functions are smooth and convex. Subgradient
    methods with error feedback (safe-ef) have a potential of one step, whose K depends on the compressors alone.

    With --sigma gradients are stochastic, and a growing potential may grow by c_t sigma^2 in step t: the answer is the least K
    with E f(x_T) - f* <= K R^2 / A_T from ||x_0 - x*|| <= R (--radius), and what part of it is due to noise.

    With --functions smooth-weakly-convex (mu = -L for all smooth functions) the answer is the largest a with Phi+ <= Phi - a
    |grad f(x)|^2, Phi = f - f* plus a quadratic, and what it proves of T steps from the method's own start. It is the same for
    every number of steps.
    """

    projection: Annotated[
        str | None,
        typer.Option(
            "--projection",
            metavar="WHERE",
            help="Which compressors are of projection type, as Top-K: uplink, downlink or both.",
        ),
    ] = None
    iterations: options.Iterations = None
    memory: options.MemoryLength = None
    sigma: options.Sigma = None
    radius: Annotated[
        str, typer.Option("--radius", metavar="NUMBER", help="A bound of the distance of x_0 from x*, with --sigma (default 1).")
    ] = "1"

    def ask(self) -> Potential:
        """Return the potential."""
        question = self
        if self.plain:
            question = replace(self, functions=METHODS.find(self.method).potential.functions)
        method, setting = question.read()
        if self.projection is not None:
            setting = _projecting(setting, self.projection)
        if self.sigma is not None:
            setting = replace(setting, noise=GradientNoise(rational(self.sigma, "--sigma")))
        from efpep.questions.potentials import potential

        steps = None if self.iterations is None else whole(self.iterations, "--iterations")
        memory = 0 if self.memory is None else whole(self.memory, "--memory")
        radius = rational(self.radius, "--radius")
        return potential(method, setting, steps, memory=memory, radius=radius, solver=self.solver)


_ENDS = {"uplink": (True, False), "downlink": (False, True), "both": (True, True)}


def _projecting(setting: Setting, where: str) -> Setting:
    """Return the setting with contractive compressors replaced by those of projection type."""
    if where not in _ENDS:
        raise InputError(f"--projection is {where!r}, which is no direction; choose uplink, downlink or both.")
    up, down = _ENDS[where]
    given = setting.compressor if up else setting.server_compressor
    if given is None:
        missing = "--delta" if up else "--delta-server"
        raise InputError(f"--projection {where} is about a compressor that is not there; give {missing}.")
    return replace(
        setting,
        compressor=_of_projection_type(setting.compressor) if up else setting.compressor,
        server_compressor=_of_projection_type(setting.server_compressor) if down else setting.server_compressor,
    )


def _of_projection_type(compressor: Compressor | None) -> Compressor | None:
    if compressor is None:
        return None
    if compressor.loss in {Loss.ANY, Loss.ORTHOGONAL}:
        return Projection(compressor.contraction)
    raise InputError(
        f"--projection is about contractive compressors, and {compressor.identifier()} is not; leave one of them out."
    )
