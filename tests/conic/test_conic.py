"""Solvers behind their one interface, on programs with known answers."""

from fractions import Fraction

import numpy as np
import pytest

import efpep
from efpep.conic.cvxpy_solver import CvxpySolver
from efpep.conic.extended import ExtendedSolver
from efpep.conic.program import Cones, Pencil, Program
from efpep.conic.solver import SOLVERS, find_solver
from efpep.conic.status import Solution, SolverStatus

NAMES = ["clarabel", "extended", "scs", "cvxpy:CLARABEL", "cvxpy:SCS"]
ACCURACY = {"clarabel": 1e-7, "extended": 1e-15, "scs": 1e-5, "cvxpy:CLARABEL": 1e-6, "cvxpy:SCS": 1e-3}


def triangle(matrix):
    return [Fraction(matrix[i][j]) for j in range(len(matrix)) for i in range(j + 1)]


def affine(columns):
    """Return the rows of a stacked program from its columns (one list of entries a variable)."""
    return [{j: a for j, a in enumerate(row) if a != 0} for row in zip(*columns, strict=True)]


def program(objective, columns, constants, cones):
    rows = affine([[Fraction(a) for a in column] for column in columns])
    return Program(
        {j: Fraction(c) for j, c in enumerate(objective) if c},
        {i: Fraction(a) for i, a in enumerate(constants) if a},
        cones,
        len(objective),
        rows,
    )


def dense(p):
    matrix, constant, cost = np.zeros((p.cones.rows, p.variables)), np.zeros(p.cones.rows), np.zeros(p.variables)
    for i, row in enumerate(p.rows()):
        for j, a in row.items():
            matrix[i, j] = a
    for i, a in p.constants.items():
        constant[i] = a
    for j, a in p.objective.items():
        cost[j] = a
    return matrix, constant, cost


def smallest_eigenvalue():
    """Max t such that A - t I >= 0."""
    A = [[2, 1, 0], [1, 3, -1], [0, -1, 1]]
    identity = triangle(np.eye(3, dtype=int).tolist())
    return program([1], [[-a for a in identity]], triangle(A), Cones(0, 0, (3,))), min(np.linalg.eigvalsh(A))


def geometric_mean():
    """Max y with [[2, y], [y, 3]] >= 0: the root of 6."""
    return program([1], [[0, 1, 0]], [2, 0, 3], Cones(0, 0, (2,))), np.sqrt(6)


def linear():
    """Max x + 2 y on the simplex with x <= 1/4, x + y + z = 1 and y <= 1/2: 5/4."""
    columns = [[1, 1, 0, 0, -1, 0], [1, 0, 1, 0, 0, -1], [1, 0, 0, 1, 0, 0]]
    return program([1, 2, 0], columns, [-1, 0, 0, 0, Fraction(1, 4), Fraction(1, 2)], Cones(1, 5, ())), 1.25


def two_blocks_and_an_equality():
    """Max u + v with u = v, [[1, u], [u, 1]] >= 0, [[1, v], [v, 1/4]] >= 0: twice 1/2."""
    columns = [[1, 0, 1, 0, 0, 0, 0], [-1, 0, 0, 0, 0, 1, 0]]
    return program([1, 1], columns, [0, 1, 0, 1, 1, 0, Fraction(1, 4)], Cones(1, 0, (2, 2))), 1.0


def lovasz_theta_of_the_pentagon():
    """Max t with t <= ..., written as the dual: max -s with s I - J + sum over edges y_e E_e >= 0; theta is the root of 5."""
    n = 5
    edges = [(i, (i + 1) % n) for i in range(n)]
    columns = [triangle(np.eye(n, dtype=int).tolist())]
    for i, j in edges:
        matrix = np.zeros((n, n), dtype=int)
        matrix[i, j] = matrix[j, i] = 1
        columns.append(triangle(matrix.tolist()))
    constants = [-a for a in triangle(np.ones((n, n), dtype=int).tolist())]
    return program([-1, 0, 0, 0, 0, 0], columns, constants, Cones(0, 0, (n,))), -np.sqrt(5)


KNOWN = [smallest_eigenvalue, geometric_mean, linear, two_blocks_and_an_equality, lovasz_theta_of_the_pentagon]


def check_optimal(p, solution, accuracy):
    """Primal and dual feasibility, stationarity and no gap: this proves optimality up to ``accuracy``."""
    matrix, constant, cost = dense(p)
    weights = np.where(p.cones.off_diagonal(), 2.0, 1.0)
    slack = matrix @ solution.primal + constant
    dual = solution.dual
    free, sign = p.cones.zero, p.cones.zero + p.cones.nonnegative
    assert np.abs(slack[:free]).max(initial=0) < accuracy
    assert slack[free:sign].min(initial=0) > -accuracy
    assert dual[free:sign].min(initial=0) > -accuracy
    for stacked in (slack, dual):
        for block in p.cones.matrices(stacked):
            assert np.linalg.eigvalsh(np.array(block, dtype=float)).min() > -accuracy
    assert np.abs(cost + matrix.T @ (weights * dual)).max() < accuracy, "stationarity"
    assert abs(np.sum(weights * constant * dual) - cost @ solution.primal) < accuracy, "the gap"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", KNOWN, ids=lambda case: case.__name__)
def test_known_optimal_values(name, case):
    p, value = case()
    solution = find_solver(name).solve(p, 1e-9)
    assert solution.usable
    assert solution.status in {SolverStatus.SOLVED, SolverStatus.INACCURATE}
    accuracy = 10 * ACCURACY[name] * max(1, abs(value))
    assert abs(dense(p)[2] @ solution.primal - value) < accuracy
    check_optimal(p, solution, max(accuracy, 1e-13))


def random_program(seed):
    """A random program with interior points on both sides, by construction."""
    draw = np.random.default_rng(seed)
    count = int(draw.integers(1, 7))
    orders = (int(draw.integers(3, 5)), int(draw.integers(1, 5)))
    cones = Cones(int(draw.integers(0, 2)) if count > 1 else 0, int(draw.integers(0, 4)), orders)
    columns = [[Fraction(int(a), 4) for a in draw.integers(-8, 9, cones.rows)] for _ in range(count)]
    assert np.linalg.matrix_rank(np.array(columns, dtype=float)) == count
    interior = [Fraction(0)] * cones.zero + [Fraction(2)] * cones.nonnegative
    for k in cones.semidefinite:
        interior += [3 * a for a in triangle(np.eye(k, dtype=int).tolist())]
    point = [Fraction(int(a), 2) for a in draw.integers(-2, 3, count)]
    constants = [inside - sum(c[i] * y for c, y in zip(columns, point, strict=True)) for i, inside in enumerate(interior)]
    weights = np.where(cones.off_diagonal(), 2, 1)
    cost = [-sum(Fraction(int(w)) * a * z for w, a, z in zip(weights, column, interior, strict=True)) for column in columns]
    return program(cost, columns, constants, cones)


@pytest.mark.parametrize("seed", range(25))
def test_extended_precision_agrees_with_clarabel_on_random_programs(seed):
    p = random_program(seed)
    precise = ExtendedSolver().solve(p, 1e-10)
    double = find_solver("clarabel").solve(p, 1e-9)
    assert precise.status is SolverStatus.SOLVED
    cost = dense(p)[2]
    scale = 1 + abs(cost @ precise.primal)
    assert abs(cost @ (precise.primal - double.primal)) < 1e-6 * scale
    check_optimal(p, precise, 1e-12 * scale * (1 + np.abs(precise.dual).max()))


@pytest.mark.parametrize("seed", range(8))
def test_extended_precision_is_extended(seed):
    """The rationals close the gap to far below double precision."""
    p = random_program(seed)
    solution = ExtendedSolver().solve(p, 1e-10)
    primal, dual = solution.rationals()
    weights = [2 if off else 1 for off in p.cones.off_diagonal()]
    value = sum(c * primal[j] for j, c in p.objective.items())
    bound = sum(weights[i] * a * dual[i] for i, a in p.constants.items())
    assert abs(bound - value) < Fraction(1, 10**18) * max(1, abs(value))
    stationary = dict(p.objective)
    for i, row in enumerate(p.rows()):
        for j, a in row.items():
            stationary[j] = stationary.get(j, 0) + weights[i] * a * dual[i]
    assert all(abs(a) < Fraction(1, 10**20) for a in stationary.values())


def test_an_infeasible_program_is_not_called_solved():
    impossible = program([1], [[0, 0]], [-1, -1], Cones(0, 2, ()))
    impossible = Program(impossible.objective, impossible.constants, impossible.cones, 1, [{0: Fraction(1)}, {0: Fraction(-1)}])
    for name in NAMES:
        assert find_solver(name).solve(impossible, 1e-8).status is not SolverStatus.SOLVED, name


def test_an_unbounded_program_is_not_called_solved():
    unbounded = program([1], [[1]], [0], Cones(0, 1, ()))
    for name in NAMES:
        assert find_solver(name).solve(unbounded, 1e-8).status is not SolverStatus.SOLVED, name


def test_pencils_are_affine_in_q_with_the_right_derivative():
    base, _ = smallest_eigenvalue()
    slope = [{0: Fraction(1, 10)} if row else {} for row in base.given]
    pencil = Pencil(base, slope)
    q = Fraction(1, 3)
    at = pencil.at(q)
    assert at.rows() == [{j: a - q * Fraction(1, 10) for j, a in row.items()} for row in base.given]
    rows, columns, data = at.entries
    matrix = np.zeros((6, 1))
    matrix[rows, columns] = data
    assert np.allclose(matrix, dense(at)[0])
    solver = ExtendedSolver()

    def value(at):
        return float(solver.solve(pencil.at(at), 1e-10).primal[0])

    solution = solver.solve(at, 1e-10)
    step = Fraction(1, 10**4)
    difference = (value(q + step) - value(q - step)) / float(2 * step)
    assert pencil.derivative(solution.dual, solution.primal) == pytest.approx(difference, rel=1e-5)


def test_cones():
    cones = Cones(1, 2, (2, 3))
    assert cones.rows == 12
    assert cones.offsets() == [3, 6]
    assert [i for i, off in enumerate(cones.off_diagonal()) if off] == [4, 7, 9, 10]
    first, second = cones.matrices(list(range(12)))
    assert first == [[3, 4], [4, 5]]
    assert second == [[6, 7, 9], [7, 8, 10], [9, 10, 11]]


def test_catalogue():
    for name in SOLVERS:
        assert find_solver(name).name == name
    assert find_solver("cvxpy:clarabel").name == "cvxpy:CLARABEL"
    with pytest.raises(efpep.InputError, match="choose one of"):
        find_solver("mosek")
    with pytest.raises(efpep.InputError, match="installed"):
        CvxpySolver("NO_SUCH_SOLVER")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_not_usable(bad):
    fine = np.zeros(2)
    assert Solution(SolverStatus.SOLVED, fine, fine).usable
    assert not Solution(SolverStatus.SOLVED, np.array([0, bad]), fine).usable
    assert not Solution(SolverStatus.SOLVED, fine, np.array([bad, 0])).usable
    assert not Solution(SolverStatus.FAILED).usable
