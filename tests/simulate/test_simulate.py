"""``efpep.simulate``: the plain loop's numbers, counted messages, checkpoints, divergence."""

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence
from support.constrained import method_for

import efpep
from efpep.methods import METHODS
from efpep.simulate.metrics import columns
from efpep.simulate.participation import Choices
from efpep.simulate.prepare import PARTICIPATION
from efpep.simulate.protocol import SimulatedRun
from efpep.simulate.quadratics import Quadratics
from efpep.simulate.run import NumericRun, iterate

N, D = 3, 6
UP, DOWN = efpep.TopK(2), efpep.TopK(3)
MESSAGE = {2: 4 + 1 + 16, 3: 4 + 2 + 24}
"""Bytes of a Top-K message in R^6: a count, K positions of three bits, K values."""


def quadratics(seed=0):
    rng = np.random.default_rng(seed)
    hessians = []
    for _ in range(N):
        basis, _ = np.linalg.qr(rng.standard_normal((D, D)))
        h = (basis * rng.uniform(0.1, 1, D)) @ basis.T
        hessians.append((h + h.T) / 2)
    return Quadratics(hessians, rng.standard_normal((N, D)))


class Constrained(Quadratics):
    """The same with the constraint ``mean <a_i, x> <= b``, and the ball of radius 2 to project onto."""

    def constraint_values(self, x):
        return self.minimisers @ x - 0.1

    def constraint_gradients(self, x):
        return self.minimisers.copy()

    def project(self, x):
        return x * min(1.0, 2 / max(np.linalg.norm(x), 1e-300))


def constrained():
    plain = quadratics()
    return Constrained(plain.hessians, plain.minimisers)


@pytest.mark.parametrize("cls", list(METHODS.members.values()), ids=list(METHODS.members))
def test_every_method_moves_as_in_the_plain_loop(cls):
    problem, method = constrained(), method_for(cls.key)
    x0 = np.arange(D) / D
    run = NumericRun(problem, UP, DOWN)
    run.choices = Choices((0, PARTICIPATION))
    states = list(iterate(method, run, x0, 20))
    found = efpep.simulate(method, problem, 20, UP, DOWN, start=x0)
    assert found.diverged is None
    assert np.array_equal(found.x, states[-1].x)
    distances = [np.sum((s.x - problem.minimiser) ** 2) for s in states]
    gaps = [np.mean(problem.values(s.x)) - np.mean(problem.values(problem.minimiser)) for s in states]
    gradients = [np.sum(problem.gradients(s.x).mean(axis=0) ** 2) for s in states]
    np.testing.assert_allclose(found["distance"], distances, rtol=1e-13)
    np.testing.assert_allclose(found["gap"], gaps, rtol=0, atol=1e-13)
    np.testing.assert_allclose(found["gradient"], gradients, rtol=1e-13)
    np.testing.assert_allclose(found["constraint"], [np.mean(problem.constraint_values(s.x)) for s in states], atol=1e-15)
    for memory in cls.memories:
        errors = [np.atleast_2d(memory.error_of(getattr(s, memory.name), s.x, problem.gradients(s.x))) for s in states]
        np.testing.assert_allclose(found[f"error_{memory.name}"], [np.mean(np.sum(e * e, axis=1)) for e in errors], rtol=1e-13)


@pytest.mark.parametrize(
    ("key", "first", "each", "broadcast"),
    [
        ("gd", 0, 8 * D, 8 * D),  # gradients go up and their average down, as they are
        ("triple-momentum", 0, 8 * D, 8 * D),
        ("cgd", 0, MESSAGE[2], 8 * D),
        ("ef", 0, MESSAGE[2], 8 * D),
        ("ef21", MESSAGE[2], MESSAGE[2], 8 * D),
        ("ef21-momentum", MESSAGE[2], MESSAGE[2], 8 * D),
        ("ef21-hb", MESSAGE[2], MESSAGE[2], 8 * D),
        ("ef21-nesterov", MESSAGE[2], MESSAGE[2], 8 * D),
        ("econtrol", MESSAGE[2], MESSAGE[2], 8 * D),
        ("accelerated-ef21", MESSAGE[2], MESSAGE[2], 8 * D),
        ("diana", MESSAGE[2], MESSAGE[2], 8 * D),
        ("ef-bv", MESSAGE[2], MESSAGE[2], 8 * D),
        ("ef21-w", MESSAGE[2], MESSAGE[2], 8 * D),
        ("3pc", MESSAGE[2], MESSAGE[2], 8 * D),
        ("ef21-p", 0, 8 * D, MESSAGE[3]),  # the server's own iterate is never broadcast
        ("ef21-bc", MESSAGE[2], MESSAGE[2], MESSAGE[3]),
        ("projected-ef21", MESSAGE[2], MESSAGE[2], 8 * D),
        ("safe-ef", 0, MESSAGE[2] + 8, MESSAGE[3] + 8),  # and constraint values
        ("parallel-crpo", 0, 8 * D + 8, 8 * D + 8),
        ("constrained-cgd", 0, MESSAGE[2] + 8, 8 * D + 8),
        ("sign-sgd", 0, MESSAGE[2], MESSAGE[3]),
        ("primal-dual-ef", 0, MESSAGE[2] + 8, MESSAGE[3] + 8),
    ],
)
def test_messages_of_each_method(key, first, each, broadcast):
    found = efpep.simulate(method_for(key), constrained(), 10, UP, DOWN, start=np.arange(D) / D)
    assert found["bytes_client"].tolist() == [first + each * k for k in range(11)]
    assert found.client_bytes.tolist() == [first + 10 * each] * N
    # What the last iteration averaged is broadcast when the next one begins, unless clients needed it at once.
    late = broadcast * 9 if found.server_bytes < 10 * broadcast else broadcast * 10
    sent_late = key in {"gd", "triple-momentum", "cgd", "ef", "econtrol", "diana", "ef-bv", "parallel-crpo", "constrained-cgd"}
    assert found.server_bytes == (late + 8 if key in {"parallel-crpo", "constrained-cgd"} else late)
    assert (found.server_bytes < 10 * broadcast) == sent_late


def test_a_recorded_run_is_the_run():
    problem = quadratics()
    every = efpep.simulate(efpep.EF21(), problem, 17, UP)
    some = efpep.simulate(efpep.EF21(), problem, 17, UP, record_every=5, record=["gap", "error_d"])
    assert some.iterations.tolist() == [0, 5, 10, 15, 17]
    assert list(some.columns) == ["gap", "error_d"]
    assert np.array_equal(some["gap"], every["gap"][some.iterations])
    assert np.array_equal(some["error_d"], every["error_d"][some.iterations])
    assert np.array_equal(some.x, every.x)


def test_the_optimal_step_size_is_that_of_the_problem():
    problem = quadratics()
    setting = efpep.Setting(efpep.SmoothStronglyConvex(problem.mu, problem.L), efpep.Contractive(Fraction(2, D)), N)
    given = efpep.simulate(efpep.EF21().resolved(setting), problem, 5, UP)
    assert np.array_equal(efpep.simulate(efpep.EF21(), problem, 5, UP).x, given.x)


def test_seeds_decide_random_operators():
    problem = quadratics()
    runs = [efpep.simulate(efpep.EF21("1/10"), problem, 9, efpep.RandK(2), seed=seed).x for seed in (0, 0, 1)]
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


@pytest.mark.parametrize("key", list(METHODS.members))
@pytest.mark.parametrize("stop", [3, 10])
def test_a_resumed_run_is_one_run(key, stop, tmp_path):
    problem, method = constrained(), method_for(key)
    given = {"compressor": efpep.RandK(2), "server_compressor": efpep.RandK(3), "seed": 5, "record_every": 2}
    file = tmp_path / "run.npz"
    whole = efpep.simulate(method, problem, 14, **given, start=np.ones(D))
    efpep.simulate(method, problem, stop, **given, start=np.ones(D), checkpoint=file)
    resumed = efpep.simulate(method, problem, 14, **given, start=np.ones(D), checkpoint=file, resume=True)
    assert np.array_equal(resumed.x, whole.x)
    assert np.array_equal(resumed.iterations, whole.iterations)
    for name, column in whole.columns.items():
        assert np.array_equal(resumed[name], column), name
    assert resumed.server_bytes == whole.server_bytes
    assert np.array_equal(resumed.client_bytes, whole.client_bytes)
    with np.load(file, allow_pickle=False) as saved:
        assert "described" in saved.files


def test_a_killed_run_continues_from_its_last_checkpoint(tmp_path):
    problem, file = quadratics(), tmp_path / "run.npz"

    def kill(done, total):
        if done == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        efpep.simulate(efpep.EF21(), problem, 20, UP, checkpoint=file, checkpoint_every=3, progress=kill)
    resumed = efpep.simulate(efpep.EF21(), problem, 20, UP, checkpoint=file, resume=True)
    whole = efpep.simulate(efpep.EF21(), problem, 20, UP)
    assert np.array_equal(resumed.x, whole.x)
    assert np.array_equal(resumed["gap"], whole["gap"])


def test_divergence_is_reported_and_ends_the_run():
    found = efpep.simulate(efpep.GD(100), quadratics(), 1000)
    assert one_sentence(found.diverged)
    assert "diverged" in found.diverged
    assert len(found) < 50
    assert found.iterations[-1] == len(found) - 1
    assert str(found).endswith(found.diverged)
    overflow = efpep.simulate(efpep.GD("1e300"), quadratics(), 1000)
    assert overflow.diverged is not None


def test_trajectories_are_saved_and_drawn(tmp_path):
    import pandas as pd

    found = efpep.simulate(efpep.EF21(), quadratics(), 7, UP)
    frame = found.to_frame()
    assert frame.shape == (8, 1 + len(found.columns))
    found.save(tmp_path / "run.csv")
    assert (tmp_path / "run.csv").read_text().splitlines()[0] == ",".join(frame.columns)
    assert (tmp_path / "run.csv").read_text() == frame.to_csv(index=False)
    assert np.array_equal(np.loadtxt(tmp_path / "run.csv", delimiter=",", skiprows=1), frame.to_numpy())
    found.save(tmp_path / "run.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "run.parquet"), frame, check_exact=True)
    import matplotlib as mpl

    mpl.use("agg")
    axes = found.plot(["gap", "distance"], against="bytes_client")
    assert axes.get_yscale() == "log"
    np.testing.assert_array_equal(axes.lines[1].get_ydata(), found["distance"])
    np.testing.assert_array_equal(axes.lines[1].get_xdata(), found["bytes_client"])
    mpl.pyplot.close("all")


def test_numbers_that_are_none_stay_empty_in_files(tmp_path):
    import pandas as pd

    found = efpep.simulate(efpep.GD("1/2"), quadratics(), 2)
    found = replace(found, columns={"gap": np.array([np.nan, np.inf, -0.0])})
    found.save(tmp_path / "run.csv")
    assert (tmp_path / "run.csv").read_text() == "iteration,gap\n0,\n1,inf\n2,-0.0\n" == found.to_frame().to_csv(index=False)
    found.save(tmp_path / "run.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "run.parquet"), found.to_frame(), check_exact=True)
    with pytest.raises(efpep.InputError, match=r"neither \.csv nor \.parquet"):
        found.save(tmp_path / "run.txt")


def test_vectors_are_not_mixed_up():
    run = SimulatedRun(NumericRun(quadratics(), UP, DOWN), N, D)
    x = run.point(np.ones(D))
    g = run.gradient(x)
    for ask in (
        lambda: run.local(g),
        lambda: run.mean(x),
        lambda: run.compress(x),
        lambda: run.compress_at_server(g),
    ):
        with pytest.raises(efpep.InputError) as refused:
            ask()
        assert one_sentence(refused.value)
    assert np.array_equal((np.float64(2) * g - x).value, 2 * g.value - 1)
    for wrong in (lambda: g + 1, lambda: g * g, lambda: g - np.ones(D)):
        with pytest.raises(TypeError):
            wrong()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"iterations": -1}, "iterations"),
        ({"iterations": 1.5}, "iterations"),
        ({"record_every": 0}, "record_every"),
        ({"record": ["gap", "speed"]}, "speed"),
        ({"start": [1.0]}, "start|broadcast"),
        ({"start": [np.nan] * D}, "finite"),
        ({"start": "here"}, "start"),
        ({"compressor": efpep.Contractive("1/2")}, "operator"),
        ({"compressor": None}, "class|operator"),
        ({"method": efpep.CGD(), "compressor": efpep.RandK(2)}, "closed form"),
        ({"resume": True}, "checkpoint"),
        ({"checkpoint": "/nowhere/at/all.npz"}, "written"),
        ({"checkpoint": "/nowhere/at/all.npz", "resume": True}, "no checkpoint"),
    ],
)
def test_refusals_are_one_sentence(change, says):
    given = {"method": efpep.EF21(), "problem": quadratics(), "iterations": 2, "compressor": UP, **change}
    with pytest.raises(efpep.InputError, match=says) as refused:
        efpep.simulate(**given)
    assert one_sentence(refused.value)


@pytest.mark.parametrize("place", ["records", "fields"])
def test_a_number_in_a_checkpoint_that_is_no_double_is_refused(place, tmp_path):
    file, problem = tmp_path / "run.npz", quadratics()
    efpep.simulate(efpep.EF21(), problem, 4, UP, checkpoint=file)
    with np.load(file) as held:
        arrays = {name: held[name] for name in held.files}
    described = json.loads(arrays["described"].tobytes())
    entry = described["records"][0] if place == "records" else described["fields"][0]
    entry["number" if place == "fields" else next(iter(entry))] = 10**400
    arrays["described"] = np.frombuffer(json.dumps(described).encode(), np.uint8)
    np.savez(file, **arrays)
    with pytest.raises(efpep.InputError, match="no checkpoint that can be read") as refused:
        efpep.simulate(efpep.EF21(), problem, 8, UP, checkpoint=file, resume=True)
    assert one_sentence(refused.value)


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    file = tmp_path / "run.npz"
    efpep.simulate(efpep.EF21(), quadratics(), 2, UP, checkpoint=file)
    for change in ({"compressor": DOWN}, {"seed": 1}, {"problem": quadratics(1)}, {"method": efpep.EF()}, {"record_every": 2}):
        given = {"method": efpep.EF21(), "problem": quadratics(), "compressor": UP, **change}
        with pytest.raises(efpep.InputError, match="another run") as refused:
            efpep.simulate(**given, iterations=4, checkpoint=file, resume=True)
        assert one_sentence(refused.value)
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(efpep.InputError, match="no checkpoint"):
        efpep.simulate(efpep.EF21(), quadratics(), 4, UP, checkpoint=file, resume=True)


def test_saving_to_an_unknown_ending_is_refused(tmp_path):
    found = efpep.simulate(efpep.EF21(), quadratics(), 1, UP)
    for ask in (lambda: found.save(tmp_path / "run.xls"), lambda: found.save("/nowhere/at/all.csv"), lambda: found["speed"]):
        with pytest.raises(efpep.InputError) as refused:
            ask()
        assert one_sentence(refused.value)


def command(*words):
    from efpep.cli import main

    return main(["simulate", *words])


def test_the_command_prints_one_object(capsys, tmp_path):
    words = [
        "ef21",
        "--problem",
        "quadratics:n=2,d=5,seed=3",
        "--compressor",
        "top-k:k=2",
        "--iterations",
        "12",
        "--record-every",
        "5",
    ]
    files = [
        "--output",
        str(tmp_path / "run.csv"),
        "--figure",
        str(tmp_path / "run.png"),
        "--checkpoint",
        str(tmp_path / "run.npz"),
    ]
    import matplotlib as mpl

    mpl.use("agg")
    assert command(*words, *files, "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    from efpep.simulate.problems import RandomQuadratics

    found = efpep.simulate(efpep.EF21(), RandomQuadratics(n=2, d=5, seed=3), 12, UP, record_every=5)
    assert printed["recorded"]["iteration"] == [0, 5, 10, 12]
    assert printed["recorded"]["gap"] == found["gap"].tolist()
    assert printed["last"]["distance"] == found["distance"][-1]
    assert printed["server_bytes"] == found.server_bytes
    assert printed["client_bytes"] == found.client_bytes.tolist()
    assert printed["diverged"] is None
    assert len((tmp_path / "run.csv").read_text().splitlines()) == 5
    assert (tmp_path / "run.png").stat().st_size > 1000
    words[words.index("12")] = "20"
    assert command(*words, "--checkpoint", str(tmp_path / "run.npz"), "--resume", "--json") == 0
    resumed = json.loads(capsys.readouterr().out)
    longer = efpep.simulate(efpep.EF21(), RandomQuadratics(n=2, d=5, seed=3), 20, UP, record_every=5)
    assert resumed["recorded"]["gap"] == longer["gap"].tolist()
    mpl.pyplot.close("all")


@pytest.mark.parametrize(
    "words",
    [
        ["ef21", "--problem", "quadratics"],
        ["ef21", "--problem", "quadratics:n=x", "--compressor", "top-k:k=2"],
        ["ef21", "--problem", "quadratics", "--compressor", "top-k:k=2", "--iterations", "many"],
        ["ef21", "--problem", "quadratics", "--compressor", "top-k:k=2", "--figure", "/nowhere/at/all.pdf", "--iterations", "1"],
        ["ef22", "--problem", "quadratics", "--compressor", "top-k:k=2"],
    ],
)
def test_the_command_refuses_in_one_line(words, capsys):
    import matplotlib as mpl

    mpl.use("agg")
    assert command(*words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert one_sentence(printed.err.strip())
    mpl.pyplot.close("all")


class OnlyGradients:
    """What a user may pass: gradients, and nothing else."""

    def gradients(self, x):
        return np.array([x, 2 * x])


def test_gradients_are_enough_for_a_run():
    problem = OnlyGradients()
    assert columns(efpep.EF21("1/4"), problem) == ["gradient", "error_d", "bytes_client", "bytes_server"]
    found = efpep.simulate(efpep.EF21("1/4"), problem, 50, efpep.TopK(1), start=[1.0, 2.0])
    assert found.diverged is None
    assert found["gradient"][-1] < 1e-6 * found["gradient"][0]
    for call, missing in {
        lambda: efpep.simulate(efpep.EF21("1/4"), problem, 5, efpep.TopK(1)): "names neither a start nor a dimension",
        lambda: efpep.simulate(efpep.EF21(), problem, 5, efpep.TopK(1), start=[1.0]): "the problem lacks one",
        lambda: efpep.simulate(efpep.ProjectedEF21("1/4"), problem, 5, efpep.TopK(1), start=[1.0]): "has no feasible set",
        lambda: efpep.simulate(efpep.SafeEF("1/4", threshold=1), problem, 5, UP, DOWN, start=[1.0]): "evaluates constraints",
        lambda: efpep.compare(efpep.EF21("1/4"), problem, 5, efpep.TopK(1), start=[1.0]): "OnlyGradients lacks mu > 0 or L",
    }.items():
        with pytest.raises(efpep.InputError, match=missing) as refused:
            call()
        assert one_sentence(refused.value)


def test_what_a_problem_knows_is_used():
    problem = OnlyGradients()
    problem.mu, problem.L, problem.start, problem.description = 1.0, 2.0, [1.0, 2.0], "two parabolas"
    problem.values = lambda x: np.array([x @ x / 2, x @ x])
    found = efpep.simulate(efpep.EF21(), problem, 5, efpep.TopK(1))
    assert found.description["problem"] == "two parabolas"
    assert found["value"][0] == 3.75
    with pytest.raises(efpep.InputError, match="unconstrained minimiser") as refused:
        efpep.compare(efpep.EF21(), problem, 5, efpep.TopK(1))
    assert one_sentence(refused.value)
    problem.minimiser = np.zeros(2)
    assert columns(efpep.EF21(), problem)[:3] == ["gap", "distance", "gradient"]
    efpep.compare(efpep.EF21(), problem, 5, efpep.TopK(1))
    for name in ("mu", "L", "start", "minimiser"):  # None is as good as nothing
        setattr(problem, name, None)
    assert columns(efpep.EF21(), problem)[:2] == ["value", "gradient"]
    with pytest.raises(efpep.InputError, match="start is missing"):
        efpep.simulate(efpep.EF21(), problem, 5, efpep.TopK(1))
    with pytest.raises(efpep.InputError, match="the problem lacks one"):
        efpep.simulate(efpep.EF21(), problem, 5, efpep.TopK(1), start=[1.0, 2.0])
