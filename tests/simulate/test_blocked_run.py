"""Runs whose rows are computed a few at a time: the numbers of whole arrays, bit for bit."""

import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest
from support import one_sentence
from support.constrained import Constrained, method_for

import efpep
from efpep.compressors.operators import read_operator
from efpep.methods import METHODS
from efpep.simulate import blocked_run
from efpep.simulate.problems import DiagonalQuadratics, read_problem

N, D = 7, 40
OPERATORS = [
    "identity",
    "top-k:k=3",
    "rand-k:k=4",
    "rand-k:k=4,shared=yes,scaled=yes",
    "sparsification:probability=0.3,scaled=yes",
]
OPERATORS += ["bernoulli:probability=0.5", "sign", "qsgd:levels=4", "natural", "adversarial:delta=0.5"]
OPERATORS += ["low-rank:rank=1,rows=5,columns=8", "block-top-k:blocks=4 36,k=2", "bare-sign", "clip:threshold=2"]


def same(found, expected):
    assert np.array_equal(found.x, expected.x)
    assert found.iterations.tolist() == expected.iterations.tolist()
    for name, column in expected.columns.items():
        assert np.array_equal(found[name], column), name
    assert found.client_bytes.tolist() == expected.client_bytes.tolist()
    assert found.server_bytes == expected.server_bytes
    assert found.diverged == expected.diverged


def in_blocks(monkeypatch, rows, *given, dimension=D, passes=True, **more):
    """Return a run that is made so many rows at a time, after making sure that it is."""
    made = []
    with monkeypatch.context() as patch:
        patch.setattr(blocked_run, "CACHE", rows * dimension)
        work = blocked_run.RowPass.run
        patch.setattr(blocked_run.RowPass, "run", lambda self, threads, rows: (made.append(rows), work(self, threads, rows)))
        found = efpep.simulate(*given, **more)
    assert set(made) == {rows} or not passes
    return found


@pytest.mark.parametrize("key", list(METHODS.members))
def test_blocks_give_the_numbers_of_whole_arrays(key, monkeypatch):
    problem, method = Constrained(n=N, d=D), method_for(key)
    for k, text in enumerate(OPERATORS):
        operator = read_operator(text)
        given = (method, problem, 6, operator, read_operator(OPERATORS[(k + 3) % len(OPERATORS)]))
        more = {"seed": k, "start": np.arange(D) / D, "record_every": 1 + k % 3}
        whole = efpep.simulate(*given, **more)
        same(in_blocks(monkeypatch, 1 + k % 4, *given, **more, threads=1 + k % 3), whole)


@pytest.mark.parametrize("record", [None, ["gap", "bytes_client"], ["gradient"]])
@pytest.mark.parametrize("operator", ["top-k:k=50", "rand-k:k=60", "sign"])
@pytest.mark.parametrize("key", ["ef21", "ef", "ef21-momentum", "econtrol", "adef"])
def test_long_rows_are_corrected_in_place(key, operator, record, monkeypatch):
    problem, method = DiagonalQuadratics(n=5, d=5000), method_for(key)
    given, more = (method, problem, 7, read_operator(operator)), {"record": record, "record_every": 3}
    whole = efpep.simulate(*given, **more)
    for rows, threads in ((1, 1), (2, 3), (4, 2)):
        same(in_blocks(monkeypatch, rows, *given, dimension=5000, **more, threads=threads), whole)


@pytest.mark.parametrize("dimension", [2, 3, 9])
def test_averages_of_short_rows_are_summed_in_order(dimension, monkeypatch):
    problem = DiagonalQuadratics(n=101, d=dimension)
    given = (efpep.EF21("1/10"), problem, 20, efpep.TopK(1))
    same(in_blocks(monkeypatch, 10, *given, dimension=dimension), efpep.simulate(*given))


def test_own_problems_operators_and_noise_are_the_same(monkeypatch):
    class Gradients:
        def gradients(self, x):
            return np.outer(np.arange(1.0, N + 1), x)

    def scaled(v):
        return v / (1 + np.abs(v).max())  # of all rows at once

    @dataclass(frozen=True)
    class Own(efpep.TopK):
        key = "own-top-k"

    for operator in (scaled, Own(2), efpep.TopK(2)):
        for method in (efpep.EF21("1/40"), efpep.EF("1/40")):
            for problem, noise in ((Gradients(), None), (DiagonalQuadratics(n=N, d=D), efpep.GradientNoise(1))):
                given, more = (method, problem, 5, operator), {"start": np.ones(D), "noise": noise}
                passes = isinstance(operator, efpep.TopK) and operator.key == "top-k"
                same(in_blocks(monkeypatch, 2, *given, **more, passes=passes), efpep.simulate(*given, **more))


def test_data_are_the_same(monkeypatch):
    problem = read_problem("quadratics:n=6,d=12,seed=2")
    given = (efpep.EF21("1/10"), problem, 5, efpep.RandK(3))
    same(in_blocks(monkeypatch, 2, *given, dimension=12, threads=2), efpep.simulate(*given))


@pytest.mark.parametrize("key", ["ef21", "ef", "econtrol", "ef21-bc"])
def test_checkpoints_fit_blocks_and_whole_arrays(key, monkeypatch, tmp_path):
    problem, method = DiagonalQuadratics(n=N, d=D), method_for(key)
    more = {"compressor": efpep.RandK(2), "server_compressor": efpep.RandK(3), "seed": 5, "record_every": 2}
    whole = efpep.simulate(method, problem, 14, **more)
    in_blocks(monkeypatch, 2, method, problem, 7, **more, checkpoint=tmp_path / "one.npz")
    same(efpep.simulate(method, problem, 14, **more, checkpoint=tmp_path / "one.npz", resume=True), whole)
    efpep.simulate(method, problem, 7, **more, checkpoint=tmp_path / "two.npz")
    same(in_blocks(monkeypatch, 2, method, problem, 14, **more, checkpoint=tmp_path / "two.npz", resume=True, threads=2), whole)


def test_divergence_is_seen_in_blocks(monkeypatch):
    problem = DiagonalQuadratics(n=N, d=D)
    for step in (100, "1e300"):
        given = (efpep.EF21(step), problem, 100, efpep.TopK(1))
        found = in_blocks(monkeypatch, 2, *given, threads=2)
        same(found, efpep.simulate(*given))
        assert found.diverged is not None


def test_errors_of_any_thread_are_raised(monkeypatch):
    class Failing(Constrained):
        key = "failing"

        def client_gradients(self, x, first, out):
            if first == 4 and x.any():
                raise efpep.InputError("client 5 fails; correct it.")
            super().client_gradients(x, first, out)

    problem = Failing(n=N, d=D)
    for threads in (1, 3):
        with pytest.raises(efpep.InputError, match="client 5 fails"):
            in_blocks(monkeypatch, 1, efpep.EF21("1/10"), problem, 4, efpep.TopK(1), threads=threads, record=["gap"])


class Averaging(type(efpep.EF21("1/10"))):
    """EF21 about the average message: gradients are taken at a point that a message of the same step moves."""

    key = "averaging-ef21"

    def step(self, state, run):
        sent = run.compress(run.gradient(state.x) - state.d)
        x = state.x - self.step_size * run.mean(state.d + sent)
        again = run.compress(run.gradient(x) - run.mean(sent) - state.d)
        return self.State(x, state.d + (sent + again) / 2.0)


def test_a_step_may_need_averages_on_the_way(monkeypatch):
    problem = DiagonalQuadratics(n=N, d=D)
    for operator in (efpep.TopK(3), efpep.RandK(3), efpep.Identity()):
        given = (Averaging("1/10"), problem, 6, operator)
        whole = efpep.simulate(*given)
        for record in (None, ["gap", "distance", "gradient", "bytes_client"]):
            found = in_blocks(monkeypatch, 2, *given, threads=2, record=record)
            assert np.array_equal(found.x, whole.x)
            assert found.client_bytes.tolist() == whole.client_bytes.tolist()


def test_impossible_threads_are_refused():
    for threads in (0, 1.5, "two"):
        with pytest.raises(efpep.InputError, match="threads") as refused:
            efpep.simulate(efpep.EF21("1/10"), DiagonalQuadratics(n=2, d=3), 2, efpep.TopK(1), threads=threads)
        assert one_sentence(refused.value)


@pytest.mark.parametrize("key", ["ef21", "ef"])
def test_a_run_takes_one_array_beside_the_problem_and_leaves_none(key):
    problem, size = DiagonalQuadratics(n=60, d=20_000), 60 * 20_000 * 8
    given = (method_for(key), problem, 3, efpep.TopK(200))
    efpep.simulate(*given, record=["gap"])  # loads what is loaded once
    tracemalloc.start()
    try:
        efpep.simulate(*given, record=["gap"], threads=2)
        left, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * size
    assert left < 0.1 * size
