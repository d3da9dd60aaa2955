"""Lyapunov functions that are nonnegative by interpolation: never worse, better for heavy ball, proved from the file alone."""

import itertools
import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence, uniform
from support.heterogeneous import quadratics

import efpep
from efpep.cli import main
from efpep.errors import CertificateError
from efpep.model.definite import is_semidefinite
from efpep.proof.conditions import check_lower, check_upper
from efpep.simulate.run import NumericRun, iterate


def interpolated(method, setting, **options):
    return efpep.rate(method, setting, positivity="interpolation", **options)


def pair():
    kinds = [
        efpep.Group(efpep.SmoothStronglyConvex("1/10", 1), count=1),
        efpep.Group(efpep.SmoothStronglyConvex("3/10", 2), share=None, count=2),
    ]
    return efpep.Setting(None, efpep.Contractive("1/2"), kinds)


HEAVY_BALL = efpep.EF21HeavyBall("1/4", beta="3/10")
QUESTIONS = {
    "gd": (efpep.GD("3/2"), uniform(10, 0, 2)),
    "cgd": (efpep.CGD(), uniform(10, "1/2")),
    "cgd refuted": (efpep.CGD("1/2"), uniform(10, "1/2", 10)),
    "ef": (efpep.EF(), uniform(10, "1/2", 10)),
    "ef21": (efpep.EF21("1/10"), uniform(10, "1/2")),
    "ef21 groups": (efpep.EF21("1/10"), pair()),
    "ef21 projection": (
        efpep.EF21("1/5"),
        efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Projection("1/2"), 5),
    ),
    "ef21 randomized": (
        efpep.EF21("1/5"),
        efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Randomized("1/2"), 5),
    ),
    "momentum": (efpep.EF21Momentum("1/4", theta="1/2"), uniform(10, "1/2", 2)),
    "heavy ball": (HEAVY_BALL, uniform(10, "1/2", 3)),
}


@pytest.fixture(scope="module")
def answers():
    return {name: interpolated(method, setting) for name, (method, setting) in QUESTIONS.items()}


@pytest.mark.fast_cases(5)
@pytest.mark.parametrize("name", QUESTIONS)
def test_it_is_never_worse(name, answers):
    """Positive semidefinite weights are among those allowed, so the certified ends cannot contradict that."""
    plain = efpep.rate(*QUESTIONS[name])
    found = answers[name]
    assert found.certified
    if plain.upper is None:
        assert found.lower is not None
        return
    assert found.lower <= plain.upper
    assert found.upper <= plain.upper + Fraction(1, 10**8)


def test_it_helps_heavy_ball_as_much_as_a_step_of_memory():
    """What weights of any sign add without memory, memory adds with positive semidefinite ones."""
    setting = uniform(10, "1/2")
    found = interpolated(HEAVY_BALL, setting)
    plain, remembering = efpep.rate(HEAVY_BALL, setting), efpep.rate(HEAVY_BALL, setting, memory=1)
    assert found.upper < plain.lower - Fraction(3, 1000)
    assert abs(found.upper - remembering.upper) < Fraction(1, 10**7)
    assert not all(is_semidefinite(block) for block in found.certificate.upper.weights)


def test_nesterov_without_compression_has_the_textbook_rate():
    """``1 - 1/sqrt(kappa)`` at step 1/L and beta = (sqrt(kappa) - 1)/(sqrt(kappa) + 1) (Nesterov 2004, Theorem 2.2.3)."""
    method = efpep.EF21Nesterov(1, beta="1/2")
    found = interpolated(method, uniform(9, 0))
    assert found.upper <= Fraction(2, 3)
    assert found.upper < efpep.rate(method, uniform(9, 0)).upper


def test_it_does_not_help_what_is_tight_already(answers):
    for name in ("gd", "ef"):
        theory = efpep.rate(*QUESTIONS[name]).lower
        assert answers[name].upper >= theory


@pytest.mark.parametrize("name", ["heavy ball", "ef21"])
def test_found_functions_are_nonnegative_and_decrease_in_runs(name, answers):
    found = answers[name]
    problem = quadratics(7, agents=QUESTIONS[name][1].agents, flat=0.1)
    lyapunov, distance = found.lyapunov, []
    values = []
    star = problem.gradients(problem.minimiser)
    for state in iterate(found.method, NumericRun(problem, efpep.TopK(3)), np.full(6, 2.0), 25):
        g = problem.gradients(state.x)
        clients = {"g": g - star, "g-d": g - state.d}
        means = {"x": state.x - problem.minimiser} | {key: v.mean(axis=0) for key, v in clients.items()}
        if name == "heavy ball":
            means["y-x"] = state.y - state.x
        total = 0.0
        for term in lyapunov.terms():
            if term.right is None:
                value = problem.values(state.x).mean() - problem.values(problem.minimiser).mean()
            elif term.block == "mean":
                value = means[term.left] @ means[term.right]
            else:
                spread = [clients[side] - means[side] for side in (term.left, term.right)]
                value = (spread[0] * spread[1]).sum(axis=1).mean()
            total += float(term.coefficient / lyapunov.scale()) * value
        values.append(total)
        distance.append(float((means["x"] ** 2).sum()))
    assert min(values) >= -1e-12
    assert all(new <= float(found.upper) * old + 1e-12 for old, new in itertools.pairwise(values))
    assert distance[-1] < distance[0]


@pytest.mark.parametrize("name", QUESTIONS)
def test_certificates_come_back_from_files(name, answers, tmp_path):
    path = tmp_path / "c.json"
    answers[name].certificate.save(path)
    assert efpep.Certificate.load(path) == answers[name].certificate
    verdict = efpep.verify(path)
    assert verdict.accepted is True, verdict.reason
    claim = json.loads(path.read_text())["claim"]
    assert claim["class"] == {"memory": 0, "features": None, "positivity": "interpolation"}


def test_certificates_of_the_usual_class_are_what_they_were(tmp_path):
    path = tmp_path / "c.json"
    efpep.rate(efpep.EF21(), uniform(10, "1/2")).certificate.save(path)
    described = json.loads(path.read_text())
    assert "class" not in described["claim"]
    assert set(described["witnesses"]["upper"]) == {"weights", "gaps", "multipliers", "margin"}
    assert set(described["witnesses"]["lower"]) == {"grams", "values"}


def test_doctored_files_are_refused(answers, tmp_path):
    """The class cannot be changed, and no part of the further witnesses can be left out or moved."""
    described = answers["heavy ball"].certificate.describe()
    path = tmp_path / "c.json"

    def refused(change):
        copy = json.loads(json.dumps(described))
        change(copy)
        path.write_text(json.dumps(copy))
        verdict = efpep.verify(path)
        assert verdict.accepted is False
        assert one_sentence(verdict.reason)

    refused(lambda c: c["claim"].pop("class"))
    refused(lambda c: c["claim"]["class"].update(positivity="weights"))
    refused(lambda c: c["claim"]["class"].update(positivity="hope"))
    refused(lambda c: c["witnesses"]["upper"].pop("positivity"))
    refused(lambda c: c["witnesses"]["lower"].pop("state_grams"))
    for row in described["witnesses"]["upper"]["positivity"]:
        refused(lambda c, row=row: c["witnesses"]["upper"]["positivity"].update({row: "-1"}))
        refused(lambda c, row=row: c["witnesses"]["upper"]["positivity"].update({row: "1000000"}))
    for name, value in described["witnesses"]["lower"]["state_values"].items():
        moved = str(Fraction(value) + Fraction(1, 10**6))
        refused(lambda c, name=name, moved=moved: c["witnesses"]["lower"]["state_values"].update({name: moved}))
    for block, gram in described["witnesses"]["lower"]["state_grams"].items():
        for i in range(len(gram)):
            moved = str(Fraction(gram[i][i]) + Fraction(1, 10**6))

            def move(c, block=block, i=i, moved=moved):
                c["witnesses"]["lower"]["state_grams"][block][i][i] = moved

            refused(move)


def test_witnesses_of_one_class_do_not_prove_the_other(answers):
    found = answers["heavy ball"].certificate
    plain = efpep.rate(*QUESTIONS["heavy ball"]).certificate
    with pytest.raises(CertificateError, match="positive semidefinite"):
        check_upper(plain.question.system, replace(found.upper, multipliers=found.upper.multipliers[:1]))
    with pytest.raises(CertificateError, match="multipliers"):
        check_upper(found.question.system, plain.upper)
    with pytest.raises(CertificateError, match="state"):
        check_lower(found.question.system, plain.lower)
    with pytest.raises(CertificateError, match="state"):
        check_lower(plain.question.system, found.lower)


def test_a_given_function_of_any_sign():
    """The function found for heavy ball has weights of both signs; given back it proves the same rate."""
    setting = uniform(10, "1/2")
    found = interpolated(HEAVY_BALL, setting)
    again = interpolated(HEAVY_BALL, setting, lyapunov=found.lyapunov)
    assert again.upper is not None
    assert abs(again.upper - found.upper) < Fraction(1, 10**7)
    again.certificate.check()
    with pytest.raises(efpep.InputError, match="positivity") as caught:
        efpep.rate(HEAVY_BALL, setting, lyapunov=found.lyapunov)
    assert one_sentence(caught.value)


def test_a_given_function_that_is_negative_somewhere_proves_nothing():
    found = interpolated(efpep.GD(1), uniform(10, 0), lyapunov="|x-x*|^2 - 200 (f - f*)")
    assert found.upper is None


def test_what_does_not_know_such_functions_refuses_them(answers, tmp_path, capsys):
    with pytest.raises(efpep.InputError, match="sign") as caught:
        efpep.simplify(answers["heavy ball"])
    assert one_sentence(caught.value)
    path = tmp_path / "c.json"
    answers["heavy ball"].certificate.save(path)
    assert main(["verify", str(path), "--script", str(tmp_path / "s.py")]) == 2
    assert "positivity" in capsys.readouterr().err
    with pytest.raises(efpep.InputError, match="hope") as caught:
        efpep.rate(efpep.GD(1), uniform(10, 0), positivity="hope")
    assert one_sentence(caught.value)


def test_command_line_and_studies(tmp_path, capsys):
    words = ["ef21-hb", "--mu", "0.1", "--L", "1", "--delta", "0.5", "--step-size", "0.25", "--set", "beta=0.3"]
    assert main(["rate", *words, "--positivity", "interpolation", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["positivity"] == "interpolation"
    assert Fraction(printed["rate"]["upper"]) < Fraction("0.9546")
    assert main(["rate", *words, "--positivity", "interpolation"]) == 0
    assert "V nonnegative by interpolation" in capsys.readouterr().out
    study = tmp_path / "s.toml"
    study.write_text(
        'title = "t"\nmethods = [{ class = "ef21-hb", beta = "3/10" }]\npositivity = "interpolation"\n'
        "[grid]\nkappa = 10\nL = 1\ndelta = 0.5\nstep_size = 0.25\n"
    )
    table = efpep.table(study)
    assert table.rows[0].upper < Fraction("0.9546")
    assert "interpolation inequalities" in table.render("md")
    assert "positivity" in table.render("csv").splitlines()[0]
    assert json.loads(table.render("json"))["positivity"] == "interpolation"
