"""Explicit agents: quadratics in groups, and the columns of a Trace evaluated on their runs."""

from dataclasses import dataclass, field

import numpy as np

import efpep
from efpep.methods.memory import Equilibrium
from efpep.model.field import FLOATS
from support import uniform

HALF = efpep.Contractive("1/2")


SSC = efpep.SmoothStronglyConvex


GROUPS = {
    "one agent": (uniform(10, "1/2", 1), [1]),
    "two agents": (uniform(10, "1/5", 2), [2]),
    "four agents": (uniform(3, "9/10", 4), [4]),
    "a pair of different agents": (
        efpep.Setting(None, HALF, [efpep.Group(SSC("1/10", 1), count=1), efpep.Group(SSC("3/10", 2), count=1)]),
        [1, 1],
    ),
    "one and three": (
        efpep.Setting(
            None,
            HALF,
            [efpep.Group(SSC("1/10", 1), count=1), efpep.Group(SSC("1/2", "1/2"), efpep.Contractive("1/10"), count=3)],
        ),
        [1, 3],
    ),
    "three kinds by share": (
        efpep.Setting(
            SSC("1/7", "9/5"),
            HALF,
            [
                efpep.Group(share="1/4"),
                efpep.Group(SSC(1, 2), share="1/4"),
                efpep.Group(compressor=efpep.Contractive(1), share="1/2"),
            ],
        ),
        [2, 2, 4],
    ),
}


@dataclass
class Agents:
    """Quadratics ``(y - c_i)' A_i (y - c_i) / 2`` with spectra in [mu, L], in groups, and their common or average minimiser."""

    setting: efpep.Setting
    counts: list[int]
    seed: int
    shared: bool
    dimension: int = 5
    extreme: bool = False

    def __post_init__(self):
        draw = np.random.default_rng(self.seed)
        self.groups = [a for a, k in enumerate(self.counts) for _ in range(k)]
        populations = self.setting.populations()
        self.mu = np.array([float(populations[a].functions.curvature) for a in self.groups])
        self.L = np.array([float(populations[a].functions.smoothness) for a in self.groups])
        self.epsilon = np.array([1 - float(populations[a].compressor.delta) for a in self.groups])
        hessians = []
        for mu, smoothness in zip(self.mu, self.L, strict=True):
            basis, _ = np.linalg.qr(draw.normal(size=(self.dimension, self.dimension)))
            spectrum = (
                draw.choice([mu, smoothness], self.dimension) if self.extreme else draw.uniform(mu, smoothness, self.dimension)
            )
            hessians.append(basis * spectrum @ basis.T)
        self.A = np.array(hessians)
        n = len(self.groups)
        self.c = np.repeat(draw.normal(size=(1, self.dimension)), n, 0) if self.shared else draw.normal(size=(n, self.dimension))
        self.minimiser = np.linalg.solve(self.A.sum(0), np.einsum("nij,nj->i", self.A, self.c))
        self.draw = draw

    def gradient(self, y):
        return np.einsum("nij,nj->ni", self.A, y - self.c)

    def value(self, y):
        return np.einsum("ni,nij,nj->n", y - self.c, self.A, y - self.c) / 2

    def average(self, rows):
        return [np.mean([r for r, g in zip(rows, self.groups, strict=True) if g == a], axis=0) for a in range(len(self.counts))]


@dataclass
class NumericRun:
    """What stands behind ``step`` here: plain arrays of shape (n, d). It remembers oracle calls in their order."""

    agents: Agents
    top_k: bool = False
    points: list = field(default_factory=list)
    residuals: list = field(default_factory=list)

    def gradient(self, x):
        if not any(np.array_equal(x, y) for y in self.points):
            self.points.append(x)
        return self.agents.gradient(x)

    def mean(self, v):
        return v.mean(axis=0)

    def compress(self, v):
        """Leave a residual of exactly the allowed length in a random direction, or drop the smallest entries."""
        if self.top_k:
            d = v.shape[1]
            kept = [
                efpep.TopK(int(np.ceil((1 - e) * d - 1e-9)))(row[None])[0] for e, row in zip(self.agents.epsilon, v, strict=True)
            ]
            residual = v - np.array(kept)
        else:
            direction = self.agents.draw.normal(size=v.shape)
            length = np.sqrt(self.agents.epsilon) * np.linalg.norm(v, axis=1) / np.linalg.norm(direction, axis=1)
            residual = direction * length[:, None]
        self.residuals.append(residual)
        return v - residual


class Numbers:
    """The columns of a question as numbers: group means and deviations of the vectors that the columns' names stand for."""

    def __init__(self, counts, server, clients, values):
        self.groups = [a for a, k in enumerate(counts) for _ in range(k)]
        self.counts, self.server, self.clients, self.values = counts, server, clients, values

    def split(self, name):
        group = 0
        if name.endswith("]"):
            name, _, number = name[:-1].partition("[")
            group = int(number) - 1
        return name, group

    def column(self, block, name):
        """A column of block 0 is one vector; one of a deviation block is the group's agents' vectors, divided by root n."""
        if name in self.server:
            assert block == 0
            return self.server[name][None]
        name, group = self.split(name)
        rows = self.clients[name][np.array(self.groups) == group]
        if block == 0:
            return rows.mean(axis=0)[None]
        assert block == group + 1
        return (rows - rows.mean(axis=0)) / np.sqrt(len(rows))

    def linear(self, columns, block, linear):
        """The vectors of a linear form (None for the empty form)."""
        pieces = [float(a) * self.column(block, columns[block][j].name) for j, a in linear.terms.items()]
        return sum(pieces) if pieces else None

    def form(self, columns, names, form):
        total = sum(float(a) * self.values[names[k]] for k, a in form.values.items())
        for block, entries in form.blocks.items():
            for (i, j), a in entries.items():
                u, v = (self.column(block, columns[block][k].name) for k in (i, j))
                total += float(a) * (1 if i == j else 2) * np.sum(u * v)
        return total


@dataclass
class Step:
    """One iteration of an actual run, with the numbers of its columns and its features before and after."""

    numbers: Numbers
    before: dict
    after: dict
    agents: Agents
    points: tuple


def record(method, agents, steps=1, top_k=False):
    """Run the method's own ``step`` from a random state and describe each iteration in the algebra's names."""
    float_method = method.over(FLOATS)
    run = NumericRun(agents, top_k)
    start = agents.draw.normal(size=agents.dimension)
    state = float_method.start(start, run)
    shift = agents.draw.normal(size=(len(agents.groups), agents.dimension)) * (agents.epsilon > 0)[:, None]
    state = state._replace(**{memory.name: getattr(state, memory.name) + shift for memory in method.memories})
    star, optimal = agents.minimiser, agents.gradient(agents.minimiser)
    found = []
    for _ in range(steps):
        run.points, run.residuals = [state.x], []
        following = float_method.step(state, run)
        if not any(np.array_equal(following.x, y) for y in run.points):
            run.points.append(following.x)

        def features(at):
            gradient = agents.gradient(at.x)
            named = {"x": at.x - star, "g": gradient - optimal}
            for memory in method.memories:
                kept = getattr(at, memory.name)
                named[memory.feature] = gradient - kept if memory.equilibrium is Equilibrium.GRADIENT else kept
            return named

        before, after = features(state), features(following)
        clients = {"g*": optimal, **{name: vector for name, vector in before.items() if name not in {"x", "g"}}}
        values = {}
        for k, y in enumerate(run.points):
            clients[f"u{k}"] = agents.gradient(y) - optimal - agents.mu[:, None] * (y - star)
            excess = agents.value(y) - agents.value(star) - optimal @ (y - star) - agents.mu / 2 * np.sum((y - star) ** 2)
            for a, mean in enumerate(agents.average(excess)):
                values[f"F{k}" if len(agents.counts) == 1 else f"F{k}[{a + 1}]"] = mean
        for k, residual in enumerate(run.residuals):
            clients[f"r{k}"] = residual
        numbers = Numbers(agents.counts, {"x": state.x - star}, clients, values)
        found.append(Step(numbers, before, after, agents, tuple(run.points)))
        state = following
    return found
