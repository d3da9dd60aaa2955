"""The parameters of a case: its quantities as rational functions of the free ones, its facts, and its region as an orthant."""

from __future__ import annotations

from efpep.theorems.functions import Function
from efpep.theorems.hypotheses import Hypotheses
from efpep.theorems.quantities import nonzero
from efpep.theorems.report import Report
from efpep.theorems.signs import NONNEGATIVE, POSITIVE, ZERO
from efpep.theory.rate_claim import RateClaim
from efpep.theory.statement import Case

QUANTITIES = ("s", "mu", "L", "eta")


class Parameters(Hypotheses):
    """The quantities of one case.

    Attributes:
        claim: the claim.
        case: the case.
    """

    def __init__(self, claim: RateClaim, case: Case) -> None:
        """Read the case's formulas.

        Raises:
            InputError: a formula is none, has names that stand for nothing, or a name is defined twice.
            ZeroDivisionError: one divides by zero.
        """
        super().__init__(case.free, case.solved, case.coordinates, case.region)
        self.claim, self.case = claim, case
        for name, text in {"delta": "1-s^2", "theta": claim.branches[case.branch], "rate": claim.rate, **case.where}.items():
            self.define(name, text)

    def check(self, report: Report) -> None:
        """Check that the free quantities with their region are all parameters of the case."""
        case = self.case
        root = self.claim.root
        report.step(self._hypotheses_text(), self._hypotheses, detail=True)
        report.step(
            f"{' and '.join(case.solved)} by {', '.join(case.free)} from the equation of {root}", self._solved, detail=True
        )
        for text, derivation in case.facts:
            report.step(f"{text} = {derivation}", lambda t=text, d=derivation: self.fact(t, d), detail=True)
        report.step(f"{root} is the largest root of its equation", self._largest, detail=True)
        for text, derivation in case.consequences:
            report.step(f"{text} = {derivation}", lambda t=text, d=derivation: self.fact(t, d), detail=True)
        report.step(f"all parameters are the image of an orthant: {', '.join(c.name for c in case.coordinates)}", self._image)

    def _hypotheses_text(self) -> str:
        equal, lossless = self.case.equal, self.case.lossless
        return f"0 < {'mu = L' if equal else 'mu < L'}, {'s = 0' if lossless else '0 < s < 1'}, 0 < eta < {self.claim.limit}"

    def _hypotheses(self) -> bool:
        names, case = self.names, self.case
        first, second = self.claim.branches[case.branch], self.claim.branches[1 - case.branch]
        if set(case.free) | set(case.solved) != {*QUANTITIES, self.claim.root}:
            return False
        for name in ("mu", "L", "eta"):
            self.assume(names[name], POSITIVE)
        self.assume(1 - names["s"], POSITIVE)
        if not case.lossless:
            self.assume(names["s"], POSITIVE)
        if not case.equal:
            self.assume(names["L"] - names["mu"], POSITIVE)
        self.assume(self.value(self.claim.limit) - names["eta"], POSITIVE)
        self.assume(self.value(first) - self.value(second), NONNEGATIVE)
        return (names["L"] == names["mu"]) == case.equal and (names["s"] == 0) == case.lossless

    def _coefficients(self, **others: Function) -> list[Function]:
        """Return the coefficients of the equation, divided by the root where 0 is a root for all parameters."""
        theta = self.value(self.claim.branches[self.case.branch], **others)
        values = [self.value(text, theta=theta, **others) for text in self.claim.coefficients]
        while values and values[-1] == 0:
            values.pop()
        return values

    def _solved(self) -> bool:
        """Check the equation, and that it is linear in the solved curvature with a coefficient that never vanishes.

        So whatever satisfies the hypotheses is what the free quantities make it.
        """
        root = self.names[self.claim.root]
        unknown = [name for name in ("mu", "L") if name in self.case.solved]
        if set(self.case.solved) - {"mu", "L", "s"} or ("s" in self.case.solved) != self.case.lossless:
            return False
        if len(unknown) != (2 if self.case.equal else 1):
            return False

        def equation(**others: Function) -> Function:
            total = self.field(0)
            for value in self._coefficients(**others):
                total = total * root + value
            return total

        at = [equation(**dict.fromkeys(unknown, self.field(k))) for k in range(3)]
        slope = at[1] - at[0]
        return equation() == 0 and at[2] - at[1] == slope and self._never_zero(slope, unknown)

    def _never_zero(self, slope: Function, unknown: list[str]) -> bool:
        """Return whether a function is a product of what is not zero by hypothesis: eta, 1 - s, 1 + s, s, and the root.

        The root is none where the equation's last coefficient is such a product without the unknown.
        """
        s, root = self.names["s"], self.names[self.claim.root]
        basic = [self.names["eta"], 1 - s, 1 + s, *([] if self.case.lossless else [s])]
        last = [self._coefficients(**dict.fromkeys(unknown, self.field(k)))[-1] for k in range(2)]
        if last[0] == last[1] and last[0].is_product_of(basic):
            basic.append(root)
        return slope.is_product_of(basic)

    def _largest(self) -> bool:
        """Check that the equation, without its roots at 0, has exactly one root that is not negative, by Descartes' rule."""
        values = self._coefficients()
        if not 2 <= len(values) <= 3 or self.known_sign(values[0]) != POSITIVE:
            return False
        last = self.known_sign(values[-1])
        if last is None or last > (ZERO if len(values) == 2 else -POSITIVE):
            return False
        at_one = self.known_sign(sum(values[1:], values[0]))
        root = self.names[self.claim.root]
        self.assume(root, -last)
        if at_one == POSITIVE:
            self.assume(1 - root, POSITIVE)
        return True

    def _image(self) -> bool:
        """Check that the region's map takes the inverse to the free quantities, and that the inverse lies in the orthant."""
        case = self.case
        if set(case.region) != set(case.free):
            return False
        inverse: dict[str, Function] = {}
        for coordinate in case.coordinates:
            sign = self.shown(coordinate.inverse)
            if sign is None or sign < (POSITIVE if coordinate.positive else NONNEGATIVE):
                return False
            inverse[coordinate.name] = self.value(coordinate.inverse)
        field, known, closed = self.orthant
        images = self.images(self.field, inverse)
        whole = all(nonzero(field, field.symbols, closed, image) for image in known.values())
        return whole and all(images[name] == self.names[name] for name in case.region)
