"""The search finds what is known from the method's definition alone, and says what failed where it finds nothing."""

import json
import random
import time
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import pytest
from mutations import formulas, mutated, replaced

import efpep
from efpep.cli import main
from efpep.errors import UndecidedError
from efpep.theorems.equations import Equations
from efpep.theorems.found import REGIONS
from efpep.theorems.functions import FunctionField
from efpep.theorems.prove import proofs
from efpep.theorems.search import search, solved
from efpep.theorems.witness import Witness, symbolic
from efpep.theory.formula import evaluated, tree


@pytest.fixture(scope="module")
def found():
    """Return what is found about each method, with the processor's time."""
    answers = {}
    for method in (efpep.EF(), efpep.EF21(), efpep.CGD()):
        began = time.process_time()
        answers[method.key] = search(method), time.process_time() - began
    return answers


@pytest.mark.parametrize("key", ["ef", "ef21", "cgd"])
def test_it_finds_the_rates_from_the_definitions(found, key):
    theorem, seconds = found[key]
    assert theorem.check().proved
    assert theorem.counts == ((1,) if key == "cgd" else (1, 2))
    assert seconds < 5


@pytest.mark.parametrize(("key", "equation"), [("ef", "ef21"), ("ef21", "ef21"), ("cgd", "cgd")])
def test_what_it_finds_is_the_literature(found, key, equation):
    from efpep.theorems.found import quantities

    theorem, _ = found[key]
    names = quantities(theorem.region, theorem.curvatures).names
    s, beta, mu, L = (names[name] for name in ("s", "beta", "mu", "L"))
    kappa = (L - mu) / (L + mu)
    if equation == "ef21":
        assert (beta**2 - s) ** 2 == (1 - s) ** 2 * kappa**2 * beta**2
    else:
        assert beta == (kappa + s) / (1 + kappa * s)


def test_what_it_finds_is_refused_when_it_is_changed(found):
    theorem, _ = found["ef21"]
    proof = theorem.proof
    for name, text in proof.multipliers.items():
        other = replace(proof, multipliers={**proof.multipliers, name: f"101/100*({text})"})
        assert not replace(theorem, proof=other).check().proved
    assert not replace(theorem, region="0 < s, beta < 1").check().proved


def changes(theorem, count):
    """Return the theorem with one formula of its proof changed, each with its place and with what it was and became."""
    choose = random.Random(theorem.key)  # noqa: S311
    field = FunctionField("s", "beta", "eta", "mu", "L")
    places = [(path, text) for path, text in formulas(theorem.proof) if not alone(theorem.proof, path)]
    found = []
    while len(found) < count:
        path, text = choose.choice(places)
        new = mutated(text, choose)
        try:
            old, other = (evaluated(tree(each), field.symbols, field) for each in (text, new))
        except ZeroDivisionError:
            continue
        if old != other and not (path[-1] == "coefficient" and path[1] == "mean" and path[0] == "domination"):
            found.append((path, text, new))
    return found


def alone(part, path):
    """Whether a formula is the only coefficient of a square."""
    for name in path[:-1]:
        part = getattr(part, name) if isinstance(name, str) and hasattr(part, name) else part[name]
    return "vector" in path and len(part) == 1


@pytest.mark.slow
@pytest.mark.parametrize("key", ["ef", "ef21", "cgd"])
def test_changed_findings_are_refused(found, key):
    theorem, _ = found[key]
    accepted = [
        change
        for change in changes(theorem, 20)
        if replace(theorem, proof=replaced(theorem.proof, change[0], change[2])).check().proved
    ]
    assert accepted == []


def test_wrong_witnesses_are_refused():
    """The other sign of the compressor's loss, or of the eigenvalue, leaves no proof."""
    field = FunctionField("s", "beta", "eta")
    points = [{"s": Fraction(1, 2), "beta": Fraction(9, 10), "eta": Fraction(1)}]
    right = (Witness("mu", 1, 1), Witness("L", 1, -1))
    for wrong in ((replace(right[0], lossy=-1), right[1]), (right[0], replace(right[1], lossy=-1))):
        equations = Equations(efpep.EF21(), field, tuple(symbolic(efpep.EF21(), witness, field) for witness in wrong))
        with pytest.raises(UndecidedError, match="no proof vanishes on the two worst linear instances"):
            solved(equations, points)


def test_an_open_sign_is_said(monkeypatch):
    monkeypatch.setattr("efpep.theorems.search.REGIONS", {"0 < s, beta < 1": REGIONS["0 < s, beta < 1"]})
    monkeypatch.setattr("efpep.theorems.search.LOCAL", ())
    with pytest.raises(UndecidedError, match="a sign stays open"):
        search(efpep.EF21())


def test_a_wrong_equality_for_mu_is_refused(found):
    theorem, _ = found["ef21"]
    curvatures = {**theorem.curvatures, "mu": f"({theorem.curvatures['mu']})*99/100"}
    assert not replace(theorem, curvatures=curvatures).check().proved


BOX = {"s": (Fraction(45, 100), Fraction(55, 100)), "beta": (Fraction(92, 100), Fraction(94, 100))}


def test_a_proof_on_a_region_is_one_on_boxes_in_it(found):
    theorem, _ = found["ef21"]
    there = replace(theorem, region=BOX)
    assert there.check().proved
    assert "0.45 <= s <= 0.55, 0.92 <= beta <= 0.94" in there.statement()[1]
    other = replace(theorem.proof, multipliers={name: f"-({text})" for name, text in theorem.proof.multipliers.items()})
    assert not replace(there, proof=other).check().proved
    for s in ((Fraction(45, 100), Fraction(9, 10)), (Fraction(-1, 10), Fraction(1, 10))):  # beyond s < beta^2, and s < 0
        assert not replace(there, region={**BOX, "s": s}).check().proved


class MineState(NamedTuple):
    """The iterate and the estimates."""

    x: object
    m: object


class Mine(efpep.Method):
    """EF21 as a user writes it, under other names."""

    State = MineState
    memories = (efpep.Memory.tracker("m"),)

    def start(self, x, run):
        """Begin with compressed gradients."""
        return self.State(x, run.compress(run.gradient(x)))

    def step(self, state, run):
        """Step, then track the gradients at the new point."""
        x, m = state
        x = x - self.step_size * run.mean(m)
        return self.State(x, m + run.compress(run.gradient(x) - m))


def test_a_users_method_is_proved(found):
    theorem, known = efpep.prove(Mine), found["ef21"][0]
    assert theorem.check().proved
    assert theorem.counts == (1, 2)
    assert theorem.curvatures == known.curvatures
    assert theorem.region == known.region


@pytest.fixture(scope="module")
def econtrol():
    return search(efpep.EControl(eta=Fraction(1, 10)))


@pytest.mark.slow
def test_econtrol_is_proved_on_a_box(econtrol):
    """Its curvatures are those that were derived by hand, and its proof holds on the box about s = 0.5 and beta = 0.98."""
    from efpep.theorems.found import quantities

    assert econtrol.counts == (1,)
    assert "0.45 <= s <= 0.55" in econtrol.where
    names = quantities(econtrol.region, econtrol.curvatures).names
    s, beta, eta, mu, L = (names[name] for name in ("s", "beta", "eta", "mu", "L"))
    low = (1 - beta) * (11 * s * beta - 10 * beta**2 - 10 * s + 9 * beta) / (beta * (10 * beta - 9) * (s - 1))
    high = (1 + beta) * (10 * beta**2 + 9 * beta - 10 * s - 11 * s * beta) / (beta * (10 * beta + 9) * (1 + s))
    assert (eta * mu, eta * L) == (low, high)
    box = {"s": (Fraction(45, 100), Fraction(55, 100)), "beta": (Fraction(975, 1000), Fraction(985, 1000))}
    assert replace(econtrol, region=box).check().proved
    for name, text in econtrol.proof.multipliers.items():
        other = replace(econtrol.proof, multipliers={**econtrol.proof.multipliers, name: f"101/100*({text})"})
        assert not replace(econtrol, proof=other).check().proved
    wide = {"s": (Fraction(1, 10), Fraction(9, 10)), "beta": (Fraction(91, 100), Fraction(99, 100))}
    assert not replace(econtrol, region=wide).check().proved


@pytest.mark.slow
def test_the_rate_of_econtrol_is_certified(econtrol):
    """At s = 1/2 and beta = 0.98 the certified interval has 0.98^2, for one agent and for five."""
    at = {"s": Fraction(1, 2), "beta": Fraction(98, 100), "eta": Fraction(1)}
    from efpep.theorems.found import quantities

    mu, L = (quantities(econtrol.region, econtrol.curvatures).names[name](**at) for name in ("mu", "L"))
    for agents in (1, 5):
        where = efpep.Setting(efpep.SmoothStronglyConvex(mu, L), efpep.Contractive("3/4"), agents)
        answer = efpep.rate(efpep.EControl(1, eta="1/10"), where)
        assert answer.lower <= at["beta"] ** 2 <= answer.upper < at["beta"] ** 2 + Fraction(1, 10**7)


def test_heavy_ball_has_no_worst_linear_instance():
    with pytest.raises(UndecidedError, match="no linear instance attains the rate"):
        efpep.prove(efpep.EF21HeavyBall(beta=Fraction(3, 10)))


def test_methods_that_the_search_is_not_about():
    with pytest.raises(UndecidedError, match="clients compress"):
        efpep.prove(efpep.EF21P)


def test_the_command(capsys, tmp_path):
    assert main(["prove", "ef21", "--latex", str(tmp_path / "ef21.tex")]) == 0
    assert "proved: 135 of 135 steps hold" in capsys.readouterr().out
    text = (tmp_path / "ef21.tex").read_text(encoding="utf-8")
    assert text.count(r"\begin{align*}") == 22
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    assert main(["prove", "cgd", "--json"]) == 0
    theorems = json.loads(capsys.readouterr().out)["theorems"]
    assert [theorem["verdict"] for theorem in theorems] == ["proved"] * 2
    assert all(step["holds"] for theorem in theorems for step in theorem["steps"])


def test_the_command_fails_honestly(capsys):
    assert main(["prove", "ef21-hb", "--set", "beta=3/10"]) == 4
    assert capsys.readouterr().out.startswith("undecided: no linear instance attains the rate")
    assert main(["prove", "nothing"]) == 2


def test_the_search_on_the_command_line(capsys, tmp_path):
    assert main(["prove", "cgd", "--search", "--latex", str(tmp_path / "cgd.tex")]) == 0
    assert "found by efpep's search" in capsys.readouterr().out
    assert proofs("cgd")[0].reference.startswith("derived for efpep")
    assert r"\beta^{2}\,V-V^+" in (tmp_path / "cgd.tex").read_text(encoding="utf-8")
