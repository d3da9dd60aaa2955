"""Every documented option of every command runs once on a tiny case: an answer or a sentence, and never a fault of efpep."""

import json
from pathlib import Path

import pytest
import typer
from support import one_sentence

from efpep.cli import main
from efpep.cli.app import COMMANDS, app
from efpep.studies.engine.study_type import Options

STUDY = """
title = "One rate"
methods = ["gd"]

[grid]
agents = 1
kappa = [10]
L = 1
step_size = "optimal"

[figure]
kind = "curves"
x = "kappa"
"""
SAFE = ["safe-ef", "--delta", "0.5"]
EF21 = ["ef21", "--mu", "0.1", "--L", "1", "--delta", "0.5"]
TINY = {
    "rate": ["gd", "--mu", "0.1", "--L", "1"],
    "tune": ["gd", "--mu", "0.1", "--L", "1", "--tolerance", "0.3"],
    "potential": ["gd", "--L", "1", "--step-size", "1", "--iterations", "1"],
    "worst-case": ["gd", "--mu", "0.1", "--L", "1", "--iterations", "1"],
    "design": [*EF21, "--seconds", "1/100"],
    "verify": ["rate.json"],
    "prove": ["cgd"],
    "discover": ["gd", "--mu", "0.1", "--L", "1", "--step-size", "1/2"],
    "run": ["study.toml"],
    "table": ["study.toml"],
    "figure": ["study.toml"],
    "simulate": ["ef21", "--problem", "quadratics:n=2,d=3,kappa=5", "--compressor", "top-k:k=2", "--iterations", "2"],
    "compare": ["ef21", "--problem", "quadratics:n=2,d=3,kappa=5", "--compressor", "top-k:k=2", "--iterations", "3"],
    "methods": [],
    "crosscheck": ["gd", "--mu", "0.1", "--L", "1"],
    "noise": ["gd", "--mu", "0.1", "--L", "1", "--step-size", "0.5"],
    "cycle": ["cgd", "--mu", "0.1", "--L", "1", "--delta", "0.5", "--step-size", "1"],
    "replay": ["gd", "--mu", "0.1", "--L", "1", "--iterations", "1"],
    "adversary": ["cgd", "--mu", "0.1", "--L", "1", "--delta", "0.5"],
    "lower-bound": [*SAFE, "--T", "10"],
    "patterns": [*SAFE, "--T", "1", "--jobs", "1"],
    "explore": ["--no-open", "--output", "page"],
}
"""The shortest question of each command."""
VALUES = {
    "mu": "0.1",
    "L": "1",
    "kappa": "10",
    "delta": "0.5",
    "delta_server": "0.9",
    "compressor": "projection",
    ("simulate", "compressor"): "rand-k:k=2",
    ("compare", "compressor"): "rand-k:k=2",
    ("simulate", "output"): "run.csv",
    ("patterns", "metric"): "gap",
    "compressor_set": "delta=0.5",
    "functions": "smooth-strongly-convex",
    "functions_set": "mu=0.1",
    "mean": "gradient-dominated",
    "constraint": "bounded-subgradients",
    "agents": "2",
    "group": "count=2,mu=0.1,L=1",
    "step_size": "0.5",
    "values": "step_size=0.5",
    "metric": "gradient",
    "lyapunov": "|x-x*|^2",
    "memory": "1",
    "rho": "0.95",
    "bound": "average",
    "sigma": "2",
    "batch": "2",
    "target": "1",
    "decrease": "0.1",
    "criterion": "rate",
    "features": "f",
    "positivity": "interpolation",
    "simple": "1e-3",
    "width": "1e-4",
    "parameters": "step_size",
    "tolerance": "0.3",
    "verify": "1",
    "searched": "step_size",
    "limit": "1/10",
    "random": "3",
    "earlier": "rate.json",
    "seconds": "1",
    "family": "1",
    "iterations": "2",
    "radius": "1",
    "failure": "0.1",
    "landscape": "landscape.csv",
    "projection": "uplink",
    "pairs": "1",
    "at": "best",
    "initial": "gap=1",
    "heterogeneity": "0",
    "dissimilarity": "1",
    "allow": "json",
    "script": "proof.py",
    "against": "other.py",
    "jobs": "1",
    "dask": "nowhere",
    "store": "other.sqlite",
    "report": "report",
    "sample": "2",
    "form": "latex",
    "columns": "rho,iterations",
    "digits": "4",
    "pivot": "method",
    "reference": "ef",
    "short_caption": "A title",
    "caption": "A caption",
    "label": "tab:rates",
    "latex": "out.tex",
    "output": "out",
    "problem": "diagonal:n=2,d=3",
    "server_compressor": "top-k:k=1",
    "seed": "1",
    "record_every": "2",
    "dtype": "float32",
    "threads": "2",
    "device": "cpu",
    "figure": "run.pdf",
    "checkpoint": "run.npz",
    "checkpoint_every": "1",
    "also": "gd",
    "csv": "compared.csv",
    "period": "2",
    "periods": "1",
    "save": "adversary.json",
    "plot": "replayed.pdf",
    "runs": "1",
    "instance": "bernoulli",
    "R": "1",
    "M": "1",
    "solver": "extended",
    "certificate": "kept.json",
    "coq": "out.v",
    "kind": "curves",
    "x": "kappa",
    "y": "rho",
    "color": "rho",
    "series": "method",
    "panels": "method",
    "log": "x",
    "size": "icml",
    "ratio": "0.7",
    "port": "0",
}
"""A value of each option, or of one of a command."""
SLOW = {"tune", "design", "discover", "figure", "compare", "crosscheck", "replay", "adversary", "run", "table", "explore"}
"""Commands whose options take more than a minute in all."""


def options():
    commands = getattr(typer.main.get_command(app), "commands", {})
    for name in COMMANDS:
        for parameter in commands[name].params:
            spelt = [s for s in parameter.opts if s.startswith("--")]
            if spelt and parameter.name != "help":
                slow = [pytest.mark.slow] if name in SLOW else []
                value = [] if parameter.is_flag else [VALUES.get((name, parameter.name)) or VALUES[parameter.name]]
                yield pytest.param(name, spelt[0], value, id=f"{name} {spelt[0]}", marks=slow)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("study.toml").write_text(STUDY, encoding="utf-8")
    Path("other.py").write_text("", encoding="utf-8")
    return tmp_path


def words_of(command, option, value):
    """Return the words of the shortest question with an option, which replaces what is given for it there."""
    words = list(TINY[command])
    for spelling in {option, {"--iterations": "--T", "--T": "--iterations"}.get(option, option)} & set(words):
        place = words.index(spelling)
        del words[place : place + 2]
    return [command, *words, option, *value]


@pytest.mark.fast_cases(11)
@pytest.mark.parametrize(("command", "option", "value"), list(options()))
def test_every_option_is_answered_or_refused_in_a_sentence(command, option, value, folder, capsys):
    if command == "verify":
        assert main(["rate", *TINY["rate"], "--certificate", "rate.json"]) == 0
    status = main(words_of(command, option, value))
    printed = capsys.readouterr()
    assert status in {0, 1, 2, 3, 4}
    assert "fault in efpep" not in printed.err
    assert "Traceback" not in printed.err
    if status == 2:
        assert one_sentence(printed.err.strip().splitlines()[-1].removeprefix("efpep: "))
    else:
        assert printed.out


def answered(words, capsys):
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_worst_cases_are_proposed_in_extended_precision(capsys):
    """Gradient descent with step size 1: ``||x_1 - x*||^2 <= (1 - mu)^2``."""
    found = answered(["worst-case", *TINY["worst-case"], "--step-size", "1", "--solver", "extended"], capsys)
    assert abs(float(found["value"]["upper"]) - 0.81) < 1e-6


def test_a_function_gap_alone_is_a_lyapunov_function(capsys):
    """Gradient descent with step size 1: ``f - f*`` contracts by ``(1 - mu)^2``."""
    found = answered(["rate", *TINY["rate"], "--step-size", "1", "--features", "f"], capsys)
    assert float(found["rate"]["lower"]) <= 0.81 <= float(found["rate"]["upper"])


@pytest.mark.parametrize(
    ("given", "same"),
    [
        (["--kappa", "10", "--L", "2"], ["--mu", "0.2", "--L", "2"]),
        (["--kappa", "10", "--mu", "0.2"], ["--mu", "0.2", "--L", "2"]),
        (["--kappa", "10", "--group", "count=1,L=2"], ["--group", "count=1,L=2,mu=0.2"]),
        (["--kappa", "5", "--L", "2", "--group", "count=1,mu=0.1"], ["--group", "count=1,L=2,mu=0.1"]),
        (["--mu", "1", "--L", "2", "--group", "count=1,kappa=10"], ["--group", "count=1,L=2,mu=0.2"]),
    ],
)
def test_the_condition_number_stands_beside_mu_and_smoothness(given, same, capsys):
    """``kappa = L/mu``; a group's own constants come first."""
    settings = []
    for words in (given, same):
        found = answered(["worst-case", "gd", *words, "--step-size", "0.1", "--iterations", "1"], capsys)
        settings.append({name: found.get(name) for name in ("mu", "L", "agents", "groups", "value")})
    assert settings[0] == settings[1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--kappa", "10", "--mu", "0.1", "--L", "1"], "--kappa, --mu and --L are all given"),
        (["--kappa", "10"], "--L is missing, and --kappa is L/mu"),
        (["--kappa", "0.5", "--L", "1"], "--kappa is 1/2, but it is L/mu with mu <= L"),
        (["--kappa", "x", "--L", "1"], "--kappa is 'x', which is not a number"),
        (["--kappa", "10", "--L", "1", "--functions", "smooth-convex"], "smooth-convex has not both of them"),
        (["--L", "1", "--group", "count=1,mu=0.1,L=1,kappa=10"], "--kappa, --mu and --L are all given"),
    ],
)
def test_condition_numbers_that_cannot_be_are_refused(given, said, capsys):
    assert main(["rate", "gd", *given]) == 2
    printed = capsys.readouterr().err.strip()
    assert said in printed
    assert one_sentence(printed.removeprefix("efpep: "))


MOMENTUM = ["--mu", "0.1", "--L", "1", "--delta", "0.5", "--step-size", "0.1"]


@pytest.mark.parametrize(
    "words",
    [
        ["rate", "ef21-momentum", *MOMENTUM],
        ["worst-case", "ef21-momentum", *MOMENTUM, "--iterations", "1"],
        ["potential", "ef21-momentum", *MOMENTUM[2:], "--iterations", "1"],
        ["cycle", "ef21-momentum", *MOMENTUM, "--period", "1"],
        pytest.param(
            ["tune", "ef21-momentum", *MOMENTUM[:-2], "--parameters", "step_size", "--tolerance", "0.5", "--seconds", "5"],
            marks=pytest.mark.slow,
        ),
    ],
    ids=lambda words: words[0],
)
def test_parameters_that_were_not_given_are_said_to_be_defaults(words, capsys):
    """``theta = 1`` is EF21 itself, which who asks about momentum hardly means."""
    assert main(words) in {0, 4}
    printed = capsys.readouterr().out
    assert "theta = 1 (the default)" in printed or "(theta = 1 by default.)" in printed
    assert main([*words, "--json"]) in {0, 4}
    assert json.loads(capsys.readouterr().out)["defaults"] == ["theta"]


def test_given_parameters_are_no_defaults(capsys):
    found = answered(["rate", "ef21-momentum", *MOMENTUM, "--set", "theta=0.9"], capsys)
    assert (found["parameters"], found["defaults"]) == ({"theta": "0.9"}, [])


@pytest.mark.parametrize(("features", "said"), [("x", True), ("x,f", False)])
def test_features_without_the_function_gap_say_that_it_is_left_out(features, said, capsys):
    assert main(["rate", *TINY["rate"], "--features", features]) == 0
    assert ("without the function gap" in capsys.readouterr().out) == said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["tune", *TINY["tune"], "--radius", "1"], "--radius is used with --iterations or --target alone"),
        (["tune", *TINY["tune"], "--failure", "0.1"], "--failure is used with --iterations alone"),
        (["tune", *SAFE, "--iterations", "10", "--tolerance", "0.1"], "--tolerance is not used with --iterations"),
        (["tune", *SAFE, "--iterations", "10", "--certificate", "kept.json"], "--certificate is not used with --iterations"),
    ],
)
def test_options_that_another_makes_idle_are_refused(words, said, folder, capsys):
    assert main(words) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert not printed.out


@pytest.mark.parametrize(
    ("method", "option", "said"),
    [
        ("ef21", "--server-compressor", "so server-compressor is not used"),
        ("gd", "--compressor", "so compressor is not used"),
        ("ef21-bc", "--server-compressor", None),
    ],
)
def test_operators_that_a_method_does_not_use_are_said(method, option, said, capsys):
    words = ["--problem", "quadratics:n=2,d=3,kappa=5", "--iterations", "2", "--step-size", "0.1", option, "top-k:k=1"]
    words += [] if option == "--compressor" else ["--compressor", "top-k:k=2"]
    assert main(["simulate", method, *words]) == 0
    assert (said or "") in (printed := capsys.readouterr().err)
    assert said or not printed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["figure", "study.toml", "-o", "figure.eps"], "not as .eps; give FILE.pdf"),
        (["figure", "study.toml", "-o", "figure.txt"], "not as .txt; give FILE.pdf"),
        (["simulate", *TINY["simulate"], "--figure", "run.txt"], "'run.txt' ends in none of .pdf, .png and .svg"),
        (["simulate", *TINY["simulate"], "--output", "run.xls"], "'run.xls' ends in none of .csv and .parquet"),
        (["tune", *TINY["tune"], "--landscape", "l.eps"], "'l.eps' ends in none of .csv, .pdf, .png and .svg"),
        (["rate", *TINY["rate"], "--certificate", "no/kept.json"], "'no' does not exist"),
        (["rate", *TINY["rate"], "--certificate", "."], "'.' is a folder"),
        (["simulate", *TINY["simulate"], "--checkpoint", "no/run.npz"], "'no' does not exist"),
        (["prove", "ef21", "--latex", "no/out.tex"], "'no' does not exist"),
        (["replay", *TINY["replay"], "--save", "no/a.json"], "'no' does not exist"),
        (["compare", *TINY["compare"], "--figure", "run.eps"], "not as .eps; give FILE.pdf"),
        (["run", "study.toml", "--report", "study.toml"], "'study.toml' is no folder"),
    ],
)
def test_files_that_cannot_be_written_are_refused_before_any_work(words, said, folder, capsys, monkeypatch):
    monkeypatch.setattr(COMMANDS[words[0]], "run", None)
    assert main(words) == 2
    printed = capsys.readouterr().err.strip()
    assert said in printed
    assert one_sentence(printed.removeprefix("efpep: "))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('x = "kappa"', 'x = "foo"'), "figure.x is 'foo', which is no quantity of an axis; choose one of delta, "),
        (('x = "kappa"', 'y = "foo"'), "figure.y is 'foo', which is no quantity made of a rate"),
        (('x = "kappa"', 'series = ["foo"]'), "figure.series names 'foo', which is no coordinate"),
        (('"curves"', '"foo"'), "the key 'figure.kind' is 'foo', which cannot stand there; choose one of 'curves', "),
        (("[grid]", 'lyapunov = "foo("\n[grid]'), "the Lyapunov function cannot be read at 'foo('"),
        (("[grid]", 'features = ["foo"]\n[grid]'), "'foo' is not a feature of the method"),
        (("[grid]", "digits = 40\n[grid]"), "which cannot stand there; give a number at most 15"),
        (('"One rate"', "3"), "the key 'title' is 3, which cannot stand there; give text in quotes"),
        (('["gd"]', "[]"), "the key 'methods' is [], which cannot stand there; give at least one"),
        (('["gd"]', "3"), "the key 'methods' is 3, which cannot stand there; give a list in brackets"),
    ],
)
def test_values_of_studies_are_refused_before_the_sweep(change, said, folder, capsys, monkeypatch):
    monkeypatch.setattr(Options, "sweep", None)
    Path("study.toml").write_text(STUDY.replace(*change), encoding="utf-8")
    assert main(["run", "study.toml"]) == 2
    printed = capsys.readouterr().err.strip()
    assert said in printed
    assert one_sentence(printed.removeprefix("efpep: "))


def test_numbers_beyond_doubles_are_refused_in_a_sentence(capsys):
    assert main(["rate", *TINY["rate"], "--step-size", "1" * 400]) == 2
    printed = capsys.readouterr().err.strip()
    assert "beyond the doubles in which solvers compute" in printed
    assert one_sentence(printed.removeprefix("efpep: "))
