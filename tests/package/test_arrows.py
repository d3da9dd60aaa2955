"""The layering: a room imports only rooms before it, kinds of questions keep their insides to themselves, nothing goes round.

Every import of efpep's source counts, inside functions and for type checkers only too; circles are of what is imported when a
module is loaded.
"""

import ast
import functools
import graphlib
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import efpep

SOURCE = Path(efpep.__file__).parent
ROOMS = [
    {"_version", "errors", "callable_package", "optional", "threads"},
    {"model", "component", "trust"},  # components are numbers by name, and read and say them with the model
    {"functions", "compressors"},
    {"setting"},
    {"theory"},
    {"methods"},
    {"proof"},
    {"conic"},
    {"report"},
    {"questions"},
    {"theorems"},
    {"crosscheck"},
    {"simulate", "distributed"},
    {"studies"},
    {"explore"},
    {"cli"},
    {"efpep"},  # the public door
]
"""In order; those of one line are one room."""

PUBLIC = {"question", "answer", "report"}
"""The modules of a kind of questions that other kinds may use."""

COMPOSED = {
    "target": {"rate.inequalities", "rate.lyapunov"},
    "nonconvex_noise": {"nonconvex.inequalities"},
    "tune": {
        *("noise.search", "rate.inequalities", "rate.linear_instances", "rate.lyapunov", "rate.lyapunov_class"),
        *("rate.study", "rate.units"),
    },
    "improvement": {"rate.lyapunov_class", "quadratic.eigen_instance"},
}
"""Kinds whose certificates are made of other kinds', and what they use of these besides: the one-step question itself, its
functions, units and keys in study files, and instances on a line; searches are asked for by ``answer``."""


@dataclass(frozen=True)
class Arrow:
    """An import: who imports what, in which line, and whether that happens when the module is loaded."""

    source: str
    target: str
    line: int
    loading: bool

    def __str__(self):
        return f"{self.source}:{self.line} imports {self.target}"


def name_of(path):
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def modules():
    """The source's files by module."""
    return {name_of(path): path for path in sorted(SOURCE.rglob("*.py"))}


def for_types(node):
    """Whether a statement is ``if TYPE_CHECKING``."""
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def imported(node, package):
    """The modules that an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    near = ".".join(package.split(".")[: len(package.split(".")) + 1 - node.level]) if node.level else ""
    base = ".".join(piece for piece in (near, node.module) if piece)
    return [inner if (inner := f"{base}.{alias.name}") in modules() else base for alias in node.names]


def arrows_of(name, tree):
    """Yield the arrows from one module."""
    package = name if modules()[name].name == "__init__.py" else name.rpartition(".")[0]

    def walk(node, loading):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                for target in imported(child, package):
                    if target.partition(".")[0] == "efpep" and target != name:
                        yield Arrow(name, target, child.lineno, loading)
            elif for_types(child):
                for part, when in ((child.body, False), (child.orelse, loading)):
                    yield from walk(ast.Module(part, []), when)
            else:
                yield from walk(child, loading and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))

    yield from walk(tree, loading=True)


@functools.cache
def arrows():
    """All imports of efpep's modules by efpep's modules."""
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in modules().items()}
    return [arrow for name, tree in trees.items() for arrow in arrows_of(name, tree)]


def room(module):
    """The number of a module's room."""
    pieces = module.split(".")
    (number,) = [k for k, names in enumerate(ROOMS) if pieces[min(1, len(pieces) - 1)] in names]
    return number


def circle(graph):
    """The nodes of a circle, or nothing."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


KINDS = {path.parent.name for path in (SOURCE / "questions").glob("*/__init__.py")} - {"common"}


def kind(module):
    """The kind of questions whose folder a module lies in; None for what all kinds share and for what is made of kinds."""
    pieces = module.split(".")
    return pieces[2] if pieces[1:2] == ["questions"] and len(pieces) > 2 and pieces[2] in KINDS else None


def shared(module):
    """Whether a module of the questions belongs to what all kinds share."""
    return module.split(".")[2:3] in (["base"], ["answer"], ["kinds"], ["common"])


def within_questions():
    """The arrows between modules of the questions."""
    inside = "efpep.questions."
    return [arrow for arrow in arrows() if arrow.source.startswith(inside) and arrow.target.startswith(inside)]


@pytest.mark.parametrize("module", sorted({"efpep", *(".".join(name.split(".")[:2]) for name in modules())}))
def test_every_module_has_a_room(module):
    assert room(module) >= 0


def test_a_room_imports_only_rooms_before_it():
    assert [str(arrow) for arrow in arrows() if room(arrow.target) > room(arrow.source)] == []


def test_no_module_is_loaded_in_a_circle():
    graph = {name: set() for name in modules()}
    for arrow in arrows():
        if arrow.loading:
            graph[arrow.source].add(arrow.target)
    assert circle(graph) == []


def test_no_two_classes_have_one_name():
    """But for the states of methods, which are all called ``State``: it is what a method has to call its own."""
    homes = {}
    for name, path in modules().items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not (node.name == "State" and room(name) == room("efpep.methods")):
                homes.setdefault(node.name, []).append(name)
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}


def test_no_test_takes_what_another_test_or_a_module_keeps_to_itself():
    private = re.compile(r"^ *from (?:test_\w+|efpep[\w.]*) import [^\n]*(?<![\w.])_(?!_)|^ *(?:from|import) test_", re.MULTILINE)
    tests = sorted(Path(__file__).parents[1].rglob("test_*.py"))
    assert [str(path) for path in tests if private.search(path.read_text(encoding="utf-8"))] == []


def test_what_kinds_share_knows_no_kind():
    assert [str(arrow) for arrow in within_questions() if shared(arrow.source) and not shared(arrow.target)] == []


def test_kinds_use_of_each_other_what_is_public():
    wrong = [
        arrow
        for arrow in within_questions()
        if kind(arrow.source) and not shared(arrow.target)
        if kind(arrow.target) != kind(arrow.source)
        if arrow.target.removeprefix("efpep.questions.") not in COMPOSED.get(kind(arrow.source), ())
        if kind(arrow.target) is None or arrow.target.split(".")[3:] not in ([name] for name in PUBLIC)
    ]
    assert [str(arrow) for arrow in wrong] == []


def test_every_exception_is_needed():
    used = {(kind(arrow.source), arrow.target.removeprefix("efpep.questions.")) for arrow in within_questions()}
    assert {(source, target) for source, targets in COMPOSED.items() for target in targets} <= used


def test_kinds_use_each_other_in_no_circle():
    graph = {name: set() for name in KINDS}
    for arrow in within_questions():
        if kind(arrow.source) and kind(arrow.target) not in {None, kind(arrow.source)}:
            graph[kind(arrow.source)].add(kind(arrow.target))
    assert circle(graph) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import efpep.model.row", [("efpep.model.row", True)]),
        ("from efpep.model import row, nothing", [("efpep.model.row", True), ("efpep.model", True)]),
        (
            "if TYPE_CHECKING:\n    from efpep.cli import main\nelse:\n    import efpep.errors",
            [("efpep.cli.main", False), ("efpep.errors", True)],
        ),
        ("def f():\n    from ..cli.app import app", [("efpep.cli.app", False)]),
        ("class A:\n    from . import poles\n    import numpy", [("efpep.model", True)]),
    ],
)
def test_imports_are_read_wherever_they_stand(source, found):
    assert [(arrow.target, arrow.loading) for arrow in arrows_of("efpep.model.digest", ast.parse(source))] == found
