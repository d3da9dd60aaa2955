"""The study of EF21-W: its step sizes are those of the theorems for the clients of its problem."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import efpep
from efpep.methods import EF21W
from efpep.simulate.problems import read_problem
from efpep.studies.experiments.run import EXPERIMENT_STUDIES
from efpep.theory import earlier_ef21

STUDY = Path(__file__).parents[3] / "problems" / "experiments" / "weighted.toml"


def test_the_step_sizes_are_those_of_both_theorems():
    study = EXPERIMENT_STUDIES.load(STUDY)
    problem = read_problem(study.problems[0].problem)
    smooth = [float(problem.regularisation) + problem.weight * np.linalg.norm(a, 2) ** 2 / 4 for a, _ in problem.parts]
    functions = [efpep.SmoothStronglyConvex("1/100", Fraction(L).limit_denominator(10**6)) for L in smooth]
    groups = [efpep.Group(each, count=1) for each in functions]
    setting = efpep.Setting(compressor=efpep.Contractive(Fraction(5, problem.dimension)), agents=groups)
    written = {entry.label: float(entry.candidates()[0].method.step_size) for entry in study.methods}
    assert written["EF21, theorem"] == pytest.approx(float(earlier_ef21.step_size(setting).value), rel=1e-6)
    assert written["EF21-W, theorem"] == pytest.approx(float(EF21W().resolved(setting).step_size), rel=1e-6)
