"""What methods declare about themselves is what their steps do."""

import inspect
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import ClassVar

import pytest
from support import one_sentence, uniform

import efpep
from efpep.methods import METHODS, Method
from efpep.theory.closed_form import ClosedForm
from efpep.theory.literature import Literature

BUILT_IN = list(METHODS.members.values())


@pytest.mark.parametrize("method", BUILT_IN)
def test_whether_the_server_compresses(method):
    assert method.compresses_at_server is ("compress_at_server" in inspect.getsource(method.step))


def test_all_methods_are_here():
    on_the_door = {
        found for name in set(efpep.__all__) & set(dir(efpep.methods)) if isinstance(found := getattr(efpep, name), type)
    }
    assert {found for found in on_the_door if issubclass(found, Method)} - {Method} <= set(BUILT_IN)
    assert len(BUILT_IN) >= 19


@pytest.mark.parametrize("method", BUILT_IN)
def test_closed_forms_come_with_their_theorem(method):
    said, nothing = method.literature, Literature()
    states = any(getattr(said, field.name) is not getattr(nothing, field.name) for field in fields(Literature)[1:])
    assert states is bool(said.theorem)


@dataclass(frozen=True)
class Mine(efpep.EF21HeavyBall):
    """A user's method."""

    key: ClassVar[str] = ""
    title: ClassVar[str] = "Mine"


def test_a_method_without_literature_says_what_is_missing():
    method, setting = Mine(), uniform(10, "1/2")
    said = method.literature
    assert said.rate(method, setting) is said.stability_limit(method, setting) is None
    assert said.horizon_bound(None) is said.averaging_constant(setting, 3) is None
    for ask, missing in ((said.optimal_step_size, "Mine has no closed form"), (said.lyapunov, "no Lyapunov function for Mine")):
        with pytest.raises(efpep.InputError, match=missing) as refused:
            ask(method, setting)
        assert one_sentence(refused.value)


@dataclass(frozen=True)
class Cautious(Mine):
    """A user's method whose step size and rate depend on its own parameter."""

    literature: ClassVar[Literature] = Literature(
        theorem="a theorem of one's own",
        optimal_step_size=lambda method, setting: ClosedForm((1 - method.beta) * setting.functions.mu, "(1 - beta) mu", "mine"),
        rate=lambda method, setting: None if method.beta else ClosedForm(1 - setting.functions.mu, "1 - mu", "mine"),
    )


def test_the_literature_of_a_method_sees_its_parameters():
    setting = uniform(10, "1/2")
    assert Cautious(beta="1/2").resolved(setting).step_size == Fraction(1, 20)
    found = efpep.rate(Cautious(beta="1/2"), setting, width="1/10")
    assert (found.step_size_source.source, found.theory) == ("mine", None)
    assert Cautious().literature.rate(Cautious(), setting).value == Fraction(9, 10)
    assert efpep.EControl(eta="1/2").literature.rate(efpep.EControl(eta="1/2"), setting) is None
