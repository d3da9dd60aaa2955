"""Who takes part in a numeric run: draws from a stream of random numbers that all parties have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.model.participation import read_participation, server_vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.simulate.protocol import ProtocolRun
    from efpep.simulate.protocol_vector import ProtocolVector
    from efpep.simulate.run import NumericRun


@dataclass
class Choices:
    """Draws of those who take part: the k-th from the stream that ``SeedSequence(seed)`` spawns under ``(k,)``.

    A stream depends on nothing but the seed and the use, so that a run can be resumed, and every party draws alike.

    Attributes:
        seed: the entropy of ``numpy.random.SeedSequence``.
        clients: how many clients there are in all; None where those of a vector are all.
        first: which client the first row of a vector belongs to.
        uses: how often it was drawn.
    """

    seed: int | Sequence[int] = 0
    clients: int | None = None
    first: int = 0
    uses: int = 0

    def next_use(self) -> int:
        """Begin a draw, and return which one it is."""
        self.uses += 1
        return self.uses - 1

    def drawn(
        self, use: int, p: float | None, count: int | None, rows: int, *, together: bool = False
    ) -> NDArray[np.bool_] | None:
        """Return which of the clients of so many rows take part, shape ``(rows,)``; None where all clients do.

        Raises:
            InputError: p and count are not one of them, or out of range, or count is given with together.
        """
        clients = rows if self.clients is None else self.clients
        probability, fixed = read_participation(p, count, clients, together=together)
        if probability == 1:
            return None
        draw = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(use,)))
        if fixed:
            mask = np.zeros(clients, dtype=np.bool_)
            mask[draw.choice(clients, size=count, replace=False)] = True
        else:
            mask = np.broadcast_to(draw.random(1 if together else clients) < float(probability), clients)
        return mask[self.first : self.first + rows]


class NumericParticipants:
    """One draw of a :class:`~efpep.simulate.run.NumericRun`; calling it selects rows, and makes the others zero."""

    def __init__(self, run: NumericRun, who: Callable[[int], NDArray[np.bool_] | None]) -> None:
        """Take the draw: who takes part of so many clients, None where all do."""
        self._run, self._who = run, who

    @classmethod
    def drawn(cls, run: NumericRun, p: float | None, count: int | None, *, together: bool) -> NumericParticipants:
        """Draw, as soon as it is known how many clients there are."""
        choices, use = run.choices, run.choices.next_use()
        return cls(run, lambda rows: choices.drawn(use, p, count, rows, together=together))

    @property
    def others(self) -> NumericParticipants:
        """Those who do not take part."""
        return NumericParticipants(self._run, lambda rows: _rest(self._who(rows), rows))

    def _drawn(self, v: Any) -> NDArray[np.bool_] | None:
        if v.ndim == 1:
            raise server_vector()
        return self._who(len(v))

    def senders(self, rows: int) -> NDArray[np.bool_] | None:
        """Return which of so many clients take part; None where all do."""
        return self._who(rows)

    def __call__(self, v: Any) -> Any:
        """Return the rows of those who take part, and zero for the others: shape ``(n, d)`` to ``(n, d)``."""
        return self._run.selected(v, self._drawn(v))

    def compress(self, v: Any) -> Any:
        """Compress the rows of those who take part; the others are zero."""
        return self._run.compress(v, self._drawn(v))

    def mean(self, v: Any) -> Any:
        """Average over all clients what those who take part have, and zero of the others."""
        return self._run.mean(self(v))


class ProtocolParticipants:
    """One draw of a run in which messages are sent or counted: only those who take part send."""

    def __init__(self, run: ProtocolRun, senders: NDArray[np.bool_] | None) -> None:
        """Take those who take part, None where all do."""
        self._run, self._senders = run, senders

    @classmethod
    def drawn(cls, run: ProtocolRun, p: float | None, count: int | None, *, together: bool) -> ProtocolParticipants:
        """Draw."""
        choices = run.numeric.choices
        return cls(run, choices.drawn(choices.next_use(), p, count, run.rows, together=together))

    @property
    def others(self) -> ProtocolParticipants:
        """Those who do not take part."""
        return ProtocolParticipants(self._run, _rest(self._senders, self._run.rows))

    def __call__(self, v: ProtocolVector) -> ProtocolVector:
        """Return what those who take part have, and zero for the others, whose rows are not sent either."""
        if not v.client:
            raise server_vector()
        return v if self._senders is None else self._run.selected(v, self._senders)

    def compress(self, v: ProtocolVector) -> ProtocolVector:
        """Compress the rows of those who take part, and send them."""
        return self._run.compress(v, self._senders)

    def mean(self, v: ProtocolVector) -> ProtocolVector:
        """Average over all clients what those who take part have, and zero of the others."""
        return self._run.mean(self(v))


def _rest(senders: NDArray[np.bool_] | None, rows: int) -> NDArray[np.bool_]:
    """Return which of so many clients are not among the senders; nobody where there is no mask, because all are."""
    return np.zeros(rows, dtype=np.bool_) if senders is None else ~senders
