"""Stand-alone scripts: they prove what the certificate proves, refuse what it does not, and need nothing of efpep."""

import ast
import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest

import efpep
from efpep.questions.rate.script.write import write_script

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


@pytest.mark.fast_cases(9)
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
    assert certificate.lower.theta >= 1
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
    grams = tuple(tuple(tuple(Fraction(0) for _ in row) for row in gram) for gram in lower.grams[0])
    return replace(lower, grams=(grams,), values=((Fraction(0), Fraction(0)),))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda upper: replace(upper, theta=upper.theta - Fraction(1, 1000)), "The decrease"),
        (lambda upper: replace(upper, theta=Fraction(-1)), "The rate is not negative"),
        (lambda upper: replace(upper, margin=Fraction(0)), "The margin in the metric is positive"),
        (lambda upper: replace(upper, margin=Fraction(1)), "The decrease has a nonnegative coefficient of F0"),
        (lambda upper: replace(upper, gaps=(Fraction(-1),)), "The coefficient of the function gap f"),
        (
            lambda upper: replace(upper, multipliers=((Fraction(-1), *upper.multipliers[0][1:]),)),
            "The multiplier of interpolation",
        ),
        (lambda upper: replace(upper, weights=tuple(negative(m) for m in upper.weights)), "The weights of V in the mean block"),
        (lambda upper: replace(upper, weights=tuple(askew(m) for m in upper.weights)), "The weights of V in the mean block"),
        (lambda upper: replace(upper, multipliers=((Fraction(0),) * 7,)), "The decrease"),
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
        (
            lambda lower: replace(lower, theta=lower.theta + Fraction(1, 1000)),
            "Every quadratic in the features of the mean block",
        ),
        (
            lambda lower: replace(lower, grams=(tuple(negative(m) for m in lower.grams[0]),)),
            "The instance's Gram matrix of the mean",
        ),
        (lambda lower: replace(lower, values=((Fraction(-1), Fraction(0)),)), "The instance's function value F0"),
        (lambda lower: replace(lower, values=((Fraction(0), Fraction(0)),)), "The instance satisfies interpolation"),
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
    double = tuple(tuple(tuple(2 * a for a in row) for row in matrix) for matrix in certificate.question.given.blocks)
    other = replace(certificate.question, given=replace(certificate.question.given, blocks=double))
    status, out, _ = execute(write_script(replace(certificate, question=other)))
    assert (status, out.splitlines()[-1]) == (1, "FAILS: V is the Lyapunov function that the claim is about.")
    raised = replace(certificate.lower, theta=certificate.lower.theta + Fraction(1, 1000))
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
        replace(certificate, upper=replace(certificate.upper, multipliers=((),))),
        replace(certificate, lower=replace(certificate.lower, grams=())),
    ):
        with pytest.raises(efpep.CertificateError) as refused:
            write_script(wrong)
        assert "\n" not in str(refused.value)


def test_writing_needs_no_numpy(certificates, tmp_path):
    path = tmp_path / "certificate.json"
    certificates["ef21-groups"].save(path)
    code = (
        "import sys; from efpep.questions.base import Certificate; from efpep.questions.rate.script.write import write_script; "
        f"write_script(Certificate.load({str(path)!r})); "
        "sys.exit(any(name in sys.modules for name in ('numpy', 'scipy', 'clarabel', 'cvxpy', 'sympy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- what is claimed is what is checked -----------------------------------------------------------------------------------


def ran(text):
    """What a script prints, and its status, without a process of its own."""
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit) as ended:
        exec(compile(text, "proof.py", "exec"), {"__name__": "proof"})  # noqa: S102
    return ended.value.code, out.getvalue().splitlines()


def test_an_edited_sentence_does_not_survive(certificates, execute):
    text = write_script(certificates["ef21"])
    step = "0.31195068227965437"
    assert text.count(f'F("{step}")') >= 1
    status, out, _ = execute(text.replace(f'"step size": F("{step}")', '"step size": F("0.9")'))
    assert (status, out.splitlines()[-1]) == (1, "FAILS: The iterate moves by minus the step size times the direction.")
    status, out, _ = execute(text.replace(f"step size {step}", "step size 0.9"))  # the docstring may say anything
    assert (status, out.splitlines()[-1]) == (0, f"Proved: {certificates['ef21'].sentence()}")


@pytest.mark.parametrize("name", ["ef21", "ef21-many", "ef21-groups", "ef", "ef-given"])
def test_every_number_of_the_claim_is_checked_or_given(name, certificates):
    text = write_script(certificates[name])
    claim = text[text.index("\nCLAIM = ") : text.index("# ----", text.index("\nCLAIM = "))]
    _, before = ran(text)
    assert len(re.findall(r'F\("([^"]*)"\)', claim)) >= 5
    for number in range(len(re.findall(r'F\("([^"]*)"\)', claim))):
        status, after = ran(changed(text, "CLAIM", number))
        if status == 0:  # a count of agents, on which nothing depends but averages over groups
            assert after[-1] != before[-1]
            difference = [a for a, b in zip(before[-1].split(" and "), after[-1].split(" and "), strict=True) if a != b]
            assert all("agent" in piece for piece in difference)


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_every_other_number_leaves_a_proof_or_none(certificates, every):
    text = write_script(certificates["ef21-many"])
    _, before = ran(text)
    for section in ("FEATURES", "GAPS", "METRIC", "DIRECTION", "POINTS", "MESSAGES", "INEQUALITIES", "UPPER", "LOWER"):
        start = text.index(f"\n{section} = ")
        count = len(re.findall(r'F\("([^"]*)"\)', text[start : text.index("\n\n", start)]))
        for number in range(0, count, every):
            status, after = ran(changed(text, section, number))
            if status == 0 and section not in {"UPPER", "LOWER"}:
                given = [[line for line in lines if line.startswith("  given")] for lines in (before, after)]
                assert given[0] != given[1]
            if status == 0 and section in {"UPPER", "LOWER"}:  # other witnesses, or weaker rates that are what is said then
                assert after[-1].startswith("Proved: EF21 with step size 0.2 for 1000000 agents")


class Foreign(efpep.Contractive):
    """A class whose formula a script does not know."""


class ForeignFunctions(efpep.SmoothStronglyConvex):
    """Functions whose formula a script does not know."""


def test_rows_without_a_formula_are_given_line_by_line(execute):
    for functions, compressor, unknown in ((FUNCTIONS, Foreign("1/2"), 1), (ForeignFunctions("1/10", 1), HALF, 6)):
        certificate = efpep.rate(efpep.EF21("1/10"), setting(3, functions, compressor)).certificate
        status, out, _ = execute(write_script(certificate))
        lines = out.splitlines()
        rows = [line for line in lines if re.match(r"  given: \S+\(\S*\).* (<=|==) 0\.$", line)]
        checked = [
            line for line in lines if re.search(r"is the interpolation inequality|is the inequality of a contractive", line)
        ]
        assert status == 0
        assert len(rows) + len(checked) == len(certificate.question.inequalities.rows)
        assert len(rows) == unknown
        given = re.match(r"Proved, given the (\d+) relations? of the classes listed above: EF21", lines[-1])
        assert int(given[1]) >= len(rows)
        assert any("given: no relation that is checked is about the" in line and "Foreign" in line for line in lines)


def two_groups(compressor):
    return setting(
        [efpep.Group(count=1), efpep.Group(functions=efpep.SmoothStronglyConvex("3/10", 2), count=2)], compressor=compressor
    )


CLASSES = {
    "randomized": (efpep.EF21("1/20"), setting(3, compressor=efpep.Randomized("1/2"))),
    "randomized-shared": (efpep.CGD("1/20"), setting(2, compressor=efpep.Randomized("1/2", shared="yes"))),
    "randomized-groups": (efpep.CGD("1/20"), two_groups(efpep.Randomized("1/2"))),
    "unbiased": (efpep.EF21("1/20"), setting(3, compressor=efpep.Unbiased("1/2"))),
    "unbiased-groups": (efpep.CGD("1/20"), two_groups(efpep.Unbiased("1/2"))),
    "projection": (efpep.EF("1/20"), setting(2, compressor=efpep.Projection("1/2"))),
    "linear": (efpep.EF21("1/20"), setting(2, compressor=efpep.LinearContractive("1/2"))),
    "server": (efpep.EF21P("1/20"), efpep.Setting(FUNCTIONS, None, 2, server_compressor=HALF)),
    "server-too": (efpep.EF21BC("1/20"), efpep.Setting(FUNCTIONS, HALF, 2, server_compressor=efpep.Randomized("1/2"))),
    "set": (efpep.ProjectedEF21("1/20"), setting(2)),
    "dominated": (efpep.EF("1/20"), setting(2, efpep.GradientDominated("1/5", 1)), "gap"),
    "dominated-single": (efpep.GD("1/2"), setting(1, efpep.GradientDominated("1/5", 1)), "gradient"),
}


@pytest.fixture(scope="module")
def others():
    return {name: efpep.rate(*question).certificate for name, question in CLASSES.items()}


@pytest.mark.fast_cases(8)
@pytest.mark.parametrize("name", list(CLASSES))
def test_all_rows_of_the_catalogues_classes_are_checked(name, others):
    status, lines = ran(write_script(others[name]))
    assert (status, lines[-1]) == (0, f"Proved: {others[name].sentence()}")
    for row in others[name].question.inequalities.rows:
        assert sum(line.startswith(f"  holds: {row.name} is the ") for line in lines) == 1


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("randomized-groups", "server-too", "set")]


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("name", ["unbiased", "projection", "dominated", *SLOW])
def test_every_number_of_other_classes_is_checked_or_given(name, others):
    text = write_script(others[name])
    _, before = ran(text)
    for section in ("CLAIM", "FEATURES", "GAPS", "METRIC", "DIRECTION", "POINTS", "MESSAGES", "FEASIBLE", "INEQUALITIES"):
        start = text.index(f"\n{section} = ")
        count = len(re.findall(r'F\("([^"]*)"\)', text[start : text.index("\n#", start)]))
        for number in range(0, count, max(1, count // 8)):
            status, after = ran(changed(text, section, number))
            if status == 0:
                given = [[line for line in lines if line.startswith("  given")] for lines in (before, after)]
                assert given[0] != given[1]


def replaced(text, old, new, count=-1):
    assert old in text
    return text.replace(old, new, count)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("EQUALITIES = []", 'EQUALITIES = ["interpolation(*,0)"]', "interpolation(*,0) is the interpolation inequality"),
        ("EQUALITIES = []", 'EQUALITIES = ["compression(0)"]', "compression(0) is the inequality"),
        ('VALUES = ["F0", "F1"]', 'VALUES = ["F0"]', "All forms are about the listed columns and function values."),
        ('VALUES = ["F0", "F1"]', 'VALUES = ["F0", "F1", "F1"]', "Every column and function value is listed once."),
        ('"u1", "r0"]', '"r0"]', "All vectors are combinations of the listed columns."),
        ('"u1", "r0"]', '"r0", "u1"]', "What is lost of the message 0 is a vector of its own"),
        ('"count": F("1")', '"count": F("3")', "The functions answer at the point 0 with a gradient and a value"),
        ('"count": F("1")', '"count": F("1/2")', "Groups have whole numbers of agents"),
        ('"count": F("1")', '"count": 1.0', "All numbers are exact fractions."),
        ('"class of V": ""', '"class of V": ", even without V"', "The claim is about all quadratics"),
        ('"compressor": {"class": "contractive"', '"compressor": {"class": "top"', "compression(0) is the inequality"),
        ('{"class": "smooth-strongly-convex"', '{"class": "smooth"', "interpolation(*,0) is the interpolation"),
        (
            '"interpolation(*,0)": {"a": "*", "b": "0", "group": F("1")},',
            "",
            "There is an inequality between the points * and 0.",
        ),
        (
            'DIRECTION = {\n    "x": {"x": F("1")}',
            'DIRECTION = {\n    "x": {"x": F("-1")}',
            "The iterate before the step is a vector of",
        ),
        ('"metric": "distance"', '"metric": "gap"', "The metric is what it is called"),
    ],
)
def test_edits_beyond_numbers_are_refused(old, new, says, certificates):
    status, out = ran(replaced(write_script(certificates["ef21"]), old, new, 1))
    assert status == 1
    assert out[-1].startswith(f"FAILS: {says}")


def test_words_that_follow_from_the_classes_are_checked(others):
    text = write_script(others["randomized"])
    for old, new, says in (
        (", in expectation over the compressors' randomness", "", "The claim says that it is about expectations"),
        ('"sufficient": "no"', '"sufficient": "yes"', "The claim says where the inequalities need not be sufficient"),
        ('"shared": "False"', '"shared": "True"', "independence(0) is the independence"),
    ):
        start = text.index("\nCLAIM = ")
        status, out = ran(text[:start] + replaced(text[start:], old, new, 1))
        assert status == 1
        assert out[-1].startswith(f"FAILS: {says}")


def test_another_message_or_direction_is_given(certificates):
    text = write_script(certificates["ef21"])
    told = ran(text)[1]
    assert any(line.startswith("  given: its direction is 0.1 x + 1 u0 - 1 (g-d)") for line in told)
    assert any(line.startswith("  given: the message 0 is ") for line in told)
    still = efpep.rate(efpep.GD(0), setting(2)).certificate
    assert "  given: x+ = 1 x." in ran(write_script(still))[1]
    # Another message, with the inequality that belongs to it: what is compressed is no longer what was.
    start, end = text.index("\nMESSAGES = "), text.index("\nCOMPRESSION = ")
    other = re.sub(r'"v": \{.*?\}\},?', '"v": {},', text[start:end], count=1, flags=re.DOTALL)
    forged = text[:start] + other + text[end:]
    row = forged.index('"compression(0)": {', forged.index("\nINEQUALITIES = "))
    close = forged.index('"values"', row)
    forged = forged[:row] + '"compression(0)": {"mean": {("r0", "r0"): F("1")}, ' + forged[close:]
    forged = re.sub(r"\nLOWER = \{.*?\n\}\n", "\nLOWER = None\n", forged, flags=re.DOTALL)
    status, out = ran(forged)
    assert status == 1 or "  given: the message 0 is 0." in out


def test_data_that_do_not_fit_together_end_in_one_sentence(certificates, execute):
    text = write_script(certificates["ef21"])
    for broken in (replaced(text, '"b": "0"', '"b": "7"', 1), replaced(text, '    "margin"', '    "margins"', 1)):
        status, out, err = execute(broken)
        assert (status, err) == (1, "")
        assert out.splitlines()[-1].startswith("FAILS: The data fit together (KeyError")


def test_an_added_row_is_given(certificates, execute):
    text = write_script(certificates["ef21-many"])
    row = '"more": {"mean": {("x", "x"): F("1")}, "values": {}},'
    added = text.replace("INEQUALITIES = {\n", f"INEQUALITIES = {{\n    {row}\n")
    added = added.replace('"multipliers": {', '"multipliers": {"more": F("0"), ')
    added = re.sub(r"\nLOWER = \{.*?\n\}\n", "\nLOWER = None\n", added, flags=re.DOTALL)
    status, out, _ = execute(added)
    assert status == 0
    assert "  given: more: 1 <x, x> <= 0." in out
    assert out.splitlines()[-1].startswith("Proved, given the 1 relation of the classes listed above: ")


def test_an_answer_that_is_not_free_is_refused(certificates):
    text = write_script(certificates["ef21-many"])
    start = text.index("\nPOINTS = ")
    forged = text[:start] + text[start:].replace('{"u1": F("1")}', '{"u0": F("1")}', 1)
    assert ran(forged)[0] == 1
    # What compression loses is what the functions answer, with the inequality that belongs to it.
    text = write_script(certificates["ef21"])
    loss = replaced(text, '"v - C(v)": {"mean": {"r0": F("1")}}', '"v - C(v)": {"mean": {"u1": F("1")}}')
    row = re.search(r'"compression\(0\)": \{\n? *"mean": \{.*?\}', loss[loss.index("\nINEQUALITIES = ") :], re.DOTALL)[0]
    square, other = (
        re.search(r'\("u1", "u1"\): F\("([^"]*)"\)', row),
        re.search(r', +\("r0", "r0"\): F\("1"\)|,\s*\("r0", "r0"\): F\("1"\)', row),
    )
    both = replaced(row, other[0], "").replace(square[0], f'("u1", "u1"): F("{1 + Fraction(square[1])}")')
    status, out = ran(replaced(loss, row, both))
    assert (status, out[-1]) == (1, "FAILS: What is lost of the message 0 is a vector of its own, or nothing.")


def test_a_script_that_claims_nothing_is_refused(certificates):
    text = write_script(certificates["ef21"])
    empty = re.sub(r"\n(LOWER|UPPER) = \{.*?\n\}\n", r"\n\1 = None\n", text, flags=re.DOTALL)
    status, out = ran(empty)
    assert (status, out[-1]) == (1, "FAILS: An end of the rate is claimed.")


def test_verification_compares_a_script_with_its_certificate(certificates, tmp_path, capsys):
    from efpep.cli import main

    certificate, script = tmp_path / "c.json", tmp_path / "proof.py"
    certificates["ef21"].save(certificate)
    assert main(["verify", str(certificate), "--script", str(script)]) == 0
    assert "SHA-256" in script.read_text().split('"""')[2].splitlines()[2]
    assert main(["verify", str(certificate), "--against", str(script)]) == 0
    assert "is the script that it yields" in capsys.readouterr().out
    for edit, says in (
        (lambda text: text.replace("run(CLAIM", "print('Proved'); run(CLAIM"), "differs from the certificate's own script first"),
        (lambda text: "print('Proved')", "does not carry the digest"),
    ):
        script.write_text(edit(script.read_text()))
        assert main(["verify", str(certificate), "--against", str(script)]) == 1
        assert says in capsys.readouterr().out
        assert main(["verify", str(certificate), "--script", str(script)]) == 0
    assert main(["verify", str(certificate), "--against", str(tmp_path / "no.py")]) == 2
