"""Compression operators: they are what they say they are, and their messages carry every bit."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from support import one_sentence

import efpep
from efpep.compressors.contractive_base import ContractiveBase
from efpep.compressors.operators import (
    OPERATORS,
    Adversarial,
    BareSign,
    BlockTopK,
    Clip,
    LowRank,
    Quantisation,
    Sparsification,
    read_operator,
)
from efpep.compressors.top_k import LONG
from efpep.compressors.unbiased import Unbiased

D = 12
NAMES = [
    "identity",
    "top-k:k=1",
    "top-k:k=5",
    "top-k:k=40",
    "block-top-k:blocks=3 9,k=1 4",
    "block-top-k:blocks=2;4;6,k=3",
    "sign",
    "low-rank:rank=1,rows=3,columns=4",
    "low-rank:rank=2,rows=6,columns=2",
    "low-rank:rank=2,rows=3,columns=4,iterations=3",
    "adversarial:delta=1/2",
    "adversarial:delta=0.1,direction=1 0 0 0 0 0 0 0 0 0 0 2",
]
CLASSLESS = ["bare-sign", "clip:threshold=1/3"]
RANDOM = [
    "rand-k:k=3",
    "rand-k:k=3,shared=yes",
    "rand-k:k=4,scaled=yes",
    "sparsification:probability=1/3",
    "sparsification:probability=1/4,scaled=yes,shared=yes",
    "bernoulli:probability=1/3",
    "bernoulli:probability=2/3,scaled=yes",
    "qsgd:levels=1",
    "qsgd:levels=3",
    "qsgd:levels=65536,shared=yes",
    "natural",
]
NUMBER = st.floats(-1e6, 1e6, allow_subnormal=False) | st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e-9, 4 / 3])
VECTORS = arrays(np.float64, (3, D), elements=NUMBER)
SPIKE, FLAT = np.eye(D)[:1], np.ones((1, D))
RAMP = np.linspace(-1, 2, D)[None]
THIRDS = np.full((1, D), 4 / 3) * 2.0 ** np.arange(D)
HARD = {"spike": SPIKE, "flat": FLAT, "ramp": RAMP, "thirds": THIRDS, "ties": np.tile([2.0, -2.0, 1.0], 4)[None]}


def energy(v):
    return np.sum(v * v, axis=-1)


def same_bits(a, b):
    assert a.dtype == b.dtype == np.float64
    return a.shape == b.shape and np.array_equal(a.view(np.uint64), b.view(np.uint64))


def holds(operator, v):
    """Assert the operator's class on each row of ``v``, up to rounding."""
    c = operator(v)
    declared = operator.belongs_to(v.shape[1])
    assert isinstance(declared, ContractiveBase)
    assert np.all(energy(c - v) <= (1 - float(declared.delta) + 1e-12) * energy(v) + 1e-280)
    if isinstance(declared, efpep.Projection):
        assert np.all(np.abs(np.sum(c * (v - c), axis=1)) <= 1e-12 * energy(v) + 1e-280)


def test_every_operator_is_tested():
    assert {name.partition(":")[0] for name in NAMES + RANDOM + CLASSLESS} == set(OPERATORS.members)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(v=VECTORS)
def test_deterministic_operators_belong_to_their_class(name, v):
    holds(read_operator(name), v)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("v", HARD.values(), ids=HARD)
def test_deterministic_operators_belong_to_their_class_on_hard_inputs(name, v):
    holds(read_operator(name), v)


@pytest.mark.parametrize(
    ("name", "v", "delta"),
    [
        ("top-k:k=5", FLAT, 5 / D),
        ("block-top-k:blocks=4 8,k=2 3", np.repeat([0.0, 1.0], (4, 8))[None], 3 / 8),
        ("sign", SPIKE, 1 / D),
        ("low-rank:rank=1,rows=3,columns=4", np.eye(3, 4).reshape(1, D), 1 / 3),
        ("adversarial:delta=1/2", RAMP, 1 / 2),
        ("adversarial:delta=1/2,direction=1 1 1 1 1 1 1 1 1 1 1 1", RAMP, 1 / 2),
    ],
)
def test_no_better_class_would_be_true(name, v, delta):
    operator = read_operator(name)
    assert float(operator.belongs_to(D).delta) == delta
    assert energy(operator(v) - v)[0] == pytest.approx((1 - delta) * energy(v)[0], rel=1e-12)


@pytest.mark.fast_cases(12)
@pytest.mark.parametrize("name", RANDOM)
@pytest.mark.parametrize("v", HARD.values(), ids=HARD)
def test_random_operators_belong_to_their_class(name, v):
    # Means over independent draws: within six standard deviations of the means.
    operator, n = read_operator(name), 4000
    rows = np.tile(v, (n, 1))
    declared = operator.belongs_to(D)
    if declared.shared:  # rows share their draws, uses do not
        seeded = operator.seeded(1)
        c = np.concatenate([seeded(v) for _ in range(n)])
    else:
        c = operator.seeded(1)(rows)
    lost = energy(c - rows)
    bound = declared.omega if isinstance(declared, Unbiased) else 1 - declared.delta
    assert lost.mean() <= float(bound) * energy(v)[0] * (1 + 1e-12) + 6 * lost.std() / n**0.5
    if isinstance(declared, Unbiased):
        assert np.all(np.abs(c.mean(axis=0) - v[0]) <= 6 * c.std(axis=0) / n**0.5 + 1e-12 * np.abs(v[0]))


def test_the_constants_of_random_operators_are_attained():
    # Rand-K over all subsets loses 1 - K/d; sparsification loses 1 - p; natural compression at 4/3 has variance v^2/8.
    v = RAMP[0]
    kept = [energy(v[list(s)]) for s in combinations(range(D), 3)]
    assert 1 - np.mean(kept) / energy(v) == pytest.approx(1 - float(read_operator("rand-k:k=3").belongs_to(D).delta), abs=1e-12)
    c = read_operator("natural").seeded(0)(np.full((1, 200_000), 4 / 3))[0]
    assert set(c) == {1.0, 2.0}
    assert np.mean((c - 4 / 3) ** 2) / (4 / 3) ** 2 == pytest.approx(1 / 8, abs=2e-3)
    c = read_operator("qsgd:levels=1").seeded(0)(np.tile(FLAT, (20_000, 1)))
    assert energy(c - FLAT).mean() / D == pytest.approx(D**0.5 * (1 - D**-0.5), rel=2e-2)


@pytest.mark.fast_cases(15)
@pytest.mark.parametrize("name", NAMES + RANDOM + CLASSLESS)
@settings(max_examples=40)
@given(v=VECTORS)
def test_messages_carry_every_bit(name, v):
    operator = read_operator(name)
    rows = operator.seeded(3)(v)
    sizes = operator.sizes(rows)
    for i, row in enumerate(v):
        message = operator.seeded(3, first=i).message(row)
        assert same_bits(operator.decode(message, D), rows[i])
        assert len(message) == sizes[i]


@pytest.mark.parametrize(
    "name", ["top-k:k=3", "sign", "natural", "qsgd:levels=4", "rand-k:k=2", "identity", "bernoulli:probability=1/2"]
)
@pytest.mark.parametrize("d", [1, 2, 7, 64, 1000])
def test_messages_of_any_dimension(name, d):
    v = np.random.default_rng(d).standard_normal((2, d))
    v[0, 0] = -0.0
    operator = read_operator(name)
    rows = operator.seeded(5)(v)
    for i in range(2):
        message = operator.seeded(5, first=i).message(v[i])
        assert same_bits(operator.decode(message, d), rows[i])
        assert len(message) == operator.sizes(rows)[i]


@pytest.mark.parametrize(
    ("name", "d", "size"),
    [
        ("identity", 1000, 8000),
        ("top-k:k=10", 1000, 4 + 13 + 80),  # a count, ten positions of ten bits, ten values
        ("sign", 1000, 8 + 125),
        ("natural", 1000, 1500),
        ("qsgd:levels=7", 1000, 8 + 500),
        ("low-rank:rank=2,rows=20,columns=50", 1000, 8 * 2 * 70),
    ],
)
def test_sizes_of_messages(name, d, size):
    v = np.random.default_rng(0).standard_normal(d)
    assert len(read_operator(name).seeded(0).message(v)) == size


def reference_top_k(v, k):
    kept = np.argsort(-np.abs(v), axis=1, kind="stable")[:, :k]
    compressed = np.zeros_like(v)
    np.put_along_axis(compressed, kept, np.take_along_axis(v, kept, axis=1), axis=1)
    return compressed


@given(v=arrays(np.float64, (2, 9), elements=st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, 3.0])), k=st.integers(1, 9))
def test_top_k_breaks_ties_by_the_lowest_index(v, k):
    assert np.array_equal(efpep.TopK(k)(v), reference_top_k(v, k))


@pytest.mark.parametrize("k", [1, 17, 60, 600, LONG - 1, 2 * LONG])
@pytest.mark.parametrize("kind", ["normal", "integers", "constant", "sorted", "zeros", "spikes out of the sample"])
def test_top_k_of_long_vectors(k, kind):
    rng = np.random.default_rng(k)
    d = 2 * LONG + 3
    v = {
        "normal": rng.standard_normal((2, d)),
        "integers": rng.integers(-5, 6, (2, d)).astype(float),
        "constant": np.ones((1, d)),
        "sorted": np.arange(d, dtype=float)[None],
        "zeros": np.zeros((1, d)),
        "spikes out of the sample": np.where(np.arange(d) % 16 == 1, 100.0, 0.5)[None],
    }[kind]
    assert np.array_equal(efpep.TopK(k)(v), reference_top_k(v, k))


@pytest.mark.parametrize("sizes", [(3, 4, 5), (12,), (1, 11), (2 * LONG, 40, LONG)])
@pytest.mark.parametrize("k", [(1,), (5,), (3, 2, 60)])
def test_blocks_are_compressed_by_themselves(sizes, k):
    if len(k) not in {1, len(sizes)}:
        return
    v = np.random.default_rng(len(k)).integers(-9, 10, (3, sum(sizes))).astype(float)
    operator = BlockTopK(sizes, k)
    each = k if len(k) > 1 else k * len(sizes)
    ends = np.cumsum(sizes)[:-1]
    found = [reference_top_k(part, min(one, part.shape[1])) for part, one in zip(np.split(v, ends, axis=1), each, strict=True)]
    assert np.array_equal(operator(v), np.hstack(found))
    if operator.keeps(v.shape[1]):
        assert np.array_equal(operator.scattered(v, (None,) * 3), np.hstack(found))
    least = min(Fraction(min(one, size), size) for one, size in zip(each, sizes, strict=True))
    assert operator.belongs_to(v.shape[1]) == efpep.Projection(least)
    assert OPERATORS.build(operator.describe()) == operator


@pytest.mark.parametrize("name", CLASSLESS)
def test_operators_of_runs_alone_belong_to_no_class(name):
    with pytest.raises(efpep.InputError, match="no class of compressors") as refused:
        read_operator(name).belongs_to(D)
    assert one_sentence(refused.value)


def test_signs_and_clipped_vectors():
    assert BareSign()(np.array([[2.0, -3.0, 0.0, -0.0]])).tolist() == [[1, -1, 1, -1]]
    v = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    np.testing.assert_allclose(Clip(1)(v), [[0.6, 0.8], [0.3, 0.4], [0, 0]], rtol=1e-15)
    for threshold in (0, -1, "x"):
        with pytest.raises(efpep.InputError, match="threshold") as refused:
            Clip(threshold)
        assert one_sentence(refused.value)


def test_draws_depend_on_seed_use_and_client_alone():
    v = np.random.default_rng(0).standard_normal((4, D))
    operator = efpep.RandK(3)
    whole = operator.seeded(7)
    first, second = whole(v), whole(v)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first != 0, np.broadcast_to(first[0] != 0, first.shape))
    part = operator.seeded(7, first=2)
    assert np.array_equal(part(v[2:]), first[2:])
    assert np.array_equal(part(v[2:]), second[2:])
    assert not np.array_equal(operator.seeded(8)(v), first)
    shared = efpep.RandK(3, shared=True).seeded(7)(v)
    assert np.array_equal(shared != 0, np.broadcast_to(shared[0] != 0, shared.shape))


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: efpep.RandK(2)(RAMP), "seed"),
        (lambda: efpep.RandK(2).message(RAMP[0]), "seed"),
        (lambda: Sparsification(0), "probability"),
        (lambda: Sparsification("3/2"), "probability"),
        (lambda: efpep.RandK(2, shared="perhaps"), "shared"),
        (lambda: efpep.RandK(2, scaled="perhaps"), "scaled"),
        (lambda: Quantisation(10**6), "levels"),
        (lambda: LowRank(4, 3, 3), "rank"),
        (lambda: LowRank(1, 3, 3)(RAMP), "matrix"),
        (lambda: Adversarial("1/2", [0, 0]), "direction"),
        (lambda: Adversarial("1/2", [1, 0])(RAMP), "direction"),
        (lambda: Adversarial(2), "delta"),
        (lambda: BlockTopK("3 x", 1), "blocks is '3 x'"),
        (lambda: BlockTopK([3, 0], 1), "blocks is"),
        (lambda: BlockTopK([], 1), "blocks is"),
        (lambda: BlockTopK([3, 4], None), "k is None"),
        (lambda: BlockTopK([3, 4, 5], [1, 2]), "k has 2 numbers, and there are 3 blocks"),
        (lambda: BlockTopK([3, 4], 1)(RAMP), "the blocks have 7 entries"),
        (lambda: BlockTopK([3, 4], 1).belongs_to(8), "the blocks have 7 entries"),
        (lambda: read_operator("top-k:5"), "name=value"),
        (lambda: read_operator("top-k:k=5,k=6"), "twice"),
        (lambda: read_operator("top-k"), "parameter"),
        (lambda: read_operator("best-k:k=5"), "choose"),
    ],
)
def test_refusals_are_one_sentence(ask, says):
    with pytest.raises(efpep.InputError, match=says) as refused:
        ask()
    assert one_sentence(refused.value)
