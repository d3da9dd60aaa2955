"""The figure of the counterexamples: compressed gradients cycle, EF21 diverges, error feedback converges."""

from __future__ import annotations

from pathlib import Path

from efpep.report.figure_style import colour, dash, new_figure, save, style
from efpep.report.legend import add_legend
from efpep.simulate.counterexamples import cgd_trajectory, counterexample_curves, ef21_trajectory


def counterexample_figure(
    path: str | Path, *, gamma: float = 0.05, b: float = 1.0, iterations: int = 400, size: str = "neurips"
) -> list[Path]:
    """Write the trajectories and ``f`` at the averages of EF14, CGD and EF21 as PDF and PNG, with their numbers as CSV.

    The left panel shows the second coordinate of CGD and EF21 in closed form, the right one f at the running average.

    Args:
        path: the file, whose suffix may be left out.
        gamma: the step size.
        b: the weight of the second coordinate.
        iterations: the number of rounds.
        size: a key of :data:`efpep.report.figure_style.SIZES`.

    Raises:
        InputError: the size is unknown, or the file cannot be written.
    """
    rounds = list(range(iterations + 1))
    cgd, ef21 = cgd_trajectory(gamma, iterations), ef21_trajectory(gamma, b, iterations)
    curves = counterexample_curves(gamma, b, iterations + 1)
    with style():
        figure, (left, right) = new_figure(size, panels=2)
        places = {name: place for place, name in enumerate(curves)}
        for name, points in (("CGD", cgd), ("EF21", ef21)):
            left.plot(rounds, points[:, 1], color=colour(places[name]), linestyle=dash(places[name]), label=name)
        left.set_xlabel("round t")
        left.set_ylabel("second coordinate of x^t")
        for name, values in curves.items():
            right.plot(rounds, values, color=colour(places[name]), linestyle=dash(places[name]), label=name)
        right.set_yscale("log")
        right.set_xlabel("round t")
        right.set_ylabel("f at the average")
        add_legend(figure, [left, right])
        columns = {
            "round": rounds,
            "cgd_x2": [float(v) for v in cgd[:, 1]],
            "ef21_x2": [float(v) for v in ef21[:, 1]],
            **{name.lower(): [float(v) for v in values] for name, values in curves.items()},
        }
        return save(figure, path, columns)
