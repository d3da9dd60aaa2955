"""Factors below a method's rate: there is no constant of noise, and the rate without noise proves it."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from support import asked

import efpep
from efpep.cli import main
from efpep.model.definite import is_semidefinite
from efpep.model.form import Form, paired
from efpep.proof.moments import Moments
from efpep.questions.base import Certificate
from efpep.questions.noise.question import NoiseQuestion

NOISE = efpep.GradientNoise(sigma=2)
HALF = efpep.Contractive("1/2")


def setting(agents=1, compressor=HALF):
    return efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), compressor, agents, noise=NOISE)


@pytest.fixture(scope="module")
def refuted():
    return efpep.noise(efpep.EF("1/10"), setting(), "9/10", "last")


@pytest.mark.parametrize("bound", ["last", pytest.param("average", marks=pytest.mark.slow)])
def test_there_is_a_constant_from_the_rate_on(bound):
    """The rate of the literature's theorem at the optimal step size."""
    theory = efpep.rate(efpep.EF(), replace(setting(), noise=None)).theory.value
    method = efpep.EF().resolved(setting())
    below, above = (efpep.noise(method, setting(), theory + room, bound) for room in (-Fraction(1, 10**6), Fraction(1, 10**5)))
    assert (below.verdict, above.verdict) == (efpep.Verdict.REFUTED, efpep.Verdict.PROVED)
    assert below.certified
    assert (below.lower, below.upper, below.floor) == (None, None, None)
    assert abs(below.needed - theory) <= Fraction(1, 10**7)
    assert above.needed is None


@pytest.mark.parametrize(("step", "verdict"), [("19/10", "proved"), ("21/10", "refuted")])
def test_averages_need_a_method_that_converges(step, verdict):
    assert efpep.noise(efpep.GD(step), setting()).verdict.value == verdict


@pytest.mark.slow
def test_what_is_refuted_says_so(refuted, tmp_path, capsys):
    sentence = refuted.certificate.check()
    assert "no Lyapunov function V of the class with E V+ <= 0.9 E V + c sigma^2, V >= |x - x*|^2, whatever c" in sentence
    path = tmp_path / "refuted.json"
    refuted.certificate.save(path)
    assert Certificate.restore(json.loads(path.read_text())) == refuted.certificate
    main(["verify", str(path)])
    assert "whatever c" in capsys.readouterr().out
    options = [
        "--mu",
        "0.1",
        "--L",
        "1",
        "--delta",
        "0.5",
        "--step-size",
        "0.1",
        "--rho",
        "0.9",
        "--bound",
        "last",
        "--sigma",
        "2",
    ]
    main(["noise", "ef", *options])
    assert "there is none, for without noise no Lyapunov function of the class contracts" in capsys.readouterr().out


def changed(certificate, change):
    described = json.loads(json.dumps(certificate.describe()))
    change(described)
    return Certificate.restore(described)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["claim"].update(rho="99/100"),
        lambda d: d["claim"].update(metric="gap", bound="average"),
        lambda d: d["claim"]["method"].update(step_size="1/20"),
        lambda d: d["claim"].update(c={"lower": None, "upper": "3"}),
        lambda d: d["witnesses"]["needed"]["claim"]["rate"].update(lower="99/100"),
        lambda d: d["witnesses"].update(needed={}),
        lambda d: d.update(witnesses={}),
    ],
)
def test_another_claim_is_not_proved(refuted, change):
    with pytest.raises(efpep.CertificateError):
        changed(refuted.certificate, change).check()


def test_a_constant_beside_none_is_no_claim(refuted):
    found = efpep.noise(efpep.EF("1/10"), setting(), "99/100", "last")
    both = replace(found.certificate, lower=refuted.certificate.lower)
    with pytest.raises(efpep.CertificateError):
        both.check()
    with pytest.raises(efpep.CertificateError):
        asked(refuted.certificate, rho=Fraction(99, 100)).check()


@pytest.mark.parametrize(
    ("method", "agents", "compressor"),
    [
        (efpep.GD("1/4"), 1, None),
        (efpep.EF("1/10"), 2, HALF),
        (efpep.EF21("1/10"), 2, HALF),
        (efpep.CGD("1/10"), 2, efpep.Unbiased(1)),
    ],
)
def test_moments_without_noise_are_moments_with_noise(method, agents, compressor):
    """On the instance that excludes the rate, with columns of zero for what is drawn, no V has its condition at any c."""
    question = NoiseQuestion(method, setting(agents, compressor), Fraction(1, 2))
    step, (without_noise, rho) = question.inequalities, question.needed
    without, relation, rate = without_noise.inequalities, without_noise.system.relations[0], efpep.ask(without_noise).certificate
    values = {without.values[k]: a for k, a in zip(relation.values, rate.lower.values[0], strict=True)}
    grams = {}
    for block, gram in zip(relation.blocks, rate.lower.grams[0], strict=True):
        names, where = ([column.name for column in recorded.columns[block.index]] for recorded in (without, step))
        place = [where.index(names[j]) for j in block.columns]
        pairs = ((place[i], place[j], a) for i, row in enumerate(gram) for j, a in enumerate(row))
        grams[block.index] = {(u, v): a for u, v, a in pairs if u <= v}
    moments = Moments.of_entries(grams, {k: values.get(name, Fraction(0)) for k, name in enumerate(step.values)})
    assert moments.value(Form({}, {step.values.index("1"): 1})) == 0
    for row in step.rows:
        assert moments.value(row.form) == 0 if row.equality else moments.value(row.form) <= 0
    assert moments.value(step.metric) > 0
    for block in step.blocks:
        growth = [
            [
                moments.value(paired(block.index, u.after, v.after))
                - rho * moments.value(paired(block.index, u.before, v.before))
                for v in block.features
            ]
            for u in block.features
        ]
        assert is_semidefinite(growth)
    for gap in step.gaps:
        assert moments.value(gap.after) >= rho * moments.value(gap.before)
