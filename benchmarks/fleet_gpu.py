"""A fleet of Humanoids on a GPU that learns under a budget: samples a second of Safe-EF, and what some minutes reach.

Run ``python benchmarks/fleet_gpu.py --minutes 30`` where a GPU is at hand and the extra ``fleet-gpu`` is installed: jax and brax.
Sixteen agents have Humanoids of their own, with motors of another strength each, and one policy. The return is brax's reward, and
a step costs 1 where the torso moves faster than ``--speed`` or has fallen. The physics and the policy gradients run in jax, the
method is efpep's own. It was written without a GPU at hand and has not been run: see docs/tutorials/fleet.md.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from typing import Any

import numpy as np

import efpep
from efpep.model.field import FLOATS
from efpep.simulate.run import NumericRun

NEEDED = ("jax", "brax.envs")
NOISE, DISCOUNT = 0.4, 0.98


def needed() -> tuple[Any, Any]:
    """Return jax and brax's environments; exit with one sentence where they are missing or there is no GPU."""
    found: list[Any] = []
    for name in NEEDED:
        try:
            found.append(importlib.import_module(name))
        except ImportError:
            sys.exit(f"{name} is not installed, and Humanoids run there; install it by pip install 'efpep[fleet-gpu]'.")
    return found[0], found[1]


class Humanoids:
    """The fleet as a problem of efpep: policy gradients of returns and costs, shapes ``(n, d)`` and ``(n,)``.

    Agent i's motors are ``gain_i`` times as strong, from 0.8 to 1.2. Everything at one point comes from the same trajectories.
    """

    def __init__(self, jax: Any, envs: Any, given: argparse.Namespace) -> None:
        """Compile the rollout."""
        self.jax, self.given = jax, given
        self.env = envs.get_environment("humanoid", backend=given.backend)
        sizes = tuple(given.hidden)
        self.shapes = list(zip((self.env.observation_size, *sizes), (*sizes, self.env.action_size), strict=True))
        self.dimension = sum((k + 1) * m for k, m in self.shapes)
        self.gains = np.random.default_rng(given.seed).uniform(0.8, 1.2, given.agents)
        self.samples, self.kept = 0, (b"", None)
        one = jax.vmap(self._agent, in_axes=(None, 0, 0))
        self._all = jax.jit(one)

    def start(self) -> np.ndarray:
        """Return random weights, small in the last layer."""
        rng, parts = np.random.default_rng(self.given.seed), []
        for place, (k, m) in enumerate(self.shapes):
            size = (0.1 if place == len(self.shapes) - 1 else 1) / k**0.5
            parts += [size * rng.standard_normal(k * m), np.zeros(m)]
        return np.concatenate(parts)

    def _mean(self, x: Any, seen: Any) -> Any:
        at = 0
        for place, (k, m) in enumerate(self.shapes):
            seen = seen @ x[at : at + k * m].reshape(k, m) + x[at + k * m : at + (k + 1) * m]
            at += (k + 1) * m
            seen = self.jax.numpy.tanh(seen) if place < len(self.shapes) - 1 else seen
        return seen

    def _agent(self, x: Any, gain: Any, key: Any) -> tuple[Any, Any, Any, Any]:
        """Return one agent's mean return and cost, and both policy gradients."""
        jax, jnp, given = self.jax, self.jax.numpy, self.given
        begin, key = jax.random.split(key)
        state = jax.vmap(self.env.reset)(jax.random.split(begin, given.trajectories))
        step = jax.vmap(self.env.step)

        def advance(carry: Any, own: Any) -> tuple[Any, Any]:
            now, alive = carry
            mean = self._mean(x, now.obs)
            action = mean + NOISE * jax.random.normal(own, mean.shape)
            after = step(now, jnp.clip(gain * jnp.tanh(action), -1, 1))
            velocity = after.pipeline_state.xd.vel[:, 0, :2]
            left = alive * (1 - after.done)
            cost = 1 - left * (jnp.linalg.norm(velocity, axis=-1) <= given.speed)
            return (after, left), (now.obs, action, alive, alive * after.reward, cost)

        carry = (state, jnp.ones(given.trajectories))
        _, (seen, acted, alive, rewards, costs) = jax.lax.scan(advance, carry, jax.random.split(key, given.steps))

        def ahead(later: Any, gained: Any) -> tuple[Any, Any]:
            total = gained + DISCOUNT * later
            return total, total

        def slope(gains: Any) -> Any:
            _, returns = jax.lax.scan(ahead, jnp.zeros(given.trajectories), gains, reverse=True)
            base = (returns * alive).sum(1) / jnp.maximum(1, alive.sum(1))
            gained = (returns - base[:, None]) * alive
            gained = gained / (jnp.sqrt((gained**2).mean()) + 1e-8)

            def surrogate(y: Any) -> Any:
                return -(((acted - self._mean(y, seen)) ** 2).sum(-1) * gained).mean() / (2 * NOISE**2)

            return jax.grad(surrogate)(x)

        return rewards.sum(0).mean(), costs.sum(0).mean(), -slope(rewards), slope(costs)

    def _at(self, x: np.ndarray) -> Any:
        name = np.ascontiguousarray(x).tobytes()
        if self.kept[0] != name:
            keys = self.jax.random.split(self.jax.random.PRNGKey(self.samples % 2**31), self.given.agents)
            made = self._all(self.jax.numpy.asarray(x), self.jax.numpy.asarray(self.gains), keys)
            self.kept = name, [np.asarray(part, dtype=np.float64) for part in made]
            self.samples += self.given.agents * self.given.trajectories * self.given.steps
        return self.kept[1]

    def values(self, x: np.ndarray) -> np.ndarray:
        """Return minus the returns."""
        return -self._at(x)[0]

    def gradients(self, x: np.ndarray) -> np.ndarray:
        """Return the policy gradients of minus the returns."""
        return self._at(x)[2]

    def constraint_values(self, x: np.ndarray) -> np.ndarray:
        """Return the costs minus the budget."""
        return self._at(x)[1] - self.given.budget

    def constraint_gradients(self, x: np.ndarray) -> np.ndarray:
        """Return the policy gradients of the costs."""
        return self._at(x)[3]


def parsed(words: list[str] | None = None) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long it learns, after compilation")
    parser.add_argument("--agents", type=int, default=16)
    parser.add_argument("--trajectories", type=int, default=64, help="of each agent at each point")
    parser.add_argument("--steps", type=int, default=500, help="of a trajectory")
    parser.add_argument("--hidden", type=int, nargs="+", default=[128, 128, 128])
    parser.add_argument("--budget", type=float, default=25.0, help="what a trajectory may cost")
    parser.add_argument("--speed", type=float, default=1.5, help="meters a second, above which a step costs 1")
    parser.add_argument("--step-size", default="1/10")
    parser.add_argument("--share", type=float, default=0.1, help="K/d of Top-K")
    parser.add_argument("--backend", default="mjx", help="of brax: mjx, generalized, positional or spring")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cpu", action="store_true", help="go on without a GPU, to try the script at a tiny size")
    return parser.parse_args(words)


def main() -> None:
    """Learn for some minutes, and print where it is every minute."""
    given = parsed()
    jax, envs = needed()
    device = jax.devices()[0]
    if device.platform != "gpu" and not given.cpu:
        sys.exit(f"jax finds no GPU but {device}, where Humanoids take days; run it where there is one, or add --cpu to try it.")
    fleet = Humanoids(jax, envs, given)
    run = NumericRun(fleet, efpep.TopK(max(1, int(given.share * fleet.dimension))), efpep.Identity())
    method = efpep.SafeEF(given.step_size, threshold=0).over(FLOATS)
    state = method.start(fleet.start(), run)
    state = method.step(state, run)  # compiles
    print(f"{device.device_kind}, jax {jax.__version__}, Safe-EF, {given.agents} Humanoids, d = {fleet.dimension}", flush=True)
    print(f"{'minutes':>8}{'rounds':>8}{'samples':>12}{'a second':>12}{'return':>10}{'cost':>9}", flush=True)
    begin, before, rounds, told = time.perf_counter(), fleet.samples, 0, 0.0
    while (spent := (time.perf_counter() - begin) / 60) < given.minutes:
        state = method.step(state, run)
        rounds += 1
        if spent >= told or spent + 1e-9 >= given.minutes:
            told += 1
            made, last = fleet.samples - before, fleet.kept[1]
            rate = made / max(1e-9, 60 * spent)
            print(f"{spent:8.1f}{rounds:8}{made:12}{rate:12.0f}{last[0].mean():10.1f}{last[1].mean():9.1f}", flush=True)


if __name__ == "__main__":
    main()
