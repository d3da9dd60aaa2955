"""Study files: what they ask, and what is said about wrong ones."""

from fractions import Fraction
from pathlib import Path

import pytest

import efpep
from efpep.questions.base import Verdict
from efpep.studies.engine.points import points
from efpep.studies.rates.run import RATE_STUDIES, table

PROBLEMS = Path(__file__).parents[3] / "problems"
TINY = Fraction(1, 10**15)


@pytest.fixture
def study(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "study.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_numbers_are_exact_and_combined_once(study):
    found = points(
        RATE_STUDIES.load(
            study("""
            title = "Every key"
            methods = ["gd", "ef21", { class = "ef" }]
            metric = "gap"
            solver = "scs"
            digits = 4
            [grid]
            kappa = [10, 2.5]
            L = "3"
            delta = ["1/3", 0.1]
            agents = [1, 1e6]
            step_size_factor = [1, 0.9]
            """)
        )
    )
    # gradient descent does not compress, so it is not asked again for every delta
    assert len([p for p in found if isinstance(p.method, efpep.GD)]) == 8
    assert len([p for p in found if isinstance(p.method, efpep.EF21)]) == 16
    assert len(found) == 40
    assert {p.setting.agents for p in found} == {1, 10**6}
    assert {p.setting.functions.mu for p in found} == {Fraction(3, 10), Fraction(6, 5)}
    assert {p.setting.compressor.delta for p in found if p.setting.compressor} == {Fraction(1, 3), Fraction(1, 10)}
    for p in found:
        optimal = p.method.literature.optimal_step_size(p.method, p.setting).value
        step = p.method.resolved(p.setting).step_size
        assert abs(step - p.step_size_factor * optimal) <= optimal * Fraction(1, 10**16)


def test_answers_are_the_theorems(study):
    path = study("""
        title = "EF21"
        methods = ["ef21"]
        [grid]
        mu = "1/10"
        L = [1, 2]
        delta = 0.5
        agents = [1, 10]
        """)
    seen = []
    found = table(path, lambda done, total: seen.append((done, total)))
    assert seen == [(k, 4) for k in range(5)]
    assert [(row.agents, row.kappa) for row in found.rows] == [(1, 10), (1, 20), (10, 10), (10, 20)]
    for row in found.rows:
        theory = row.rate.method.literature.rate(row.rate.method, row.rate.setting).value
        assert row.lower - TINY <= theory <= row.upper + TINY
        assert row.upper - row.lower <= Fraction(1, 10**8)
        assert row.verdict is Verdict.PROVED
        assert row.rate.certificate.check()


def test_steps_beyond_stability_are_refuted(study):
    # gradient descent contracts for step sizes below 2/L, at max(|1 - mu eta|, |1 - L eta|)^2
    path = study('title = "GD"\nmethods = ["gd"]\n[grid]\nmu = 0.5\nL = 1\nstep_size = [1.5, "5/2", "optimal"]\n')
    rows = table(path).rows
    assert [row.verdict for row in rows] == [Verdict.PROVED, Verdict.REFUTED, Verdict.PROVED]
    assert rows[0].lower <= Fraction(1, 4) <= rows[0].upper
    assert rows[2].lower - TINY <= Fraction(1, 9) <= rows[2].upper + TINY
    assert [row.step_size_factor for row in rows] == [None, None, 1]


def test_groups(study):
    path = study("""
        title = "Two kinds"
        methods = ["ef21"]
        [grid]
        L = 1
        delta = "1/2"
        step_size = 0.1
        [[groups]]
        share = "7/10"
        mu = 0.1
        [[groups]]
        share = "3/10"
        mu = 0.2
        """)
    (row,) = table(path).rows
    assert [group.share for group in row.rate.setting.agents] == [Fraction(7, 10), Fraction(3, 10)]
    assert (row.mu, row.L, row.delta, row.agents, row.kappa) == (None, 1, Fraction(1, 2), None, None)
    assert row.verdict is Verdict.PROVED


def test_given_lyapunov_function(study):
    text = """
        title = "Given"
        methods = ["ef", "ef21"]
        lyapunov = "literature"
        [grid]
        kappa = 10
        L = 1
        delta = 0.5
        agents = 10
        """
    found = table(study(text))
    assert found.lyapunov == "literature"
    assert found.shared_minimiser == ("EF",)
    for row in found.rows:
        assert row.rate.certificate.question.given is not None
        theory = row.rate.method.literature.rate(row.rate.method, row.rate.setting).value
        assert row.lower <= theory <= row.upper
    # the squared distance alone is no Lyapunov function of EF21
    (row,) = table(study(text.replace('"literature"', '"|x-x*|^2"').replace('"ef", ', ""))).rows
    assert row.verdict is Verdict.REFUTED


def test_classes_memory_and_features(study):
    path = study("""
        title = "Classes"
        methods = [{ class = "ef21-bc", step_size = "1/20" }]
        memory = 1
        features = ["x", "g", "g-d", "w-x", "f"]
        functions = { class = "smooth-strongly-convex", mu = 0.2 }
        compressor = "projection"
        server_compressor = { class = "contractive", delta = "9/10" }
        [grid]
        L = 1
        delta = 0.9
        agents = 2
        """)
    asked = RATE_STUDIES.load(path)
    (point,) = points(asked)
    assert point.setting.describe() == {
        "functions": {"class": "smooth-strongly-convex", "mu": "0.2", "L": "1"},
        "compressor": {"class": "projection", "delta": "0.9"},
        "server_compressor": {"class": "contractive", "delta": "0.9"},
        "agents": 2,
    }
    assert (asked.memory, asked.features) == (1, ["x", "g", "g-d", "w-x", "f"])


def test_features_are_those_asked_for(study):
    text = 'title = "T"\nmethods = ["ef21"]\nfeatures = ["g", "g-d"]\n' + GRID
    found = table(study(text))
    (row,) = found.rows
    assert row.rate.lyapunov.features["mean"] == ("g", "g-d")
    assert (found.features, found.memory) == (("g", "g-d"), 0)
    assert "V is made of g, g-d only" in found.render("md")
    assert "V is made of g, g-d only" in found.render("latex")
    assert found.render("csv").endswith('"g,g-d"')


def test_random_compressors_are_in_expectation(study):
    path = study("""
        title = "Unbiased"
        methods = [{ class = "cgd", step_size = "1/2" }]
        compressor = { class = "unbiased", omega = 1 }
        [grid]
        kappa = 10
        L = 1
        agents = [2, 1e6]
        """)
    found = table(path)
    for row in found.rows:
        assert row.lower <= Fraction(95, 100) ** 2 + Fraction(5, 100) ** 2 / row.agents <= row.upper
    for form in ("md", "latex"):
        assert "in expectation" in found.render(form)
        assert "unbiased (omega = 1" in found.render(form)
    assert "unbiased (omega = 1" in found.render("csv")


def test_tables_show_groups(study):
    text = """
        title = "Groups"
        methods = [{ class = "ef21", step_size = "1/20" }]
        [grid]
        mu = 0.1
        L = 1
        delta = ["1/2", 1]
        [[groups]]
        count = 1
        mu = 0.2
        [[groups]]
        count = 3
        compressor = { class = "projection", delta = 0.3 }
        """
    found = table(study(text))
    for form in ("md", "csv", "latex"):
        shown = found.render(form)
        for delta in ("0.5", "1"):
            assert f"count 1: mu = 0.2, delta = {delta}; count 3: mu = 0.1, projection (delta = 0.3)" in shown
    (row,) = table(study(text.replace('["1/2", 1]', "0.3"))).rows
    one = table(study(text.replace('["1/2", 1]', "0.3").replace('class = "projection"', 'class = "contractive"')))
    assert "The groups of agents are count 1: mu = 0.2; count 3: mu = 0.1." in one.render("latex")
    assert row.upper <= one.rows[0].upper + Fraction(1, 10**6)


@pytest.mark.parametrize(
    ("name", "methods"), [("single_agent_rates", {"cgd", "ef", "ef21"}), ("any_number_of_agents", {"ef", "ef21"})]
)
def test_shipped_studies_ask_well_posed_questions(name, methods):
    found = points(RATE_STUDIES.load(PROBLEMS / f"{name}.toml"))
    assert {p.method.key for p in found} == methods
    agents = {p.setting.agents for p in found}
    assert agents == ({1} if name == "single_agent_rates" else {1, 2, 10, 10**6})
    assert all(p.method.literature.rate(p.method, p.setting) for p in found)


HEAD = 'title = "T"\nmethods = ["ef21"]\n'
GRID = "[grid]\nkappa = 2\nL = 1\ndelta = 0.5\n"
BAD = {
    "not TOML": ("title = \n", ["line 1"]),
    "key twice": ('title = "T"\ntitle = "U"\n', ["line 2"]),
    "no title": ('methods = ["ef21"]\n' + GRID, ["'title'", "missing"]),
    "no grid": (HEAD, ["'grid'", "missing"]),
    "no methods": ('title = "T"\nmethods = []\n' + GRID, ["'methods'"]),
    "unknown key": (HEAD + "speed = 1\n" + GRID, ["'speed'", "metric"]),
    "unknown key of the grid": (HEAD + GRID + "kapa = 3\n", ["'grid.kapa' is unknown (did you mean kappa?)"]),
    "unknown key of a group": (HEAD + GRID + "[[groups]]\ncount = 1\nnu = 3\n", ["'groups[1].nu'", "share"]),
    "unknown method": ('title = "T"\nmethods = ["ef21", "adam"]\n' + GRID, ["'methods[2]'", "adam", "ef21"]),
    "method of no kind": ('title = "T"\nmethods = [3]\n' + GRID, ["'methods[1]'"]),
    "unknown parameter": ('title = "T"\nmethods = [{class = "ef", beta = 1}]\n' + GRID, ["'methods[1]'", "beta"]),
    "unknown metric": (HEAD + 'metric = "speed"\n' + GRID, ["'metric'", "speed", "distance"]),
    "Lyapunov function of no kind": (HEAD + "lyapunov = 3\n" + GRID, ["'lyapunov'", "3"]),
    "empty Lyapunov function": (HEAD + 'lyapunov = ""\n' + GRID, ["'lyapunov'"]),
    "blank Lyapunov function": (HEAD + 'lyapunov = " "\n' + GRID, ["'lyapunov'"]),
    "memory": (HEAD + "memory = 9\n" + GRID, ["'memory'", "9"]),
    "memory of no kind": (HEAD + 'memory = "long"\n' + GRID, ["'memory'", "long"]),
    "no features": (HEAD + "features = []\n" + GRID, ["'features'"]),
    "unknown feature": (HEAD + 'features = ["q"]\n' + GRID, ["ef21", "'q'"]),
    "unknown compressor": (HEAD + 'compressor = "topk"\n' + GRID, ["'compressor'", "topk", "unbiased"]),
    "compressor without class": (HEAD + "compressor = { omega = 1 }\n" + GRID, ["'compressor'", "class"]),
    "compressor of no kind": (HEAD + "compressor = 3\n" + GRID, ["'compressor'", "class"]),
    "parameter of another class": (HEAD + 'compressor = { class = "linear", omega = 1 }\n' + GRID, ["'compressor'", "omega"]),
    "parameter is missing": (HEAD + 'compressor = "unbiased"\n[grid]\nkappa = 2\nL = 1\n', ["omega", "compressor.omega"]),
    "delta without a use": (HEAD + 'compressor = { class = "unbiased", omega = 1 }\n' + GRID, ["delta", "unbiased"]),
    "delta twice": (HEAD + 'compressor = { class = "linear", delta = 1 }\n' + GRID, ["delta", "twice"]),
    "unknown functions": (HEAD + 'functions = "convex"\n' + GRID, ["'functions'", "convex"]),
    "server's compressor": (HEAD + 'server_compressor = "contractive"\n' + GRID, ["'server_compressor'", "delta"]),
    "compressor of a group": (HEAD + GRID + '[[groups]]\ncount = 1\ncompressor = "topk"\n', ["'groups[1].compressor'", "topk"]),
    "feature that is missing": (HEAD + 'lyapunov = "|e|^2"\n' + GRID, ["ef21", "'e'", "g-d"]),
    "nothing in the literature": ('title = "T"\nmethods = ["gd"]\nlyapunov = "literature"\n' + GRID, ["gd", "literature"]),
    "unknown solver": (HEAD + 'solver = "oracle"\n' + GRID, ["oracle", "clarabel"]),
    "digits": (HEAD + "digits = 99\n" + GRID, ["'digits'", "99"]),
    "title of no kind": ('title = 3\nmethods = ["ef21"]\n' + GRID, ["'title'", "3"]),
    "no number": (HEAD + GRID + 'agents = ["two"]\n', ["'grid.agents[1]'", "two"]),
    "part of an agent": (HEAD + GRID + "agents = 1.5\n", ["'grid.agents[1]'", "1.5"]),
    "no agent": (HEAD + GRID + "agents = [1, 0]\n", ["agents", "0"]),
    "nan": (HEAD + "[grid]\nkappa = nan\nL = 1\ndelta = 0.5\n", ["'grid.kappa[1]'", "nan"]),
    "boolean": (HEAD + "[grid]\nkappa = true\nL = 1\ndelta = 0.5\n", ["'grid.kappa[1]'"]),
    "empty list": (HEAD + "[grid]\nkappa = []\nL = 1\ndelta = 0.5\n", ["'grid.kappa'"]),
    "grid is a number": (HEAD + "grid = 3\n", ["'grid'", "3"]),
    "kappa below 1": (HEAD + "[grid]\nkappa = 0.5\nL = 1\ndelta = 0.5\n", ["kappa", "0.5"]),
    "kappa is 0": (HEAD + "[grid]\nkappa = 0\nL = 1\ndelta = 0.5\n", ["kappa"]),
    "kappa and mu": (HEAD + GRID + "mu = 0.5\n", ["grid.kappa", "grid.mu"]),
    "kappa without L": (HEAD + "[grid]\nkappa = 2\ndelta = 0.5\n", ["L", "missing"]),
    "no delta": (HEAD + "[grid]\nkappa = 2\nL = 1\n", ["grid.delta", "missing"]),
    "delta": (HEAD + "[grid]\nkappa = 2\nL = 1\ndelta = [0.5, 2]\n", ["delta", "2"]),
    "step twice": (HEAD + GRID + "step_size = 1\nstep_size_factor = 1\n", ["step_size_factor"]),
    "step in two places": ('title = "T"\nmethods = [{class = "ef", step_size = 1}]\n' + GRID + "step_size = 1\n", ["one place"]),
    "unknown step": (HEAD + GRID + 'step_size = "best"\n', ["'grid.step_size[1]'", "best"]),
    "groups and agents": (HEAD + GRID + "agents = 2\n[[groups]]\ncount = 2\n", ["agents", "groups"]),
    "group without size": (HEAD + GRID + "[[groups]]\nmu = 0.1\n", ["count"]),
    "no closed form": ('title = "T"\nmethods = ["cgd"]\n' + GRID + "agents = 2\n", ["cgd", "agents = 2", "closed form"]),
    "huge number": (HEAD + "[grid]\nkappa = " + "9" * 5000 + "\nL = 1\ndelta = 0.5\n", ["number"]),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD.keys())
def test_errors_name_the_file_and_the_key(study, text, said):
    path = study(text)
    with pytest.raises(efpep.InputError) as caught:
        table(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert message.endswith(".")
    missing = [piece for piece in said if piece not in message.removeprefix(str(path))]
    assert not missing, message


def test_files_that_are_no_text(tmp_path):
    (tmp_path / "study.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(efpep.InputError, match="UTF-8"):
        RATE_STUDIES.load(tmp_path / "study.toml")
    with pytest.raises(efpep.InputError, match="cannot be read"):
        RATE_STUDIES.load(tmp_path / "missing.toml")


def test_unavailable_methods_say_so(study):
    with pytest.raises(efpep.UnavailableError, match="no_such_module"):
        RATE_STUDIES.load(study('title = "T"\nmethods = ["no_such_module:Method"]\n' + GRID))
