"""Random command lines of the documented options, and random study files: an exit status, and a sentence where they are refused.

Most command lines are read only (the options, the method and the setting), and most studies are not swept: their questions are
posed. A few questions on tiny cases are answered, whatever their further options say.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import fields
from functools import cache
from unittest import mock

import typer

from efpep.cli import main
from efpep.cli.app import COMMANDS, app
from efpep.cli.horizon import HorizonOptions
from efpep.cli.lyapunov import LyapunovOptions
from efpep.cli.question import QuestionOptions
from efpep.compressors import COMPRESSORS
from efpep.errors import UnavailableError
from efpep.functions import FUNCTIONS
from efpep.methods import METHODS
from efpep.model.metric import METRICS
from efpep.questions.kinds import VERBS
from efpep.studies.engine.grid import Grid, GridStudy, GroupTable
from efpep.studies.engine.study_type import Options
from efpep.studies.engine.workers import Serial

NUMBERS = [
    "0",
    "1",
    "2",
    "0.1",
    "1/10",
    "0.5",
    "10",
    "-1",
    "1/0",
    "1e-3",
    "1e999999999",
    "nan",
    "inf",
    "0x1",
    "x",
    "",
    " 1",
    "1" * 400,
]
PAIRS = [
    "mu=0.1",
    "L=1",
    "delta=0.5",
    "theta=1",
    "beta=0.3",
    "omega=1",
    "M=1",
    "count=2",
    "share=1/2",
    "kappa=10",
    "=",
    "a=",
    "class=gd",
]
WORDS = [
    "f",
    "x,g",
    "g-d",
    "|x-x*|^2",
    "literature",
    "optimal",
    "last",
    "best",
    "distance=1",
    "top-k:k=1",
    "top-k:k=1,d=3",
    "\u0660",
    "a b",
]
PLACES = ["out.pdf", "out.txt", "no/out.csv", "out.csv", ".", "", "out.json", "\x00"]
PROBLEMS = ["quadratics:n=2,d=3,kappa=5", "diagonal:n=2,d=3", "quadratics:n=x", "nothing", "quadratics"]


def texts(draw):
    """A random value of an option, or of a key."""
    known = [*METHODS.members, *FUNCTIONS.members, *COMPRESSORS.members, *METRICS, "no:Class", "clarabel", "scs"]
    return draw.choice(draw.choice([NUMBERS, NUMBERS, PAIRS, WORDS, PLACES, PROBLEMS, known]))


def words_of(draw):
    """A random command line: a command, an argument as a rule, and some of its documented options with random values."""
    name = draw.choice(list(COMMANDS))
    described = getattr(_described(app), "commands", {})[name]
    options = options_of(described)
    words = [name]
    if draw.random() < 0.9:
        words.append(draw.choice([*METHODS.members, "study.toml", texts(draw)]))
    usual = {"mu": "0.1", "L": "1", "delta": "0.5", "iterations": "2", "problem": PROBLEMS[0], "compressor": "projection"}
    for option in options:
        if draw.random() < (0.6 if option.name in usual else 0.15):
            value = usual[option.name] if option.name in usual and draw.random() < 0.7 else texts(draw)
            words += spelt(draw, option, value)
    return words


def options_of(described):
    """Return the documented options of a command, besides the one for help."""
    return [p for p in described.params if p.name != "help" and any(s.startswith("-") for s in p.opts)]


def spelt(draw, option, value):
    """Return the words of an option."""
    name = draw.choice(option.opts)
    return [name] if option.is_flag else [f"{name}={value}"] if draw.random() < 0.2 else [name, value]


TINY = ["--mu=0.5", "--L=1", "--delta=0.9"]
CHEAP = [
    ["rate", "gd", *TINY],
    ["rate", "cgd", *TINY],
    ["worst-case", "gd", *TINY, "--step-size=1", "--iterations=1"],
    ["cycle", "gd", *TINY, "--step-size=3", "--period=2"],
    ["potential", "safe-ef", "--delta=0.9", "--delta-server=1"],
    ["patterns", "safe-ef", "--delta=0.9", "--delta-server=1", "--iterations=1"],
    ["tune", "safe-ef", "--delta=0.9", "--delta-server=1", "--iterations=9"],
    ["simulate", "gd", "--problem=quadratics:n=2,d=3,kappa=5", "--iterations=2"],
]
"""Questions that are answered at once."""


def cheap(draw):
    """One of these, with one or two more of its command's options."""
    words = draw.choice(CHEAP)
    options = options_of(getattr(_described(app), "commands", {})[words[0]])
    more = [option for option in options if not {*option.opts} & {w.partition("=")[0] for w in words}]
    return [*words, *(word for option in draw.sample(more, draw.choice([1, 1, 2])) for word in spelt(draw, option, texts(draw)))]


def read_only(command):
    """Read the options of a command, as far as that is no work."""
    if isinstance(command, LyapunovOptions):
        command.check_given()
        command.past_states()
        command.feature_names()
    if isinstance(command, HorizonOptions):
        command.bounds()
    if isinstance(command, QuestionOptions):
        command.read()
    return 0


_described = cache(typer.main.get_command)
"""typer describes all commands anew in every call, which takes longer than the rest."""


def judged(words, kind, report):
    """Run a command line, and refuse what is no answer."""
    out, err = io.StringIO(), io.StringIO()
    described = mock.patch.object(typer.main, "get_command", _described)
    with described, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(words)
    printed = err.getvalue()
    last = printed.strip().rpartition("\n")[2].removeprefix("efpep: ")
    sentence = last.endswith(".") and ". " not in last.removesuffix(".").replace("... ", " ")
    if status not in range(5) or "Traceback" in printed or "fault in efpep" in printed or (status == 2 and not sentence):
        raise AssertionError(f"status {status} of {words}: {printed}")
    report.count(kind, "posed" if _POSED in printed else f"status {int(status)}")


def check_command(draw, path, report):
    """A random command line; one in twenty is a cheap one, and answered."""
    with contextlib.chdir(path.parent), contextlib.ExitStack() as patched:
        if draw.random() < 0.05:
            return judged(cheap(draw), "answered command", report)
        for cls in {c for command in COMMANDS.values() for c in command.__mro__ if "run" in vars(c)}:
            patched.enter_context(mock.patch.object(cls, "run", read_only))
        return judged(words_of(draw), "command", report)


def toml(value):
    """A value in TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {toml(part)}" for name, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(part) for part in value) + "]"
    if isinstance(value, str):
        return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in value) + '"'
    return str(value).lower()


def thing(draw):
    """A random value of a key."""
    one = draw.choice([texts(draw), 1, 2, 0, -1, 0.5, 10, True, 10**30])
    return draw.choice([one, one, [one], [one, texts(draw)], [], {"class": one}, {}])


def study_of(draw):
    """A random study file over a grid, of documented keys for the most part."""
    question = draw.choice(list(VERBS))
    keys = {name for kind in VERBS[question] for name in kind.form().readers()}
    needed = {name: value for name, value in {"iterations": 1, "period": 1}.items() if name in keys}
    if question in {"patterns", "potential"} and draw.random() < 0.7:
        top = {"methods": ["safe-ef"], "server_compressor": {"class": "contractive", "delta": 1}, **needed}
        inner = {"delta": 0.9, "agents": draw.choice([1, 2])}
        top |= {"iterations": draw.choice([1, 2])} if question == "patterns" else {}
        if question == "potential":
            top.pop("iterations", None)
    else:
        methods = [["gd"], ["cgd"], ["ef21"], ["gd", "cgd"], [{"class": "ef21-momentum", "theta": "1/2"}]]
        top = {"methods": draw.choice(methods), **needed}
        steps = ["optimal", "optimal", "tuned", 1, [0.5, 1]]
        inner = {
            "kappa": draw.choice([2, [2, 4]]),
            "L": 1,
            "delta": 0.5,
            "agents": draw.choice([1, 2]),
            "step_size": draw.choice(steps),
        }
    top = {"title": "t", "question": question, **top}
    for table, others in (
        (top, {*GridStudy.model_fields, *keys, "memory", "width", "at"} - {"grid", "groups"}),
        (inner, Grid.model_fields),
    ):
        for name in draw.sample(sorted(others), draw.choice([0, 0, 0, 1, 2])):
            table[name] = thing(draw)
        if draw.random() < 0.2:
            table.pop(draw.choice(list(table)))
    lines = [f"{name} = {toml(value)}" for name, value in top.items()]
    lines += ["[grid]", *(f"{name} = {toml(value)}" for name, value in inner.items())] if draw.random() < 0.97 else []
    if draw.random() < 0.1:
        lines += ["[[groups]]", *(f"{name} = {toml(thing(draw))}" for name in GroupTable.model_fields if draw.random() < 0.3)]
    if draw.random() < (0.3 if question == "rate" else 0.05):
        keys = {"kind": "curves", "x": "kappa", "y": "rate", "series": "method", "log": "x", "size": "icml", "ratio": 1}
        lines += [
            "[figure]",
            *(f"{k} = {toml(draw.choice([v, v, v, thing(draw)]))}" for k, v in keys.items() if draw.random() < 0.6),
        ]
    text = "\n".join(lines)
    place = draw.randrange(len(text) + 1)
    return text if draw.random() < 0.9 else text[:place] + draw.choice(["\x00", "=", "[", '"', "\u00e9"]) + text[place:]


_POSED = "would be answered by"


def stopped(options, tasks):
    """Stand in for the sweep."""
    raise UnavailableError(f"{len(tasks)} tasks {_POSED} {len(fields(options))} options.")


def check_study(draw, path, report):
    """A random study file, read by one of the commands on studies; one in twenty is answered."""
    place = path.with_suffix(".toml")
    place.write_text(study_of(draw), encoding="utf-8")
    answered = draw.random() < 0.05
    words = [draw.choice(["run", "table"]), place.name, "--store=store.sqlite"]
    how = mock.patch.object(Options, "workers", return_value=Serial())
    if not answered:
        words, how = [draw.choice(["run", "table", "figure"]), place.name], mock.patch.object(Options, "sweep", stopped)
    with contextlib.chdir(path.parent), how:
        try:
            judged(words, "answered study" if answered else "study", report)
        except AssertionError as error:
            raise AssertionError(f"{error} {place.read_text(encoding='utf-8')}") from error
