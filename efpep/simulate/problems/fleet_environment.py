"""An agent of the fleet as an environment of gymnasium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.optional import optional
from efpep.simulate.problems.cart_pole import SPREAD, CartPoles, costs, rewards, upright

if TYPE_CHECKING:
    from numpy.typing import NDArray


def environment(poles: CartPoles, steps: int) -> Any:
    """Return one cart-pole as a ``gymnasium.Env``: states are observed, actions are the shares of the largest force, -1 to 1.

    It terminates where the pole falls or the cart leaves the track, and is truncated after ``steps`` steps.

    Raises:
        UnavailableError: gymnasium is not installed.
    """
    gymnasium = optional("gymnasium", "environments", instead="take trajectories of the fleet's own, fleet.run(x)")

    class Agent(gymnasium.Env):
        """One cart-pole."""

        observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (4,), np.float64)
        action_space = gymnasium.spaces.Box(-1.0, 1.0, (1,), np.float64)

        def __init__(self) -> None:
            self.state = np.zeros(4)
            self.taken = 0

        def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[NDArray[np.float64], dict[str, Any]]:
            """Begin near upright in the middle, or at ``options["state"]``."""
            super().reset(seed=seed)
            self.taken, self.state = 0, np.zeros(4)
            self.state[[0, 2]] = SPREAD * self.np_random.uniform(-1, 1, 2)
            if options is not None:
                self.state[:] = options["state"]
            return self.state.copy(), {}

        def step(self, action: Any) -> tuple[NDArray[np.float64], float, bool, bool, dict[str, Any]]:
            """Push for 0.02 s."""
            self.state = poles.step(self.state, poles.gain * np.asarray(action, dtype=np.float64).ravel()[0])
            self.taken += 1
            alive = np.asarray(upright(self.state), dtype=np.float64)
            reward, cost = float(rewards(self.state, alive)), float(costs(self.state, alive))
            return self.state.copy(), reward, not alive, self.taken >= steps, {"cost": cost}

    return Agent()
