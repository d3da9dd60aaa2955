"""What every kind of certificate keeps to: files and back, no number that may be changed, the standard library alone.

A kind of question is listed once, in :data:`CERTIFICATES`, and everything here holds for it.
"""

import copy
import functools
import itertools
import json
import operator
import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from support import one_sentence, uniform

import efpep
from efpep.cli.app import COMMANDS
from efpep.cli.command import Asking
from efpep.methods import TripleMomentum
from efpep.proof.layout import Slot
from efpep.questions.base import Certificate, SystemQuestion
from efpep.questions.common.study_form import StudyForm
from efpep.questions.improvement.question import Choice, Examined, Improvement, ImprovementQuestion
from efpep.questions.kinds import KINDS, VERBS, claim_object
from efpep.questions.quadratic.slowest import slowest_quadratic
from efpep.questions.rate.question import RateQuestion
from efpep.questions.tune.target import reach
from efpep.studies.engine.grid import schema
from efpep.studies.engine.kinds import type_of
from efpep.studies.questions.run import QUESTION_STUDIES
from efpep.studies.rates.run import RATE_STUDIES
from efpep.theory import safe_ef as theory

HEAVY_BALL = efpep.EF21HeavyBall("1/4", beta="3/10")
GROUPS = efpep.Setting(
    compressor=efpep.Contractive("1/2"),
    agents=[
        efpep.Group(efpep.SmoothStronglyConvex("1/10", 1), count=1),
        efpep.Group(efpep.SmoothStronglyConvex("3/10", 2), count=3),
    ],
)
SMOOTH = efpep.Setting(efpep.SmoothConvex(1), efpep.Contractive("1/2"), 10)
SUBGRADIENTS = efpep.Setting(efpep.BoundedSubgradients(1))
FAR = replace(uniform(10, "1/2", 3), heterogeneity=1)
KNOWN = theory.guarantee(theory.transient_constant(3, "1/2", 1), 3)
SWITCHING = efpep.Setting(efpep.BoundedSubgradients(1), efpep.Contractive("1/2"), 2, constraint=efpep.BoundedSubgradients(1))
NONSMOOTH = efpep.Setting(efpep.BoundedSubgradients(1), efpep.Contractive("1/2"), 4, server_compressor=efpep.Projection("1/10"))
NONCONVEX = efpep.Setting(efpep.SmoothWeaklyConvex(-1, 1), efpep.Contractive("1/2"), 2)
NONCONVEX_NOISE = replace(NONCONVEX, noise=efpep.GradientNoise("1/2"))
NOISY = replace(uniform(10, "1/2", 3), noise=efpep.GradientNoise("1/2"))
CERTIFICATES = {
    "rate": lambda: efpep.rate(efpep.EF21("1/5"), uniform(10, "1/2", 10)),
    "rate, refuted": lambda: efpep.rate(efpep.EF21("1/2"), uniform(10, "1/2", 10)),
    "rate, a gap": lambda: efpep.rate(efpep.EF("1/5"), uniform(10, "1/2", 2), "gap"),
    "rate, groups": lambda: efpep.rate(efpep.EF21("1/10"), GROUPS),
    "rate, random": lambda: efpep.rate(
        efpep.EF21("1/10"), efpep.Setting(efpep.SmoothStronglyConvex("1/2", 1), efpep.Unbiased(1), 3)
    ),
    "rate, given": lambda: efpep.rate(efpep.EF21("1/5"), uniform(10, "1/2", 10), lyapunov="literature"),
    "rate, features": lambda: efpep.rate(efpep.EF21("1/5"), uniform(10, "1/2", 10), features=["g", "g-d"]),
    "rate, memory": lambda: efpep.rate(HEAVY_BALL, uniform(10, "1/2"), memory=1, width="1/1000"),
    "rate, any sign": lambda: efpep.rate(HEAVY_BALL, uniform(10, "1/2"), positivity="interpolation"),
    "rate, any sign, given": lambda: efpep.rate(
        efpep.EF21("1/5"), uniform(10, "1/2"), lyapunov="|g-d|^2 + |g|^2", positivity="interpolation"
    ),
    "rate, projected": lambda: efpep.rate(efpep.ProjectedEF21("1/5"), uniform(10, "1/2", 10)),
    "rate, a class of the mean": lambda: efpep.rate(
        efpep.EF21("9/40"), replace(NONCONVEX, mean=efpep.GradientDominated("1/10", 1)), "gap"
    ),
    "rate, queried": lambda: efpep.rate(
        TripleMomentum("3/2", rho="1/2"), efpep.Setting(efpep.SmoothStronglyConvex("1/4", 1)), width="1/1000"
    ),
    "averaging": lambda: efpep.potential(efpep.SafeEF(), NONSMOOTH),
    "growing": lambda: efpep.potential(efpep.ADEF("1/40"), SMOOTH, 3),
    "growing, noisy": lambda: efpep.potential(
        efpep.ADEF("1/40"), replace(SMOOTH, agents=3, noise=efpep.GradientNoise("1/2")), 2, radius="3/2"
    ),
    "nonconvex": lambda: efpep.potential(efpep.EF21("3/10"), NONCONVEX),
    "nonconvex, refuted": lambda: efpep.potential(efpep.EF21("7/20"), NONCONVEX),
    "nonconvex, memory": lambda: efpep.potential(efpep.GD(1), replace(NONCONVEX, compressor=None), memory=1),
    "worst case": lambda: efpep.worst_case(efpep.EF21("1/10"), FAR, 2),
    "worst case, the best iterate": lambda: efpep.worst_case(efpep.GD("1/2"), SUBGRADIENTS, 3, "gap", at="best"),
    "worst case, a sum": lambda: efpep.worst_case(efpep.GD("1/2"), uniform(10, 0), 1, "gap", {"gap + 0.05 distance": 1}),
    "noise": lambda: efpep.noise(efpep.EF("1/25"), NOISY),
    "noise, the last iterate": lambda: efpep.noise(
        efpep.GD("1/2"), replace(uniform(10, 0), noise=efpep.GradientNoise(2)), "91/100", "last"
    ),
    "target accuracy": lambda: reach(efpep.EF("1/10"), NOISY, 2, radius=3).answer,
    "nonconvex, noise": lambda: efpep.noise(efpep.EF21("1/5"), NONCONVEX_NOISE, decrease="1/10"),
    "switching": lambda: efpep.switching_worst_case(efpep.SafeEF(KNOWN.step_size), SWITCHING, 3),
    "cycle": lambda: efpep.cycle(efpep.EF("7/10"), uniform(10, "1/4")),
    "cycle, none": lambda: efpep.cycle(efpep.EF("1/2"), uniform(10, "1/4")),
    "cycle, shrinking": lambda: efpep.asymptotic_lower_bound(efpep.EF21("1/5"), uniform(10, "1/2", 2)),
    "quadratic instance": lambda: slowest_quadratic(HEAVY_BALL, GROUPS),
    "step size": lambda: efpep.tune(efpep.GD, uniform(10, 0), tolerance="1/20", verify="3/2"),
    "improvement": lambda: Improved(),  # noqa: PLW0108 - the class stands below
}


class Improved:
    """Whether two step sizes improve a reference: one does, and one is excluded."""

    def __init__(self):
        reference = efpep.rate(efpep.EF21("1/10"), uniform(10, "1/2"), width="1/1000").certificate
        better, worse = (efpep.rate(efpep.EF21(step), uniform(10, "1/2"), width="1/1000").certificate for step in ("1/5", "1/11"))
        choices = (
            Choice((Fraction(1, 5),), replace(better, lower=None)),
            Choice((Fraction(1, 11),), replace(worse, upper=None)),
        )
        question = ImprovementQuestion.of(reference.question, Improvement(), ("step_size",))
        self.certificate = Certificate(question, None, Examined(reference, choices))


@functools.cache
def made(name):
    return CERTIFICATES[name]().certificate


@pytest.fixture(params=CERTIFICATES)
def certificate(request):
    return made(request.param)


def leaves(node, path=()):
    """Yield the places of the numbers of a file."""
    if isinstance(node, dict | list):
        for key, inner in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(inner, (*path, key))
    elif isinstance(node, str) and re.fullmatch(r"-?\d+(/\d+)?", node):
        yield path


def changed(described, path, change):
    """Return a file with one number changed."""
    other = copy.deepcopy(described)
    node = other
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = str(change(Fraction(node[path[-1]])))
    return other


def slots(template, path=()):
    """Yield the places of a layout with their slots."""
    if isinstance(template, Slot):
        yield path, template
    else:
        for key, inner in template.items() if isinstance(template, dict) else enumerate(template):
            yield from slots(inner, (*path, key))


def refused(described):
    """Whether a certificate is refused, with one sentence."""
    try:
        Certificate.restore(described).check()
    except efpep.CertificateError as error:
        return one_sentence(str(error))
    return False


def test_every_kind_is_here():
    formats = {Certificate.restore(made(name).describe()).describe()["claim"]["format"] for name in CERTIFICATES}
    assert formats == {kind.format for kind in KINDS.values()}


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_a_folder(name):
    kind = KINDS[name]
    assert name == kind.question().KIND
    assert callable(kind.module("report").claim_object)


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_asked_by_a_verb_and_by_studies_or_says_why_not(name):
    kind = KINDS[name]
    if kind.composite:
        assert not kind.verb
        return
    assert hasattr(
        kind.module("answer"), "tune" if name == "step size" else "ask"
    )  # whose answer chooses what its certificate is about
    assert all(callable(getattr(kind.module("report"), said)) for said in ("answer_object", "answer_rows", "answer_text"))
    assert kind in VERBS[kind.verb]
    assert issubclass(COMMANDS[kind.verb], Asking)
    form = kind.form()
    assert issubclass(form, StudyForm)
    assert name == form.KIND
    assert form.MEANING.endswith(".")
    assert set(form.readers()) <= set(schema(kind.verb).model_fields)
    assert type_of({"question": kind.verb}) is (RATE_STUDIES if name == "rate" else QUESTION_STUDIES)


def test_a_verb_asks_one_kind_of_question_of_every_method():
    for verb, kinds in VERBS.items():
        for method in efpep.methods.METHODS.members.values():
            assert sum(kind.form().asks(method) for kind in kinds) == 1, (verb, method)


def test_a_claim_is_a_json_object(certificate):
    claim = json.loads(json.dumps(claim_object(certificate)))
    assert claim["method"] == certificate.method.key


def test_files_and_back(certificate, tmp_path):
    said = certificate.check()
    assert one_sentence(said)
    path = tmp_path / "c.json"
    certificate.save(path)
    loaded = Certificate.load(path)
    assert loaded == certificate
    assert (loaded.describe(), loaded.check()) == (certificate.describe(), said)
    assert efpep.verify(path).reason == said


@pytest.fixture
def written(certificate, tmp_path):
    """A certificate's file as a JSON object."""
    certificate.save(tmp_path / "written.json")
    return json.loads((tmp_path / "written.json").read_text())


def verified(described, tmp_path):
    path = tmp_path / "verified.json"
    path.write_text(json.dumps(described))
    return efpep.verify(path)


def test_a_file_says_who_wrote_it_about_which_system(certificate, written, tmp_path):
    assert list(written) == ["claim", "witnesses", "provenance"]
    assert written["provenance"].keys() == {"version", "solver", "system"}
    assert written["provenance"]["version"] == efpep.__version__
    solver = written["provenance"]["solver"]
    assert (
        solver is None
        if certificate.question.KIND in {"improvement", "quadratic instance"}
        else set(solver.split("+")) <= {"clarabel", "extended", "theorem"}
    )
    found = verified(written, tmp_path)
    assert found.provenance.describe() == written["provenance"]
    assert (found.accepted, found.note) == (True, "")
    assert {key: written[key] for key in ("claim", "witnesses")} == certificate.describe()


def test_provenance_is_no_evidence(certificate, written, tmp_path):
    """Whatever it says, the check is the same; a digest of other inequalities is told, and a missing one is not missed."""
    said = certificate.check()
    other = written | {"provenance": {"version": "9.9", "solver": None, "system": "0" * 64}}
    found = verified(other, tmp_path)
    assert (found.accepted, found.reason, found.certificate) == (True, said, certificate)
    assert one_sentence(found.note)
    assert "(9.9)" in found.note
    del other["provenance"]
    found = verified(other, tmp_path)
    assert (found.accepted, found.reason, found.note, found.provenance) == (True, said, "", None)
    assert found.certificate == certificate
    signless = {*equalities(certificate.question), "box"}
    place = next(path for path in leaves(written["witnesses"], ("witnesses",)) if not signless & set(path))
    assert verified(changed(written, place, lambda x: -x - 1), tmp_path).accepted is False


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        "efpep",
        {},
        {"version": "0.1.0", "solver": "clarabel"},
        {"version": "0.1.0", "solver": "clarabel", "system": "0" * 64, "more": "1"},
        {"version": 1, "solver": "clarabel", "system": "0" * 64},
        {"version": "0.1.0\n", "solver": "clarabel", "system": "0" * 64},
        {"version": "0.1.0", "solver": "x\x1b[31m", "system": "0" * 64},
        {"version": "0.1.0", "solver": "", "system": "0" * 64},
        {"version": "0.1.0", "solver": None, "system": "0" * 63},
        {"version": "0.1.0", "solver": None, "system": None},
    ],
)
def test_malformed_provenance_is_refused_in_one_sentence(wrong, tmp_path):
    found = verified(made("rate").describe() | {"provenance": wrong}, tmp_path)
    assert found.accepted is False
    assert one_sentence(found.reason)
    assert "provenance" in found.reason


def test_the_digest_is_of_the_question_alone():
    """The agents' number above one is not in the inequalities, the step size is."""
    digests = [
        RateQuestion(efpep.EF21(step), uniform(10, "1/2", agents), "distance").digest
        for step, agents in (("1/5", 10), ("1/5", 11), ("1/6", 10), ("1/5", 1))
    ]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


@pytest.mark.parametrize(
    "name", [name for name in CERTIFICATES if name.startswith(("rate", "averaging", "growing", "noise", "nonconvex"))]
)
def test_the_layout_has_every_number_once(name):
    certificate = made(name)
    layout, system = certificate.question.layout(), certificate.question.system
    upper = [slot for _, slot in slots(layout.upper)]
    lower = [slot for _, slot in slots(layout.lower)]
    assert len(set(upper)) == len(upper)
    assert len(set(lower)) == len(lower)
    assert sum(slot.part == "weights" for slot in upper) == len(system.matrices)
    assert sum(slot.part == "gaps" for slot in upper) == len(system.multiples)
    assert sum(slot.part == "multipliers" for slot in upper) == sum(len(relation.rows) for relation in system.relations)
    used = system.relations[: 1 + max((slot.index[0] for slot in lower), default=0)]
    assert sum(slot.part == "grams" for slot in lower) == sum(len(relation.blocks) for relation in used)
    assert sum(slot.part == "values" for slot in lower) == sum(len(relation.values) for relation in used)


def equalities(question):
    """The names of the rows whose multipliers have no sign."""
    if isinstance(question, SystemQuestion):
        rows = [row for relation in question.system.relations for row in relation.rows]
    else:
        rows = getattr(getattr(question, "inequalities", None), "fixed", ())
        rows = rows or getattr(getattr(question, "inequalities", None), "rows", ())
    return {row.name for row in rows if row.equality}


def only_entry(described, path):
    """Whether a place lies in the only entry, a polynomial, of the state of an instance on a line that is not zero."""
    if "state" not in path[:-1]:
        return False
    place = path.index("state")
    state = functools.reduce(operator.getitem, path[: place + 1], described)
    alone = [k for k, entry in enumerate(state) if isinstance(entry, list) and any(Fraction(a) != 0 for a in entry)]
    return alone == [path[place + 1]]


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("most", [150, pytest.param(10**6, marks=pytest.mark.slow)])
def test_no_number_of_a_proof_may_change_its_sign(certificate, most):
    """With -x - 1 for any number x one condition fails.

    But for multipliers of equalities, which have no sign, ends of boxes: a larger box may be excluded just as well, and the only
    entry of a state that has no other: the size of states does not matter.
    """
    described = certificate.describe()
    signless = equalities(certificate.question)
    places = [path for path in leaves(described["witnesses"], ("witnesses",)) if not {*signless, "box"} & set(path)]
    places = [path for path in places if not only_entry(described, path)]
    assert len(places) > 5
    step = max(1, len(places) // most)
    for path in itertools.islice(places, 0, None, step):
        assert refused(changed(described, path, lambda x: -x - 1)), path


def ends_of(described):
    """The places of the ends of a claim, by end."""
    claim = described["claim"]
    for key in ("rate", "K", "value", "c", "a"):
        if key in claim:
            return {end: ("claim", key, end) for end, number in claim[key].items() if number is not None}
    return {end: ("claim", key) for end, key in (("lower", "lower"), ("upper", "bound")) if key in claim}


def test_no_end_may_move_inwards(certificate):
    described = certificate.describe()
    for end, place in ends_of(described).items():
        step = Fraction(1, 100) if end == "lower" else Fraction(-1, 100)
        assert refused(changed(described, place, lambda x, step=step: x + step * (1 + abs(x)))), end


def test_no_end_without_its_proof(certificate):
    for end in ("lower", "upper"):
        described = certificate.describe()
        if end in described["witnesses"]:
            del described["witnesses"][end]
            assert refused(described)
    described = certificate.describe()
    for place in ends_of(described).values():
        (described["claim"] if len(place) == 2 else described["claim"][place[1]])[place[-1]] = None
    described["witnesses"] = {}
    assert refused(described)


def test_keys_may_neither_be_missing_nor_added(certificate):
    for part in ("claim", "witnesses"):
        for key in list(certificate.describe()[part]):
            described = certificate.describe()
            del described[part][key]
            assert refused(described), key
        described = certificate.describe()
        described[part]["more"] = "1"
        assert refused(described)
    for end, found in certificate.describe()["witnesses"].items():
        for key in found if isinstance(found, dict) and not omissible(certificate) else ():
            described = certificate.describe()
            del described["witnesses"][end][key]
            assert refused(described), key


def omissible(certificate):
    """Whether an inequality that is not named has the multiplier zero."""
    return certificate.question.KIND in {"switching patterns", "worst case"}


def foreign(code):
    """The packages that are loaded by running ``code``, besides efpep and the standard library."""
    report = (
        "import sys, json\n"
        "before = set(sys.modules)\n"
        f"{code}\n"
        "roots = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(json.dumps(sorted(roots - set(sys.stdlib_module_names) - {'efpep'})))"
    )
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.fast_cases(5)
def test_the_check_loads_the_standard_library_alone(certificate, tmp_path):
    path = tmp_path / "c.json"
    certificate.save(path)
    assert foreign(f"from efpep.questions.verify import verify\nassert verify({str(path)!r}).accepted") == []


def test_questions_checks_and_proofs_load_the_standard_library_alone():
    source = Path(efpep.__file__).parent
    files = [*source.glob("proof/*.py"), *source.glob("questions/*/question.py"), *source.glob("questions/*/check.py")]
    names = [".".join(path.relative_to(source.parent).with_suffix("").parts) for path in files]
    assert {f"efpep.questions.{kind.folder}.question" for kind in KINDS.values()} < set(names)
    assert foreign("\n".join(f"import {name}" for name in names)) == []
