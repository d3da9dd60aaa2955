"""Laws of the literature on small samples of their grids."""

import itertools
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from support import one_sentence, uniform

import efpep
from efpep.errors import CertificateError
from efpep.questions.base import Certificate, Verdict
from efpep.questions.improvement.question import Improvement, Measure
from efpep.questions.quadratic.eigen_instance import EigenInstance
from efpep.studies.laws.catalogue import LAWS
from efpep.studies.laws.grid import WorkerConfiguration, configurations, evenly, step_range, step_sizes
from efpep.studies.laws.run import LAW_STUDIES
from efpep.theory import error_feedback as theory

PROBLEMS = Path(__file__).parents[3] / "problems" / "laws"


def workers(*types, epsilon="9/20"):
    return WorkerConfiguration(tuple((Fraction(L), Fraction(kappa)) for L, kappa in types), Fraction(epsilon))


def finding(law, configuration):
    """Prove, check every certificate again from its file's text, and judge."""
    proofs = law.prove(configuration)
    proofs = {name: Certificate.restore(json.loads(json.dumps(proof.describe()))) for name, proof in proofs.items()}
    for proof in proofs.values():
        proof.check()
    return law.judge(configuration, proofs)


# --- grids -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "count"),
    [
        ("lyapunov_n2", 450),
        ("lyapunov_n3", 1650),
        ("lyapunov_n4", 4950),
        ("econtrol_n2", 450),
        ("econtrol_n3", 1650),
        ("econtrol_n4", 4950),
        ("cubic_n2", 10500),
        *((f"step_size_{method}_n{n}", count) for method in ("ef", "ef21") for n, count in ((2, 450), (3, 560), (4, 350))),
    ],
)
def test_grids_are_the_literatures(file, count):
    study = LAW_STUDIES.load(PROBLEMS / f"{file}.toml")
    assert len(study.configurations) == count
    epsilons = sorted({c.epsilon for c in study.configurations})
    assert (epsilons[0], epsilons[-1]) == (Fraction(1, 20), Fraction(19, 20))
    assert len({b - a for a, b in itertools.pairwise(epsilons)}) == 1


def test_every_study_of_a_law_can_be_read():
    files = sorted(PROBLEMS.glob("*.toml"))
    assert {LAW_STUDIES.load(file).law.key for file in files} == set(LAWS)


def test_multisets_and_settings():
    found = list(configurations([Fraction(1), Fraction(10)], [Fraction(2)], [Fraction(1, 2)], 3))
    assert [len(set(c.workers)) for c in found] == [1, 2, 2, 1]
    setting = found[1].setting()
    assert [group.count for group in setting.agents] == [2, 1]
    assert {group.functions.mu for group in setting.populations()} == {Fraction(1, 2), Fraction(5)}
    assert found[0].setting().agents == 3
    assert evenly(Fraction(0), Fraction(1), 3) == [0, Fraction(1, 2), 1]
    assert evenly(Fraction(1, 3), Fraction(1), 1) == [Fraction(1, 3)]


def test_step_sizes_span_the_literatures_range():
    setting = workers((1, 2), (1000, 100)).setting()
    rate = Fraction(99, 100)
    low, high = step_range(setting, rate)
    mu, smoothness = (0.5 + 10) / 2, 1001 / 2
    assert float(low) == pytest.approx((1 - 0.99**0.5) / mu)
    assert float(high) == pytest.approx(min(2 / (mu + smoothness), (1 + 0.99**0.5) / smoothness))
    steps = step_sizes(setting, rate, 40)
    assert len(steps) == 40
    assert steps == sorted(steps)
    assert (float(steps[0]), float(steps[-1])) == (pytest.approx(float(low)), pytest.approx(float(high)))


# --- measures ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", [Fraction(1, 5), Fraction(1, 2), Fraction(999, 1000)])
def test_thresholds(reference):
    threshold = {m: Improvement(Fraction(1, 100), m).threshold(reference) for m in Measure}
    assert threshold[Measure.RATE] == Fraction(99, 100) * reference
    assert 1 - threshold[Measure.CONTRACTION] == Fraction(101, 100) * (1 - reference)
    assert threshold[Measure.EITHER] == max(threshold[Measure.RATE], threshold[Measure.CONTRACTION])


@pytest.mark.parametrize("part", [0, 1, "-1/2", "1e-9"])
def test_impossible_improvements_are_refused(part):
    with pytest.raises(efpep.InputError) as error:
        Improvement(part)
    assert one_sentence(error.value)


# --- laws --------------------------------------------------------------------------------------------------------------

SAMPLE = [workers((1, 2), (1000, 2), (1000, 1000), (1000, 1000), epsilon="1/20"), workers((1, 1000), (1, 1000), epsilon="3/4")]


@pytest.mark.parametrize("method", ["ef", "ef21"])
@pytest.mark.parametrize("configuration", [pytest.param(SAMPLE[0], marks=pytest.mark.slow), SAMPLE[1]], ids=str)
def test_step_size_law(configuration, method):
    found = finding(LAWS["step-size"](method=method, steps=12), configuration)
    assert found.verdict is Verdict.PROVED
    assert (found.points, found.open, found.row["excluded"]) == (12, 0, 12)
    assert found.row["by_rate"] == found.row["by_contraction"] == "proved"
    reference = efpep.rate({"ef": efpep.EF, "ef21": efpep.EF21}[method](), configuration.setting())
    assert Fraction(found.row["reference_lower"]) <= reference.upper
    assert reference.lower <= Fraction(found.row["reference_upper"])


def test_a_choice_close_to_the_best_is_excluded_by_an_instance_of_the_sdp():
    law = LAWS["step-size"](method="ef21", steps=0, factors=(Fraction(1), Fraction(999, 1000), Fraction(2)))
    configuration = workers((1, 2), (10, 10))
    proof = law.prove(configuration)["improvement"]
    assert [type(choice.proof) is EigenInstance for choice in proof.upper.choices] == [False, False, True]
    assert [choice.verdict for choice in proof.upper.choices] == [Verdict.REFUTED] * 3


def test_the_step_size_law_fails_slightly():
    # two agents with mu = (1/20, 1/2), L = 1, epsilon = 1/5: 1.002 eta* has the rate .718272 against .718321 at eta*
    configuration = workers((1, 20), (1, 2), epsilon="1/5")
    small = Improvement(Fraction(1, 10**4), Measure.CONTRACTION)
    law = LAWS["step-size"](method="ef21", steps=0, factors=(Fraction(1002, 1000),), improvement=small)
    found = finding(law, configuration)
    assert found.verdict is Verdict.REFUTED
    assert found.row["improved"] == 1
    assert 1e-4 < float(found.row["best_gain"]) < 2.5e-4


def test_econtrol_law():
    found = finding(LAWS["econtrol"](steps=4, factors=(Fraction(1),), weights=(Fraction(1, 50),)), workers((1, 2), (100, 100)))
    assert (found.verdict, found.points) == (Verdict.PROVED, 17)


def test_the_lyapunov_law_fails_by_more_than_one_per_cent():
    configuration = workers((100, 2), (1000, 1000), epsilon="19/20")
    found = finding(LAWS["lyapunov"](), configuration)
    assert found.verdict is Verdict.REFUTED
    assert (found.row["by_rate"], found.row["by_contraction"]) == ("proved", "refuted")
    assert 0.035 < float(found.row["gain_lower"]) < float(found.row["gain_upper"]) < 0.036
    assert finding(LAWS["lyapunov"](), workers((1, 2), (1, 2))).verdict is Verdict.PROVED


def test_known_numbers_of_the_laws():
    # THEORY of the two laws: mu = (1/10, 3/10), L = (1, 2), epsilon = 1/2
    found = finding(LAWS["cubic"](), workers((1, 10), (2, "20/3"), epsilon="1/2"))
    assert found.verdict is Verdict.PROVED
    assert round(float(found.row["cubic"]), 10) == 0.9222542488
    assert Fraction(found.row["best_lower"]) < Fraction("0.9222538726") < Fraction(found.row["best_upper"])


@pytest.mark.parametrize("configuration", SAMPLE[:1], ids=str)
def test_multipliers_in_closed_form_prove_the_cubic(configuration):
    from efpep.model.field import rounded
    from efpep.questions.rate.formula import weights
    from efpep.questions.rate.inequalities import rate_inequalities
    from efpep.studies.laws.law_function import law_upper

    setting = configuration.setting()
    method = efpep.EF21().resolved(setting)
    question = rate_inequalities(method, setting, "distance")
    given = weights(question, [group.share for group in setting.populations()], theory.ef21_lyapunov(setting))
    question = replace(question, given=given)
    root = rounded(theory.cubic_rate(setting).value, 25)
    slightly = root + (1 - root) / 10**8
    assert law_upper(question, method, setting, root, slightly) is not None
    assert law_upper(question, method, setting, root, root - (1 - root) / 10**6) is None
    assert law_upper(replace(question, given=None), method, setting, root, slightly) is None


@pytest.mark.parametrize("key", ["linear", "earlier-ef21", "cgd-against-ef"])
def test_closed_forms(key):
    found = finding(
        LAWS[key](), workers((1, 2), (1, 2), epsilon="1/20") if key == "cgd-against-ef" else workers((1, 2), (10, 20))
    )
    assert found.verdict is Verdict.PROVED


def test_cgd_does_not_contract_where_several_agents_differ_and_compression_is_strong():
    found = finding(LAWS["cgd-against-ef"](), workers((1, 10), (1, 10), epsilon="9/10"))
    assert found.verdict is Verdict.REFUTED
    assert Fraction(found.row["cgd_lower"]) >= 1


@pytest.mark.slow
@pytest.mark.parametrize("file", sorted(path.stem for path in PROBLEMS.glob("*.toml")))
def test_samples_of_every_study(file):
    study = LAW_STUDIES.load(PROBLEMS / f"{file}.toml")
    for configuration in study.configurations[3 :: max(len(study.configurations) // 4, 1)]:
        assert finding(study.law, configuration).open == 0


# --- certificates ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate():
    law = LAWS["step-size"](method="ef21", steps=0, factors=(Fraction(1), Fraction(2)))
    return law.prove(workers((1, 2), (10, 10)))["improvement"]


def test_improvement_certificates_are_files_that_verify(certificate, tmp_path):
    path = tmp_path / "improvement.json"
    certificate.save(path)
    verdict = efpep.verify(path)
    assert verdict.accepted, verdict.reason
    assert one_sentence(verdict.reason)
    assert verdict.certificate == certificate


def tampered(certificate, change):
    described = json.loads(json.dumps(certificate.describe()))
    change(described)
    return Certificate.restore(described).check()


def _claim(described, **parts):
    described["claim"].update(parts)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["claim"]["choices"][1].update(verdict="improved"),
        lambda d: d["claim"]["choices"][1].update(step_size="1/1000"),
        lambda d: _claim(d, improvement={"part": "1/100000", "measure": "either"}),
        lambda d: _claim(d, improvement={"part": "1/100", "measure": "nothing"}),
        lambda d: _claim(d, names=["metric"]),
        lambda d: _claim(d, format="efpep-rate-1"),
        lambda d: d["witnesses"]["choices"].pop(),
        lambda d: d["witnesses"]["choices"].reverse(),
        lambda d: d["witnesses"]["choices"][1].update(growth="1/2"),
        lambda d: d["witnesses"]["reference"]["witnesses"].pop("lower"),
        lambda d: d["witnesses"].update(choices="none"),
    ],
)
def test_tampered_improvement_certificates_are_refused(certificate, change):
    with pytest.raises(CertificateError) as error:
        tampered(certificate, change)
    assert one_sentence(error.value)


def test_verdicts_are_not_taken_from_another_configuration(certificate):
    law = LAWS["step-size"](method="ef21", steps=0, factors=(Fraction(1), Fraction(2)))
    for other in (workers((1, 2), (10, 20)), workers((1, 2), (10, 10), epsilon="1/2")):
        with pytest.raises(CertificateError):
            law.judge(other, {"improvement": certificate})
    with pytest.raises(CertificateError):
        replace(law, factors=(Fraction(1), Fraction(3))).judge(workers((1, 2), (10, 10)), {"improvement": certificate})


# --- theory ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kappa", [2, 100])
@pytest.mark.parametrize("epsilon", ["1/20", "1/2", "19/20"])
def test_earlier_rate_holds_and_is_worse(kappa, epsilon):
    from efpep.model.field import rounded
    from efpep.theory import earlier_ef21

    setting = uniform(kappa, epsilon, 2)
    step, rate = earlier_ef21.step_size(setting).value, earlier_ef21.rate(setting).value
    s = float(epsilon.split("/")[0]) ** 0.5 / float(epsilon.split("/")[1]) ** 0.5
    beta, small = s**2 / (1 - s), 1 - s
    gamma = min(1 / (1 + (2 * beta / small) ** 0.5), small / (2 / kappa))
    assert float(step) == pytest.approx(gamma, rel=1e-12)
    assert float(rate) == pytest.approx(1 - gamma / kappa, rel=1e-12)
    assert efpep.rate(efpep.EF21(rounded(step, 17)), setting).upper <= rate
    assert theory.rate(setting).value < rate


def test_complexities():
    from efpep.theory.complexity import iterations, ratio

    assert float(iterations(Fraction(1, 2), Fraction(1, 1024))) == pytest.approx(10, rel=1e-14)
    assert ratio(Fraction(9, 10), Fraction(81, 100), up=False) < 2 < ratio(Fraction(9, 10), Fraction(81, 100), up=True)
    tiny = Fraction(1, 10**12)
    assert float(ratio(1 - tiny, 1 - 2 * tiny, up=True)) == pytest.approx(2, rel=1e-11)
    for rate in (0, 1, 2):
        with pytest.raises(efpep.InputError):
            ratio(Fraction(rate), Fraction(1, 2), up=True)
