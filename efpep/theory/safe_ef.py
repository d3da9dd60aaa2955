"""Constants of Safe-EF: what almost surely contractive compressors guarantee, for finite T and in closed form.

All statements are derived for efpep, with proofs in docs/safe_ef.md; the method is that of 2505.06053. With
``q = sqrt(1 - delta)`` and ``q_s = sqrt(1 - delta_s)``, subgradients bounded by M and ``||x^0 - x*|| <= R``, for T rounds with
the step size gamma and the threshold

    c = R^2/(2 gamma T) + gamma M^2 K/2

some iterate among the first T has ``g(x) <= c``, and the average xbar of those satisfies ``f(xbar) - f* <= c`` and
``g(xbar) <= c``, for any number of clients and any heterogeneity. K is one of

    K    = (1+q)/(1-q) (1+q_s)/(1-q_s)                          in the limit of large T,
    K_T  = 1 + (2/T) sum_{t<T} (r_t + s_t)                      for T rounds (smaller),
           r_0 = s_0 = 0,   r_{t+1} = q (r_t + 1),   s_{t+1} = q_s (s_t + (1+q) (r_t + 1)),
    K_P  = u + 2 q_s/(1-q_s) sqrt(u),  u = (1+q)/(1-q)         for compressors of projection type at the clients (Top-K, Rand-K).

Stochastic subgradients have a constant of their own, in expectation (:func:`noisy_constant`).

The best step size is ``R/(M sqrt(K T))``, with ``c = R M sqrt(K/T)``. Compressors that contract in expectation only have no such
guarantee (:func:`in_expectation`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.compressor_class import Loss
from efpep.model.field import positive, rational, rounded, shown
from efpep.theory.closed_form import ClosedForm, Standing, Statement, root_of_complement, square_root

if TYPE_CHECKING:
    from efpep.model.compressor_class import Compressor
    from efpep.setting import Setting

SOURCE = "derived for efpep, proof in docs/safe_ef.md; method of 2505.06053"
ROOTS = "q = sqrt(1 - delta), p = sqrt(1 - delta_s)"
CONSTANT = Statement("(1+q)*(1+p)/((1-q)*(1-p))", SOURCE, Standing.PROVED, "safe-ef", ROOTS)
"""K for all contractive compressors, of which ``efpep prove safe-ef`` checks the potential."""
PROJECTION = Statement("u + 2 p/(1-p) sqrt(u), u = (1+q)/(1-q)", SOURCE, Standing.DERIVED, where=ROOTS)
TRANSIENT = Statement(
    "1 + (2/T) sum_{t<T} (r_t + s_t), r+ = q (r + 1), s+ = p (s + (1+q) (r + 1))", SOURCE, Standing.DERIVED, where=ROOTS
)
NOISY = Statement(
    "1 + z^2/n + (2/T) sum_{t<T} (r_t + s_t), r+ = q h, s+ = p (s + (1+q) h), h = sqrt((r+1)^2 + z^2)",
    SOURCE,
    Standing.DERIVED,
    where=f"{ROOTS}, z = sigma/M",
)
"""That of T rounds in expectation, for stochastic subgradients of n agents with exact constraint values."""


@dataclass(frozen=True, slots=True)
class GuaranteedThreshold:
    """A step size and threshold with what they prove.

    Attributes:
        step_size: gamma, a rational of at most 17 digits.
        threshold: c, rounded up: the output is c-optimal and c-feasible.
        K: the constant it rests on.
        probability: with which the statement holds, 1 for compressors that contract almost surely.
    """

    step_size: Fraction
    threshold: Fraction
    K: ClosedForm
    probability: Fraction = Fraction(1)


def uplink(delta: object) -> ClosedForm:
    """Return ``u = (1+q)/(1-q)``, the best constant without compression at the server."""
    return constant(delta)


def constant(delta: object, delta_server: object = 1) -> ClosedForm:
    """Return ``K = (1+q)/(1-q) (1+q_s)/(1-q_s)``, for all contractive compressors."""
    deltas = {"q": _delta(delta, "delta"), "p": _delta(delta_server, "delta_server")}
    return CONSTANT.of(**{name: root_of_complement(d) for name, d in deltas.items()})


def projection_constant(delta: object, delta_server: object = 1) -> ClosedForm:
    """Return ``K_P = u + 2 q_s/(1-q_s) sqrt(u)``, for clients whose compressors are of projection type."""
    u = uplink(delta).value
    s = square_root(1 - _delta(delta_server, "delta_server"))
    value = u + 2 * s / (1 - s) * square_root(u)
    return PROJECTION.at(value)


def transient_constant(T: int, delta: object, delta_server: object = 1) -> ClosedForm:
    """Return ``K_T``, the time average of the transients of the errors over T rounds.

    Raises:
        InputError: T is no whole number of at least 1.
    """
    rounds = _rounds(T)
    q, s = (square_root(1 - _delta(d, name)) for d, name in ((delta, "delta"), (delta_server, "delta_server")))
    scale = 10**45
    r = w = total = Fraction(0)
    for _ in range(rounds):
        total += r + w
        w = Fraction(round(s * (w + (1 + q) * (r + 1)) * scale), scale)
        r = Fraction(round(q * (r + 1) * scale), scale)
    return TRANSIENT.at(1 + 2 * total / rounds)


def noisy_constant(
    T: int, delta: object, delta_server: object = 1, *, sigma: object = 0, M: object = 1, agents: int = 1
) -> ClosedForm:
    """Return the constant of T rounds for stochastic subgradients, ``E ||xi_i||^2 <= sigma^2`` (docs/safe_ef.md, section 7).

    With it ``c = R^2/(2 gamma T) + gamma M^2 K/2`` holds in expectation. Without noise it is :func:`transient_constant`.

    Raises:
        InputError: T is no whole number of at least 1, or a number is out of range.
    """
    rounds, ratio = _rounds(T), rational(sigma, "sigma") / positive(M, "M")
    q, s = (square_root(1 - _delta(d, name)) for d, name in ((delta, "delta"), (delta_server, "delta_server")))
    scale = 10**45
    r = w = total = Fraction(0)
    for _ in range(rounds):
        total += r + w
        size = r + 1 if ratio == 0 else square_root((r + 1) ** 2 + ratio**2)
        w = Fraction(round(s * (w + (1 + q) * size) * scale), scale)
        r = Fraction(round(q * size * scale), scale)
    return NOISY.at(1 + ratio**2 / agents + 2 * total / rounds)


def averaging_constant(setting: Setting, T: int | None) -> ClosedForm:
    """Return the smallest of these constants that the compressors of a setting allow; for T rounds, or for all T (None).

    Compressors of randomised classes count with the delta of their expectation. Of different clients the smallest delta counts.
    With stochastic subgradients it is that of T rounds in expectation.

    Raises:
        InputError: a compressor whose class has no contraction parameter.
    """
    clients = [group.compressor for group in setting.populations()]
    delta = min(_contraction(compressor) for compressor in clients)
    server = _contraction(setting.server_compressor)
    if setting.noise is not None:
        return _with_noise(setting, T, delta, server)
    found = [constant(delta, server) if T is None else transient_constant(T, delta, server)]
    if all(compressor is not None and compressor.loss is Loss.ORTHOGONAL for compressor in clients):
        found.append(projection_constant(delta, server))
    return min(found, key=lambda known: known.value)


def without_compression(setting: Setting, T: int | None) -> ClosedForm:
    """Return 1, the constant of the method that sends everything, whatever the compressors of the setting and the rounds."""
    return constant(1) if setting.noise is None else _with_noise(setting, T, Fraction(1), Fraction(1))


def _with_noise(setting: Setting, T: int | None, delta: Fraction, delta_server: Fraction) -> ClosedForm:
    """Return the constant for stochastic subgradients; of agents given by shares as few count as there are groups.

    Raises:
        InputError: no number of rounds, or a class without a bound of its subgradients.
    """
    groups = setting.populations()
    classes = [*(group.functions for group in groups), *([] if setting.constraint is None else [setting.constraint])]
    bounds = [c.subgradient_bound for c in classes if c.subgradient_bound is not None]
    if T is None or len(bounds) < len(classes) or setting.noise is None:
        raise InputError(
            "noise enters guarantees of a number of rounds for functions with bounded subgradients; give both, such as 1000 "
            "iterations and BoundedSubgradients(M).",
            argument=("iterations", "functions"),
        )
    agents = sum(group.count or 1 for group in groups)
    return noisy_constant(T, delta, delta_server, sigma=setting.noise.sigma, M=max(bounds), agents=agents)


def _contraction(compressor: Compressor | None) -> Fraction:
    if compressor is None:
        return Fraction(1)
    if compressor.contraction is None:
        raise InputError(
            f"compressors of the class {compressor.identifier()} need not contract, on which the guarantee rests; "
            "use Contractive(delta), Projection(delta) or Randomized(delta).",
            argument="compressor",
        )
    return rational(compressor.contraction, "delta")


def guarantee(K: ClosedForm, T: int, *, R: object = 1, M: object = 1, step_size: object = None) -> GuaranteedThreshold:
    """Return the guarantee that a constant proves over T rounds, at the best step size unless another is given.

    Raises:
        InputError: a number that is not positive.
    """
    radius, bound, rounds = positive(R, "R"), positive(M, "M"), _rounds(T)
    best = _digits(radius / (bound * square_root(K.value * rounds)))
    gamma = best if step_size is None else positive(step_size, "step_size")
    threshold = radius**2 / (2 * gamma * rounds) + gamma * bound**2 * K.value / 2
    return GuaranteedThreshold(gamma, _above(threshold), K)


def in_expectation(
    K: ClosedForm, T: int, failure: object, *, R: object = 1, M: object = 1, step_size: object = None
) -> GuaranteedThreshold:
    """Return what compressors that contract in expectation only guarantee, with probability at least ``1 - failure``.

    By Markov's inequality all conclusions hold at the threshold ``c/failure`` with that probability. Without the factor there may
    be no iterate with ``g(x) <= c``, with positive probability.

    Raises:
        InputError: ``failure`` outside (0, 1), or a number that is not positive.
    """
    p = rational(failure, "failure")
    if not 0 < p < 1:
        raise InputError(
            f"failure is {shown(p)}, the probability with which the guarantee may fail; give a number in (0, 1).",
            argument="failure",
        )
    sure = guarantee(K, T, R=R, M=M, step_size=step_size)
    return GuaranteedThreshold(sure.step_size, _above(sure.threshold / p), K, 1 - p)


def _delta(delta: object, name: str) -> Fraction:
    value = rational(delta, name)
    if not 0 < value <= 1:
        raise InputError(
            f"{name} is {shown(value)}, outside (0, 1], where compressors contract; give 0 < {name} <= 1.", argument=name
        )
    return value


def _rounds(T: object) -> int:
    if isinstance(T, bool) or not isinstance(T, int) or T < 1:
        raise InputError(f"T is {shown(T)}, which is no number of rounds; give a whole number of at least 1.", argument="T")
    return T


def _digits(value: Fraction) -> Fraction:
    return rounded(value, 17)


def _above(value: Fraction) -> Fraction:
    """Round a positive number up to about 17 digits."""
    short = _digits(value)
    while short < value:
        short += value / 10**16
        short = _digits(short)
    return short
