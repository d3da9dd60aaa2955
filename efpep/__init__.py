"""efpep: proved worst-case rates of error-feedback methods for distributed optimisation with compressed communication.

Everything public is imported from here; names are loaded when they are first used, so that importing efpep costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from efpep._version import __version__

if TYPE_CHECKING:
    from efpep.compressors import CommonLinear, Contractive, LinearContractive, Projection, Randomized, Unbiased
    from efpep.compressors.operators import (
        Adversarial,
        Bernoulli,
        Identity,
        LowRank,
        NaturalCompression,
        Quantisation,
        RandK,
        Sign,
        Sparsification,
        TopK,
    )
    from efpep.crosscheck.crosscheck import CrossCheck, crosscheck
    from efpep.crosscheck.pepit_horizon import HorizonCheck, crosscheck_worst_case
    from efpep.errors import CertificateError, ContradictionError, EfpepError, InputError, UnavailableError
    from efpep.functions import BoundedSubgradients, GradientDominated, SmoothConvex, SmoothStronglyConvex, SmoothWeaklyConvex
    from efpep.methods import ADEF, CGD, EF, EF21, EF21BC, EF21P, GD, EControl, EF21HeavyBall, EF21Momentum, EF21Nesterov
    from efpep.methods.base import Memory, Method, read_parameter
    from efpep.methods.parallel_crpo import ParallelCRPO
    from efpep.methods.primal_dual_ef import PrimalDualEF
    from efpep.methods.projected_ef21 import ProjectedEF21
    from efpep.methods.safe_ef import SafeEF
    from efpep.questions.averaging.guarantee import Guarantee, guarantee
    from efpep.questions.base import Certificate, Verdict
    from efpep.questions.common.potential_answer import Potential
    from efpep.questions.cycle.answer import Cycle, cycle
    from efpep.questions.cycle.slowest import Slowest, adversary
    from efpep.questions.potentials import potential
    from efpep.questions.quadratic.slowest import QuadraticInstance, slowest_quadratic
    from efpep.questions.rate.answer import Rate, rate
    from efpep.questions.rate.lyapunov import Lyapunov
    from efpep.questions.rate.simplify import simplify
    from efpep.questions.switching.answer import SwitchingWorstCase, switching_worst_case
    from efpep.questions.tune.answer import tune
    from efpep.questions.tune.landscape import Landscape, landscape
    from efpep.questions.tune.result import StepSize
    from efpep.questions.verify import verify
    from efpep.questions.worst_case.answer import Multiplier, WorstCase, worst_case
    from efpep.questions.worst_case.rates import HorizonRates, rates_in_horizon
    from efpep.questions.worst_case.report import multiplier_table, plot_multipliers
    from efpep.setting import Group, Setting
    from efpep.simulate.adversary_file import load_adversary, save_adversary
    from efpep.simulate.compare import compare
    from efpep.simulate.comparisons import Comparisons, comparisons
    from efpep.simulate.follow import Comparison, follow
    from efpep.simulate.replay import Replay, replay
    from efpep.simulate.simulate import simulate
    from efpep.simulate.tightness import Tightness, tightness
    from efpep.simulate.trajectory import Trajectory
    from efpep.studies.experiments.experiment import Experiment
    from efpep.studies.experiments.run import experiment
    from efpep.studies.laws.examination import Examination
    from efpep.studies.laws.run import examine
    from efpep.studies.rates.answers import Answers
    from efpep.studies.rates.figure import FigureFiles, figure
    from efpep.studies.rates.run import run, table
    from efpep.studies.rates.table import Row, Table
    from efpep.trust import allowing

_HOMES = {
    "efpep.simulate.comparisons": ["Comparisons", "comparisons"],
    "efpep.simulate.tightness": ["Tightness", "tightness"],
    "efpep.simulate.compare": ["compare"],
    "efpep.simulate.follow": ["Comparison", "follow"],
    "efpep.simulate.adversary_file": ["load_adversary", "save_adversary"],
    "efpep.simulate.replay": ["Replay", "replay"],
    "efpep.questions.cycle.slowest": ["Slowest", "adversary"],
    "efpep.questions.quadratic.slowest": ["QuadraticInstance", "slowest_quadratic"],
    "efpep.questions.cycle.answer": ["Cycle", "cycle"],
    "efpep.questions.tune.landscape": ["Landscape", "landscape"],
    "efpep.questions.averaging.guarantee": ["Guarantee", "guarantee"],
    "efpep.crosscheck.pepit_horizon": ["HorizonCheck", "crosscheck_worst_case"],
    "efpep.questions.worst_case.rates": ["HorizonRates", "rates_in_horizon"],
    "efpep.questions.rate.lyapunov": ["Lyapunov"],
    "efpep.questions.worst_case.answer": ["Multiplier", "WorstCase", "worst_case"],
    "efpep.questions.worst_case.report": ["multiplier_table", "plot_multipliers"],
    "efpep.crosscheck.crosscheck": ["CrossCheck", "crosscheck"],
    "efpep.questions.switching.answer": ["SwitchingWorstCase", "switching_worst_case"],
    "efpep.questions.potentials": ["potential"],
    "efpep.questions.common.potential_answer": ["Potential"],
    "efpep.questions.rate.answer": ["Rate", "rate"],
    "efpep.questions.rate.simplify": ["simplify"],
    "efpep.questions.tune.result": ["StepSize"],
    "efpep.questions.tune.answer": ["tune"],
    "efpep.questions.base": ["Certificate", "Verdict"],
    "efpep.questions.verify": ["verify"],
    "efpep.compressors": ["CommonLinear", "Contractive", "LinearContractive", "Projection", "Randomized", "Unbiased"],
    "efpep.compressors.operators": [
        "Adversarial",
        "Bernoulli",
        "Identity",
        "LowRank",
        "NaturalCompression",
        "Quantisation",
        "RandK",
        "Sign",
        "Sparsification",
        "TopK",
    ],
    "efpep.trust": ["allowing"],
    "efpep.errors": ["CertificateError", "ContradictionError", "EfpepError", "InputError", "UnavailableError"],
    "efpep.studies.experiments.experiment": ["Experiment"],
    "efpep.studies.experiments.run": ["experiment"],
    "efpep.functions": [
        "BoundedSubgradients",
        "GradientDominated",
        "SmoothConvex",
        "SmoothStronglyConvex",
        "SmoothWeaklyConvex",
    ],
    "efpep.methods": ["ADEF", "CGD", "EF", "EF21", "EF21BC", "EF21P", "GD", "EControl"],
    "efpep.studies.laws.examination": ["Examination"],
    "efpep.studies.laws.run": ["examine"],
    "efpep.methods.base": ["Memory", "Method", "read_parameter"],
    "efpep.methods.ef21_heavy_ball": ["EF21HeavyBall"],
    "efpep.methods.ef21_momentum": ["EF21Momentum"],
    "efpep.methods.ef21_nesterov": ["EF21Nesterov"],
    "efpep.methods.parallel_crpo": ["ParallelCRPO"],
    "efpep.methods.primal_dual_ef": ["PrimalDualEF"],
    "efpep.methods.projected_ef21": ["ProjectedEF21"],
    "efpep.methods.safe_ef": ["SafeEF"],
    "efpep.setting": ["Group", "Setting"],
    "efpep.studies.rates.figure": ["FigureFiles", "figure"],
    "efpep.studies.rates.answers": ["Answers"],
    "efpep.studies.rates.table": ["Row", "Table"],
    "efpep.studies.rates.run": ["run", "table"],
    "efpep.simulate.simulate": ["simulate"],
    "efpep.simulate.trajectory": ["Trajectory"],
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ADEF",
    "CGD",
    "EF",
    "EF21",
    "EF21BC",
    "EF21P",
    "GD",
    "Adversarial",
    "Answers",
    "Bernoulli",
    "BoundedSubgradients",
    "Certificate",
    "CertificateError",
    "CommonLinear",
    "Comparison",
    "Comparisons",
    "Contractive",
    "ContradictionError",
    "CrossCheck",
    "Cycle",
    "EControl",
    "EF21HeavyBall",
    "EF21Momentum",
    "EF21Nesterov",
    "EfpepError",
    "Examination",
    "Experiment",
    "FigureFiles",
    "GradientDominated",
    "Group",
    "Guarantee",
    "HorizonCheck",
    "HorizonRates",
    "Identity",
    "InputError",
    "Landscape",
    "LinearContractive",
    "LowRank",
    "Lyapunov",
    "Memory",
    "Method",
    "Multiplier",
    "NaturalCompression",
    "ParallelCRPO",
    "Potential",
    "PrimalDualEF",
    "ProjectedEF21",
    "Projection",
    "QuadraticInstance",
    "Quantisation",
    "RandK",
    "Randomized",
    "Rate",
    "Replay",
    "Row",
    "SafeEF",
    "Setting",
    "Sign",
    "Slowest",
    "SmoothConvex",
    "SmoothStronglyConvex",
    "SmoothWeaklyConvex",
    "Sparsification",
    "StepSize",
    "SwitchingWorstCase",
    "Table",
    "Tightness",
    "TopK",
    "Trajectory",
    "UnavailableError",
    "Unbiased",
    "Verdict",
    "WorstCase",
    "__version__",
    "adversary",
    "allowing",
    "compare",
    "comparisons",
    "crosscheck",
    "crosscheck_worst_case",
    "cycle",
    "examine",
    "experiment",
    "figure",
    "follow",
    "guarantee",
    "landscape",
    "load_adversary",
    "multiplier_table",
    "plot_multipliers",
    "potential",
    "rate",
    "rates_in_horizon",
    "read_parameter",
    "replay",
    "run",
    "save_adversary",
    "simplify",
    "simulate",
    "slowest_quadratic",
    "switching_worst_case",
    "table",
    "tightness",
    "tune",
    "verify",
    "worst_case",
]


def __getattr__(name: str) -> object:
    """Load a public name from its home."""
    if name == "distributed":
        return importlib.import_module("efpep.distributed")
    if name not in _HOME:
        raise AttributeError(f"module 'efpep' has no attribute {name!r}")
    found = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
