"""Make the tables and figures, and the page that lists them: ``python -m problems.paper [OPTION ...] [NAME ...]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial

from efpep.errors import UnavailableError
from problems.paper.kinds import Outcome, Part
from problems.paper.markdown import page, summary
from problems.paper.parts import PARTS
from problems.paper.runs import FOLDER, LIMIT, confirm, make
from problems.paper.typeset import check_latex, compile_page

LEFT_OUT = Outcome(ran=False)


def main(words: Sequence[str], parts: Sequence[Part] = PARTS) -> int:
    """Run all commands, or those of the names that are given, write the page and compile it; 1 where something failed."""
    parser = argparse.ArgumentParser(
        prog="make paper", description="Make the papers' tables and figures, with a page that lists them."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="an entry or a difference; all without any")
    parser.add_argument("--no-pdf", action="store_true", help="write the page in Markdown alone")
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="SECONDS", help="how long a command may take")
    given = parser.parse_args(words)
    try:
        if not given.no_pdf:
            check_latex()
    except UnavailableError as error:
        print(f"make paper: {error}", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    outcomes: dict[str, Outcome] = {}
    jobs = [(entry.name, partial(make, entry, given.limit)) for part in parts for entry in part.entries]
    jobs += [(each.key, partial(confirm, each, given.limit)) for part in parts for each in part.differences if each.evidence]
    goes_on = True
    for name, job in jobs:
        try:
            outcomes[name] = job() if goes_on and name in (given.names or [name]) else LEFT_OUT
        except KeyboardInterrupt:  # what is there becomes the page
            goes_on, outcomes[name] = False, LEFT_OUT
    (FOLDER / "README.md").write_text(page(parts, outcomes), encoding="utf-8")
    wrong = "" if given.no_pdf else compile_page(parts, outcomes)
    print(summary(outcomes))
    if wrong:
        print(wrong, file=sys.stderr)
    else:
        print(f"The page is paper/{'README.md' if given.no_pdf else 'paper.pdf'}.")
    return int(bool(wrong) or any(outcome.failure for outcome in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
