"""Function classes: what an analysis may assume of every agent's ``f_i``."""

from efpep.component import Catalogue
from efpep.functions.base import FunctionClass
from efpep.functions.gradient_dominated import GradientDominated
from efpep.functions.smooth_convex import SmoothConvex
from efpep.functions.smooth_strongly_convex import SmoothStronglyConvex

FUNCTIONS: Catalogue[FunctionClass] = Catalogue(
    "function class", FunctionClass, [SmoothStronglyConvex, SmoothConvex, GradientDominated]
)

__all__ = ["FUNCTIONS", "FunctionClass", "GradientDominated", "SmoothConvex", "SmoothStronglyConvex"]
