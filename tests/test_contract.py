"""What every kind of certificate keeps to: files and back, no number that may be changed, the standard library alone.

A kind of question is listed once, in :data:`CERTIFICATES`, and everything here holds for it.
"""

import copy
import functools
import itertools
import json
import subprocess
import sys
from fractions import Fraction

import pytest
from conftest import one_sentence, uniform

import efpep
from efpep.proof.layout import Slot
from efpep.questions.base import CLAIMS, Certificate
from efpep.questions.kinds import restore
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
NONSMOOTH = efpep.Setting(efpep.BoundedSubgradients(1), efpep.Contractive("1/2"), 4, server_compressor=efpep.Projection("1/10"))
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
    "averaging": lambda: efpep.potential(efpep.SafeEF(), NONSMOOTH),
    "growing": lambda: efpep.potential(efpep.ADEF("1/40"), SMOOTH, 3),
}


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
    elif isinstance(node, str):
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
        restore(described).check()
    except efpep.CertificateError as error:
        return one_sentence(str(error))
    return False


def test_every_kind_is_here():
    formats = {restore(made(name).describe()).describe()["claim"]["format"] for name in CERTIFICATES}
    assert formats == set(CLAIMS)


def test_files_and_back(certificate, tmp_path):
    said = certificate.check()
    assert one_sentence(said)
    path = tmp_path / "c.json"
    certificate.save(path)
    loaded = Certificate.load(path)
    assert loaded == certificate
    assert (loaded.describe(), loaded.check()) == (certificate.describe(), said)
    assert efpep.verify(path).reason == said


def test_the_layout_has_every_number_once(certificate):
    layout, system = certificate.claim.layout(), certificate.claim.system
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


@pytest.mark.parametrize("most", [150, pytest.param(10**6, marks=pytest.mark.slow)])
def test_no_number_of_a_proof_may_change_its_sign(certificate, most):
    """With -x - 1 for any number x one condition fails, but for multipliers of equalities, which have no sign."""
    described = certificate.describe()
    equalities = {row.name for relation in certificate.claim.system.relations for row in relation.rows if row.equality}
    places = [path for path in leaves(described["witnesses"], ("witnesses",)) if not equalities & set(path)]
    assert len(places) > 10
    step = max(1, len(places) // most)
    for path in itertools.islice(places, 0, None, step):
        assert refused(changed(described, path, lambda x: -x - 1)), path


def test_no_end_may_move_inwards(certificate):
    described = certificate.describe()
    key = type(certificate.claim).ENDS
    ends = described["claim"][key]
    if ends["upper"] is not None:
        assert refused(changed(described, ("claim", key, "upper"), lambda x: x - Fraction(1, 100) * (1 + abs(x))))
    if ends["lower"] is not None:
        assert refused(changed(described, ("claim", key, "lower"), lambda x: x + Fraction(1, 100) * (1 + abs(x))))


def test_no_end_without_its_proof(certificate):
    for end in ("lower", "upper"):
        described = certificate.describe()
        if end in described["witnesses"]:
            del described["witnesses"][end]
            assert refused(described)
    described = certificate.describe()
    described["claim"][type(certificate.claim).ENDS] = {"lower": None, "upper": None}
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
        for key in found:
            described = certificate.describe()
            del described["witnesses"][end][key]
            assert refused(described), key


def test_the_check_loads_the_standard_library_alone(certificate, tmp_path):
    path = tmp_path / "c.json"
    certificate.save(path)
    code = (
        "import sys, json\n"
        "before = set(sys.modules)\n"
        "from efpep.questions.verify import verify\n"
        f"assert verify({str(path)!r}).accepted\n"
        "roots = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(json.dumps(sorted(roots - set(sys.stdlib_module_names) - {'efpep'})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def test_an_instance_of_patterns_is_run_with_the_standard_library_alone(tmp_path):
    path = tmp_path / "c.json"
    bounded = efpep.BoundedSubgradients(1)
    setting = efpep.Setting(bounded, efpep.Contractive("1/2"), 2, constraint=bounded)
    known = theory.guarantee(theory.transient_constant(3, "1/2", 1), 3)
    efpep.switching_worst_case(efpep.SafeEF(known.step_size), setting, 3).certificate.save(path)
    assert json.loads(path.read_text())["witnesses"]["instance"]
    code = (
        "import sys\nfrom efpep.questions.verify import verify\n"
        f"assert verify({str(path)!r}).accepted\n"
        "sys.exit(any(name in sys.modules for name in ('numpy', 'scipy', 'clarabel', 'efpep.simulate')))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=120, check=False).returncode == 0
