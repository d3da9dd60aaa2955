"""What compressor classes offer to the Trace."""

from __future__ import annotations

import enum
from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from efpep.component import Component
from efpep.errors import InputError
from efpep.model.field import Scalar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from efpep.model.node import Columns, Node
    from efpep.model.trace import Trace
    from efpep.model.vector import Part, Vector


class Loss(enum.Enum):
    """What contractive compressors may lose of a message v: any vector r with ``||r||^2 <= (1 - delta) ||v||^2``, or less freely.

    ORTHOGONAL to what is received, by a LINEAR map that agents share, or so bounded as EXPECTED only.
    """

    ANY = "any"
    ORTHOGONAL = "orthogonal"
    LINEAR = "linear"
    EXPECTED = "expected"


class Compressor(Component):
    """A class of compressors, described by inequalities between a message and its compressed form.

    Attributes:
        random: whether the class is about expectations over the compressor's randomness.
        exact: whether the inequalities are necessary and sufficient for one map of the class, applied at distinct vectors.
        loss: what contractive compressors may lose; None where compressors need not contract. Subclasses, whose maps are among
            these, keep it.
    """

    random: ClassVar[bool] = False
    exact: ClassVar[bool] = False
    loss: ClassVar[Loss | None] = None

    @property
    def contraction(self) -> Scalar | None:
        """The contraction parameter ``delta``, in whatever sense :attr:`loss` says; None where compressors need not contract."""
        return None

    @property
    def free_losses(self) -> Scalar | None:
        """A number E such that every map with ``||C(v) - v||^2 <= E ||v||^2`` for all v belongs to the class itself.

        None where none is known; see :meth:`plain`.
        """
        return None

    @property
    def lossless(self) -> bool:
        """Whether the identity is the only map of the class."""
        return False

    def within(self, other: Compressor) -> bool:
        """Return whether every map of this class is known to belong to the class ``other``."""
        return self == other

    @property
    def bias_and_variance(self) -> tuple[Scalar, Scalar] | None:
        """Numbers ``(eta^2, omega)`` with ``||E C(v) - v|| <= eta ||v||`` and ``E ||C(v) - E C(v)||^2 <= omega ||v||^2``.

        None where none are known.
        """
        return None

    @property
    def averages(self) -> bool:
        """Whether different agents draw independently, so that their average fluctuates less the more of them there are."""
        return False

    @abstractmethod
    def record(self, node: Node, v: Part, label: str) -> Part:
        """Compress ``v`` at a node: add columns and inequalities, and return the (expected) compressed vectors."""

    def record_together(self, trace: Trace, v: Vector, compressed: Vector, label: str) -> None:
        """Record what holds between the groups where all of them have this very compressor; most classes have nothing to say.

        It is called once after all groups have recorded.
        """
        del trace, v, compressed, label

    def add_noise(self, node: Node, v: Part, expected: Part, label: str, past: Columns) -> Part:
        """Add the fluctuation of a randomised compressor around ``expected``; deterministic compressors have none.

        It is called after all nodes have recorded; ``past`` are the columns that the fluctuation is independent of.
        """
        del node, v, label, past
        return expected

    def near(self, sent: NDArray[np.float64], received: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the image of ``v`` under a map of the class that sends ``sent`` to ``received``; see :meth:`slack`.

        Raises:
            InputError: there is no formula for this class.
        """
        del sent, received, v
        raise InputError(
            f"there is no formula for maps of the class {self.identifier()} with given images; use Contractive(delta)."
        )

    def slack(self, sent: NDArray[np.float64], received: NDArray[np.float64]) -> float:
        """Return a radius around ``sent`` in which :meth:`near` stays in the class.

        Raises:
            InputError: there is no formula for this class.
        """
        del sent, received
        raise InputError(
            f"there is no formula for maps of the class {self.identifier()} with given images; use Contractive(delta)."
        )
