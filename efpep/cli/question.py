"""From options to a method and a setting."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from efpep.cli import options
from efpep.cli.output import note
from efpep.compressors import Contractive
from efpep.errors import InputError
from efpep.methods import METHODS, Method
from efpep.model.field import rational, whole
from efpep.setting import Setting
from efpep.studies.engine.setting import build_setting, component_table


@dataclass(frozen=True, kw_only=True)
class QuestionOptions:
    """The options that describe a question, as text."""

    method: options.MethodName
    mu: options.Mu = None
    L: options.Smoothness = None
    delta: options.Delta = None
    compressor: options.CompressorClass = None
    compressor_set: options.CompressorParameters = None
    functions: options.FunctionsClass = None
    functions_set: options.FunctionsParameters = None
    delta_server: options.DeltaServer = None
    agents: options.Agents = None
    group: options.Groups = None
    step_size: options.StepSize = None
    values: options.Values = None

    def read(self) -> tuple[Method, Setting]:
        """Return the method and the setting.

        Raises:
            InputError: an option is malformed, missing, unknown to the method, or impossible.
            UnavailableError: a class of the user's cannot be imported here.
        """
        cls = METHODS.find(self.method)
        method = method_of(self.method, self.step_size, self.values)
        constants = {
            "mu": self.mu,
            "L": self.L,
            "delta": self.delta,
            "functions": _component("functions", self.functions, self.functions_set),
            "compressor": _component("compressor", self.compressor, self.compressor_set),
        }
        agents = None if self.agents is None else whole(self.agents, "--agents")
        groups = [_pairs(text.split(","), "--group", "count=3,mu=0.1,L=1") for text in self.group or ()]
        for name in ("delta", "compressor"):
            if not method.compresses and (constants[name] is not None or any(name in group for group in groups)):
                note(f"{method.title or self.method} does not compress what agents send, so {name} is not used.")
        setting = build_setting(cls, constants, agents, groups, "--")
        if self.delta_server is not None:
            if method.compresses_at_server is False:
                note(f"{method.title or self.method} does not compress at the server, so delta-server is not used.")
            setting = replace(setting, server_compressor=Contractive(delta=rational(self.delta_server, "--delta-server")))
        return method, setting


def method_of(name: str, step_size: str | None, values: Sequence[str] | None) -> Method:
    """Return the method that options name.

    Raises:
        InputError: a parameter is malformed, missing, unknown to the method, or impossible.
        UnavailableError: a class of the user's cannot be imported here.
    """
    given = _pairs(values or (), "--set", "name=value")
    if step_size is not None:
        if "step_size" in given:
            raise InputError("--step-size and --set step_size are both given; give one of them.")
        given["step_size"] = step_size
    cls = METHODS.find(name)
    if "class" in given:
        METHODS.check_parameters(cls, given)
    return METHODS.build({"class": name, **given})


def _component(kind: str, name: str | None, parameters: Sequence[str] | None) -> dict[str, object] | None:
    """Return the table of a class that is named, or that is the usual one with parameters of its own."""
    given = _pairs(parameters or (), f"--{kind}-set", "name=value")
    if "class" in given:
        raise InputError(f"--{kind}-set gives the class; name it with --{kind}.")
    if name is None and not given:
        return None
    if kind == "compressor" and name is not None and name.partition(":")[0] in _OPERATORS:
        return {**_class_of_operator(name), **given}
    return {**component_table(kind, name), **given}


_OPERATORS = ("top-k", "rand-k", "sign", "sparsification", "bernoulli", "qsgd", "natural", "low-rank")
"""The operators of runs, each of which belongs to a class of compressors in every dimension."""


def _class_of_operator(text: str) -> dict[str, object]:
    """Return the table of the class that the operator of a line such as ``top-k:k=5,d=100`` belongs to.

    Raises:
        InputError: the line is malformed, or has no dimension.
    """
    from efpep.compressors.operators import OPERATORS, described

    table = described(text, "--compressor")
    if "d" not in table:
        raise InputError(
            f"--compressor {text} is an operator of runs, which belongs to a class of compressors in a dimension d alone; give d "
            "too, as in top-k:k=5,d=100, or a class such as projection with --delta."
        )
    dimension = whole(table.pop("d"), "d of --compressor")
    if dimension < 1:
        raise InputError(f"d of --compressor is {dimension}; give a whole number of at least 1.")
    found = OPERATORS.build(table).belongs_to(dimension)
    note(f"{text} belongs to {found}, which is what is asked about.")
    return dict(found.describe())


def _pairs(texts: Sequence[str], option: str, example: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for text in texts:
        name, sign, value = (piece.strip() for piece in text.partition("="))
        if not (name and sign and value):
            raise InputError(f"{option} has {text!r}, which is not name=value; write it like {option} {example!r}.")
        if name in found:
            raise InputError(f"{option} gives {name} twice; give it once.")
        found[name] = value
    return found
