"""A fleet that learns under a safety constraint: agents with cart-poles of their own, and one policy for all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from efpep.errors import InputError
from efpep.model.field import Scalar, rational, shown
from efpep.simulate.problems.cart_pole import GAIN, POLE_MASS, SPREAD, CartPoles, costs, rewards, upright
from efpep.simulate.problems.clientwise import Clientwise
from efpep.simulate.problems.policy import Policy, read_hidden

if TYPE_CHECKING:
    from numpy.typing import NDArray

_START, _TRAINING, _EVALUATION, _AGENTS = range(4)
"""Streams of random numbers."""
_FEATURES = np.array([1.0, 1.0, 5.0, 1.0])
"""What the policy sees are the state's numbers times these."""


class Trajectories(NamedTuple):
    """What some agents did.

    Attributes:
        seen: features, shape ``(clients, T, B, 4)``.
        actions: the policy's actions, shape ``(clients, T, B)``.
        standing: whether the pole stood when the action was taken.
        rewards: what it brought.
        costs: what it cost.
    """

    seen: NDArray[np.float64]
    actions: NDArray[np.float64]
    standing: NDArray[np.float64]
    rewards: NDArray[np.float64]
    costs: NDArray[np.float64]


class Evaluation(NamedTuple):
    """A policy without exploration noise: each agent's mean return and mean cost, shape ``(n,)``."""

    returns: NDArray[np.float64]
    costs: NDArray[np.float64]


@dataclass(frozen=True)
class Fleet(Clientwise):
    """n agents, each with a cart-pole of its own, learn one policy under a budget for what it costs (in the style of 2505.06053).

    ``f_i(x)`` is minus the mean return of agent i over T steps with the policy of weights x, ``g_i(x)`` its mean cost minus the
    budget: steps outside of the zone or after a fall, while returns grow to the right (:mod:`efpep.simulate.problems.cart_pole`).
    The action a is normal with the network's mean m(s) and standard deviation ``noise``; the motor's force is ``gain_i tanh(a)``.
    Both functions are averages over B trajectories of each agent, drawn from streams named by seed, agent and the bytes of x. So
    everything is a function of x: all evaluations at one point see the same trajectories, and runs are continued bit for bit.

    Gradients are policy gradients with discounted returns, from which the mean over the trajectories at the same step is taken as
    the baseline, divided by their standard deviation. With A these advantages and ``r(x, y)`` the ratio of the action's
    densities at y and x, client i makes ``epochs`` steps ``y+ = y - local_step h`` from ``y = x`` along the gradients h of minus
    the surrogate ``mean r(x, y) A``, or the clipped ``mean min(r A, clip(r, 1 - clip, 1 + clip) A)`` of 1707.06347, and returns
    the average of the h; with one epoch both are the plain policy gradient. None of these functions is convex.

    Attributes:
        n: number of agents.
        trajectories: the number B of trajectories of an agent at each point.
        steps: the number T of steps of a trajectory.
        hidden: the numbers of hidden units of the policy, such as ``"32 32"`` or ``"128 128 128"``.
        budget: what a trajectory may cost.
        limit: whose cost the budget is for: the ``mean`` of the agents, or ``each``, where ``g_i`` is the excess, at least 0.
        perturbation: how much the agents differ, from 0 to 1: pole masses up to 0.05 less and 0.2 more than 0.1, motor gains up
            to 3 more and less than 10.
        noise: the standard deviation of the action.
        discount: what the next step counts in advantages.
        surrogate: ``plain`` or ``clipped``.
        clip: how far the ratio may leave 1 in the clipped surrogate.
        epochs: how many gradients of the surrogate a client takes at each point.
        local_step: the step size between them.
        agents: the seed of the agents' masses and gains.
        seed: of the start and of what is random in trajectories.

    Raises:
        InputError: a parameter is impossible.
    """

    key: ClassVar[str] = "fleet"

    n: int = 16
    trajectories: int = 64
    steps: int = 150
    hidden: str = "32 32"
    budget: Scalar = 10
    limit: str = "mean"
    perturbation: Scalar = 1
    noise: Scalar = "2/5"
    discount: Scalar = "49/50"
    surrogate: str = "plain"
    clip: Scalar = "1/5"
    epochs: int = 1
    local_step: Scalar = "1/10"
    agents: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        self.read_whole("n", "trajectories", "steps", "epochs")
        self.read_whole("agents", "seed", least=0)
        self.read_number("noise", "clip", above=0)
        self.read_number("budget", "perturbation", "discount", "local_step", least=0)
        self.read_choice("limit", ("mean", "each"))
        self.read_choice("surrogate", ("plain", "clipped"))
        for name in ("perturbation", "discount"):
            if rational(getattr(self, name), name) > 1:
                raise InputError(f"{name} is {shown(getattr(self, name))}; give a number from 0 to 1.", argument=name)
        object.__setattr__(self, "hidden", read_hidden(self.hidden))

    @property
    def clients(self) -> int:
        """The number n of agents."""
        return self.n

    @property
    def dimension(self) -> int:
        """The number of the policy's weights."""
        return self.policy.dimension

    @property
    def interactions(self) -> int:
        """How many steps of the agents an evaluation at one point takes: ``n B T``."""
        return self.n * self.trajectories * self.steps

    @cached_property
    def policy(self) -> Policy:
        """The policy's network."""
        return Policy(tuple(map(int, self.hidden.split())))

    @cached_property
    def poles(self) -> CartPoles:
        """The agents' cart-poles, with arrays of shape ``(n, 1)``."""
        draws = np.random.default_rng([self.agents, _AGENTS]).uniform(size=(2, self.n, 1)) if self.perturbation else None
        if draws is None:
            return CartPoles(np.full((self.n, 1), POLE_MASS), np.full((self.n, 1), GAIN))
        much = float(self.perturbation)
        return CartPoles(POLE_MASS + much * (0.25 * draws[0] - 0.05), GAIN + much * (6 * draws[1] - 3))

    @property
    def start(self) -> NDArray[np.float64]:
        """A random policy, which depends on the seed."""
        return self.policy.start(np.random.default_rng([self.seed, _START]))

    def values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return minus every agent's mean return, shape ``(n,)``."""
        return -_totals(self.run(x).rewards)

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return every agent's policy gradient of minus the return, shape ``(n, d)``."""
        return self._gradients(x, range(self.n), constraint=False)

    def constraint_values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return every ``g_i(x)``, shape ``(n,)``."""
        return self._excess(_totals(self.run(x).costs))

    def constraint_gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return every agent's policy gradient of the cost, shape ``(n, d)``; zero where each has a budget and keeps it."""
        return self._gradients(x, range(self.n), constraint=True)

    def value(self, i: int, x: NDArray[np.float64]) -> float:
        """Return ``f_i(x)``."""
        return -float(_totals(self.run(x, [i]).rewards)[0])

    def gradient(self, i: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return agent i's policy gradient."""
        return self._gradients(x, [i], constraint=False)[0]

    def constraint_value(self, i: int, x: NDArray[np.float64]) -> float:
        """Return ``g_i(x)``."""
        return float(self._excess(_totals(self.run(x, [i]).costs))[0])

    def constraint_gradient(self, i: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return agent i's policy gradient of the cost."""
        return self._gradients(x, [i], constraint=True)[0]

    def evaluate(self, x: NDArray[np.float64]) -> Evaluation:
        """Return what the policy does without exploration noise, on trajectories of their own."""
        found = self._simulated(np.asarray(x, dtype=np.float64), range(self.n), _EVALUATION)
        return Evaluation(_totals(found.rewards), _totals(found.costs))

    def environment(self, i: int) -> Any:
        """Return agent i's cart-pole as an environment of gymnasium; ``info["cost"]`` has the cost of a step.

        Raises:
            UnavailableError: gymnasium is not installed.
        """
        from efpep.simulate.problems.fleet_environment import environment

        return environment(CartPoles(self.poles.pole_mass[i, 0], self.poles.gain[i, 0]), self.steps)

    def run(self, x: NDArray[np.float64], clients: Sequence[int] | None = None) -> Trajectories:
        """Return the trajectories of some agents, or of all, at x; those of the last point are kept."""
        point, who = np.ascontiguousarray(x, dtype=np.float64), tuple(range(self.n) if clients is None else clients)
        name = point.tobytes()
        if name not in self._kept:
            self._kept.clear()
        known = self._kept.setdefault(name, {})
        if who not in known:
            known[who] = self._simulated(point, who, _TRAINING)
        return known[who]

    @cached_property
    def _kept(self) -> dict[bytes, dict[tuple[int, ...], Trajectories]]:
        return {}

    def _excess(self, totals: NDArray[np.float64]) -> NDArray[np.float64]:
        over = totals - float(self.budget)
        return np.maximum(over, 0) if self.limit == "each" else over

    def _simulated(self, x: NDArray[np.float64], clients: Sequence[int], stream: int) -> Trajectories:
        """Run the policy; without exploration noise in the stream of evaluations."""
        digest = int.from_bytes(hashlib.blake2b(x.tobytes(), digest_size=16).digest(), "big")
        many, length, count = len(clients), self.steps, self.trajectories
        state, noise = np.zeros((4, many, count)), np.empty((many, length, count))
        for k, i in enumerate(clients):
            rng = np.random.default_rng([self.seed, stream, i, digest])
            state[0, k], state[2, k] = SPREAD[:, None] * rng.uniform(-1, 1, (2, count))
            noise[k] = 0 if stream == _EVALUATION else float(self.noise) * rng.standard_normal((length, count))
        poles, own = self.poles, list(clients)
        poles = CartPoles(poles.pole_mass[own], poles.gain[own])
        found = Trajectories(np.empty((many, length, count, 4)), *(np.empty((many, length, count)) for _ in range(4)))
        alive = np.ones((many, count))
        for t in range(length):
            seen = np.moveaxis(state, 0, -1) * _FEATURES
            action = self.policy.mean(x, seen) + noise[:, t]
            found.seen[:, t], found.actions[:, t], found.standing[:, t] = seen, action, alive
            state = poles.step(state, poles.gain * np.tanh(action))
            alive = alive * upright(state)
            state *= alive  # what fell rests in the middle, and counts as fallen
            found.rewards[:, t], found.costs[:, t] = rewards(state, alive), costs(state, alive)
        return found

    def _gradients(self, x: NDArray[np.float64], clients: Sequence[int], *, constraint: bool) -> NDArray[np.float64]:
        found = self.run(x, None if len(clients) == self.n else clients)
        gains = -found.costs if constraint else found.rewards
        out = np.zeros((len(clients), self.dimension))
        for k, row in enumerate(out):
            if not constraint or self.limit == "mean" or -gains[k].sum(axis=0).mean() > float(self.budget):
                row[:] = self._descent(x, found.seen[k], found.actions[k], self.advantages(gains[k], found.standing[k]))
        return out

    def advantages(self, gains: NDArray[np.float64], standing: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return one agent's advantages, shape ``(T, B)``: zero after a fall, of mean square 1."""
        returns = np.empty_like(gains)
        later = np.zeros(gains.shape[1])
        for t in range(len(gains) - 1, -1, -1):
            later = gains[t] + float(self.discount) * later
            returns[t] = later
        baseline: NDArray[np.float64] = (returns * standing).sum(axis=1) / np.maximum(1, standing.sum(axis=1))
        found: NDArray[np.float64] = (returns - baseline[:, None]) * standing
        return found / (float(np.mean(found * found)) ** 0.5 + 1e-8)

    def _descent(
        self, x: NDArray[np.float64], seen: NDArray[np.float64], actions: NDArray[np.float64], advantages: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the average gradient of minus the surrogate along a client's local steps."""
        y, total = x, np.zeros(self.dimension)
        for _ in range(self.epochs):
            slope = self.surrogate_gradient(x, y, seen, actions, advantages)
            total -= slope
            y = y + float(self.local_step) * slope
        return total / self.epochs

    def surrogate_value(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        seen: NDArray[np.float64],
        actions: NDArray[np.float64],
        advantages: NDArray[np.float64],
    ) -> float:
        """Return the surrogate at y of trajectories of the policy x: features ``(T, B, 4)``, the others ``(T, B)``."""
        old, new = (self.policy.mean(z, seen) for z in (x, y))
        ratio = np.exp(((actions - old) ** 2 - (actions - new) ** 2) / (2 * float(self.noise) ** 2))
        gained = ratio * advantages
        if self.surrogate == "clipped":
            gained = np.minimum(gained, np.clip(ratio, 1 - float(self.clip), 1 + float(self.clip)) * advantages)
        return float(gained.mean())

    def surrogate_gradient(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        seen: NDArray[np.float64],
        actions: NDArray[np.float64],
        advantages: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return its gradient in y, shape ``(d,)``."""
        counts = advantages != 0  # what follows a fall has none
        flat, acted, gained = seen[counts], actions[counts], advantages[counts]
        passed = self.policy.forward(y, flat)
        away, variance = acted - passed[-1][:, 0], float(self.noise) ** 2
        if y is not x:
            ratio = np.exp(((acted - self.policy.mean(x, flat)) ** 2 - away * away) / (2 * variance))
            if self.surrogate == "clipped":
                outside = np.where(gained > 0, ratio > 1 + float(self.clip), ratio < 1 - float(self.clip))
                ratio = np.where(outside, 0, ratio)
            gained = gained * ratio
        return self.policy.backward(y, passed, away * gained / (variance * advantages.size))


def _totals(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over trajectories of the sum over steps: shape ``(clients, T, B)`` to ``(clients,)``."""
    return numbers.sum(axis=1).mean(axis=1)
