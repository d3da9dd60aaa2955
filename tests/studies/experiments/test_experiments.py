"""Experiments: studies of numeric runs, tuned over stated grids."""

import csv
import json
import math
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from support import one_sentence
from support.shipped import ran

import efpep
from efpep.cli import main
from efpep.compressors.operators import read_operator
from efpep.errors import CertificateError, InputError
from efpep.simulate.problems import read_problem
from efpep.studies.engine.kinds import type_of
from efpep.studies.engine.load import toml_of
from efpep.studies.engine.task import Outcome, TaskState
from efpep.studies.experiments.experiment import Experiment
from efpep.studies.experiments.measure import METRICS, MeasuredRun, Summary
from efpep.studies.experiments.report import experiment_object, experiment_rows
from efpep.studies.experiments.run import EXPERIMENT_STUDIES, experiment
from efpep.studies.experiments.study import geometric
from efpep.studies.experiments.task import ExperimentTask
from efpep.studies.rates.run import RATE_STUDIES
from efpep.theory import earlier_ef21

PROBLEMS = Path(__file__).parents[3] / "problems" / "experiments"

SMALL = """
title = "Small"

[experiment]
iterations = 60
record_every = 5
metric = "gap"
tune = "final"
accuracy = "1/10"
seeds = [0, 1, 2]
compressor = "rand-k:k=2"

[[problems]]
label = "quadratics"
problem = "quadratics:n=2,d=4,kappa=5"

[[methods]]
label = "EF21"
method = "ef21"
step_size = [0, "1/10", 1000000]

[[methods]]
label = "momentum"
method = "ef21-momentum"
step_size = "1/10"
parameters = { theta = ["1/2", 1] }
"""


def write(folder, text, name="study.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("experiment")
    path = write(folder, SMALL)
    return path, experiment(path, jobs=1, store=folder / "store.sqlite")


# --- what is run -------------------------------------------------------------------------------------------------------


def test_runs_are_those_of_the_simulator(small):
    _, found = small
    problem = read_problem("quadratics:n=2,d=4,kappa=5,seed=1")
    run = efpep.simulate(efpep.EF21("1/10"), problem, 60, read_operator("rand-k:k=2"), seed=1, record_every=5)
    measured = found.cell("quadratics", "EF21").tried[1].runs[1]
    assert np.array_equal(measured.iterations, run.iterations)
    assert np.array_equal(measured.values, run["gap"])
    assert np.array_equal(measured.bits, 8 * run["bytes_client"])
    assert np.array_equal(measured.server_bits, 8 * run["bytes_server"])


def test_seeds_draw_problems_that_name_none_and_only_those(small):
    _, found = small
    assert {task.problem for task in found.tasks} == {f"quadratics:n=2,d=4,kappa=5,seed={k}" for k in range(3)}
    fixed = EXPERIMENT_STUDIES.load(write(small[0].parent, SMALL.replace("kappa=5", "kappa=5,seed=7"), "fixed.toml"))
    assert {entry.seeded(3) for entry in fixed.problems} == {"quadratics:n=2,d=4,kappa=5,seed=7"}


def test_the_best_of_the_grid_is_chosen(small):
    _, found = small
    cell = found.cell("quadratics", "EF21")
    standing, good, far = cell.tried
    assert cell.best is good
    assert standing.summary.final == pytest.approx(float(np.median([run.values[0] for run in standing.runs])))
    assert far.summary.final == far.summary.best == far.summary.iterations == math.inf
    assert all(run.diverged for run in far.runs)
    assert (cell.diverged, cell.failed, cell.runs) == (3, 0, 9)


def test_numbers_of_a_row_are_medians_over_the_seeds(small):
    _, found = small
    runs = found.cell("quadratics", "EF21").best.runs
    row = experiment_rows(found)[0]
    finals = sorted(run.values[-1] for run in runs)
    assert [row["final_least"], row["final"], row["final_most"]] == finals
    first = [next(k for k, v in zip(run.iterations, run.values, strict=True) if v <= run.values[0] / 10) for run in runs]
    assert row["iterations"] == sorted(first)[1]
    assert (row["step_size"], row["at_end_of_grid"], row["diverged"], row["runs"]) == (0.1, False, 3, 9)


def test_parameters_that_are_lists_are_tuned(small):
    _, found = small
    cell = found.cell("quadratics", "momentum")
    assert [tried.candidate.tuned for tried in cell.tried] == [{"theta": "1/2"}, {"theta": "1"}]
    assert cell.best.summary.final == min(tried.summary.final for tried in cell.tried)
    # theta = 1 is EF21
    plain = found.cell("quadratics", "EF21").tried[1]
    assert [run.final for run in cell.tried[1].runs] == pytest.approx([run.final for run in plain.runs])


@pytest.mark.parametrize("tune", ["final", "best", "iterations", "bits"])
def test_the_criterion_decides(tmp_path, small, tune):
    path = write(tmp_path, SMALL.replace('tune = "final"', f'tune = "{tune}"').replace("1000000", '"1/3", "1/30"'))
    found = experiment(path, jobs=1, store=small[0].parent / "store.sqlite")
    cell = found.cell("quadratics", "EF21")
    assert getattr(cell.best.summary, tune) == min(getattr(tried.summary, tune) for tried in cell.tried)


def test_ends_of_the_grid_are_marked(tmp_path, small):
    path = write(tmp_path, SMALL.replace('[0, "1/10", 1000000]', '["1/100", "1/10"]'))
    found = experiment(path, jobs=1, store=small[0].parent / "store.sqlite")
    assert experiment_rows(found)[0]["at_end_of_grid"] is True
    assert "0.1 (end of grid)" in found.report()


def test_step_sizes_by_name_are_the_literatures(tmp_path):
    text = (
        SMALL.replace('[0, "1/10", 1000000]', '["optimal", "earlier-ef21"]')
        .replace("[0, 1, 2]", "[0]")
        .replace("rand-k", "top-k")
    )
    found = experiment(write(tmp_path, text), jobs=1, store=tmp_path / "store.sqlite")
    problem = read_problem("quadratics:n=2,d=4,kappa=5,seed=0")
    setting = efpep.Setting(efpep.SmoothStronglyConvex(problem.mu, problem.L), efpep.Contractive("1/2"), 2)
    tight, earlier = (tried.runs[0].step_size for tried in found.cell("quadratics", "EF21").tried)
    assert tight == pytest.approx(float(efpep.EF21.literature.optimal_step_size(efpep.EF21(), setting).value), rel=1e-15)
    assert earlier == pytest.approx(float(earlier_ef21.step_size(setting).value), rel=1e-15)
    assert earlier < tight


def test_a_run_that_cannot_be_made_fails_with_its_reason(tmp_path, capsys):
    path = write(tmp_path, SMALL.replace('[0, "1/10", 1000000]', '"optimal"').replace('method = "ef21"\n', 'method = "cgd"\n'))
    assert main(["run", str(path), "--jobs", "1", "--store", str(tmp_path / "store.sqlite")]) == 4
    printed = capsys.readouterr()
    assert "closed form for one agent only" in printed.err
    assert "| failed " in printed.out


# --- measures ----------------------------------------------------------------------------------------------------------


def outcome(gap, constraint, diverged=None):
    columns = {"gap": gap, "constraint": constraint, "bytes_client": list(range(len(gap))), "bytes_server": [0] * len(gap)}
    value = {"iteration": [10 * k for k in range(len(gap))], "columns": columns, "step_size": 1.0, "diverged": diverged}
    return Outcome(TaskState.MEASURED, value)


def test_the_constrained_gap_sees_both_sides():
    run = MeasuredRun.of(outcome([1.0, -0.5, 0.25, 0.125], [-1.0, 2.0, 0.5, -3.0]), METRICS["constrained-gap"])
    assert run.values.tolist() == [1.0, 2.0, 0.5, 0.125]
    assert (run.final, run.best) == (0.125, 0.125)
    assert run.reached(0.5) == (20, 16)
    assert run.reached(0.01) == (math.inf, math.inf)


def test_runs_that_diverge_count_as_infinitely_bad():
    metric = METRICS["gap"]
    good, lost = MeasuredRun.of(outcome([1.0, 0.1], [0, 0]), metric), MeasuredRun.of(outcome([1.0, 0.1], [0, 0], "far"), metric)
    nothing = MeasuredRun.of(outcome([1.0, None], [0, 0]), metric)
    assert lost.final == lost.best == nothing.final == math.inf
    assert lost.reached(0.5) == (math.inf, math.inf)
    assert Summary.of([good, good, lost], 0.5).final == pytest.approx(0.1)
    assert Summary.of([good, lost, nothing], 0.5) == Summary(math.inf, math.inf, math.inf, math.inf)
    assert Summary.of([good, None], 0.5).iterations == math.inf


def test_geometric_ranges():
    assert list(geometric(Fraction(1, 1000), Fraction(10), 5)) == [Fraction(t) for t in ("1/1000", "1/100", "1/10", "1", "10")]
    found = list(geometric(Fraction(1, 100), Fraction(1), 5))
    assert found == [Fraction(t) for t in ("0.01", "0.0316", "0.1", "0.316", "1")]


# --- the store ---------------------------------------------------------------------------------------------------------


def test_experiments_go_on_from_the_store(small):
    path, found = small
    again = experiment(path, jobs=1, store=path.parent / "store.sqlite", recheck=True)
    assert again.stored == len(found.tasks) == 15
    assert again.failures == []
    assert experiment_rows(again) == experiment_rows(found)


def test_a_stored_run_that_is_another_is_refused(small):
    _, found = small
    task, stored = found.tasks[3], found.outcomes[3]
    task.recheck(stored)
    with pytest.raises(CertificateError):
        task.recheck(Outcome(TaskState.MEASURED, {**stored.value, "step_size": 0.2}))


def test_everything_that_changes_a_run_changes_its_key():
    def task(**changes):
        given = {"method": efpep.EF21("1/10"), "rule": "", "problem": "quadratics:d=4", "compressor": "top-k:k=1"}
        given |= {"server_compressor": "", "iterations": 5, "record_every": 1, "record": ("gap",), "seed": 0}
        return ExperimentTask(**{**given, **changes})

    changes = [
        {},
        {"method": efpep.EF21("1/5")},
        {"method": efpep.CGD("1/10")},
        {"method": efpep.EF21(), "rule": "optimal"},
        {"method": efpep.EF21(), "rule": "earlier-ef21"},
        {"problem": "quadratics:d=5"},
        {"compressor": "top-k:k=2"},
        {"server_compressor": "identity"},
        {"iterations": 6},
        {"record_every": 2},
        {"record": ("gap", "distance")},
        {"seed": 1},
    ]
    assert len({task(**change).key() for change in changes}) == len(changes)
    assert task(problem="quadratics:seed=0,d=4").key() == task().key()


# --- reports and figures -----------------------------------------------------------------------------------------------


def test_run_writes_the_report_and_the_figure(small, tmp_path, capsys):
    path, found = small
    folder = tmp_path / "report"
    store = ["--store", str(path.parent / "store.sqlite")]
    assert main(["run", str(path), "--jobs", "1", *store, "--report", str(folder), "--json"]) == 0
    printed = capsys.readouterr()
    described = json.loads(printed.out)
    assert described["rows"] == json.loads(json.dumps(experiment_object(found)))["rows"]
    assert (described["runs"], described["failed"], described["stored"]) == (15, 0, 15)
    assert {file.name for file in folder.iterdir()} == {
        *("report.md", "report.csv", "report.json"),
        *("curves.pdf", "curves.png", "curves.svg", "curves.csv"),
    }
    assert (folder / "report.md").read_text(encoding="utf-8") == found.report() + "\n"
    rows = list(csv.DictReader((folder / "report.csv").read_text(encoding="utf-8").splitlines()))
    assert [float(row["final"]) for row in rows] == [row["final"] for row in described["rows"]]


def test_figures_show_the_medians_with_the_numbers_beside_them(small, tmp_path, capsys):
    path, found = small
    store = ["--store", str(path.parent / "store.sqlite")]
    assert main(["figure", str(path), "-o", str(tmp_path / "curves.pdf"), "--jobs", "1", *store]) == 0
    files = [Path(line) for line in capsys.readouterr().out.split()]
    assert [file.suffix for file in files] == [".pdf", ".png", ".svg", ".csv"]
    assert all(file.stat().st_size for file in files)
    rows = list(csv.DictReader(files[-1].read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 2 * 13
    last = [row for row in rows if row["method"] == "EF21"][-1]
    assert float(last["metric"]) == experiment_rows(found)[0]["final"]
    assert float(last["bits"]) == np.median([run.bits[-1] for run in found.cell("quadratics", "EF21").best.runs])


def test_curves_where_everything_diverged_are_left_out(tmp_path, capsys):
    path = write(tmp_path, SMALL.replace('[0, "1/10", 1000000]', "1000000"))
    assert main(["figure", str(path), "-o", str(tmp_path / "curves"), "--jobs", "1", "--store", str(tmp_path / "s.sqlite")]) == 0
    assert "1 of 2 curves are left out" in capsys.readouterr().err
    assert "EF21" not in (tmp_path / "curves.csv").read_text(encoding="utf-8")


def test_the_public_door(small):
    path, found = small
    again = experiment(path, jobs=1, store=path.parent / "store.sqlite")
    assert isinstance(again, Experiment)
    assert again.report() == found.report()


# --- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.fast_cases(7)
@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("iterations = 60", "iterations = 0", "iterations"),
        ('metric = "gap"', 'metric = "loss"', "loss"),
        ('metric = "gap"', 'metric = ["gap"]', "not a metric"),
        ('step_size = [0, "1/10", 1000000]', "step_size = [[]]", "step_size"),
        ('tune = "final"', 'tune = "luck"', "luck"),
        ('accuracy = "1/10"', "accuracy = 2", "accuracy"),
        ("seeds = [0, 1, 2]", "seeds = [0, 0]", "seeds"),
        ("rand-k:k=2", "rand-q:k=2", "rand-q"),
        ("quadratics:n=2", "quadratic:n=2", "quadratic"),
        ("quadratics:n=2", "quadratics:m=2", "'m'"),
        ('method = "ef21"\n', 'method = "ef22"\n', "ef22"),
        ("theta = [", "beta = [", "beta"),
        ('[0, "1/10", 1000000]', '{ first = 1, last = "1/10", count = 3 }', "first < last"),
        ('[0, "1/10", 1000000]', "{ first = 1, last = 2 }", "count"),
        ('[0, "1/10", 1000000]', '["1/10", 0.1]', "twice"),
        ('[0, "1/10", 1000000]', '"best"', "best"),
        ('label = "momentum"', 'label = "EF21"', "EF21"),
        ("record_every", "recorded", "recorded"),
    ],
)
def test_bad_studies_get_one_sentence(tmp_path, capsys, old, new, named):
    assert old in SMALL
    path = write(tmp_path, SMALL.replace(old, new))
    assert main(["run", str(path)]) == 2
    printed = capsys.readouterr().err.removeprefix("efpep: ").strip()
    assert one_sentence(printed), printed
    assert named in printed


def test_tables_are_not_made_of_experiments(small):
    with pytest.raises(InputError, match="numeric runs") as error:
        RATE_STUDIES.load(small[0])
    assert one_sentence(error.value)


# --- the studies that ship ---------------------------------------------------------------------------------------------


def test_every_study_that_ships_can_be_read():
    files = sorted(PROBLEMS.glob("*.toml"))
    assert len(files) == 9
    for file in files:
        assert type_of(toml_of(file)) is EXPERIMENT_STUDIES
        study = EXPERIMENT_STUDIES.load(file)
        assert all(entry.candidates() for entry in study.methods)


def test_a_large_first_dual_variable_costs_primal_dual_ef_its_accuracy(tmp_path):
    """Safe-EF has no such parameter, and gets nearer to the optimum than primal-dual EF does from a bad start."""
    problem = read_problem("neyman-pearson:n=2")
    far = {}
    for dual in (0, 1000):
        method = efpep.PrimalDualEF("1/10", dual_step_size="1/10", dual_start=dual)
        run = efpep.simulate(method, problem, 300, read_operator("top-k:k=3"), read_operator("identity"), record_every=10)
        far[dual] = float(np.maximum(run["gap"], run["constraint"]).min())
    assert far[1000] > 2 * far[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["nonsmooth", "logistic", "logistic_clients", "acceleration", "accelerated_ef21", "neyman_pearson"]
)
def test_studies_that_ship_run_without_failures(tmp_path, name):
    described = ran(PROBLEMS / f"{name}.toml", tmp_path)
    final = {(row["problem"], row["method"]): row["final"] for row in described["rows"]}
    assert all(number is not None for number in final.values())
    if name == "acceleration":
        assert all(final[p, "ADEF"] < final[p, m] for p, m in final if m != "ADEF")
    if name == "logistic":
        bits = {(row["problem"], row["method"]): row["bits"] for row in described["rows"]}
        assert all(bits[p, "EF21, tight"] < bits[p, "EF21, earlier"] for p, _ in bits)


def test_the_study_of_accelerated_ef21_in_short(tmp_path):
    text = (PROBLEMS / "accelerated_ef21.toml").read_text(encoding="utf-8")
    first, *_, last = text.split("[[problems]]\n")
    methods = re.sub(r"count = \d", "count = 2", last[last.index("[[methods]]") :])
    short = first.replace("iterations = 2000\nrecord_every = 20", "iterations = 30\nrecord_every = 30")
    problem = '[[problems]]\nlabel = "quadratics"\nproblem = "diagonal:n=3,d=10,kappa=100,seed=1"\n\n'
    described = ran(write(tmp_path, short + problem + methods), tmp_path)
    final = {row["method"]: row["final"] for row in described["rows"]}
    assert len(final) == methods.count("[[methods]]")
    assert all(0 < number < 10 for number in final.values())


# --- returns and constraints -------------------------------------------------------------------------------------------

LEARNING = """
title = "Learning"

[experiment]
iterations = 12
metric = "value"
seeds = [0, 1]
compressor = "top-k:k=3"
server_compressor = "identity"

[[problems]]
label = "poles"
problem = "fleet:n=2,trajectories=2,steps=5,hidden=2"

[[methods]]
label = "Safe-EF"
method = "safe-ef"
step_size = "1/10"
parameters = { threshold = 0 }

[figure]
x = "samples"
panels = ["return", "constraint"]
"""


@pytest.fixture(scope="module")
def learning(tmp_path_factory):
    folder = tmp_path_factory.mktemp("learning")
    path = write(folder, LEARNING)
    return path, experiment(path, jobs=1, store=folder / "store.sqlite")


def test_reports_with_panels_have_means_late_in_the_runs(learning):
    _, found = learning
    problems = [read_problem(f"fleet:n=2,trajectories=2,steps=5,hidden=2,seed={seed}") for seed in (0, 1)]
    method = efpep.SafeEF("1/10", threshold=0)
    runs = [efpep.simulate(method, p, 12, efpep.TopK(3), efpep.Identity(), seed=k) for k, p in enumerate(problems)]
    row = experiment_rows(found)[0]
    for name, late in (("return", [-r["value"][-1] for r in runs]), ("constraint", [r["constraint"][-1] for r in runs])):
        assert row[f"{name}_mean"] == pytest.approx(np.mean(late))  # a tenth of 13 records is one
        assert row[f"{name}_deviation"] == pytest.approx(np.std(late, ddof=1))
        assert [row[f"{name}_least"], row[f"{name}_most"]] == pytest.approx(sorted(late))
    assert "-f(x) and g(x): mean over the last tenth of a run; mean and deviation over the seeds." in found.report()
    assert f"{row['return_mean']:.4g} +- {row['return_deviation']:.2g}" in found.report()


def test_figures_with_panels_have_a_row_a_quantity_and_count_samples(learning, tmp_path):
    _, found = learning
    rows = list(csv.DictReader(found.figure(tmp_path / "curves.pdf")[-1].read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 2 * 13
    assert {row["quantity"] for row in rows} == {"-f(x)", "g(x)"}
    assert [float(row["samples"]) for row in rows[:13]] == [20 * k for k in range(13)]
    runs = found.cell("poles", "Safe-EF").best.runs
    assert float(rows[-1]["mean"]) == pytest.approx(np.mean([run.columns["constraint"][-1] for run in runs]))
    assert float(rows[12]["most"]) == pytest.approx(max(-run.values[-1] for run in runs))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"constraint"]', '"danger"]', "danger"),
        ("fleet:n=2,trajectories=2,steps=5,hidden=2", "quadratics:n=2", "makes no samples"),
    ],
)
def test_panels_and_samples_have_to_be_there(learning, tmp_path, old, new, said):
    path = write(tmp_path, LEARNING.replace(old, new))
    with pytest.raises(InputError, match=said) as error:
        EXPERIMENT_STUDIES.load(path).curves(path)
    assert one_sentence(error.value)


def test_what_runs_do_not_record_is_no_panel(small):
    study = EXPERIMENT_STUDIES.load(small[0])
    with pytest.raises(InputError, match="do not record 'constraint'") as error:
        study.curves(small[0], {"panels": ["constraint"]})
    assert one_sentence(error.value)


ALONG = LEARNING.replace('x = "samples"', 'x = "axis"')
AXES = {
    "problem": ("n", [1, 3], "poles, size = 3", "Safe-EF"),
    "compressor": ("k", [2, 5], "poles", "Safe-EF, size = 5"),
    "method": ("threshold", [0, 7], "poles", "Safe-EF, size = 7"),
}


@pytest.mark.parametrize("of", AXES)
def test_along_an_axis_runs_are_those_of_each_value(tmp_path, of):
    name, values, problem, method = AXES[of]
    axis = f'\n[axis]\nlabel = "size"\nof = "{of}"\nname = "{name}"\nvalues = {values}\n'
    path = write(tmp_path, ALONG + axis)
    found = experiment(path, jobs=1, store=tmp_path / "store.sqlite")
    text = "fleet:n=3" if of == "problem" else "fleet:n=2"
    threshold, k = (7 if of == "method" else 0), (5 if of == "compressor" else 3)
    runs = [
        efpep.simulate(
            efpep.SafeEF("1/10", threshold=threshold),
            read_problem(f"{text},trajectories=2,steps=5,hidden=2,seed={seed}"),
            12,
            efpep.TopK(k),
            efpep.Identity(),
            seed=seed,
        )
        for seed in (0, 1)
    ]
    late = [-run["value"][-1] for run in runs]
    rows = list(csv.DictReader(found.figure(tmp_path / "curves.pdf")[-1].read_text(encoding="utf-8").splitlines()))
    assert [float(row["value"]) for row in rows] == [float(value) for value in values] * 2
    last = next(row for row in rows if row["quantity"] == "-f(x)" and float(row["value"]) == values[-1])
    assert (last["problem"], last["method"], last["seeds"]) == ("poles", "Safe-EF", "2")
    assert float(last["mean"]) == pytest.approx(np.mean(late))
    assert float(last["deviation"]) == pytest.approx(np.std(late, ddof=1))
    assert found.cell(problem, method).runs == 2
    assert f"Safe-EF, size = {values[-1]}" in found.report()
    samples = found.figure(tmp_path / "samples.pdf", {"x": "samples"})[-1].read_text(encoding="utf-8")
    assert len(samples.splitlines()) == 1 + 2 * 2 * 13


@pytest.mark.parametrize(
    ("axis", "said"),
    [
        ('of = "problem"\nname = "n"\nvalues = [2, "2"]', "twice"),
        ('of = "problem"\nname = "m"\nvalues = [2]', "'m'"),
        ('of = "server"\nname = "n"\nvalues = [2]', "server"),
        ('of = "method"\nname = "n"\nvalues = [2]', "n"),
        ('of = "compressor"\nname = "q"\nvalues = [2]', "q"),
        ('of = "problem"\nname = "n"\nvalues = []', "values"),
    ],
)
def test_impossible_axes_are_refused(tmp_path, axis, said):
    path = write(tmp_path, f'{ALONG}\n[axis]\nlabel = "size"\n{axis}\n')
    with pytest.raises(InputError, match=said) as error:
        [entry.candidates() for entry in EXPERIMENT_STUDIES.load(path).methods]
    assert one_sentence(error.value)


def test_without_an_axis_nothing_is_drawn_against_it(tmp_path):
    path = write(tmp_path, ALONG)
    with pytest.raises(InputError, match=r"add a table \[axis\]") as error:
        EXPERIMENT_STUDIES.load(path).curves(path)
    assert one_sentence(error.value)


SMALL_BATCHES = """
title = "Mini-batches"

[experiment]
iterations = 5
metric = "value"
batch = 2
compressor = "top-k:k=3"
server_compressor = "identity"

[[problems]]
label = "NP"
problem = "neyman-pearson:n=2,regularisation=0"

[[methods]]
label = "common"
method = "safe-ef"
step_size = "1/10"
parameters = { threshold = 0 }

[[methods]]
label = "four"
method = "safe-ef"
step_size = "1/10"
parameters = { threshold = 0 }
batch = 4
"""


def test_mini_batches_are_those_of_runs(tmp_path):
    path = write(tmp_path, SMALL_BATCHES)
    found = experiment(path, jobs=1, store=tmp_path / "store.sqlite")
    problem = read_problem("neyman-pearson:n=2,regularisation=0")
    method = efpep.SafeEF("1/10", threshold=0)
    ends = efpep.TopK(3), efpep.Identity()
    for label, batch in (("four", 4), ("common", 2)):
        run = efpep.simulate(method, problem, 5, *ends, seed=0, noise=efpep.GradientNoise(batch=batch))
        assert found.cell("NP", label).best.runs[0].values.tolist() == run["value"].tolist()


def test_the_studies_of_the_fleet_can_be_read():
    folder = PROBLEMS.parent / "fleet"
    along = {"compression", "threshold", "agents", "batch", "dual_start"}
    assert {file.stem for file in folder.glob("*.toml")} == {"main", "quick", *along}
    assert {file.stem for file in (folder / "quick").glob("*.toml")} == along
    for file in folder.rglob("*.toml"):
        assert EXPERIMENT_STUDIES.load(file).curves(file).panels == ["return", "constraint"]
