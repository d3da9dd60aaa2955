"""Runs in single precision and on the arrays of other libraries: NumPy's numbers to rounding, their own draws, one checkpoint."""

from importlib.util import find_spec

import numpy as np
import pytest
from support import one_sentence
from support.constrained import Constrained, method_for

import efpep
from efpep.compressors.arrays import LIBRARIES, USUAL, arrays_of
from efpep.compressors.operators import read_operator
from efpep.methods import METHODS
from efpep.simulate import blocked_run
from efpep.simulate.problems import DiagonalQuadratics, read_problem

N, D = 5, 40
EXACT = [
    "identity",
    "top-k:k=3",
    "block-top-k:blocks=4 36,k=2 3",
    "bare-sign",
    "clip:threshold=2",
    "sign",
    "natural",
    "adversarial:delta=0.5",
    "low-rank:rank=1,rows=5,columns=8",
]
RANDOM = ["rand-k:k=4", "rand-k:k=4,shared=yes,scaled=yes", "sparsification:probability=0.3", "bernoulli:probability=0.5"]
RANDOM += ["qsgd:levels=4"]


def library(name):
    """The library as a device, in tests that are skipped where it is missing."""
    missing = any(find_spec(module.split(".")[0]) is None for module in (LIBRARIES[name], "array_api_compat"))
    return pytest.param(name, marks=pytest.mark.skipif(missing, reason=f"{name} is not installed"))


DEVICES = [library("array-api-strict"), library("torch")]
on_devices = pytest.mark.parametrize("device", DEVICES)
in_precisions = pytest.mark.parametrize("dtype", ["float64", "float32"])


def close(found, expected, dtype):
    room = 1e-12 if dtype == "float64" else 1e-4
    np.testing.assert_allclose(found.x, expected.x, rtol=room, atol=room)
    assert found.x.dtype == np.float64
    for name, column in expected.columns.items():
        np.testing.assert_allclose(found[name], column, rtol=10 * room, atol=10 * room, err_msg=name)
    assert found.server_bytes == expected.server_bytes


@in_precisions
@pytest.mark.parametrize("device", [None, *DEVICES])
def test_methods_move_as_with_doubles_of_numpy(device, dtype):
    if device is None and dtype == "float64":
        pytest.skip("these are the doubles of NumPy")
    for key in METHODS.members:
        method = method_for(key)
        operators = read_operator("top-k:k=7"), read_operator("top-k:k=9")
        for problem in (Constrained(n=N, d=D), DiagonalQuadratics(n=N, d=D)):
            constrained = {"safe-ef", "parallel-crpo", "constrained-cgd", "primal-dual-ef", "projected-ef21"}
            if key in constrained and type(problem) is DiagonalQuadratics:
                continue
            expected = efpep.simulate(method, problem, 4, *operators)
            close(efpep.simulate(method, problem, 4, *operators, device=device, dtype=dtype), expected, dtype)


@on_devices
@in_precisions
@pytest.mark.parametrize("text", EXACT)
def test_operators_act_as_with_numpy(text, device, dtype):
    arrays, operator = arrays_of(device, dtype), read_operator(text).seeded(3)
    rows = np.random.default_rng(0).integers(-3, 4, (N, D)).astype(dtype)  # with ties, and zeros
    rows[0] = 0
    expected = read_operator(text).seeded(3)(rows.astype(np.float64))
    found = operator.on(arrays, arrays.asarray(rows))
    assert found.dtype == arrays.dtype
    np.testing.assert_allclose(arrays.host(found), expected, rtol=1e-6 if dtype == "float32" else 1e-14, atol=1e-6)
    assert operator.uses == 1


@on_devices
@in_precisions
@pytest.mark.parametrize("text", RANDOM)
def test_random_operators_are_those_of_their_class_and_seed(text, device, dtype):
    arrays, operator = arrays_of(device, dtype), read_operator(text)
    rows = np.random.default_rng(1).standard_normal((300, D))
    v = arrays.asarray(rows)

    def drawn(seed, use=0):
        seeded = operator.seeded([seed, 7])
        seeded.uses = use
        return arrays.host(seeded.on(arrays, v))

    first = drawn(0)
    assert np.array_equal(first, drawn(0))
    assert not np.array_equal(first, drawn(1))
    assert not np.array_equal(first, drawn(0, use=1))
    kept = first != 0
    if text.startswith("rand-k"):
        assert set(kept.sum(axis=1)) == {4}
    if text.startswith("bernoulli"):
        assert set(kept.sum(axis=1)) == {0, D}
    if "shared=yes" in text:
        assert (kept == kept[0]).all()
    elif text != "qsgd:levels=4":
        share = {"r": 0.1, "s": 0.3, "b": 0.5}[text[0]]
        assert abs(kept.mean() - share) < 0.1
        expected = np.where(kept, rows, 0)
        np.testing.assert_allclose(first, expected, rtol=1e-6)
    else:
        mean = np.mean([drawn(seed) for seed in range(60)], axis=0)
        assert np.abs(mean - rows).mean() < 0.25 * np.abs(first - rows).mean()


@on_devices
def test_what_is_drawn_by_numpy_is_the_same_on_any_device(device):
    given = (efpep.EF21("1/10"), read_problem("quadratics:n=4,d=6,seed=1"), 6, read_operator("natural"))
    for noise in (None, efpep.GradientNoise("1/2")):
        close(efpep.simulate(*given, noise=noise, device=device), efpep.simulate(*given, noise=noise), "float64")


@pytest.mark.parametrize("operator", ["top-k:k=50", "rand-k:k=60", "qsgd:levels=3"])
def test_single_precision_in_blocks_is_that_of_whole_arrays(operator, monkeypatch):
    problem = DiagonalQuadratics(n=N, d=5000)
    for key in ("ef21", "ef", "econtrol"):
        given = (method_for(key), problem, 5, read_operator(operator))
        whole = efpep.simulate(*given, dtype="float32")
        with monkeypatch.context() as patch:
            patch.setattr(blocked_run, "CACHE", 10_000)
            found = efpep.simulate(*given, dtype="float32", threads=2)
        assert np.array_equal(found.x, whole.x)
        assert np.array_equal(found.x, found.x.astype(np.float32))
        assert found.client_bytes.tolist() == whole.client_bytes.tolist()
        for name, column in whole.columns.items():
            np.testing.assert_allclose(found[name], column, rtol=1e-4, err_msg=name)
        assert found.description["dtype"] == "float32"


@on_devices
def test_checkpoints_fit_every_device_and_precision(device, tmp_path):
    problem, method, file = DiagonalQuadratics(n=N, d=D), efpep.EF21("1/10"), tmp_path / "run.npz"
    places = [{}, {"device": device}, {"dtype": "float32"}, {"device": device, "dtype": "float32"}]
    whole = efpep.simulate(method, problem, 8, efpep.TopK(4))
    for before in places:
        for after in places:
            efpep.simulate(method, problem, 4, efpep.TopK(4), checkpoint=file, **before)
            found = efpep.simulate(method, problem, 8, efpep.TopK(4), checkpoint=file, resume=True, **after)
            close(found, whole, "float32" if "dtype" in {**before, **after} else "float64")
    for place in places:  # and draws go on where they stood
        given = (efpep.RandK(4), efpep.RandK(3))
        once = efpep.simulate(efpep.EF21BC("1/10"), problem, 8, *given, **place)
        efpep.simulate(efpep.EF21BC("1/10"), problem, 3, *given, checkpoint=file, **place)
        found = efpep.simulate(efpep.EF21BC("1/10"), problem, 8, *given, checkpoint=file, resume=True, **place)
        assert np.array_equal(found.x, once.x)
        assert np.array_equal(found["error_d"], once["error_d"])


@on_devices
def test_users_problems_and_operators_run_by_way_of_numpy_or_by_themselves(device):
    problem = efpep.problem(quadratics=(np.stack([np.eye(3), 2 * np.eye(3)]), np.ones((2, 3))))

    def halved(v):
        return v / 2

    expected = efpep.simulate(efpep.EF21("1/4"), problem, 5, halved)
    close(efpep.simulate(efpep.EF21("1/4"), problem, 5, halved, device=device), expected, "float64")

    class Own:
        dimension = 3

        def __init__(self, arrays=USUAL):
            self.scales = arrays.asarray([[1.0], [2.0]])

        def gradients(self, x):
            return self.scales * x - 1

        def on(self, arrays):
            return Own(arrays)

    found = efpep.simulate(efpep.EF21("1/4"), Own(), 5, halved, device=device)
    np.testing.assert_allclose(found.x, expected.x, rtol=1e-12)
    for wrong, why in ((lambda x: x, "let them be an array of shape"), (lambda x: x @ "x", "fail")):
        Own.on = lambda self, arrays, wrong=wrong: type("Wrong", (), {"gradients": lambda self, x: wrong(x)})()
        with pytest.raises(efpep.InputError, match=why) as refused:
            efpep.simulate(efpep.EF21("1/4"), Own(), 5, halved, device=device)
        assert one_sentence(refused.value)


@on_devices
def test_divergence_is_seen_on_devices(device):
    problem = DiagonalQuadratics(n=N, d=D)
    assert efpep.simulate(efpep.GD(100), problem, 100, device=device).diverged is not None
    assert efpep.simulate(efpep.GD("1e300"), problem, 100, device=device).diverged is not None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"dtype": "float16"}, "dtype is 'float16'; give float64 or float32"),
        ({"device": "gpu"}, "device is 'gpu'; give cuda"),
        ({"device": 3}, "device is 3; give cuda"),
        ({"device": "numpy:0"}, "device is 'numpy:0'; give cuda"),
    ],
)
def test_impossible_places_are_refused(change, says):
    with pytest.raises(efpep.InputError, match=says) as refused:
        efpep.simulate(efpep.GD("1/10"), DiagonalQuadratics(n=2, d=3), 2, **change)
    assert one_sentence(refused.value)


def test_a_library_that_is_missing_is_named(monkeypatch):
    if find_spec("array_api_compat") is None:
        pytest.skip("array-api-compat is not installed")
    monkeypatch.setitem(LIBRARIES, "cupy", "no_such_library")
    with pytest.raises(efpep.UnavailableError, match="arrays of cupy need a library that cannot be imported") as refused:
        efpep.simulate(efpep.GD("1/10"), DiagonalQuadratics(n=2, d=3), 2, device="cupy")
    assert one_sentence(refused.value)


@library("torch").marks[0]
def test_a_device_that_is_missing_is_named():
    with pytest.raises(efpep.InputError, match="torch has no device cuda:77 here") as refused:
        efpep.simulate(efpep.GD("1/10"), DiagonalQuadratics(n=2, d=3), 2, device="cuda:77")
    assert one_sentence(refused.value)
