"""Compressor classes (what an analysis assumes) and operators (what a numeric run applies)."""

from efpep.component import Catalogue
from efpep.compressors.base import Compressor, Operator
from efpep.compressors.contractive import Contractive
from efpep.compressors.identity import Identity
from efpep.compressors.top_k import TopK

COMPRESSORS: Catalogue[Compressor] = Catalogue("compressor class", Compressor, [Contractive])

__all__ = ["COMPRESSORS", "Compressor", "Contractive", "Identity", "Operator", "TopK"]
