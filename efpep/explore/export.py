"""The page as a folder that needs no server: a certified grid, its certificates, and closed forms between its points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from efpep.explore.answers import certificate_text, page_object, point_object, rate_object, run_object
from efpep.explore.point import PROOFS, PagePoint, alone
from efpep.explore.server import DATA, PAGES, data_script, page_file
from efpep.report.folder import write_folder

CERTIFICATES = "certificates"
"""The folder of the certificates."""


@dataclass(frozen=True, slots=True)
class ExplorerGrid:
    """The settings whose answers are stored; methods whose closed form is about one agent are asked about one."""

    kappas: tuple[Fraction, ...] = (Fraction(2), Fraction(10), Fraction(100))
    deltas: tuple[Fraction, ...] = (Fraction(1, 10), Fraction(1, 2), Fraction(9, 10))
    agents: tuple[int, ...] = (1, 10)
    factors: tuple[Fraction, ...] = (Fraction(1, 2), Fraction(3, 4), Fraction(1), Fraction(5, 4))

    def points(self) -> Iterator[PagePoint]:
        """Yield every setting of the grid."""
        for key in PROOFS:
            for agents in (1,) if alone(key) else self.agents:
                for kappa in self.kappas:
                    for delta in self.deltas:
                        for factor in self.factors:
                            yield PagePoint(key, kappa, delta, agents, factor)


def export(folder: Path, grid: ExplorerGrid | None = None) -> Path:
    """Write the page with the answers of a grid to a folder, and return the page's file.

    Raises:
        InputError: a file cannot be written.
    """
    files: dict[str, str] = {}
    stored: dict[str, object] = {}
    for point in (ExplorerGrid() if grid is None else grid).points():
        rate = rate_object(point)
        found: dict[str, object] = {"rate": rate, "point": point_object(point), "run": run_object(point)}
        if rate["verdict"] != "undecided":
            found["certificate"] = f"{CERTIFICATES}/{point.name}.json"
            files[f"{point.name}.json"] = certificate_text(point).rstrip("\n")
        stored["|".join(point.texts().values())] = found
    pages = {name: page_file(name).rstrip("\n") for name in PAGES}
    pages[DATA] = data_script({**page_object(live=False), "grid": stored}).rstrip("\n")
    write_folder(folder, pages)
    write_folder(folder / CERTIFICATES, files)
    return folder / "index.html"
