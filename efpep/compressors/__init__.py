"""Compressor classes (what an analysis assumes); :mod:`efpep.compressors.operators` has what a numeric run applies."""

from efpep.component import Catalogue
from efpep.compressors.bounded_moments import BoundedMoments
from efpep.compressors.contractive import Contractive
from efpep.compressors.linear import CommonLinear, LinearContractive
from efpep.compressors.operator_protocols import Operator
from efpep.compressors.projection import Projection
from efpep.compressors.randomized import Randomized
from efpep.compressors.unbiased import Unbiased
from efpep.model.compressor_class import Compressor

COMPRESSORS: Catalogue[Compressor] = Catalogue(
    "compressor class",
    Compressor,
    [Contractive, Projection, LinearContractive, CommonLinear, Randomized, Unbiased, BoundedMoments],
)

__all__ = [
    "COMPRESSORS",
    "BoundedMoments",
    "CommonLinear",
    "Compressor",
    "Contractive",
    "LinearContractive",
    "Operator",
    "Projection",
    "Randomized",
    "Unbiased",
]
