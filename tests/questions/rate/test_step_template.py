"""Steps that are recorded once for many points: the same as those recorded anew, object for object, or not used."""

import random
from dataclasses import fields, is_dataclass
from fractions import Fraction

import pytest
from support import uniform

import efpep
from efpep.model.form import Form
from efpep.model.linear import Linear
from efpep.questions.base import Certificate
from efpep.questions.rate import step_template, theorem_path
from efpep.questions.rate.inequalities import rate_inequalities

METHODS = {"ef": efpep.EF, "ef21": efpep.EF21, "cgd": efpep.CGD}


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch):
    monkeypatch.setattr(step_template, "KNOWN", {})


def parts(held):
    """An object as nested tuples, with the types of all its numbers and the order of everything."""
    if isinstance(held, Form):
        return "form", [(b, list(entries.items())) for b, entries in held.blocks.items()], list(held.values.items()), _types(held)
    if isinstance(held, Linear):
        return "linear", list(held.terms.items()), [type(a) for a in held.terms.values()]
    if isinstance(held, tuple | list):
        return [type(held), *map(parts, held)]
    if is_dataclass(held):
        return [type(held), *(parts(getattr(held, field.name)) for field in fields(held))]
    return type(held), held


def _types(form):
    return [type(a) for entries in (*form.blocks.values(), form.values) for a in entries.values()]


def drawn(key, source, agents):
    """A method of efpep's at a stable step size, in a setting with random numbers."""
    L = Fraction(source.randint(1, 40), source.randint(1, 40))
    kappa = 1 + Fraction(source.randint(1, 10**4), 97)
    setting = efpep.Setting(
        efpep.SmoothStronglyConvex(L / kappa, L), efpep.Contractive(Fraction(source.randint(1, 99), 100)), agents
    )
    limit = METHODS[key].literature.stability_limit(METHODS[key](1), setting).value
    step = Fraction(float(limit) * source.uniform(0.02, 0.98)).limit_denominator(10**6)
    return METHODS[key](step), setting


@pytest.mark.parametrize(("key", "agents"), [("ef", 1), ("ef", 3), ("ef21", 1), ("ef21", 10), ("cgd", 1)])
def test_steps_are_those_recorded_anew(key, agents):
    source = random.Random(f"{key} {agents}")  # noqa: S311
    for _ in range(8):
        method, setting = drawn(key, source, agents)
        found = efpep.rate(method, setting)
        assert found.solver == "theorem"
        assert parts(found.question.inequalities) == parts(rate_inequalities(method, setting, "distance"))
    known = list(step_template.KNOWN.values())
    assert any(shape.templates for shape in known)


@pytest.mark.parametrize(
    "special", [("1", "7", "1/2", "1/30"), ("1/2", "3", "1/2", "1"), ("2", "7", "1", "1/9"), ("3", "3", "1/4", "1/30")]
)
def test_where_a_comparison_turns_out_differently_the_step_is_recorded(special):
    """Numbers that are 1, equal, or leave nothing to compress, each after generic ones."""
    for kappa in (10, 20, 30):
        efpep.rate(efpep.EF21("1/30"), uniform(kappa, "1/2"))
    mu, L, delta, step = special
    method, setting = efpep.EF21(step), efpep.Setting(efpep.SmoothStronglyConvex(mu, L), efpep.Contractive(delta))
    for _ in range(3):
        found = efpep.rate(method, setting)
        assert parts(found.question.inequalities) == parts(rate_inequalities(method, setting, "distance"))


def test_another_definition_is_another_step(monkeypatch):
    """A step that is changed in its class is recorded as it is then."""
    setting = uniform(10, "1/2")
    before = [efpep.rate(efpep.EF21(step), setting) for step in ("1/8", "1/9", "1/10")][-1]
    step = efpep.EF21.step
    monkeypatch.setattr(efpep.EF21, "step", lambda self, state, run: step(efpep.EF21(self.step_size / 2), state, run))
    after = efpep.rate(efpep.EF21("1/10"), setting)
    assert parts(after.question.inequalities) == parts(rate_inequalities(efpep.EF21("1/10"), setting, "distance"))
    assert parts(after.question.inequalities) != parts(before.question.inequalities)


def test_steps_of_others_classes_are_recorded():
    class Mine(efpep.EF21):
        pass

    for step in ("1/8", "1/9", "1/10"):
        assert efpep.rate(Mine(step), uniform(10, "1/2")).solver == "theorem"
    assert not step_template.KNOWN


def test_a_check_records_the_step(monkeypatch):
    answers = [efpep.rate(efpep.EF21(step), uniform(10, "1/2")) for step in ("1/8", "1/9", "1/10")]

    def refuse(*_):
        raise AssertionError

    monkeypatch.setattr(theorem_path, "recalled", refuse)
    for answer in answers:
        assert Certificate.restore(answer.certificate.describe()).check()
