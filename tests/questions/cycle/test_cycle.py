"""Cycles: both answers proved, at the thresholds of theory, and refused where they are wrong."""

import csv
import dataclasses
import json
from fractions import Fraction

import pytest
from support import asked, one_sentence, uniform

import efpep
from efpep.cli import main
from efpep.errors import CertificateError, InputError
from efpep.questions.base import Verdict
from efpep.questions.cycle.check import ClosedTrajectory, Exclusion, check_messages, numbers_of
from efpep.questions.cycle.inequalities import cycle_inequalities
from efpep.questions.cycle.question import CycleQuestion, proved
from efpep.questions.stability import classify

CYCLES, EXCLUDED = Verdict.PROVED, Verdict.REFUTED
NEAR = Fraction(1, 10**6)
# s = sqrt(epsilon) is rational, so the thresholds are too
SIX = [("1/10", "1/4"), ("1/2", "1/4"), ("1/100", "1/4"), ("1/10", "1/100"), ("1/10", "81/100"), ("1/50", "9/25")]


def setting(mu, epsilon, agents=1):
    return uniform(1 / Fraction(mu), epsilon, agents)


def root(epsilon):
    numerator, denominator = Fraction(epsilon).numerator, Fraction(epsilon).denominator
    s = Fraction(round(numerator**0.5), round(denominator**0.5))
    assert s * s == Fraction(epsilon)
    return s


def threshold(method, epsilon):
    """The step size above which there is no convergence, for L = 1: 2506.05271 for CGD, derived for EF and EF21."""
    s = root(epsilon)
    return 2 / (1 + s) if method is efpep.CGD else 2 * (1 - s) / (1 + s)


@pytest.mark.fast_cases(9)
@pytest.mark.parametrize(("mu", "epsilon"), SIX)
@pytest.mark.parametrize("method", [efpep.EF, efpep.EF21, efpep.CGD])
def test_thresholds_from_both_sides(method, mu, epsilon):
    edge = threshold(method, epsilon)
    just_above = efpep.cycle(method(edge * (1 + NEAR)), setting(mu, epsilon))
    assert just_above.verdict is CYCLES
    assert "returns to its state after 2 steps" in just_above.certificate.check()
    below = method(edge * (1 - NEAR))
    assert efpep.cycle(below, setting(mu, epsilon)).verdict is EXCLUDED
    assert efpep.rate(below, setting(mu, epsilon), width="1/100").upper < 1


def test_the_closed_form_cycle_at_equality():
    # f = L x^2/2 and C(v) = (1 + s) v: x alternates between 1 and -1 when eta = 2/(L (1 + s))
    question = cycle_inequalities(efpep.CGD(Fraction(4, 3)), setting("1/10", "1/4"), 2)
    names = [column.name for column in question.columns(question.blocks[0])]
    shape, residual = Fraction(9, 10), Fraction(-1, 2)  # g = x, u = g - mu x, r = v - C(v) = -s g
    at = {"x": Fraction(1), "u0": shape, "r0": residual, "u1": -shape}
    gram = tuple(tuple(at[a] * at[b] for b in names) for a in names)
    witness = ClosedTrajectory((gram,), (shape / 2, shape / 2))
    certificate = proved(CycleQuestion(efpep.CGD(Fraction(4, 3)), setting("1/10", "1/4"), 2, Fraction(1)), witness)
    assert "does not rest at the minimiser" in certificate.check()
    smaller = asked(certificate, method=efpep.CGD(Fraction(4, 3) - NEAR))
    with pytest.raises(CertificateError):
        smaller.check()


@pytest.mark.parametrize("period", [3, 5])
@pytest.mark.parametrize("agents", [1, 3])
def test_odd_cycles(period, agents):
    found = efpep.cycle(efpep.EF21(step_size="7/10"), setting("1/10", "1/4", agents), period)
    assert found.verdict is CYCLES
    assert efpep.cycle(efpep.EF21(step_size="7/10"), setting("1/10", "1/4", agents), 1).verdict is EXCLUDED  # so it moves


@pytest.mark.parametrize(("kappa", "step_size"), [(2, 1), (10, "1.18"), (100, "1.58")])
def test_compressed_gradient_descent_stalls_with_two_agents(kappa, step_size):
    edge = Fraction(4 * kappa, (kappa + 1) ** 2)
    converges = efpep.rate(efpep.CGD(step_size), uniform(kappa, edge * (1 - Fraction(1, 10**4)), 2), width="1/100")
    assert converges.upper < 1
    stalls = efpep.cycle(efpep.CGD(step_size=1), uniform(kappa, edge * (1 + NEAR), 2), 1)
    assert stalls.verdict is CYCLES
    assert efpep.cycle(efpep.CGD(step_size="1/100"), uniform(kappa, edge * (1 + NEAR), 2), 1).verdict is CYCLES
    assert efpep.cycle(efpep.CGD(step_size=1), uniform(kappa, edge * (1 - NEAR), 2), 1).verdict is EXCLUDED


def test_one_agent_never_stalls():
    assert efpep.cycle(efpep.CGD(step_size=1), uniform(10, "9/10"), 1).verdict is EXCLUDED


def test_gradient_descent_cycles_above_two():
    plain = efpep.Setting(efpep.SmoothStronglyConvex(mu="1/10", L=1))
    assert efpep.cycle(efpep.GD(step_size="2.000001"), plain).verdict is CYCLES
    assert efpep.cycle(efpep.GD(step_size="1.999999"), plain).verdict is EXCLUDED
    assert efpep.cycle(efpep.GD(step_size=1), plain, 4).verdict is EXCLUDED


def test_groups_and_the_subgradient_method():
    groups = [efpep.Group(efpep.SmoothStronglyConvex(mu="1/10", L=1), count=1), efpep.Group(count=3)]
    mixed = efpep.Setting(efpep.SmoothStronglyConvex(mu="1/5", L=2), efpep.Contractive("3/4"), groups)
    assert efpep.cycle(efpep.EF21(step_size="1/5"), mixed).verdict is EXCLUDED
    assert efpep.cycle(efpep.EF21(step_size="7/10"), mixed).verdict is CYCLES
    # f = M |x| makes any constant step alternate around the minimiser
    assert efpep.cycle(efpep.GD(step_size="1/1000"), efpep.Setting(efpep.BoundedSubgradients(M=1))).verdict is CYCLES


def test_certificates_are_saved_restored_and_verified(tmp_path):
    for k, step in enumerate(("7/10", "1/2")):
        found = efpep.cycle(efpep.EF21(step), setting("1/10", "1/4", 4), 3)
        path = tmp_path / f"{k}.json"
        found.certificate.save(path)
        verdict = efpep.verify(path)
        assert verdict.accepted is True
        assert verdict.certificate == found.certificate
        assert one_sentence(verdict.reason)


def test_wrong_certificates_are_refused(tmp_path):
    found = efpep.cycle(efpep.EF("7/10"), setting("1/10", "1/4"))
    described = found.certificate.describe()
    path = tmp_path / "cycle.json"
    for change in (
        lambda d: d["claim"].update(period=0),
        lambda d: d["claim"].update(factor="0"),
        lambda d: d["claim"].update(exists="yes"),
        lambda d: d["claim"].update(exists=False),
        lambda d: d["claim"]["method"].update(step_size="0.6"),
        lambda d: d["claim"]["setting"]["compressor"].update(delta="0.8"),
        lambda d: d["claim"]["setting"]["compressor"].update({"class": "linear"}),
        lambda d: d["witnesses"]["values"].update(F0="-1"),
        lambda d: d["witnesses"]["grams"]["mean"][0].__setitem__(0, "0"),
        lambda d: d["witnesses"]["grams"]["mean"].pop(),
    ):
        changed = json.loads(json.dumps(described))
        change(changed)
        path.write_text(json.dumps(changed), encoding="utf-8")
        verdict = efpep.verify(path)
        assert verdict.accepted is False
        assert one_sentence(verdict.reason.replace("Refused: the claim is impossible:", "Refused:"))


def test_wrong_multipliers_are_refused():
    found = efpep.cycle(efpep.EF("1/2"), setting("1/10", "1/4"))
    numbers = found.certificate.upper.multipliers
    for wrong in ([-a for a in numbers], [a / 1000 for a in numbers], numbers[1:], [Fraction(0)] * len(numbers)):
        with pytest.raises(CertificateError):
            dataclasses.replace(found.certificate, upper=Exclusion(tuple(wrong))).check()


def test_a_trajectory_at_rest_proves_nothing():
    found = efpep.cycle(efpep.EF("7/10"), setting("1/10", "1/4"))
    zero = tuple(tuple(Fraction(0) for _ in row) for row in found.certificate.lower.grams[0])
    still = ClosedTrajectory((zero,), tuple(Fraction(0) for _ in found.certificate.lower.values))
    with pytest.raises(CertificateError, match="rests at the minimiser"):
        dataclasses.replace(found.certificate, lower=still).check()


def test_messages_that_coincide_are_compressed_alike():
    # on a line with e = 0 and eta g = 1, the loss r = 2 makes the second message 1 too, but compressed to 1 instead of -1
    question = cycle_inequalities(efpep.EF("1/2"), setting("1/10", "1/4"), 2)
    names = [column.name for column in question.columns(question.blocks[0])]
    for loss, words in ((2, "messages 0 and 1 coincide"), (3, None)):
        at = {"x": 0, "u0": 2, "e": 0, "r0": loss}
        gram = tuple(tuple(Fraction(at[a] * at[b]) for b in names) for a in names)
        numbers = numbers_of(question, ClosedTrajectory((gram,), (Fraction(1), Fraction(1))))
        if words is None:
            check_messages(question, numbers)
            continue
        with pytest.raises(CertificateError, match=words):
            check_messages(question, numbers)


@pytest.mark.parametrize(
    ("method", "where", "period", "words"),
    [
        (efpep.EF21("1/2"), uniform(10, "1/4"), 0, "period is 0"),
        (efpep.EF21("1/2"), uniform(10, "1/4"), 25, "period is 25"),
        (efpep.EF21("1/2"), uniform(10, "1/4"), "many", "period is 'many'"),
        ("ef21", uniform(10, "1/4"), 2, "not a method"),
        (efpep.EF21("1/2"), "setting", 2, "not a setting"),
        (efpep.EF21("1/2"), efpep.Setting(efpep.SmoothConvex(1), efpep.Randomized("1/2")), 2, "expectations"),
        (efpep.GD("1/2"), efpep.Setting(efpep.SmoothWeaklyConvex(mu=-1, L=1)), 2, "minimiser"),
    ],
)
def test_bad_questions(method, where, period, words):
    with pytest.raises(InputError, match=words) as caught:
        efpep.cycle(method, where, period)
    assert one_sentence(caught.value)


def test_the_map_of_stability(tmp_path):
    study = tmp_path / "map.toml"
    study.write_text(
        'title = "Map"\nmethods = ["cgd", "ef21"]\n[grid]\nagents = 1\nkappa = 10\nL = 1\n'
        'delta = ["1/4", "3/4"]\nstep_size = ["1/10", "7/10", "3/2"]\n[figure]\nkind = "stability"\n',
        encoding="utf-8",
    )
    found = efpep.figure(study, tmp_path / "map.pdf", store=tmp_path / "store", jobs=1)
    assert [path.suffix for path in found.files] == [".pdf", ".png", ".svg", ".csv"]
    with (tmp_path / "map.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    for row in rows:
        method = {"CGD": efpep.CGD, "EF21": efpep.EF21}[row["method"]]
        s = (1 - Fraction(row["delta"])) ** 0.5
        edge = 2 / (1 + s) if method is efpep.CGD else 2 * (1 - s) / (1 + s)
        assert row["stability"] == ("converges" if float(row["step_size"]) < edge else "cycles")
    assert found.left_out == 0


def test_what_is_not_decided_stays_open():
    linear = efpep.Setting(efpep.SmoothStronglyConvex(mu="1/10", L=1), efpep.LinearContractive("1/4"))
    answer = classify(efpep.rate(efpep.EF21(2), linear))
    assert answer.verdict is Verdict.UNDECIDED
    assert answer.certificate is None


def test_command_line(capsys, tmp_path):
    words = ["cycle", "ef21", "--mu", "0.1", "--L", "1", "--delta", "0.75", "--period", "3"]
    path = tmp_path / "cycle.json"
    assert main([*words, "--step-size", "0.7", "--json", "--certificate", str(path)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["cycle"] is True
    assert printed["certified"] is True
    assert printed["period"] == 3
    assert main(["verify", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["claim"]["exists"] is True
    assert main([*words, "--step-size", "0.6"]) == 0
    assert "has no trajectory that returns to its state after 3 steps" in capsys.readouterr().out
    assert main([*words, "--step-size", "0.6", "--period", "x"]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cycle", "gd", "--step-size", "2.5", "--period", "2"], "has a trajectory that returns to its state after 2 steps and "),
        (["cycle", "gd", "--step-size", "1", "--period", "2"], "has no trajectory that returns to its state after 2 steps "),
        (["adversary", "gd", "--step-size", "1"], " and its distance to the minimiser by 0.89999"),
    ],
)
def test_answers_are_sentences(words, said, capsys):
    """The slowest quadratic of gradient descent with step size 1 has the factor ``1 - mu``."""
    assert main([*words, "--mu", "0.1", "--L", "1"]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert said in first
    assert one_sentence(first)
