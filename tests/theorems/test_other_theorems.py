"""The theorems about groups, Safe-EF's potential and EControl: proved, refused after changes, and true of the numbers."""

import random
import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from mutations import alone, changes, differs, mutated, replaced

import efpep
from efpep.errors import EfpepError
from efpep.questions.quadratic.line import matrix
from efpep.theorems.averaging import SAFE_EF, check_case
from efpep.theorems.catalogue import THEOREMS
from efpep.theorems.econtrol_law import ECONTROL
from efpep.theorems.functions import FunctionField
from efpep.theorems.groups import EF21_GROUPS, EF_GROUPS, PROOF, check_domination, check_groups
from efpep.theorems.groups_recorded import check_recorded
from efpep.theorems.report import Report
from efpep.theorems.witness import ALONE
from efpep.theory import error_feedback, safe_ef
from efpep.theory.formula import evaluated, tree

ALL = {"ef": EF_GROUPS, "ef21": EF21_GROUPS, "safe-ef": SAFE_EF, "econtrol": ECONTROL}


@pytest.mark.parametrize("key", ALL)
def test_every_step_holds(key):
    report = ALL[key].check()
    assert report.proved, report.failed


@pytest.mark.slow
def test_all_theorems_are_proved_in_twenty_seconds():
    began = time.process_time()
    assert all(theorem.check().proved for theorem in THEOREMS)
    assert time.process_time() - began < 20


def test_changed_identities_of_groups_are_refused():
    accepted = []
    for path, text, new in changes(PROOF, 20, "groups", lambda path: path[0] == "rows" and path[2] == 1):
        report = Report()
        check_groups(replaced(PROOF, path, new), report)
        if report.proved:
            accepted.append((path, text, new))
    assert accepted == []


@pytest.mark.parametrize("theorem", [EF_GROUPS, EF21_GROUPS], ids=lambda theorem: theorem.key)
def test_rows_that_the_method_does_not_record_are_refused(theorem):
    for row in ("(y-T*d)^2-T^2*k^2*d^2+s*d^2", "(y-2*T*d)^2-T^2*k^2*d^2"):
        rows = tuple((multiplier, row if "y-T" in text else text) for multiplier, text in PROOF.rows)
        assert not replace(theorem, proof=replace(PROOF, rows=rows)).check().proved


@pytest.mark.parametrize(
    "theorem", [EF_GROUPS, pytest.param(EF21_GROUPS, marks=pytest.mark.slow)], ids=lambda theorem: theorem.key
)
def test_changed_claims_about_groups_are_refused(theorem):
    """V, the step size, the constants of a group, the weights of averages, and delta."""
    accepted = []
    exponents = [(("weight",), "", "1/(s*sigma^2)"), (("step",), "", "2/Sbar*(1-s)^2/(1+s)"), (("loss",), "", "1-s^3")]
    for path, text, new in (*exponents, *changes(theorem.law, 20, f"claim {theorem.key}")):
        report = Report()
        check_recorded(theorem.key, replaced(theorem.law, path, new), theorem.proof, theorem.domination, report)
        if report.proved:
            accepted.append((path, text, new))
    assert accepted == []


@pytest.mark.parametrize("theorem", [EF_GROUPS, EF21_GROUPS], ids=lambda theorem: theorem.key)
def test_statements_about_groups_are_what_is_checked(theorem):
    """Whatever is changed in the claim changes the statement, in words and in LaTeX."""
    for changed in (
        replace(theorem.law, step="2/Sbar*(1-s)^2/(1+s)"),
        replace(theorem.law, weight="2/(s*sigma)"),
        replace(theorem.law, average="w"),
        replace(theorem.law, errors={"g": "1"}),
    ):
        other = replace(theorem, law=changed)
        assert other.statement() != theorem.statement()
        assert other.latex() != theorem.latex()


@pytest.mark.parametrize("theorem", [EF_GROUPS, EF21_GROUPS], ids=lambda theorem: theorem.key)
def test_changed_dominations_are_refused(theorem):
    accepted = []
    skip = lambda path: path[0] in {"server", "scale"} or (path[0] == "rows" and path[2] == 1)  # noqa: E731
    for path, text, new in changes(theorem.domination, 20, f"domination {theorem.key}", skip):
        report = Report()
        check_domination(PROOF, replaced(theorem.domination, path, new), report)
        if report.proved:
            accepted.append((path, text, new))
    assert accepted == []


@pytest.mark.parametrize("theorem", [EF_GROUPS, EF21_GROUPS], ids=lambda theorem: theorem.key)
def test_dominations_are_about_the_methods_own_metric(theorem):
    given = theorem.domination
    other = "G" if given.server == "Ey" else "Ey"
    for changed in (replace(given, server=other), replace(given, scale="2*eta^2"), replace(given, rows=(("1", "y^2-d^2"),))):
        assert not replace(theorem, domination=changed).check().proved


def test_v_dominates_the_distance_in_numbers():
    """The constants are those of the averages: V of EF21 is at least (mean mu)^2 |x - x*|^2."""
    where = groups(random.Random("domination"), 3)  # noqa: S311
    kinds = [(group.share, group.functions.mu, group.functions.L) for group in where.populations()]
    total = sum(share * (mu + L) for share, mu, L in kinds)
    bar = sum(share * (mu + L) / total * (L - mu) / (L + mu) for share, mu, L in kinds)
    T = Fraction(1, 3)
    eta = 2 / total * T
    constant = evaluated(tree(EF21_GROUPS.domination.constant), {"T": T, "kbar": bar}, Fraction)
    assert constant / eta**2 == sum(share * mu for share, mu, _ in kinds) ** 2


def test_changed_potentials_are_refused():
    accepted = []
    for k, case in enumerate(SAFE_EF.cases):
        skip = lambda path, case=case: path[0] in {"absent", "where"} or alone(case, path)  # noqa: E731
        for path, text, new in changes(case, 8 if k < 3 else 1, f"potential {k}", skip):
            report = Report()
            check_case(SAFE_EF, replaced(case, path, new), report)
            if report.proved:
                accepted.append((path, text, new))
    assert accepted == []


def test_other_constants_of_safe_ef_are_refused():
    choose = random.Random("K")  # noqa: S311
    for _ in range(5):
        other = mutated(SAFE_EF.constant, choose)
        if differs(other, SAFE_EF.constant, ["p", "q"]):
            assert not replace(SAFE_EF, constant=other).check().proved


def test_changed_laws_are_refused():
    accepted = []
    for path, text, new in changes(ECONTROL, 20, "econtrol"):
        try:
            if replaced(ECONTROL, path, new).check().proved:
                accepted.append((path, text, new))
        except EfpepError:
            pass
    assert accepted == []


@pytest.mark.parametrize("extreme", ["slowest", "fastest"])
def test_changed_instances_of_the_law_are_refused(extreme):
    """Exponents and signs of what the statement names: the rate, curvatures, compressors and points."""
    given = getattr(ECONTROL, extreme)
    for name in ("curvature", "factor", "point"):
        text = getattr(given, name)
        for new in (f"-({text})", f"({text})^2", f"2*({text})"):
            assert not replace(ECONTROL, **{extreme: replace(given, **{name: new})}).check().proved, (name, new)
    for rate in ("beta", "beta^3", "-beta^2", "2*beta^2"):
        assert not replace(ECONTROL, rate=rate).check().proved
    assert not replace(ECONTROL, slowest=ECONTROL.fastest, fastest=ECONTROL.slowest).check().proved


def groups(choose, count):
    cut = sorted({Fraction(choose.randint(1, 9), 10) for _ in range(count - 1)})
    shares = [b - a for a, b in zip([Fraction(0), *cut], [*cut, Fraction(1)], strict=True)]
    kinds = [
        efpep.SmoothStronglyConvex(Fraction(choose.randint(1, 10), 20), Fraction(choose.randint(10, 30), 20)) for _ in shares
    ]
    agents = [efpep.Group(kind, share=share) for kind, share in zip(kinds, shares, strict=True)]
    return efpep.Setting(compressor=efpep.Contractive(Fraction(choose.randint(2, 9), 10)), agents=agents)


@pytest.mark.parametrize("count", [2, 3])
def test_the_cubic_is_the_certified_factor_of_the_law(count):
    where = groups(random.Random(count), count)  # noqa: S311
    claimed = EF21_GROUPS.rate(where).value
    found = efpep.rate(efpep.EF21(), where, lyapunov="literature")
    assert found.lower - Fraction(1, 10**9) <= claimed <= found.upper + Fraction(1, 10**9)
    assert found.upper - found.lower < Fraction(1, 10**5)


def test_the_cubic_bounds_ef_with_a_shared_minimiser():
    where = groups(random.Random("ef"), 2)  # noqa: S311
    step = error_feedback.optimal_step_size(where).value
    found = efpep.rate(efpep.EF(Fraction(round(step * 10**12), 10**12)), where)
    assert found.certified
    assert found.lower <= EF_GROUPS.rate(where).value + Fraction(1, 10**9)


def test_the_constant_is_the_theory():
    for delta, server in (("1/2", "1/3"), ("9/10", "1"), ("1", "1/5")):
        values = {"q": error_feedback.square_root(1 - Fraction(delta)), "p": error_feedback.square_root(1 - Fraction(server))}
        mine = evaluated(tree(SAFE_EF.constant), values, Fraction)
        assert abs(mine - safe_ef.constant(delta, server).value) < Fraction(1, 10**40)


def test_no_econtrol_is_as_fast_as_ef21_in_numbers():
    where = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Contractive("3/4"), 1)
    best = float(error_feedback.rate(where).value) ** 0.5
    choose = random.Random(1)  # noqa: S311
    for _ in range(40):
        eta = Fraction(choose.randint(1, 20), 20)
        method = efpep.EControl(step_size=Fraction(choose.randint(1, 200), 100), eta=eta)
        worst = max(
            np.abs(np.linalg.eigvals(np.array(matrix(method, ALONE, [c], [[1 + sign * 0.5]]), dtype=float))).max()
            for c in (0.1, 1.0)
            for sign in (1, -1)
        )
        assert worst > best


def test_cgd_beats_error_feedback_with_one_agent_at_the_best_steps():
    """r^2 - (1-s) k r - s < 0 at CGD's r = (k+s)/(1+ks), so that r lies below the root beta of EF and EF21."""
    field = FunctionField("s", "k")
    s, k = field.symbols.values()
    r = (k + s) / (1 + k * s)
    assert r**2 - (1 - s) * k * r - s == -s * (1 - s) * (1 - k) ** 2 * (1 + k) / (1 + k * s) ** 2
