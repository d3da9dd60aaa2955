"""What a Trace remembers: the samples of the agents' functions, and the messages that were compressed."""

from __future__ import annotations

from dataclasses import dataclass

from efpep.model.form import Form
from efpep.model.vector import NOTHING, Part


@dataclass(frozen=True, slots=True)
class Message:
    """One use of a compressor.

    Attributes:
        label: the use's number in row names.
        group: whose agents compress, or None for the server.
        sent: the vectors that are compressed.
        received: what becomes of them.
        noise: how that fluctuates around its expectation.
    """

    label: str
    group: int | None
    sent: Part
    received: Part
    noise: Part = NOTHING


@dataclass(frozen=True, slots=True)
class Sample:
    """What one group's functions return at one point, or each agent's at a point of its own.

    Attributes:
        label: the point's name in row names; ``"*"`` is the minimiser.
        x: the point, or the agents' own points, relative to ``x*``.
        gradient: ``grad f_i(x)``.
        shape: the column ``u_i = grad f_i(x) - grad f_i(x*) - mu (x - x*)`` that the inequalities are written in.
        value: ``mean_i f_i(x) - f_i(x*) - <grad f_i(x*), x - x*>``, at ``x_i`` where these are points of the agents' own.
        excess: the part of ``value`` above ``mu ||x - x*||^2 / 2``.
    """

    label: str
    x: Part
    gradient: Part
    shape: Part
    value: Form
    excess: Form
