"""The methods, one file each; :data:`METHODS` is the catalogue by key."""

from efpep.component import Catalogue
from efpep.methods.base import Memory, Method, Run
from efpep.methods.cgd import CGD
from efpep.methods.ef import EF
from efpep.methods.ef21 import EF21
from efpep.methods.gd import GD

METHODS: Catalogue[Method] = Catalogue("method", Method, [GD, CGD, EF, EF21])

__all__ = ["CGD", "EF", "EF21", "GD", "METHODS", "Memory", "Method", "Run"]
