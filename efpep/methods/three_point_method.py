"""The general form of three point compression, in which a new compressor is a few lines."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from efpep.errors import InputError
from efpep.methods.base import Memory, Method, Run, Vec
from efpep.model.field import Scalar
from efpep.theory import three_point as theory
from efpep.theory.literature import Literature

if TYPE_CHECKING:
    from efpep.setting import Setting


class State(NamedTuple):
    """The iterate and each client's gradient estimate."""

    x: Vec
    d: Vec


@dataclass(frozen=True)
class ThreePointMethod(Method):
    """Base of the methods with a three point compressor ``C_{h,y}`` (3PC, 2202.00998), which :meth:`estimate` is.

        x+ = x - step_size * mean_i d_i,   d_i+ = C_{d_i, y_i}(g_i),   y_i = grad f_i(x),   g_i = grad f_i(x+).

    A subclass gives :meth:`estimate`, and :meth:`constants` where the paper's theorem is to be its literature: with

        ||C_{h,y}(g) - g||^2 <= (1 - A) ||h - y||^2 + B ||g - y||^2

    for all h, y and g, the average constants L and mu, ``Lt^2 = mean L_i^2``, and ``gamma <= min{1/(L + Lt sqrt(2 B/A)),
    A/(2 mu)}``, under the PL condition

        V+ <= (1 - gamma mu) V,   V = f(x) - f* + (gamma/A) mean_i ||grad f_i(x) - d_i||^2.
    """

    reference: ClassVar[str] = "2202.00998"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.tracker("d"),)
    compresses_at_server: ClassVar[bool | None] = False
    literature: ClassVar[Literature] = theory.KNOWN
    State: ClassVar[type] = State

    @abstractmethod
    def estimate(self, h: Vec, y: Callable[[], Vec], g: Vec, run: Run) -> Vec:
        """Return ``C_{h,y}(g)``: what is known of every client's g, after h was known where its gradient was y.

        Args:
            h: the clients' estimates.
            y: evaluates the clients' gradients at the last point, for compressors that need them.
            g: the clients' gradients at the new point.
            run: what the method talks to.
        """

    def constants(self, setting: Setting) -> tuple[Scalar, Scalar]:
        """Return the numbers A and B in a setting.

        Raises:
            InputError: they are not known, or not in this setting.
        """
        del setting
        raise InputError(
            f"{self.title or type(self).__name__} does not say the constants A and B of its three point compressor; define "
            "constants(setting), or give step_size as a number.",
            argument="step_size",
        )

    def three_point(self, setting: Setting) -> theory.ThreePoint:
        """Return what the compressor is known by: its :meth:`constants`.

        Raises:
            InputError: they are not known, or impossible.
        """
        return theory.ThreePoint.of(*self.constants(setting))

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x`` with compressed gradients."""
        return State(x, run.compress(run.gradient(x)))

    def step(self, state: State, run: Run) -> State:
        """Step along the mean estimate, then compress the gradients at the new point."""
        x = state.x - self.step_size * run.mean(state.d)
        g = run.gradient(x)
        return State(x, self.estimate(state.d, lambda: run.gradient(state.x), g, run))
