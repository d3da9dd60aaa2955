"""Worst cases over switching patterns: the finite-T bound is reached and never exceeded, and B is never empty."""

import json
from fractions import Fraction
from math import sqrt

import pytest
from support import one_sentence

import efpep
from efpep.methods import ConstrainedCGD
from efpep.questions.switching.question import SwitchingQuestion
from efpep.simulate.ef14_instance import WorstEF14Instance
from efpep.simulate.output import switching_run
from efpep.simulate.run import NumericRun
from efpep.theory import safe_ef as theory

BOUNDED = efpep.BoundedSubgradients(1)


def setting(delta, server=None, agents=2):
    down = None if server is None else efpep.Contractive(server)
    return efpep.Setting(BOUNDED, efpep.Contractive(delta), agents=agents, server_compressor=down, constraint=BOUNDED)


def promise(T, delta, server=1):
    return theory.guarantee(theory.transient_constant(T, delta, server), T)


@pytest.mark.parametrize("delta", ["1/10", "1/2", "9/10"])
@pytest.mark.parametrize("T", [1, 2, 3, 8])
def test_averaged_values_equal_the_finite_bound(delta, T):
    known = promise(T, delta)
    found = efpep.switching_worst_case(efpep.SafeEF(known.step_size), setting(delta), T)
    assert float(found.upper / known.threshold) == pytest.approx(1, abs=1e-5)
    assert float(found.lower / known.threshold) == pytest.approx(1, abs=1e-7)
    assert found.lower <= found.upper
    assert found.worst == "f" * T


def test_the_tight_instance_shows_that_no_bound_is_smaller():
    T, tau, delta, gamma = 6, 3, Fraction(1, 2), Fraction(3, 10)
    instance = WorstEF14Instance(T, tau, 0.5, 0.3)
    run = NumericRun(instance, instance, efpep.Identity())
    outcome = switching_run(efpep.SafeEF(gamma), run, instance.start, T)
    attained = sum(instance.values(x)[0] for x in outcome.iterates) / T
    radius = Fraction(instance.R).limit_denominator(10**12)
    found = efpep.switching_worst_case(efpep.SafeEF(gamma), setting(delta), T, radius=radius)
    assert attained == pytest.approx(float(found.upper), rel=1e-6)


@pytest.mark.parametrize(("T", "delta"), [(3, "1/2"), (4, "1/10"), (4, "1/2")])
def test_over_all_patterns_the_worst_reaches_the_threshold(T, delta):
    known = promise(T, delta)
    found = efpep.switching_worst_case(efpep.SafeEF(known.step_size, known.threshold), setting(delta), T, every=True)
    assert len(found.bounds) == 2**T - 1
    assert float(found.upper / known.threshold) == pytest.approx(1, abs=1e-4)
    assert found.bounds[found.worst] == found.upper
    assert float(min(found.bounds.values()) / known.threshold) > 0.994 - 1e-3
    assert found.certificate.check()


@pytest.mark.parametrize(("T", "delta"), [(3, "1/2"), (4, "1/10"), (3, "9/10")])
def test_an_empty_set_is_infeasible_just_above_the_threshold(T, delta):
    known = promise(T, delta)
    found = efpep.switching_worst_case(efpep.SafeEF(known.step_size, known.threshold * Fraction(1001, 1000)), setting(delta), T)
    assert found.empty is False
    assert "g" * T in found.excluded
    assert "B is never empty" in found.certificate.check()


def test_below_the_threshold_an_empty_set_is_not_excluded():
    known = promise(3, "1/2")
    found = efpep.switching_worst_case(efpep.SafeEF(known.step_size, known.threshold / 2), setting("1/2"), 3)
    assert found.empty is True
    assert "may be empty" in found.certificate.check()


@pytest.mark.parametrize("metric", ["gap", "constraint"])
def test_the_output_is_as_good_as_the_threshold(metric):
    known = promise(3, "1/2")
    found = efpep.switching_worst_case(efpep.SafeEF(known.step_size, known.threshold), setting("1/2"), 3, metric)
    assert 0.99 < float(found.upper / known.threshold) <= 1 + 1e-6


@pytest.mark.parametrize("T", [3, 8])
def test_the_value_at_the_average_is_a_little_smaller(T):
    known = promise(T, "1/2")
    found = efpep.switching_worst_case(efpep.SafeEF(known.step_size), setting("1/2"), T, "gap")
    assert 0.9957 - 1e-4 <= float(found.upper / known.threshold) < 1


def test_both_directions_stay_below_their_bound():
    ratios = []
    for T in (2, 4):
        known = promise(T, "1/2", "1/2")
        found = efpep.switching_worst_case(efpep.SafeEF(known.step_size), setting("1/2", "1/2"), T)
        ratios.append(float(found.upper / known.threshold))
    assert all(0.75 < ratio < 0.99 for ratio in ratios)


def test_without_compression_the_subgradient_method_has_its_known_value():
    T = 4
    found = efpep.switching_worst_case(
        efpep.ParallelCRPO(Fraction(1, 2)), efpep.Setting(BOUNDED, agents=3, constraint=BOUNDED), T
    )
    assert float(found.upper) == pytest.approx(1 / sqrt(T), rel=1e-6)


@pytest.mark.parametrize("agents", [1, 3])
def test_the_first_two_rounds_of_constrained_cgd_are_those_of_safe_ef(agents):
    # the first error is fed back in the second message, which moves the third point
    known = promise(2, "1/2")
    found = efpep.switching_worst_case(ConstrainedCGD(known.step_size), setting("1/2", agents=agents), 2)
    assert float(found.lower / known.threshold) == pytest.approx(1, abs=1e-7)
    assert float(found.upper / known.threshold) == pytest.approx(1, abs=1e-5)


def test_constrained_cgd_breaks_the_guarantee_of_safe_ef():
    # f = (|x_1| + |x_2|)/sqrt 2 with Top-1 visits two points for ever: gaps (1 + gamma/sqrt 2)/sqrt 2 from distance R
    T = 8
    known = promise(T, "1/2")
    gamma = float(known.step_size)
    radius = Fraction(sqrt(1 + gamma**2 / 8)).limit_denominator(10**6) + Fraction(1, 10**6)
    visited = (1 + gamma / sqrt(8)) / sqrt(2)
    assert visited > 1.02 * float(known.threshold) * float(radius)
    found = efpep.switching_worst_case(ConstrainedCGD(known.step_size), setting("1/2", agents=1), T, radius=radius)
    assert visited <= float(found.upper)
    assert found.certificate.check()


def test_constrained_cgd_has_worst_cases_over_patterns():
    known = promise(2, "1/2")
    method = ConstrainedCGD(known.step_size, known.threshold)
    found, fed_back = (
        efpep.switching_worst_case(one, setting("1/2"), 2) for one in (method, efpep.SafeEF(known.step_size, known.threshold))
    )
    assert float(found.upper) == pytest.approx(float(fed_back.upper), rel=1e-6)
    assert (found.worst, found.empty) == (fed_back.worst, fed_back.empty)


def test_beginnings_that_no_run_has_are_pruned():
    # subgradients of norm 1 cannot reach the threshold 2 from distance 1: the first g excludes everything after it
    found = efpep.switching_worst_case(efpep.SafeEF(Fraction(1, 10), 2), setting("1/2"), 3, every=True)
    assert set(found.excluded) >= {"g", "fg"}
    assert set(found.bounds) == {"fff", "ffg"}
    assert found.certificate.check()


@pytest.mark.parametrize("metric", ["average", "constraint"])
def test_dominated_patterns_are_proved_without_a_program_of_their_own(metric):
    known = promise(5, "1/2")
    found = efpep.switching_worst_case(efpep.SafeEF(known.step_size, known.threshold), setting("1/2"), 5, metric)
    assert set(found.bounds) == {"fffff"}
    assert len(found.dominated) == 2**5 - 2
    assert max(found.dominated.values()) <= found.upper <= found.bounds["fffff"] * (1 + Fraction(1, 10**6))
    assert found.empty is False
    assert found.certificate.check()


@pytest.mark.parametrize(("metric", "factor"), [("average", "1/2"), ("gap", "1/2"), ("average", "1001/1000")])
def test_no_dominated_pattern_is_worse_than_the_answer(metric, factor):
    known = promise(3, "1/2")
    method = efpep.SafeEF(known.step_size, known.threshold * Fraction(factor))
    found = efpep.switching_worst_case(method, setting("1/2"), 3, metric)
    whole = efpep.switching_worst_case(method, setting("1/2"), 3, metric, every=True)
    assert not whole.dominated
    assert set(whole.bounds) == set(found.bounds) | set(found.dominated)
    assert float(found.upper) == pytest.approx(float(whole.upper), rel=2e-6)
    assert found.bounds[found.worst] == pytest.approx(float(found.upper), rel=2e-6)
    assert all(float(whole.bounds[word]) <= float(bound) * (1 + 1e-7) for word, bound in found.dominated.items())


def test_processes_agree_with_one_process():
    known = promise(3, "1/2")
    method = efpep.SafeEF(known.step_size, known.threshold / 2)
    alone, several = (efpep.switching_worst_case(method, setting("1/2"), 3, jobs=jobs) for jobs in (1, 2))
    assert alone.certificate.describe() == several.certificate.describe()


def saved(tmp_path):
    known = promise(2, "1/2")
    found = efpep.switching_worst_case(efpep.SafeEF(known.step_size, known.threshold), setting("1/2"), 2)
    found.certificate.save(tmp_path / "patterns.json")
    return tmp_path / "patterns.json"


def test_certificates_are_saved_and_verified(tmp_path):
    path = saved(tmp_path)
    verdict = efpep.verify(path)
    assert verdict.accepted is True, verdict.reason
    assert isinstance(verdict.certificate.question, SwitchingQuestion)
    assert verdict.certificate.describe() | {"provenance": verdict.provenance.describe()} == json.loads(path.read_text())


def mutations(described):
    """Changes that the claim does not survive."""
    claim, witnesses = described["claim"], described["witnesses"]
    bound = Fraction(claim["bound"])
    yield lambda: claim.update(bound=str(bound * Fraction(999, 1000)))
    yield lambda: claim.update(iterations=3)
    yield lambda: claim.update(radius="11/10")
    yield lambda: claim.update(metric="gap")
    yield lambda: claim.update(empty=not claim["empty"])
    yield lambda: claim["method"].update(threshold="1/10")
    yield lambda: claim["setting"]["compressor"].update(delta="1/3")
    yield lambda: claim.update(lower=str(Fraction(claim["lower"]) * Fraction(1001, 1000)))
    yield lambda: claim.pop("lower")
    yield lambda: witnesses["instance"].update(loss="4/5")
    yield lambda: witnesses["instance"].update(scale="1")
    yield lambda: witnesses["proofs"].pop("fg")
    yield lambda: witnesses["proofs"]["ff"].update(initial="-1")
    yield lambda: witnesses["proofs"]["ff"].update(initial="0")
    yield lambda: witnesses["excluded"].update(f={})
    yield lambda: witnesses["proofs"]["ff"].update(unheard="1")


@pytest.mark.parametrize("k", range(16))
def test_mutated_certificates_are_refused(tmp_path, k):
    path = saved(tmp_path)
    described = json.loads(path.read_text())
    list(mutations(described))[k]()
    path.write_text(json.dumps(described))
    assert efpep.verify(path).accepted is False


@pytest.mark.parametrize(("delta", "server", "metric"), [("1/2", "1/2", "average"), ("1/2", None, "gap"), (1, None, "average")])
def test_a_run_reaches_the_lower_end(delta, server, metric):
    known = promise(3, delta, server or 1)
    found = efpep.switching_worst_case(efpep.SafeEF(known.step_size, known.threshold), setting(delta, server), 3, metric)
    assert 0.3 < float(found.lower / found.upper) <= 1
    assert "; a run reaches" in found.certificate.check()


def test_without_a_threshold_there_is_one_pattern_and_a_certificate(tmp_path):
    found = efpep.switching_worst_case(efpep.SafeEF(Fraction(3, 10)), setting("1/2"), 3)
    assert found.empty is False
    found.certificate.save(tmp_path / "one.json")
    assert efpep.verify(tmp_path / "one.json").accepted is True
    described = json.loads((tmp_path / "one.json").read_text())
    described["claim"]["method"]["threshold"] = "1"
    (tmp_path / "two.json").write_text(json.dumps(described))
    assert efpep.verify(tmp_path / "two.json").accepted is False


@pytest.mark.slow
def test_eight_rounds_are_practical():
    known = promise(8, "1/2")
    found = efpep.switching_worst_case(efpep.SafeEF(known.step_size, known.threshold), setting("1/2"), 8, jobs=2)
    assert float(found.upper / known.threshold) == pytest.approx(1, abs=1e-4)
    assert found.empty is False
    assert found.worst == "f" * 8
    assert found.seconds < 120


@pytest.mark.parametrize(
    ("attempt", "expected"),
    [
        (lambda: efpep.switching_worst_case(efpep.SafeEF(1), efpep.Setting(efpep.SmoothConvex(1)), 2), "BoundedSubgradients"),
        (lambda: efpep.switching_worst_case(efpep.SafeEF(1), setting(1), 2, "distance"), "metric"),
        (lambda: efpep.switching_worst_case(efpep.SafeEF(), setting(1), 2), "step size"),
        (lambda: efpep.switching_worst_case(efpep.SafeEF(1), setting(1), 99), "patterns"),
        (lambda: efpep.switching_worst_case(efpep.SafeEF(1), setting(1), 2, radius=0), "radius"),
        (lambda: efpep.switching_worst_case(efpep.SafeEF(1, 1), efpep.Setting(BOUNDED), 2), "no constraint"),
        (lambda: efpep.switching_worst_case(efpep.PrimalDualEF(1), setting(1), 2), "only a run knows"),
    ],
)
def test_questions_that_are_not_well_posed_get_one_sentence(attempt, expected):
    with pytest.raises(efpep.InputError, match=expected) as caught:
        attempt()
    assert one_sentence(caught.value)


@pytest.mark.parametrize("step", [0, Fraction(1, 10**400)])
@pytest.mark.parametrize("iterations", [1, 2])
def test_steps_of_no_length_stay_where_they_are(step, iterations):
    """All iterates are at the start, where f - f* is at most M R, and |x| attains it."""
    found = efpep.switching_worst_case(efpep.SafeEF(step), setting("1/2", 1, 1), iterations)
    assert found.lower <= 1 <= found.upper
    assert found.upper - found.lower <= Fraction(1, 10**6)
