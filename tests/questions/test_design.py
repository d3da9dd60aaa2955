"""Searches for the best member of a family: the screen, what is never worse, and what is found from EF21 alone."""

import json
from fractions import Fraction

import pytest
from support import one_sentence, uniform

import efpep
from efpep.cli import main
from efpep.methods import AcceleratedEF21
from efpep.questions.design import design
from efpep.questions.rate.linear_screen import slowness
from efpep.questions.rate.question import RateQuestion


def plain(setting):
    """EF21 as a member of the family of accelerated EF21."""
    return AcceleratedEF21(efpep.EF21().resolved(setting).step_size, beta=0, gamma=0, a=0)


def best_of_ef21(setting):
    return efpep.EF21().literature.rate(efpep.EF21(), setting).value


@pytest.mark.parametrize("agents", [1, 3])
@pytest.mark.parametrize("make", [efpep.EF21, efpep.EF])
def test_the_screen_is_exact_where_linear_instances_attain_the_rate(make, agents):
    setting = uniform(10, "1/2", agents)
    method = make().resolved(setting)
    assert slowness(RateQuestion(method, setting, "distance")) == pytest.approx(float(best_of_ef21(setting)), abs=1e-9)


def test_the_screen_shows_divergence():
    setting = uniform(10, "1/2")
    assert slowness(RateQuestion(efpep.EF21("1/2"), setting, "distance")) > 1  # beyond the stability limit


def test_a_search_that_ends_at_once_returns_where_it_began():
    setting = uniform(10, "1/2")
    found = design(efpep.EF21("1/10"), setting, seconds="1/1000")
    assert not found.complete
    assert found.best == found.starts[0]
    assert found.best.upper < 1
    assert "not proved: that no other member is better" in found.summary()


def test_a_search_goes_on_from_an_earlier_answer(tmp_path, capsys):
    setting = uniform(10, "1/2")
    earlier = design(efpep.EF21(), setting, seconds="1/1000")
    further = design(efpep.EF21("1/10"), setting, starts=[earlier.method], seconds="1/1000")
    assert further.best.upper == earlier.best.upper < further.starts[0].upper
    earlier.certificate.save(tmp_path / "earlier.json")
    common = ["--mu", "0.1", "--L", "1", "--delta", "0.5", "--seconds", "0.001", "--json"]
    assert main(["design", "ef21", "--step-size", "1/10", "--from", str(tmp_path / "earlier.json"), *common]) == 0
    answered = json.loads(capsys.readouterr().out)
    assert not answered["search"]["complete"]
    assert Fraction(answered["rate"]["upper"]) == earlier.best.upper


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"parameters": ["theta"]}, "theta"),
        ({"seconds": 0}, "seconds"),
        ({"family": -1}, "family"),
        ({"starts": [efpep.EF("1/10")]}, "another class"),
    ],
)
def test_refusals(given, part):
    with pytest.raises(efpep.InputError) as caught:
        design(efpep.EF21("1/10"), uniform(10, "1/2"), **given)
    assert one_sentence(caught.value)
    assert part in str(caught.value)


def test_a_bound_is_for_one_or_two_parameters():
    setting = uniform(10, "1/2")
    with pytest.raises(efpep.InputError) as caught:
        design(plain(setting), setting, family=1)
    assert one_sentence(caught.value)
    assert "one or two parameters" in str(caught.value)


def test_no_step_size_of_gradient_descent_is_better_than_the_best_one(tmp_path):
    # the best factor is ((kappa - 1)/(kappa + 1))^2 at the step size 2/(mu + L)
    setting = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1))
    best = Fraction(9, 11) ** 2
    found = design(efpep.GD("20/11"), setting, seconds="1/1000", family=60)
    assert best - Fraction(1, 10**5) < found.family.lower.theta <= best <= found.best.upper
    side = found.family.question.searched.sides[0]
    assert (side.lower, side.upper) == (0, None)
    assert "no member has a rate below 0.66942" in found.summary()
    found.family.save(tmp_path / "family.json")
    assert efpep.verify(tmp_path / "family.json").accepted is True
    assert main(["design", "gd", "--mu", "1/10", "--L", "1", "--step-size", "20/11", "--seconds", "0.001", "--family", "60"]) == 0


@pytest.mark.slow
def test_a_family_of_two_parameters_is_bounded():
    found = design(
        efpep.EF21Momentum("5/16", theta="197/200"), uniform(10, "1/2"), seconds="1/1000", family=400, positivity="weights"
    )
    assert Fraction(92, 100) < found.family.lower.theta < found.best.upper
    assert found.family.question.names == ("step_size", "theta")


@pytest.mark.slow
def test_the_best_step_size_of_ef21_is_found():
    setting = uniform(10, "1/2", 2)
    found = design(efpep.EF21("1/100"), setting, positivity="weights")
    assert found.complete
    best = best_of_ef21(setting)
    assert best <= found.best.upper
    assert 1 - found.best.upper >= Fraction("0.999") * (1 - best)


@pytest.mark.slow
def test_ef21_alone_leads_to_acceleration():
    setting = uniform(1000, "1/2", 2)
    found = design(plain(setting), setting)
    assert 1 - found.best.upper >= 10 * (1 - best_of_ef21(setting))
    found.certificate.check()


@pytest.mark.slow
def test_nothing_is_worse_than_ef21_where_it_is_hard_to_beat():
    setting = uniform(2, "1/10", 2)
    found = design(plain(setting), setting)
    assert found.best.upper <= efpep.rate(plain(setting), setting).upper
