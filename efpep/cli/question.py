"""From options to a method and a setting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from efpep.cli import options
from efpep.cli.output import note
from efpep.compressors import Contractive
from efpep.errors import InputError
from efpep.functions import FUNCTIONS, SmoothStronglyConvex
from efpep.methods import METHODS, Method
from efpep.methods.base import AVERAGING
from efpep.model.field import rational, shown, whole
from efpep.setting import Setting
from efpep.studies.engine.setting import BESIDE_MEAN, build_setting, component_table


@dataclass(frozen=True, kw_only=True)
class QuestionOptions:
    """The options that describe a question, as text."""

    method: options.MethodName
    mu: options.Mu = None
    L: options.Smoothness = None
    kappa: options.Kappa = None
    delta: options.Delta = None
    compressor: options.CompressorClass = None
    compressor_set: options.CompressorParameters = None
    functions: options.FunctionsClass = None
    functions_set: options.FunctionsParameters = None
    mean: options.MeanClass = None
    delta_server: options.DeltaServer = None
    agents: options.Agents = None
    group: options.Groups = None
    step_size: options.StepSize = None
    values: options.Values = None

    @property
    def plain(self) -> bool:
        """Whether neither a class of functions nor their strong convexity is given."""
        return self.functions is None and self.mu is None and self.kappa is None

    @property
    def averaging(self) -> bool:
        """Whether the method is one for averages of nonsmooth functions, and no class of functions is given."""
        return self.plain and not self.group and METHODS.find(self.method).potential is AVERAGING

    def read(self) -> tuple[Method, Setting]:
        """Return the method and the setting.

        Raises:
            InputError: an option is malformed, missing, unknown to the method, or impossible, or the functions are missing where
                the usual class is not the method's.
            UnavailableError: a class of the user's cannot be imported here.
        """
        cls = METHODS.find(self.method)
        if self.averaging:
            raise InputError(
                f"mu is missing, and {cls.title or cls.__name__} contracts nothing without it; give --mu, or ask 'efpep "
                f"potential {self.method}' about functions with bounded subgradients, or 'efpep patterns {self.method}' about "
                "runs with a constraint."
            )
        method = method_of(self.method, self.step_size, self.values)
        groups = [_pairs(text.split(","), "--group", "count=3,mu=0.1,L=1") for text in self.group or ()]
        common = {"mu": self.mu, "L": self.L, "kappa": self.kappa, "functions": self.functions}
        numbers = {} if groups and self.kappa is not None else _conditioned(common)  # in the groups where it is theirs
        groups = [_conditioned(group, common) for group in groups]
        constants = {
            **numbers,
            "delta": self.delta,
            "functions": _component("functions", self.functions or self._beside_mean(), self.functions_set),
            "mean": self.mean,
            "compressor": _component("compressor", self.compressor, self.compressor_set),
        }
        agents = None if self.agents is None else whole(self.agents, "--agents")
        for name in ("delta", "compressor"):
            if not method.compresses and (constants[name] is not None or any(name in group for group in groups)):
                note(f"{method.title or self.method} does not compress what agents send, so {name} is not used.")
        setting = build_setting(cls, constants, agents, groups, "--")
        if self.delta_server is not None:
            if method.compresses_at_server is False:
                note(f"{method.title or self.method} does not compress at the server, so delta-server is not used.")
            setting = replace(setting, server_compressor=Contractive(delta=rational(self.delta_server, "--delta-server")))
        return method, setting

    def _beside_mean(self) -> str | None:
        """Return the agents' class where the average f has one and the agents' is not named."""
        return None if self.mean is None else BESIDE_MEAN.key


def _conditioned(own: Mapping[str, object], common: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return constants with ``mu = L/kappa``, or ``L = kappa mu``, in the place of ``kappa``.

    Args:
        own: the constants of a group, or those of all agents.
        common: those of all agents, which hold for a group as far as its own leave them open.

    Raises:
        InputError: all three are given, or two are missing, or kappa is no condition number, or the class has no mu.
    """
    left = {} if common is None else {name: text for name, text in common.items() if own.get(name) is None}
    given = {name: text for name, text in {**left, **own}.items() if text is not None}
    if "kappa" not in given:
        return dict(own) if common is not None else {name: own.get(name) for name in _CONDITION if name != "kappa"}
    if any(all(table.get(name) is not None for name in _CONDITION) for table in (own, common or {})):
        raise InputError("--kappa, --mu and --L are all given, and kappa is L/mu; give two of them.", argument="kappa")
    if set(_CONDITION) <= set(given):
        del given[next(name for name in ("mu", "kappa", "L") if name in left)]
    functions = str(given.get("functions", SmoothStronglyConvex.key))
    if not {"mu", "L"} <= {field.name for field in fields(FUNCTIONS.find(functions))}:
        raise InputError(f"--kappa is L/mu, and {functions} has not both of them; leave it out.", argument="kappa")
    numbers = {name: rational(given[name], f"--{name}") for name in _CONDITION if name in given}
    if "kappa" in numbers:
        kappa = numbers.pop("kappa")
        if kappa < 1:
            raise InputError(f"--kappa is {shown(kappa)}, but it is L/mu with mu <= L; give a number >= 1.", argument="kappa")
        if not numbers:
            raise InputError("--L is missing, and --kappa is L/mu; give --L, such as 1.", argument="L")
        numbers = {"L": numbers["L"], "mu": numbers["L"] / kappa} if "L" in numbers else {**numbers, "L": kappa * numbers["mu"]}
    return (
        {**{name: text for name, text in own.items() if name not in _CONDITION}, **numbers} if common is not None else {**numbers}
    )


_CONDITION = ("mu", "L", "kappa")


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


_OPERATORS = ("top-k", "block-top-k", "rand-k", "sign", "sparsification", "bernoulli", "qsgd", "natural", "low-rank")
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
