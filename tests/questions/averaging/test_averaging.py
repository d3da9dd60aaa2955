"""One-step potentials: least constants against closed forms, certificates that cannot be tampered with, and the command line."""

import json
from dataclasses import replace
from fractions import Fraction
from math import sqrt

import pytest
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.questions.averaging.inequalities import averaging_inequalities, prepared
from efpep.questions.averaging.question import as_averaging
from efpep.questions.base import Certificate
from efpep.theory import safe_ef as theory

DELTAS = ["1/20", "1/10", "1/2", "9/10", "99/100"]


def question(up, down=None, agents=3):
    return efpep.Setting(efpep.BoundedSubgradients(1), up, agents=agents, server_compressor=down)


def constant(up, down=None, agents=3, method=None):
    return efpep.potential(method or efpep.SafeEF(), question(up, down, agents))


def check(found, exact):
    assert found.certified
    assert found.certificate.check()
    assert found.lower <= exact + Fraction(1, 10**30)
    assert found.upper >= exact - Fraction(1, 10**30)
    assert float((found.upper - found.lower) / exact) < 1e-6


@pytest.mark.parametrize("delta", DELTAS)
def test_one_direction_equals_the_closed_form(delta):
    check(constant(efpep.Contractive(delta)), theory.constant(delta).value)


@pytest.mark.parametrize("delta", DELTAS)
@pytest.mark.parametrize("server", DELTAS)
def test_both_directions_equal_the_product(delta, server):
    found = constant(efpep.Contractive(delta), efpep.Contractive(server))
    q, s = sqrt(1 - Fraction(delta)), sqrt(1 - Fraction(server))
    assert float(found.upper) == pytest.approx((1 + q) ** 2 * (1 + s) ** 2 / float(Fraction(delta) * Fraction(server)), rel=1e-6)
    check(found, theory.constant(delta, server).value)


@pytest.mark.parametrize(("delta", "known"), [("1/10", "207.5"), ("1/2", "16.24"), ("9/10", "3.193")])
def test_projection_type_uplinks_reproduce_known_values(delta, known):
    found = constant(efpep.Projection(delta), efpep.Contractive(delta))
    digits = len(known.partition(".")[2])
    assert f"{float(found.lower):.{digits}f}" == f"{float(found.upper):.{digits}f}" == known
    assert found.certified
    assert found.upper < theory.projection_constant(delta, delta).value < theory.constant(delta, delta).value


def test_projection_helps_nothing_in_one_direction_and_more_in_both():
    alone = constant(efpep.Projection("1/2"))
    check(alone, theory.constant("1/2").value)
    up, both = (constant(efpep.Projection("1/2"), down("1/2")) for down in (efpep.Contractive, efpep.Projection))
    assert both.upper < up.lower


@pytest.mark.parametrize("agents", [1, 2, 10**6])
def test_the_number_of_agents_does_not_matter(agents):
    check(constant(efpep.Contractive("1/2"), efpep.Contractive("1/2"), agents), theory.constant("1/2", "1/2").value)


def test_groups_are_as_bad_as_their_worst_compressor_and_no_worse():
    groups = [efpep.Group(count=2, compressor=efpep.Contractive(d)) for d in ("1/2", "9/10")]
    found = efpep.potential(efpep.SafeEF(), efpep.Setting(efpep.BoundedSubgradients(1), agents=groups))
    assert theory.constant("9/10").value < found.lower
    assert found.upper <= theory.constant("1/2").value * (1 + Fraction(1, 10**6))
    assert found.certificate.check()


def test_without_compression_the_constant_is_one():
    for found in (
        constant(None),
        constant(efpep.Contractive(1), efpep.Contractive(1)),
        constant(None, method=efpep.ParallelCRPO()),
    ):
        check(found, Fraction(1))


def test_neither_the_step_size_nor_the_threshold_matters():
    for method in (efpep.SafeEF("1/64"), efpep.SafeEF("3/10", "1/7"), efpep.SafeEF(1000)):
        check(constant(efpep.Contractive("1/2"), efpep.Contractive("1/2"), method=method), theory.constant("1/2", "1/2").value)


def test_a_potential_of_the_theory_proves_its_constant():
    # P = |e|^2/q with the multiplier 1/q; q = 1/2
    from efpep.proof.conditions import check_upper
    from efpep.proof.witness import UpperWitness

    method, setting = prepared(efpep.SafeEF(), question(efpep.Contractive("3/4")))
    built = averaging_inequalities(method, setting)
    witness = UpperWitness(Fraction(3), (((Fraction(2),),), ((Fraction(2),),)), (), ((Fraction(2),),))
    check_upper(built.system, witness)
    with pytest.raises(efpep.CertificateError, match="mean"):
        check_upper(built.system, replace(witness, theta=Fraction(299, 100)))


def test_random_compressors_are_claimed_in_expectation():
    found = constant(efpep.Randomized("1/2"))
    assert found.certified
    assert "in expectation" in found.certificate.sentence()
    assert found.details["holds"] == "in expectation"
    assert found.upper <= theory.constant("1/2").value * (1 + Fraction(1, 10**6))


def saved(tmp_path):
    path = tmp_path / "k.json"
    constant(efpep.Projection("1/2"), efpep.Contractive("1/3")).certificate.save(path)
    return path


def test_certificates_are_saved_and_verified(tmp_path):
    path = saved(tmp_path)
    verdict = efpep.verify(path)
    assert verdict.accepted is True
    assert as_averaging(verdict.certificate) is not None
    loaded = Certificate.load(path)
    assert loaded.describe() | {"provenance": loaded.provenance.describe()} == json.loads(path.read_text())


def mutations(described):
    """Every single change that the claim does not survive."""
    claim, witnesses = described["claim"], described["witnesses"]
    upper, lower = Fraction(claim["K"]["upper"]), Fraction(claim["K"]["lower"])
    yield lambda: claim["K"].update(upper=str(upper * Fraction(9999999, 10000000)))
    yield lambda: claim["K"].update(lower=str(lower * Fraction(10000001, 10000000)))
    yield lambda: claim["setting"]["compressor"].update(delta="49/100")
    yield lambda: claim["setting"]["compressor"].update({"class": "contractive"})
    yield lambda: claim["setting"]["server_compressor"].update(delta="34/100")
    yield lambda: claim["method"].update(step_size="optimal")
    yield lambda: claim.update(features={})
    yield lambda: claim.update(format="efpep-one-step-0")
    yield lambda: witnesses["upper"]["multipliers"].update(dict.fromkeys(witnesses["upper"]["multipliers"], "-1"))
    yield lambda: witnesses["upper"]["weights"]["mean"][0].__setitem__(0, "-1")
    yield lambda: witnesses["lower"]["grams"]["mean"][0].__setitem__(0, "1e3")
    yield witnesses["lower"]["grams"]["deviation"].pop
    yield lambda: witnesses.pop("lower")


@pytest.mark.parametrize("k", range(13))
def test_mutated_certificates_are_refused(tmp_path, k):
    path = saved(tmp_path)
    described = json.loads(path.read_text())
    list(mutations(described))[k]()
    path.write_text(json.dumps(described))
    assert efpep.verify(path).accepted is False


def test_the_mutations_are_all_there_are(tmp_path):
    assert len(list(mutations(json.loads(saved(tmp_path).read_text())))) == 13


class Sideways(efpep.SafeEF):
    """A virtual iterate that is none."""

    def virtual(self, state, run):
        return state.w


@pytest.mark.parametrize(
    ("attempt", "expected"),
    [
        (lambda: efpep.potential(efpep.SafeEF(), efpep.Setting(efpep.SmoothConvex(1), efpep.Contractive(1))), "bounded subgrad"),
        (lambda: efpep.potential(efpep.SafeEF(), question(efpep.Contractive(1)), 3), "iterations"),
        (lambda: efpep.potential(efpep.SafeEF(0), question(efpep.Contractive(1))), "step size is 0"),
        (lambda: efpep.potential(Sideways(1), question(efpep.Contractive("1/2"))), "does not move"),
        (lambda: efpep.guarantee(efpep.EF21, question(efpep.Contractive("1/2")), 3), "no guarantee"),
        (lambda: efpep.guarantee(efpep.SafeEF, question(efpep.Unbiased(1)), 3), "need not contract"),
        (lambda: efpep.guarantee(efpep.SafeEF, question(efpep.Randomized("1/2")), 3), "in expectation only"),
        (lambda: efpep.guarantee(efpep.SafeEF, question(efpep.Contractive("1/2")), 3, failure="1/2"), "almost surely"),
        (lambda: efpep.guarantee(efpep.SafeEF, efpep.Setting(efpep.SmoothConvex(1)), 3), "bounded subgrad"),
        (lambda: efpep.guarantee(efpep.SafeEF, question(efpep.Contractive("1/2")), 0), "T is"),
    ],
)
def test_questions_that_are_not_well_posed_get_one_sentence(attempt, expected):
    with pytest.raises(efpep.InputError, match=expected) as caught:
        attempt()
    assert one_sentence(caught.value)


def test_the_guarantee_rests_on_the_best_constant_that_applies():
    plain = efpep.guarantee(efpep.SafeEF, question(efpep.Contractive("1/2"), efpep.Contractive("1/10")), 10_000, radius=2)
    top = efpep.guarantee(efpep.SafeEF, question(efpep.Projection("1/2"), efpep.Contractive("1/10")), 10_000, radius=2)
    assert plain.K.value == theory.transient_constant(10_000, "1/2", "1/10").value
    assert top.K.value == theory.projection_constant("1/2", "1/10").value < plain.K.value
    assert float(plain.bound) == pytest.approx(2 * sqrt(plain.K.value / 10_000))
    assert plain.method.threshold == plain.bound
    kept = efpep.guarantee(efpep.SafeEF("1/10"), question(efpep.Contractive("1/2")), 100)
    assert kept.method.step_size == Fraction(1, 10)
    assert "within" in str(kept)


@pytest.mark.parametrize(("iterations", "vacuous"), [(1000, True), (2000, False)])
def test_a_guarantee_that_holds_before_the_first_step_says_so(iterations, vacuous, capsys):
    """``f(x^0) - f* <= R M`` and ``g(x^0) <= R M`` by convexity; the guarantee is ``R M sqrt(K_T/T)``, and K_1000 is 1387.96."""
    setting = question(efpep.Contractive("1/10"), efpep.Contractive("1/10"))
    for radius in (1, "5/2"):
        found = efpep.guarantee(efpep.SafeEF, setting, iterations, radius=radius)
        assert found.at_start == Fraction(radius)
        assert found.vacuous is vacuous is (theory.transient_constant(iterations, "1/10", "1/10").value >= iterations)
        assert ("vacuous" in str(found)) is vacuous
    words = ("tune", "safe-ef", "--delta", "0.1", "--delta-server", "0.1", "--iterations", str(iterations))
    assert ("vacuous: f(x^0) - f* <= 1 and g(x^0) <= 1 hold" in run(capsys, *words)[1].out) is vacuous
    assert json.loads(run(capsys, *words, "--json")[1].out)["vacuous"] is vacuous


def test_the_constraint_s_subgradients_count():
    """The step follows the constraint's where it is violated, so that with ten times their bound the guarantee is ten times."""
    small, large = (replace(question(efpep.Contractive("1/2")), constraint=efpep.BoundedSubgradients(M)) for M in ("1/2", 10))
    assert (
        efpep.guarantee(efpep.SafeEF, small, 100).bound
        == efpep.guarantee(efpep.SafeEF, question(efpep.Contractive("1/2")), 100).bound
    )
    found = efpep.guarantee(efpep.SafeEF, large, 100)
    assert float(found.bound) == pytest.approx(10 * sqrt(found.K.value / 100))
    assert found.at_start == 10


def run(capsys, *words):
    status = main(list(words))
    return status, capsys.readouterr()


def test_the_command_line_prints_constants(capsys):
    status, printed = run(capsys, "potential", "safe-ef", "--delta", "0.1", "--delta-server", "0.1", "--json")
    found = json.loads(printed.out)
    assert status == 0
    assert found["certified"]
    assert float(found["K"]["lower"]) <= 1441.99930651839 <= float(found["K"]["upper"])
    for where, expected in (("uplink", 16.238), ("both", 16.0226)):
        status, printed = run(
            capsys, "potential", "safe-ef", "--delta", "1/2", "--delta-server", "1/2", "--projection", where, "--json"
        )
        assert float(json.loads(printed.out)["K"]["upper"]) == pytest.approx(expected, abs=1e-3)
    for words in (
        ["--projection", "sideways"],
        ["--projection", "downlink"],
        ["--projection", "uplink", "--compressor", "linear"],
    ):
        status, printed = run(capsys, "potential", "safe-ef", "--delta", "1/2", *words)
        assert status == 2
        assert one_sentence(printed.err.removeprefix("efpep: error: ").strip())


def test_the_command_line_tunes(capsys):
    status, printed = run(capsys, "tune", "safe-ef", "--delta", "0.1", "--iterations", "400", "--radius", "2", "--json")
    found = json.loads(printed.out)
    assert status == 0
    assert float(found["guarantee"]) == pytest.approx(2 * 0.300717545, rel=1e-8)
    assert found["parameters"]["threshold"]
    assert main(["tune", "safe-ef", "--delta", "0.1", "--iterations", "400"]) == 0
    assert "in every run" in capsys.readouterr().out
    words = ["tune", "safe-ef", "--delta", "0.1", "--iterations", "400", "--compressor", "randomized"]
    assert main(words) == 2
    assert "in every run" not in capsys.readouterr().out
    assert main([*words, "--failure", "0.1"]) == 0
    printed = capsys.readouterr().out
    assert "with probability at least 0.9" in printed
    assert "E[(|B|/T)" in printed


def test_the_command_line_prints_lower_bounds(capsys):
    status, printed = run(capsys, "lower-bound", "safe-ef", "--delta", "0.1", "--T", "400", "--json")
    found = json.loads(printed.out)
    assert status == 0
    assert float(found["lower_bound"]) == pytest.approx(0.1331, abs=5e-5)
    assert float(found["ratio"]) == pytest.approx(float(found["guarantee"]) / float(found["lower_bound"]))
    assert "determined by what the server sends" in found["restriction"]
    status, printed = run(
        capsys, "lower-bound", "ef21", "--delta", "1/2", "--T", "10", "--runs", "3", "--step-size", "0.1", "--json"
    )
    found = json.loads(printed.out)
    assert found["guarantee"] is None
    assert found["runs"]["count"] == 3
    assert main(["lower-bound", "ef21", "--delta", "1/2", "--T", "10", "--runs", "3"]) == 2
    assert one_sentence(capsys.readouterr().err.removeprefix("efpep: error: ").strip())
    assert main(["lower-bound", "safe-ef", "--delta", "1/2", "--T", "10", "--runs", "3"]) == 0
