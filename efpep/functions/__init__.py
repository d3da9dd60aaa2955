"""Function classes: what an analysis may assume of every agent's ``f_i``."""

from efpep.component import Catalogue
from efpep.functions.bounded_subgradients import BoundedSubgradients
from efpep.functions.gradient_dominated import GradientDominated
from efpep.functions.quadratic import Quadratic
from efpep.functions.smooth_convex import SmoothConvex
from efpep.functions.smooth_strongly_convex import SmoothStronglyConvex
from efpep.functions.smooth_weakly_convex import SmoothWeaklyConvex
from efpep.model.function_class import FunctionClass

FUNCTIONS: Catalogue[FunctionClass] = Catalogue(
    "function class",
    FunctionClass,
    [SmoothStronglyConvex, SmoothConvex, GradientDominated, SmoothWeaklyConvex, BoundedSubgradients, Quadratic],
)

__all__ = [
    "FUNCTIONS",
    "BoundedSubgradients",
    "FunctionClass",
    "GradientDominated",
    "Quadratic",
    "SmoothConvex",
    "SmoothStronglyConvex",
    "SmoothWeaklyConvex",
]
