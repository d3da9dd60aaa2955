"""The banded SDP of growing potentials, in scaled units: minimise K over all potentials and multipliers of a chain.

    maximise  -K + tau (sum of the multipliers of inequalities + sum_t tr P_t)
    subject to  K initial + P(before) - P(after) - growth + sum_c lambda_c Q_c - sigma I >= 0   in every block of every link,
                the same for the coefficients of the function values,   P_t >= 0,   lambda >= 0 (free for equalities).

``sigma`` leaves room in every inequality of the primal and ``tau`` in every inequality of the dual, so that both solutions of one
solve round to witnesses; both cost a little of the gap between the two ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from efpep.analysis.growing_units import link_units
from efpep.analysis.scaling import dyadic
from efpep.certify.growing_check import ChainLower, ChainUpper
from efpep.conic.program import Cones, Program
from efpep.model.field import Scalar
from efpep.model.form import Entries, Form, product
from efpep.question.growing import Chain, Link

K = 0
"""The variable K is the first."""
_CONSTANT = -1


class GrowingSdp:
    """The program, with the way back from its variables and multipliers to witnesses in the question's own units.

    Attributes:
        signed: the variables that are nonnegative.
    """

    def __init__(self, question: Chain) -> None:
        """Number the variables: K, the triangles of the potentials, the multipliers."""
        self.question = question
        self.units = link_units(question)
        count = 1
        self.triangles: list[dict[str, tuple[int, list[Fraction]]]] = []
        for link, units in zip(question.links[1:], self.units[1:], strict=True):
            found: dict[str, tuple[int, list[Fraction]]] = {}
            for place in link.places:
                found[place.name] = (count, [units.features[place.index, direction.name] for direction in place.before])
                count += len(place.before) * (len(place.before) + 1) // 2
            self.triangles.append(found)
        self.multipliers: list[list[int]] = []
        self.row_sizes: list[list[Fraction]] = []
        self.signed: list[int] = []
        for link, units in zip(question.links, self.units, strict=True):
            variables = list(range(count, count + len(link.rows)))
            count += len(link.rows)
            self.multipliers.append(variables)
            self.row_sizes.append([_largest(units.form(row.form)) for row in link.rows])
            self.signed += [j for j, row in zip(variables, link.rows, strict=True) if not row.equality]
        self.count = count
        self._values, self._matrices = self._assemble()

    def program(self, sigma: Fraction, tau: Fraction) -> Program:
        """Return the program with these margins."""
        rows: list[dict[int, Scalar]] = [{j: Fraction(1)} for j in self.signed]
        constants: dict[int, Scalar] = {}
        for value in self._values:
            constants[len(rows)] = value.get(_CONSTANT, Fraction(0)) - sigma
            rows.append({j: a for j, a in value.items() if j != _CONSTANT})
        objective: dict[int, Scalar] = {K: Fraction(-1), **dict.fromkeys(self.signed, tau)}
        orders: list[int] = []
        flat = len(rows)
        for matrix in self._matrices:
            orders.append(_order(len(matrix)))
            for k, entry in enumerate(matrix):
                constant = entry.get(_CONSTANT, Fraction(0)) - (sigma if _diagonal(k) else 0)
                if constant != 0:
                    constants[len(rows)] = constant
                rows.append({j: a for j, a in entry.items() if j != _CONSTANT})
        for found in self.triangles:
            for first, sizes in found.values():
                length = len(sizes) * (len(sizes) + 1) // 2
                if length:
                    orders.append(len(sizes))
                    rows += [{first + k: Fraction(1)} for k in range(length)]
                    objective |= {first + k: tau for k in range(length) if _diagonal(k)}
        return Program(objective, constants, Cones(0, flat, tuple(orders)), self.count, rows)

    def upper(self, primal: Sequence[Fraction]) -> ChainUpper:
        """Return the variables as a witness in the question's units."""
        potentials = tuple(
            {name: _square(primal, first, [1 / size for size in sizes]) for name, (first, sizes) in found.items()}
            for found in self.triangles
        )
        multipliers = tuple(
            tuple(primal[j] / size for j, size in zip(variables, sizes, strict=True))
            for variables, sizes in zip(self.multipliers, self.row_sizes, strict=True)
        )
        return ChainUpper(primal[K], potentials, multipliers)

    def lower(self, dual: Sequence[Fraction], lift: Fraction) -> ChainLower:
        """Return the multipliers of the inequalities as moments in the question's units; ``lift`` is added to their diagonals."""
        place_value = len(self.signed)
        place_matrix = place_value + len(self._values)
        grams: list[dict[str, tuple[tuple[Fraction, ...], ...]]] = []
        values: list[tuple[Fraction, ...]] = []
        for link, units in zip(self.question.links, self.units, strict=True):
            numbers = dual[place_value : place_value + len(link.values)]
            values.append(tuple(max(a, Fraction(0)) * units.value for a in numbers))
            place_value += len(link.values)
            found: dict[str, tuple[tuple[Fraction, ...], ...]] = {}
            for place in link.places:
                sizes = [units.columns[place.index][j] for j in place.columns]
                found[place.name] = _square(dual, place_matrix, sizes, lift)
                place_matrix += len(sizes) * (len(sizes) + 1) // 2
            grams.append(found)
        return ChainLower(Fraction(0), tuple(grams), tuple(values))

    def _assemble(self) -> tuple[list[dict[int, Scalar]], list[list[dict[int, Scalar]]]]:
        """Return the coefficients of the values, and of the entries of the blocks, by variable."""
        values: list[dict[int, Scalar]] = []
        matrices: list[list[dict[int, Scalar]]] = []
        for s, link in enumerate(self.question.links):
            terms = list(self._terms(s, link))
            values += [{j: form.values[k] for j, form in terms if k in form.values} for k in link.values]
            for place in link.places:
                local = {j: i for i, j in enumerate(place.columns)}
                entries: list[dict[int, Scalar]] = [{} for _ in range(len(local) * (len(local) + 1) // 2)]
                for variable, form in terms:
                    for (i, j), a in form.blocks.get(place.index, {}).items():
                        u, v = sorted((local[i], local[j]))
                        entries[v * (v + 1) // 2 + u][variable] = a
                if entries:
                    matrices.append(entries)
        return values, matrices

    def _terms(self, s: int, link: Link) -> Iterator[tuple[int, Form]]:
        """Yield the variables of link s and what they multiply in scaled units."""
        units = self.units[s]
        yield _CONSTANT, Fraction(-1) * units.form(link.growth)
        if link.initial.nonzero:
            yield K, units.form(link.initial)
        for variable, size, row in zip(self.multipliers[s], self.row_sizes[s], link.rows, strict=True):
            yield variable, (1 / size) * units.form(row.form)
        for t, sign in ((s - 1, 1), (s, -1)):
            if not 0 <= t < len(self.triangles):
                continue
            for place in link.places:
                first, sizes = self.triangles[t][place.name]
                features = place.before if sign > 0 else place.after
                scaled = [units.linear(place.index, d.form, size) for d, size in zip(features, sizes, strict=True)]
                for j, v in enumerate(scaled):
                    for i, u in enumerate(scaled[: j + 1]):
                        entries: Entries = {}
                        product(u, v, entries)
                        form = Form({place.index: {key: a for key, a in entries.items() if a != 0}})
                        yield first + j * (j + 1) // 2 + i, Fraction(sign * (1 if i == j else 2)) * form


def _largest(form: Form) -> Fraction:
    entries = [abs(a) for block in form.blocks.values() for a in block.values()]
    return dyadic(max([*entries, *(abs(a) for a in form.values.values())]))


def _order(length: int) -> int:
    """Return the order of a matrix whose triangle has the given length."""
    order = 0
    while order * (order + 1) // 2 < length:
        order += 1
    return order


def _diagonal(k: int) -> bool:
    """Whether place k of a triangle by columns is on the diagonal."""
    order = _order(k + 1)
    return order * (order + 1) // 2 == k + 1


def _square(
    triangle: Sequence[Fraction], first: int, sizes: Sequence[Fraction], lift: Fraction = Fraction(0)
) -> tuple[tuple[Fraction, ...], ...]:
    """Return a symmetric matrix from its triangle by columns, with rows and columns multiplied by sizes."""
    order = range(len(sizes))

    def entry(i: int, j: int) -> Fraction:
        u, v = (i, j) if i <= j else (j, i)
        return (triangle[first + v * (v + 1) // 2 + u] + (lift if i == j else 0)) * sizes[i] * sizes[j]

    return tuple(tuple(entry(i, j) for j in order) for i in order)
