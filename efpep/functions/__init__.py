"""Function classes: what an analysis may assume of every agent's ``f_i``."""

from efpep.component import Catalogue
from efpep.functions.base import FunctionClass
from efpep.functions.smooth_convex import SmoothConvex
from efpep.functions.smooth_strongly_convex import SmoothStronglyConvex

FUNCTIONS: Catalogue[FunctionClass] = Catalogue("function class", FunctionClass, [SmoothStronglyConvex, SmoothConvex])

__all__ = ["FUNCTIONS", "FunctionClass", "SmoothConvex", "SmoothStronglyConvex"]
