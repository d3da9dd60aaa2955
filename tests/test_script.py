"""Stand-alone scripts: they prove what the certificate proves, refuse what it does not, and need nothing of efpep."""

import ast
import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest

import efpep
from efpep.certify.script import write_script

FUNCTIONS = efpep.SmoothStronglyConvex("1/10", 1)
HALF = efpep.Contractive("1/2")


def setting(agents=1, functions=FUNCTIONS, compressor=HALF):
    return efpep.Setting(functions, compressor, agents)


GROUPS = setting([efpep.Group(count=1), efpep.Group(functions=efpep.SmoothStronglyConvex("3/10", 2), count=2)])
SHARES = setting([efpep.Group(share="1/3"), efpep.Group(share="2/3", compressor=efpep.Contractive(1))])
SAME = efpep.SmoothStronglyConvex(1, 1)

QUESTIONS = {
    "gd": (efpep.GD(), setting(3), "gap"),
    "cgd": (efpep.CGD(), setting(1), "gradient"),
    "cgd-several": (efpep.CGD("3/10"), setting(2, compressor=efpep.Contractive("9/10")), "distance"),
    "ef": (efpep.EF(), setting(2), "distance"),
    "ef-single": (efpep.EF("1/5"), setting(1), "distance"),
    "ef21": (efpep.EF21(), setting(1), "distance"),
    "ef21-many": (efpep.EF21("1/5"), setting(10**6), "gap"),
    "ef21-groups": (efpep.EF21("0.14"), GROUPS, "distance"),
    "ef-shares": (efpep.EF("0.14"), SHARES, "distance"),
    "ef-given": (efpep.EF(), setting(2), "distance", "clarabel", "literature"),
    "ef21-given": (efpep.EF21("1/5"), setting(2), "distance", "clarabel", "|mean(g-d)|^2 + dev(g-d, g-d) + 7/10 |mean(g)|^2"),
    "no-contraction": (efpep.EF21(1), setting(4), "distance"),
    "no-compression": (efpep.EF21("1/2"), setting(2, compressor=efpep.Contractive(1)), "distance"),
    "no-curvature-gap": (efpep.EF21("1/5"), setting(2, functions=SAME), "distance"),
}


@pytest.fixture(scope="module")
def certificates():
    return {name: certified(*question) for name, question in QUESTIONS.items()}


def certified(method, asked, metric, solver="clarabel", lyapunov=None):
    return efpep.rate(method, asked, metric, solver, lyapunov=lyapunov).certificate


@pytest.fixture
def execute(tmp_path):
    def execute(text):
        path = tmp_path / "proof.py"
        path.write_text(text, encoding="utf-8")
        # -I: neither this directory nor the environment can lend the script a module; -W error: no warning either.
        done = subprocess.run([sys.executable, "-I", "-W", "error", path], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    return execute


@pytest.mark.parametrize("name", list(QUESTIONS))
def test_a_script_proves_its_claim(name, certificates, execute):
    certificate = certificates[name]
    assert certificate.check()
    status, out, err = execute(write_script(certificate))
    assert (status, err) == (0, "")
    assert out.splitlines()[-1] == f"Proved: {certificate.sentence()}"
    assert "FAILS" not in out
    conditions = [line for line in out.splitlines() if line.startswith("  holds: ")]
    assert len(conditions) == len(set(conditions)) > 5
    assert all(line.endswith(".") for line in conditions)


def test_the_refuted_step_size_has_a_lower_end_only(certificates):
    # 1 exceeds the stability limit (2/L)(1-s)/(1+s) = 0.343 of THEORY 7.
    certificate = certificates["no-contraction"]
    assert certificate.upper is None
    assert certificate.lower.rate >= 1
    assert "UPPER = None" in write_script(certificate)


@pytest.mark.parametrize("name", list(QUESTIONS))
def test_a_script_imports_the_standard_library_alone(name, certificates):
    imported = set()
    for node in ast.walk(ast.parse(write_script(certificates[name]))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module.partition(".")[0])
    assert imported <= set(sys.stdlib_module_names)
    assert imported == {"__future__", "collections", "fractions", "sys", "typing"}


def test_the_text_is_deterministic(certificates):
    again = efpep.Certificate.restore(certificates["ef21-groups"].describe())
    assert write_script(again) == write_script(certificates["ef21-groups"])


def test_a_script_reads_well(certificates):
    text = write_script(certificates["ef21-many"])
    assert ast.get_docstring(ast.parse(text)).startswith("EF21: a worst-case convergence rate")
    assert "step size: 0.2" in text
    assert "1000000 agents; smooth-strongly-convex (mu = 0.1, L = 1); contractive (delta = 0.5)" in text
    # x+ = x - eta (g - (g-d)) with g = mu x + u0: 1 - 0.2 * 0.1 = 0.98.
    assert "#   x+ = 0.98*x - 0.2*u0 + 0.2*(g-d)" in text
    # <u0, x_* - x_0> = -<x, u0>, and 1/(2 (L - mu)) = 5/9.
    assert "# interpolation(*,0): F0 - <x, u0> + 5/9*<u0, u0> + 5/9*dev(u0, u0) <= 0" in text
    prose = [line for line in text.splitlines() if 'F("' not in line]
    assert max(map(len, prose)) <= 130


def changed(text, section, number):
    """The script with the ``number``-th exact number of a section moved by 1 %, or by 1/100 where it is zero."""
    start = text.index(f"\n{section} = ")
    match = list(re.finditer(r'F\("([^"]*)"\)', text[start:]))[number]
    value = Fraction(match[1])
    moved = value * Fraction(101, 100) if value else Fraction(1, 100)
    return f'{text[: start + match.start()]}F("{moved}"){text[start + match.end() :]}'


@pytest.mark.parametrize("section", ["POINTS", "INTERPOLATION", "COMPRESSION", "INEQUALITIES"])
def test_changed_inequalities_are_refused(section, certificates, execute):
    text = write_script(certificates["ef21-many"])
    for number in range(4):
        status, out, _ = execute(changed(text, section, number))
        assert status == 1
        assert re.search(r"^FAILS: (interpolation|compression)\(\S+ is the ", out, re.MULTILINE)


def negative(matrix):
    return tuple(tuple(-a for a in row) for row in matrix)


def askew(matrix):
    return ((*matrix[0][:-1], matrix[0][-1] + 1), *matrix[1:])


def zero(lower):
    grams = tuple(tuple(tuple(Fraction(0) for _ in row) for row in gram) for gram in lower.grams)
    return replace(lower, grams=grams, values=(Fraction(0), Fraction(0)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda upper: replace(upper, rate=upper.rate - Fraction(1, 1000)), "The decrease"),
        (lambda upper: replace(upper, rate=Fraction(-1)), "The rate is not negative"),
        (lambda upper: replace(upper, margin=Fraction(0)), "The margin in the metric is positive"),
        (lambda upper: replace(upper, margin=Fraction(1)), "The decrease has a nonnegative coefficient of F0"),
        (lambda upper: replace(upper, gaps=(Fraction(-1),)), "The coefficient of the function gap f"),
        (lambda upper: replace(upper, multipliers=(Fraction(-1), *upper.multipliers[1:])), "The multiplier of interpolation"),
        (lambda upper: replace(upper, weights=tuple(negative(m) for m in upper.weights)), "The weights of V in the mean block"),
        (lambda upper: replace(upper, weights=tuple(askew(m) for m in upper.weights)), "The weights of V in the mean block"),
        (lambda upper: replace(upper, multipliers=(Fraction(0),) * 7), "The decrease"),
    ],
)
def test_a_false_upper_end_is_refused_by_name(change, says, certificates, execute):
    certificate = certificates["ef21-many"]
    status, out, err = execute(write_script(replace(certificate, upper=change(certificate.upper))))
    assert (status, err) == (1, "")
    assert out.splitlines()[-1].startswith(f"FAILS: {says}")
    assert "Proved" not in out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda lower: replace(lower, rate=lower.rate + Fraction(1, 1000)), "Every quadratic in the features of the mean block"),
        (lambda lower: replace(lower, grams=tuple(negative(m) for m in lower.grams)), "The instance's Gram matrix of the mean"),
        (lambda lower: replace(lower, values=(Fraction(-1), Fraction(0))), "The instance's function value F0"),
        (lambda lower: replace(lower, values=(Fraction(0), Fraction(0))), "The instance satisfies interpolation"),
        (zero, "The metric is positive on the instance"),
    ],
)
def test_a_false_lower_end_is_refused_by_name(change, says, certificates, execute):
    certificate = certificates["ef21-many"]
    status, out, err = execute(write_script(replace(certificate, lower=change(certificate.lower))))
    assert (status, err) == (1, "")
    assert out.splitlines()[-1].startswith(f"FAILS: {says}")


def test_another_function_than_the_given_one_is_refused(certificates, execute):
    certificate = certificates["ef21-given"]
    double = tuple(tuple(tuple(2 * a for a in row) for row in matrix) for matrix in certificate.given.blocks)
    status, out, _ = execute(write_script(replace(certificate, given=replace(certificate.given, blocks=double))))
    assert (status, out.splitlines()[-1]) == (1, "FAILS: V is the Lyapunov function that the claim is about.")
    raised = replace(certificate.lower, rate=certificate.lower.rate + Fraction(1, 1000))
    status, out, _ = execute(write_script(replace(certificate, lower=raised)))
    assert (status, out.splitlines()[-1][:40]) == (1, "FAILS: V is at least rate times as large")


def test_a_lower_end_alone_is_checked_too(certificates, execute):
    certificate = certificates["no-contraction"]
    status, out, _ = execute(write_script(replace(certificate, lower=zero(certificate.lower))))
    assert (status, out.splitlines()[-1]) == (1, "FAILS: The metric is positive on the instance.")


def test_shapes_that_do_not_fit_are_refused(certificates):
    certificate = certificates["ef21"]
    for wrong in (
        replace(certificate, lower=None, upper=None),
        replace(certificate, upper=replace(certificate.upper, weights=())),
        replace(certificate, upper=replace(certificate.upper, multipliers=())),
        replace(certificate, lower=replace(certificate.lower, grams=())),
    ):
        with pytest.raises(efpep.CertificateError) as refused:
            write_script(wrong)
        assert "\n" not in str(refused.value)


def test_writing_needs_no_numpy(certificates, tmp_path):
    path = tmp_path / "certificate.json"
    certificates["ef21-groups"].save(path)
    code = (
        "import sys; from efpep.certify.certificate import Certificate; from efpep.certify.script import write_script; "
        f"write_script(Certificate.load({str(path)!r})); "
        "sys.exit(any(name in sys.modules for name in ('numpy', 'scipy', 'clarabel', 'cvxpy', 'sympy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
