"""``efpep.simulate``: a method on a problem, from its one definition."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.compressors.arrays import USUAL, Arrays, arrays_of
from efpep.compressors.seeded import Seeded
from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.argument import path_of, require_kind
from efpep.model.field import FLOATS, shown
from efpep.model.gradient_noise import GradientNoise
from efpep.questions.common.required import require_method
from efpep.simulate import blocked_run
from efpep.simulate.array_run import ArrayRun
from efpep.simulate.blocked_run import BlockedRun
from efpep.simulate.checkpoint import Checkpoint, Expected, load, save
from efpep.simulate.gradient_draws import GradientDraws, without_samples
from efpep.simulate.memory import RECORD, require_memory
from efpep.simulate.metrics import Recorder, columns
from efpep.simulate.mini_batches import samples_of, told
from efpep.simulate.participation import Choices
from efpep.simulate.placed import placed
from efpep.simulate.prepare import (
    CLIENTS,
    NOISE,
    PARTICIPATION,
    SERVER,
    check_whole,
    chosen,
    described,
    seeded,
    starting_point,
    with_step_size,
)
from efpep.simulate.problem import gradients_of, require_problem
from efpep.simulate.protocol import SimulatedRun
from efpep.simulate.run import NumericRun
from efpep.simulate.trajectory import Trajectory

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from efpep.compressors.operator_protocols import Operator
    from efpep.simulate.problem import Problem

FAR = 1e12
"""How many times farther than ``max(1, ||x^0||)`` from its start a run may go before it counts as diverged."""


def simulate(
    method: Method,
    problem: Problem,
    iterations: int = 1000,
    compressor: Operator | None = None,
    server_compressor: Operator | None = None,
    *,
    noise: GradientNoise | None = None,
    seed: int = 0,
    start: ArrayLike | None = None,
    record: Sequence[str] | None = None,
    record_every: int = 1,
    checkpoint: str | Path | None = None,
    checkpoint_every: int | None = None,
    resume: bool = False,
    dtype: str = "float64",
    threads: int = 1,
    device: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Trajectory:
    """Run a method on a problem, all clients at once.

    Args:
        method: the method; an ``"optimal"`` step size is that of the problem's mu and L and the operator's class.
        problem: the clients' functions.
        iterations: how many iterations are made.
        compressor: the clients' operator; the method's messages need one unless it does not compress.
        server_compressor: the server's operator, for methods that compress what they broadcast.
        noise: of stochastic gradients, those of constraints among them: normal with ``E ||xi_i||^2 = sigma^2``, or that of
            mini-batches of ``batch`` of the problem's samples; what is recorded is exact. None for exact ones.
        seed: of the random operators and the noise.
        start: the starting point, shape ``(d,)``; without it the problem's ``start``, else zeros.
        record: what is recorded, all that :class:`Trajectory` lists and the problem knows without it.
        record_every: how many iterations lie between records; the first and the last state are always recorded.
        checkpoint: an NPZ file to which the run is saved, at its end and every ``checkpoint_every`` iterations.
        checkpoint_every: how often, in iterations; only at the end without it.
        resume: continue from ``checkpoint``; the result is that of one run, bit for bit.
        dtype: the precision, ``"float64"`` or ``"float32"``; what is recorded is then of single precision too.
        threads: how many threads work on the clients of a large run; what they find does not depend on it.
        device: where arrays live: ``"cuda"`` or another device of torch, or an array library such as ``"cupy"``, ``"jax"`` or
            ``"torch:cpu"``; NumPy without it. Random operators then draw with that library, so that runs are reproducible on one
            kind of device; checkpoints fit all.
        progress: called with the iterations made and to make.

    Returns:
        What was recorded. A run that diverges ends early, and says so.

    Raises:
        InputError: a number is impossible, something that the method needs is missing, or a checkpoint does not fit.
    """
    require_method(method, "one with its parameters, such as EF21('1/10')")
    require_problem(problem)
    for name, number in {"iterations": iterations, "record_every": record_every, "checkpoint_every": checkpoint_every}.items():
        check_whole(name, number, least=0 if name == "iterations" else 1)
    check_whole("threads", threads, least=1)
    if (resume or checkpoint_every is not None) and checkpoint is None:
        raise InputError(
            "checkpoint is missing, so there is no file to save to or to continue from; name one.", argument="checkpoint"
        )
    if progress is not None and not callable(progress):  # pyright: ignore[reportUnnecessaryComparison]
        raise InputError(
            f"progress is {shown(progress)}; give a function of the iterations made and to make.", argument="progress"
        )
    require_memory(RECORD * (iterations // record_every), "what is recorded of the run", "record_every")
    arrays = arrays_of(device, dtype)
    path = None if checkpoint is None else path_of(checkpoint, "checkpoint")
    x0 = starting_point(problem, start)
    first: Any = gradients_of(problem, x0)
    method = with_step_size(method, problem, compressor, *first.shape)
    check_whole("seed", seed, least=0)
    ends = seeded(compressor, seed, CLIENTS), seeded(server_compressor, seed, SERVER)
    draws = None
    if noise is not None:
        require_kind(noise, GradientNoise, "noise", "one such as GradientNoise(sigma=1)")
        draws = GradientDraws(noise, (seed, NOISE))
        if noise.batch is not None and samples_of(problem) is None:
            raise without_samples(noise.batch)
    operators: Sequence[object] = ends if draws is None else (*ends, draws)
    names = chosen(columns(method, problem), record)
    question = {
        "method": described(method),
        "problem": described(problem),
        "compressor": described(compressor),
        "server": described(server_compressor),
        "noise": described(noise),
        "seed": str(seed),
        "clients": str(first.shape[0]),
        "dimension": str(first.shape[1]),
    }
    fingerprint = {
        **{name: text for name, text in question.items() if name != "noise" or noise is not None},
        "start": hashlib.sha256(x0.tobytes() + first.mean(axis=0).tobytes()).hexdigest(),
        "record": ", ".join([*names, str(record_every)]),
    }
    shape, doubles = first.shape, first.dtype == np.float64
    del first
    there = placed(problem, arrays)
    run = SimulatedRun(_numeric(there, ends, shape, arrays, threads if doubles else None), *shape, draws=draws)
    run.numeric.choices = Choices((seed, PARTICIPATION))
    recorder = Recorder(method, there, names, arrays)
    loop = _Loop(method, run, recorder, record_every, operators=operators, question=fingerprint)
    with np.errstate(all="ignore"):
        if resume and path is not None:
            loop.restore(path)
        else:
            loop.begin(x0)
        begun = time.perf_counter()
        diverged = loop.go(iterations, x0, path, checkpoint_every, progress)
    x = arrays.host(loop.state.x.value)
    if noise is not None and noise.batch is not None:
        question["sigma"] = told(problem, noise.batch, x)
    question |= {"dtype": dtype} if dtype != USUAL.precision else {}
    question |= {} if arrays.numpy else {"device": arrays.name}
    return Trajectory(
        {name: text for name, text in question.items() if text != "none"},
        np.array(loop.recorded, dtype=np.int64),
        {name: np.array([row[name] for row in loop.rows], dtype=np.float64) for name in recorder.names},
        x,
        run.client_bytes,
        run.server_bytes,
        diverged,
        time.perf_counter() - begun,
    )


def divergence(x: NDArray[np.float64], x0: NDArray[np.float64], iteration: int, *, finite: bool = True) -> str | None:
    """Return a sentence where a run counts as diverged, else None; ``finite`` says whether all gradients were finite."""
    if not finite:
        return f"diverged: after {iteration} iterations gradients are not finite, so the run ended there."
    away = float(np.linalg.norm(x - x0))
    if away <= FAR * max(1.0, float(np.linalg.norm(x0))):
        return None
    return f"diverged: after {iteration} iterations x is {away:.3g} away from its start, so the run ended there."


def _numeric(problem: Problem, ends: tuple[Any, Any], shape: tuple[int, int], arrays: Arrays, threads: int | None) -> NumericRun:
    """Return what computes a run; None for the threads where rows may not be computed a few at a time."""
    if not arrays.numpy:
        return ArrayRun(problem, *ends, shape[0], arrays)
    if threads is not None and shape[0] * shape[1] > blocked_run.CACHE and shape[1] > 1:
        return BlockedRun(problem, *ends, shape, threads, arrays=arrays)
    run = NumericRun(problem, *ends)
    run.arrays = arrays
    return run


class _Loop:
    """A run in progress."""

    def __init__(
        self,
        method: Method,
        run: SimulatedRun,
        recorder: Recorder,
        every: int,
        *,
        operators: Sequence[Any],
        question: dict[str, str],
    ) -> None:
        self.method = method.over(FLOATS)
        self.run = run
        self.recorder = recorder
        self.every = every
        self.operators = operators
        self.question = question
        self.state: Any = None
        self.iteration = 0
        self.recorded: list[int] = []
        self.rows: list[dict[str, float]] = []

    def begin(self, x0: NDArray[np.float64]) -> None:
        self.run.remember = self.recorder.needs_gradients
        self.state = self.run.begun(self.method, self.run.numeric.arrays.asarray(x0))
        self._record()

    def restore(self, path: Path) -> None:
        expected = Expected(tuple(self.recorder.names), self.every, len(self.operators))
        found = load(path, self.question, self.method.State, self.run, expected)
        self.state, self.iteration = found.state, found.iteration
        self.recorded, self.rows = list(found.iterations), list(found.records)
        if self.recorded and self.recorded[-1] % self.every != 0:  # the last state of a run is recorded out of turn
            self.recorded.pop()
            self.rows.pop()
        for operator, uses in zip((*self.operators, self.run.numeric.choices), found.uses, strict=False):
            if isinstance(operator, Seeded | GradientDraws | Choices):
                operator.uses = uses

    def go(
        self,
        iterations: int,
        x0: NDArray[np.float64],
        path: Path | None,
        every: int | None,
        progress: Callable[[int, int], None] | None,
    ) -> str | None:
        """Make the iterations, and return how the run diverged, if it did."""
        diverged = self._divergence(x0)
        while self.iteration < iterations and diverged is None:
            turn = (self.iteration + 1) % self.every == 0 or self.iteration + 1 == iterations
            self.run.remember = turn and self.recorder.needs_gradients
            self.state = self.run.stepped(self.method, self.state)
            self.iteration += 1
            diverged = self._divergence(x0)
            if turn or diverged is not None:
                self._record()
            if path is not None and every is not None and self.iteration % every == 0:
                self._save(path)
            if progress is not None:
                progress(self.iteration, iterations)
        if self.recorded[-1:] != [self.iteration]:
            self._record()
        if path is not None:
            self._save(path)
        return diverged

    def _divergence(self, x0: NDArray[np.float64]) -> str | None:
        return divergence(self.run.numeric.arrays.host(self.state.x.value), x0, self.iteration, finite=self.run.numeric.finite)

    def _record(self) -> None:
        self.recorded.append(self.iteration)
        self.rows.append(self.recorder.measure(self.state, self.run))

    def _save(self, path: Path) -> None:
        uses = [operator.uses if isinstance(operator, Seeded | GradientDraws) else 0 for operator in self.operators]
        uses += [self.run.numeric.choices.uses] if self.run.numeric.choices.uses else []
        point = Checkpoint(self.question, self.iteration, self.state, self.rows, self.recorded, uses)
        save(path, point, self.run)
