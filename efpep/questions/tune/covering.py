"""Whether boxes cover a region, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from efpep.model.box import Box, Side


def uncovered(region: Box, boxes: Sequence[Box]) -> Box | None:
    """Return a part of ``region`` with interior that no box meets, or None where the boxes cover all of it.

    Boxes are closed, so whatever is left between them has an interior.
    """
    stack = [(region, list(boxes))]
    while stack:
        part, candidates = stack.pop()
        meeting = [box for box in candidates if overlap(part, box) is not None]
        if not meeting:
            return part
        common = overlap(part, meeting[0])
        if common is not None and common != part:
            stack += [(piece, meeting[1:]) for piece in minus(part, common)]
    return None


def overlap(left: Box, right: Box) -> Box | None:
    """Return the common part of two boxes, or None where it has no interior."""
    sides: list[Side] = []
    for a, b in zip(left.sides, right.sides, strict=True):
        lower = max(a.lower, b.lower)
        uppers = [end for end in (a.upper, b.upper) if end is not None]
        upper = min(uppers) if uppers else None
        if upper is not None and upper <= lower:
            return None
        sides.append(Side(lower, upper))
    return Box(tuple(sides))


def within(part: Box | None, whole: Box | None) -> bool:
    """Whether there are two boxes, and the first is a part of the second."""
    return part is not None and whole is not None and overlap(part, whole) == part


def minus(region: Box, hole: Box) -> list[Box]:
    """Return boxes that make up ``region`` without ``hole``, which lies in it."""
    found: list[Box] = []
    rest = region
    for axis, (side, cut) in enumerate(zip(region.sides, hole.sides, strict=True)):
        if side.lower < cut.lower:
            found.append(_with_side(rest, axis, Side(side.lower, cut.lower)))
        if cut.upper is not None and (side.upper is None or cut.upper < side.upper):
            found.append(_with_side(rest, axis, Side(cut.upper, side.upper)))
        rest = _with_side(rest, axis, cut)
    return found


def hull(boxes: Sequence[Box]) -> Box:
    """Return the smallest box that contains all of the given ones."""
    sides: list[Side] = []
    for parts in zip(*(box.sides for box in boxes), strict=True):
        ends: list[Fraction] = [part.upper for part in parts if part.upper is not None]
        sides.append(Side(min(part.lower for part in parts), max(ends) if len(ends) == len(parts) else None))
    return Box(tuple(sides))


def _with_side(box: Box, axis: int, side: Side) -> Box:
    return Box((*box.sides[:axis], side, *box.sides[axis + 1 :]))
