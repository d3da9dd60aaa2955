"""The table of least constants K of Safe-EF over (delta, delta_s), for general and projection-type compressors.

    python problems/safe_ef_constants.py [DIRECTORY]

prints the proved digits of K as Markdown, beside the closed forms; with a directory it writes every certificate there, for
``efpep verify``. About half a minute.
"""

import itertools
import sys
from pathlib import Path

import efpep
from efpep.theory import safe_ef as theory

DELTAS = ("1/20", "1/10", "1/2", "9/10", "99/100")
TYPES = {
    "general": (efpep.Contractive, efpep.Contractive),
    "projection uplink": (efpep.Projection, efpep.Contractive),
    "projection downlink": (efpep.Contractive, efpep.Projection),
    "projection both": (efpep.Projection, efpep.Projection),
}


def proved(found: efpep.Potential) -> str:
    """Return K to as many of six significant digits as both ends agree on."""
    for digits in range(6, 0, -1):
        ends = {f"{float(end):.{digits}g}" for end in (found.lower, found.upper) if end is not None}
        if len(ends) == 1 and found.certified:
            return ends.pop()
    return "undecided"


def main(directory: str | None = None) -> None:
    """Print the table."""
    names = list(TYPES)
    lines = [f"| delta | delta_s | {' | '.join(names)} | product formula | K_P |", "|---" * (len(names) + 4) + "|"]
    for delta, server in itertools.product(DELTAS, DELTAS):
        cells = []
        for name, (up, down) in TYPES.items():
            setting = efpep.Setting(efpep.BoundedSubgradients(), up(delta), agents=10, server_compressor=down(server))
            found = efpep.potential(efpep.SafeEF(), setting)
            cells.append(proved(found))
            if directory is not None and found.certificate is not None:
                place = Path(directory)
                place.mkdir(parents=True, exist_ok=True)
                key = f"{name} {delta} {server}".replace(" ", "_").replace("/", "-")
                found.certificate.save(place / f"{key}.json")
        product = f"{float(theory.constant(delta, server).value):.6g}"
        bound = f"{float(theory.projection_constant(delta, server).value):.6g}"
        lines.append(f"| {delta} | {server} | {' | '.join(cells)} | {product} | {bound} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:2])
