"""efpep: proved worst-case rates of error-feedback methods for distributed optimisation with compressed communication.

Everything public is imported from here; names are loaded when they are first used, so that importing efpep costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from efpep._version import __version__

if TYPE_CHECKING:
    from efpep.analysis.adversary import Slowest, adversary
    from efpep.analysis.crosscheck import CrossCheck, crosscheck
    from efpep.analysis.cycle import Cycle, CycleVerdict, cycle
    from efpep.analysis.guarantee import Promise, guarantee
    from efpep.analysis.horizon_rates import HorizonRates, rates_in_horizon
    from efpep.analysis.landscape import Landscape, landscape
    from efpep.analysis.lyapunov_function import Lyapunov
    from efpep.analysis.patterns import SwitchingWorstCase, switching_worst_case
    from efpep.analysis.pepit_horizon import HorizonCheck, crosscheck_worst_case
    from efpep.analysis.potential import potential
    from efpep.analysis.potential_answer import Potential
    from efpep.analysis.quadratic import QuadraticInstance, slowest_quadratic
    from efpep.analysis.rate import Rate, Verdict, rate
    from efpep.analysis.simplify import simplify
    from efpep.analysis.step_size import StepSize
    from efpep.analysis.tune import tune
    from efpep.analysis.worst_case import Multiplier, WorstCase, worst_case
    from efpep.certify.certificate import Certificate
    from efpep.certify.improvement import ImprovementCertificate
    from efpep.certify.orbit import OrbitCertificate
    from efpep.certify.verify import verify
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
    from efpep.errors import CertificateError, ContradictionError, EfpepError, InputError, UnavailableError
    from efpep.experiments.run import Experiment, experiment
    from efpep.functions import BoundedSubgradients, GradientDominated, SmoothConvex, SmoothStronglyConvex, SmoothWeaklyConvex
    from efpep.laws.run import Examination, examine
    from efpep.methods import ADEF, CGD, EF, EF21, EF21BC, EF21P, GD, EControl, EF21HeavyBall, EF21Momentum, EF21Nesterov
    from efpep.methods.base import Memory, Method, read_parameter
    from efpep.methods.parallel_crpo import ParallelCRPO
    from efpep.methods.primal_dual_ef import PrimalDualEF
    from efpep.methods.projected_ef21 import ProjectedEF21
    from efpep.methods.safe_ef import SafeEF
    from efpep.report.table import Row, Table
    from efpep.report.worst_case import multiplier_table, plot_multipliers
    from efpep.setting import Group, Setting
    from efpep.simulate.adversary_file import load_adversary, save_adversary
    from efpep.simulate.compare import compare
    from efpep.simulate.comparisons import Comparisons, comparisons
    from efpep.simulate.follow import Comparison, follow
    from efpep.simulate.replay import Replay, replay
    from efpep.simulate.simulate import simulate
    from efpep.simulate.tightness import Tightness, tightness
    from efpep.simulate.trajectory import Trajectory
    from efpep.study.figure import FigureFiles, figure
    from efpep.study.run import Answers, run, table
    from efpep.trust import allowing

_HOMES = {
    "efpep.simulate.comparisons": ["Comparisons", "comparisons"],
    "efpep.simulate.tightness": ["Tightness", "tightness"],
    "efpep.simulate.compare": ["compare"],
    "efpep.simulate.follow": ["Comparison", "follow"],
    "efpep.simulate.adversary_file": ["load_adversary", "save_adversary"],
    "efpep.simulate.replay": ["Replay", "replay"],
    "efpep.analysis.adversary": ["Slowest", "adversary"],
    "efpep.analysis.quadratic": ["QuadraticInstance", "slowest_quadratic"],
    "efpep.analysis.cycle": ["Cycle", "CycleVerdict", "cycle"],
    "efpep.analysis.landscape": ["Landscape", "landscape"],
    "efpep.analysis.guarantee": ["Promise", "guarantee"],
    "efpep.analysis.pepit_horizon": ["HorizonCheck", "crosscheck_worst_case"],
    "efpep.analysis.horizon_rates": ["HorizonRates", "rates_in_horizon"],
    "efpep.analysis.lyapunov_function": ["Lyapunov"],
    "efpep.analysis.worst_case": ["Multiplier", "WorstCase", "worst_case"],
    "efpep.report.worst_case": ["multiplier_table", "plot_multipliers"],
    "efpep.analysis.crosscheck": ["CrossCheck", "crosscheck"],
    "efpep.analysis.patterns": ["SwitchingWorstCase", "switching_worst_case"],
    "efpep.analysis.potential": ["potential"],
    "efpep.analysis.potential_answer": ["Potential"],
    "efpep.analysis.rate": ["Rate", "Verdict", "rate"],
    "efpep.analysis.simplify": ["simplify"],
    "efpep.analysis.step_size": ["StepSize"],
    "efpep.analysis.tune": ["tune"],
    "efpep.certify.certificate": ["Certificate"],
    "efpep.certify.improvement": ["ImprovementCertificate"],
    "efpep.certify.orbit": ["OrbitCertificate"],
    "efpep.certify.verify": ["verify"],
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
    "efpep.experiments.run": ["Experiment", "experiment"],
    "efpep.functions": [
        "BoundedSubgradients",
        "GradientDominated",
        "SmoothConvex",
        "SmoothStronglyConvex",
        "SmoothWeaklyConvex",
    ],
    "efpep.methods": ["ADEF", "CGD", "EF", "EF21", "EF21BC", "EF21P", "GD", "EControl"],
    "efpep.laws.run": ["Examination", "examine"],
    "efpep.methods.base": ["Memory", "Method", "read_parameter"],
    "efpep.methods.ef21_heavy_ball": ["EF21HeavyBall"],
    "efpep.methods.ef21_momentum": ["EF21Momentum"],
    "efpep.methods.ef21_nesterov": ["EF21Nesterov"],
    "efpep.methods.parallel_crpo": ["ParallelCRPO"],
    "efpep.methods.primal_dual_ef": ["PrimalDualEF"],
    "efpep.methods.projected_ef21": ["ProjectedEF21"],
    "efpep.methods.safe_ef": ["SafeEF"],
    "efpep.report.table": ["Row", "Table"],
    "efpep.setting": ["Group", "Setting"],
    "efpep.study.figure": ["FigureFiles", "figure"],
    "efpep.study.run": ["Answers", "run", "table"],
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
    "CycleVerdict",
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
    "HorizonCheck",
    "HorizonRates",
    "Identity",
    "ImprovementCertificate",
    "InputError",
    "Landscape",
    "LinearContractive",
    "LowRank",
    "Lyapunov",
    "Memory",
    "Method",
    "Multiplier",
    "NaturalCompression",
    "OrbitCertificate",
    "ParallelCRPO",
    "Potential",
    "PrimalDualEF",
    "ProjectedEF21",
    "Projection",
    "Promise",
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
