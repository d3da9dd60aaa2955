"""Cart-poles, many at once: the dynamics of Barto, Sutton and Anderson (1983) with a continuous force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRAVITY, HALF_LENGTH, CART_MASS, INTERVAL = 9.8, 0.5, 1.0, 0.02
POLE_MASS, GAIN = 0.1, 10.0
"""The usual pole and motor."""
FALLEN, END = 0.5, 2.4
"""A pole has fallen at this angle in radians; the track ends here."""
SPREAD = np.array([0.1, 0.05])
"""How far from the middle and from upright a cart-pole may begin."""
ZONE = 0.25
"""Where the cart is meant to be: within this distance of the middle."""


@dataclass(frozen=True)
class CartPoles:
    """Cart-poles with their own pole masses and motor gains, which broadcast against the states.

    A state has, along its first axis, the cart's position and velocity and the pole's angle and angular velocity.

    Attributes:
        pole_mass: the masses of the poles.
        gain: the largest forces of the motors.
    """

    pole_mass: NDArray[np.float64]
    gain: NDArray[np.float64]

    def step(self, state: NDArray[np.float64], force: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the states 0.02 s later, by Euler's method as gymnasium's ``CartPole``: shape ``(4, ...)``.

        With m the mass of the pole, M that of both, l half the length and F the force,

            angular acceleration  (g sin - cos u)/(l (4/3 - m cos^2/M)),   u = (F + m l omega^2 sin)/M,
            acceleration          u - m l (angular acceleration) cos/M.
        """
        position, velocity, angle, omega = state
        both, moment = CART_MASS + self.pole_mass, self.pole_mass * HALF_LENGTH
        sin, cos = np.sin(angle), np.cos(angle)
        push = (force + moment * omega * omega * sin) / both
        turn = (GRAVITY * sin - cos * push) / (HALF_LENGTH * (4 / 3 - self.pole_mass * cos * cos / both))
        found = np.empty_like(state)
        found[0] = position + INTERVAL * velocity
        found[1] = velocity + INTERVAL * (push - moment * turn * cos / both)
        found[2] = angle + INTERVAL * omega
        found[3] = omega + INTERVAL * turn
        return found


def upright(state: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return whether the poles stand and the carts are on the track: shape ``(4, ...)`` to ``(...)``."""
    return (np.abs(state[2]) < FALLEN) & (np.abs(state[0]) < END)


def rewards(state: NDArray[np.float64], alive: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``1 + p/2`` for a pole that stands, p the position clipped to ``[-1, 1]``, else 0: it pays to leave the zone."""
    return alive * (1 + np.clip(state[0], -1, 1) / 2)


def costs(state: NDArray[np.float64], alive: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 for a cart outside of :data:`ZONE` and for a pole that fell, else 0."""
    return 1 - alive * (np.abs(state[0]) < ZONE)
