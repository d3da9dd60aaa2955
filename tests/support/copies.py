"""Many copies of a problem side by side, whose gradients have noise, and compressors that are applied to each of them."""

import numpy as np


class Copies:
    """Copies of quadratics ``sum_j a_ij x_j^2 / 2``, side by side, with noise of variance 1 on every copy.

    Normal noise, or in turns on two halves of all coordinates but the first, then of length 1.
    """

    def __init__(self, curvatures, copies, draw, turns=False):
        self.curvatures, self.copies, self.draw, self.turns = curvatures, copies, draw, turns
        self.round, self.noise = 0, None

    def exact(self, x):
        return (self.curvatures[:, None, :] * x.reshape(self.copies, -1)).reshape(len(self.curvatures), -1)

    def gradients(self, x):
        exact = self.exact(x)
        agents, d = self.curvatures.shape
        self.round += 1
        if self.turns:
            self.noise = np.zeros((agents, self.copies, d))
            drawn = self.draw.normal(size=(agents, self.copies, (d - 1) // 2))
            self.noise[..., self.new] = drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)
        else:
            self.noise = self.draw.normal(size=(agents, self.copies, d)) / np.sqrt(d)
        return exact + self.noise.reshape(exact.shape)

    @property
    def new(self):
        half = (self.curvatures.shape[1] - 1) // 2
        return slice(1 + half * (self.round % 2), 1 + half * (self.round % 2) + half)


# --- compressors: what every copy's message loses ---------------------------------------------------------------------------


def contractive(lost):
    """A compressor of a problem's copies, from what it would lose; no message loses more than half of its square."""

    def of(problem):
        def compress(v):
            message = v.reshape(len(v), problem.copies, -1)
            found = lost(message, problem)
            square = np.sum(found**2, axis=-1, keepdims=True)
            room = np.sum(message**2, axis=-1, keepdims=True) / 2
            return (message - found * np.sqrt(np.minimum(1, room / np.maximum(square, 1e-300)))).reshape(v.shape)

        return compress

    return of


def length(v):
    return np.linalg.norm(v, axis=-1, keepdims=True)


def tail(v, problem):
    """All but the larger half of the entries."""
    half = v.shape[-1] // 2
    lost = v.copy()
    np.put_along_axis(lost, np.argpartition(-np.abs(v), half - 1, axis=-1)[..., : v.shape[-1] - half], 0.0, axis=-1)
    return lost


def constant(v, problem):
    """As much as allowed in one direction, always the same."""
    return length(v) * np.eye(v.shape[-1])[0]


def rotated(v, problem):
    """A rotation of the message in planes."""
    lost = np.zeros_like(v)
    even = v.shape[-1] // 2 * 2
    lost[..., 0:even:2], lost[..., 1:even:2] = -v[..., 1:even:2], v[..., 0:even:2]
    return lost


def echoed(v, problem):
    """As much as allowed against the latest noise, so that more of it is sent."""
    return -length(v) * problem.noise / length(problem.noise)


def biased(v, problem):
    """The first coordinate, and the newest noise once over."""
    lost = np.zeros_like(v)
    lost[..., 0], lost[..., problem.new] = v[..., 0], -v[..., problem.new]
    return lost


OPERATORS = {
    "tail": contractive(tail),
    "scaled": contractive(lambda v, problem: v),
    "constant": contractive(constant),
    "rotated": contractive(rotated),
    "signs": contractive(lambda v, problem: v * problem.draw.choice([-1.0, 1.0], size=(*v.shape[:-1], 1))),
    "echoed": contractive(echoed),
    "biased": contractive(biased),
}


def bernoulli(problem):
    """Unbiased, omega = 1: every entry by itself."""
    return lambda v: 2 * v * (problem.draw.random(v.shape) < 0.5)


def all_or_nothing(problem):
    """Unbiased, omega = 1: every message at once."""

    def compress(v):
        sent = problem.draw.random((len(v), problem.copies)) < 0.5
        return 2 * v * np.repeat(sent, v.shape[1] // problem.copies, axis=1)

    return compress


UNBIASED = {"bernoulli": bernoulli, "all or nothing": all_or_nothing}
