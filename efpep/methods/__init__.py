"""The methods, one file each; :data:`METHODS` is the catalogue by key."""

from efpep.component import Catalogue
from efpep.methods.accelerated_ef21 import AcceleratedEF21
from efpep.methods.adef import ADEF
from efpep.methods.base import Memory, Method, Run
from efpep.methods.cgd import CGD
from efpep.methods.clag import CLAG
from efpep.methods.constrained_cgd import ConstrainedCGD
from efpep.methods.diana import DIANA
from efpep.methods.econtrol import EControl
from efpep.methods.ef import EF
from efpep.methods.ef21 import EF21
from efpep.methods.ef21_bc import EF21BC
from efpep.methods.ef21_heavy_ball import EF21HeavyBall
from efpep.methods.ef21_momentum import EF21Momentum
from efpep.methods.ef21_nesterov import EF21Nesterov
from efpep.methods.ef21_p import EF21P
from efpep.methods.ef21_pp import EF21PP
from efpep.methods.ef21_w import EF21W
from efpep.methods.ef_bv import EFBV
from efpep.methods.gd import GD
from efpep.methods.local_gd import LocalGD
from efpep.methods.marina import MARINA
from efpep.methods.parallel_crpo import ParallelCRPO
from efpep.methods.primal_dual_ef import PrimalDualEF
from efpep.methods.projected_ef21 import ProjectedEF21
from efpep.methods.safe_ef import SafeEF
from efpep.methods.sign_sgd import SignSGD
from efpep.methods.three_point import ThreePointCompression
from efpep.methods.three_point_method import ThreePointMethod
from efpep.methods.triple_momentum import TripleMomentum

METHODS: Catalogue[Method] = Catalogue(
    "method",
    Method,
    [
        GD,
        TripleMomentum,
        CGD,
        EF,
        EF21,
        EF21Momentum,
        EF21HeavyBall,
        EF21Nesterov,
        EControl,
        AcceleratedEF21,
        DIANA,
        MARINA,
        EFBV,
        EF21W,
        ThreePointCompression,
        CLAG,
        EF21P,
        EF21BC,
        EF21PP,
        ProjectedEF21,
        SafeEF,
        LocalGD,
        ParallelCRPO,
        ConstrainedCGD,
        PrimalDualEF,
        ADEF,
        SignSGD,
    ],
    listed="efpep methods",
)

__all__ = [
    "ADEF",
    "CGD",
    "CLAG",
    "DIANA",
    "EF",
    "EF21",
    "EF21BC",
    "EF21P",
    "EF21PP",
    "EF21W",
    "EFBV",
    "GD",
    "MARINA",
    "METHODS",
    "AcceleratedEF21",
    "ConstrainedCGD",
    "EControl",
    "EF21HeavyBall",
    "EF21Momentum",
    "EF21Nesterov",
    "LocalGD",
    "Memory",
    "Method",
    "ParallelCRPO",
    "PrimalDualEF",
    "ProjectedEF21",
    "Run",
    "SafeEF",
    "SignSGD",
    "ThreePointCompression",
    "ThreePointMethod",
    "TripleMomentum",
]
