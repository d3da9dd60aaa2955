"""The recorded commands: every verb, every kind of question, the refusals and the undecided answers.

``{work}`` is a folder of its own for each recording, in which later commands find what earlier ones wrote; ``{repo}`` is the
repository. A command runs from the repository's root.
"""

from __future__ import annotations

BASE = "--mu 0.1 --L 1 --delta 0.5"
TWO = "--delta 0.5 --group count=1,mu=0.1,L=1 --group count=1,mu=0.3,L=2"
RATES = [
    f"rate ef {BASE}",
    f"rate ef21 {BASE}",
    f"rate cgd {BASE}",
    f"rate ef21 {BASE} --agents 10 --certificate {{work}}/ef21.json",
    f"rate ef {BASE} --agents 10 --certificate {{work}}/ef.json",
    f"rate cgd {BASE} --agents 2",
    "rate gd --mu 0.1 --L 1",
    "rate gd --mu 0.1 --L 1 --step-size 2",
    f"rate ef21 {BASE} --agents 10 --step-size 0.3",
    f"rate ef21 {BASE} --agents 10 --step-size 0.4",
    f"rate ef21 {BASE} --agents 10 --step-size 0.3 --features g,g-d --certificate {{work}}/features.json",
    f"rate ef21 {BASE} --agents 10 --step-size 0.3 --compressor projection",
    f"rate ef21 {BASE} --metric gap --step-size 0.1",
    f"rate ef21 {BASE} --metric gradient --step-size 0.1",
    f"rate ef21-hb {BASE} --step-size 0.25 --set beta=0.3",
    f"rate ef21-hb {BASE} --step-size 0.25 --set beta=0.3 --memory 1 --certificate {{work}}/memory.json",
    f"rate ef21-hb {BASE} --step-size 0.25 --set beta=0.3 --positivity interpolation --certificate {{work}}/signs.json",
    f"rate ef21 {TWO} --certificate {{work}}/groups.json",
    f"rate ef21 {TWO} --lyapunov literature --certificate {{work}}/given.json",
    "rate ef21 --delta 0.5 --group share=7/10,mu=0.1,L=1 --group share=3/10,mu=0.3,L=2 --step-size 0.14",
    "rate ef21 --functions gradient-dominated --mu 0.1 --L 1 --delta 0.5 --step-size 0.1 --metric gap",
    f"rate projected-ef21 {BASE} --agents 10 --step-size 0.2 --certificate {{work}}/projected.json",
    f"rate ef {BASE} --simple 1e-4",
    f"rate ef {BASE} --width 1e-4",
    f"rate ef {BASE} --step-size 0.3 --solver scs",
    f"rate ef {BASE} --step-size 0.3 --solver extended",
    f"rate ef {BASE} --latex",
    "rate diana --mu 0.1 --L 1 --compressor unbiased --compressor-set omega=1 --agents 10 --step-size 0.2 --set alpha=1/2",
    "rate gd --mu 0 --L 1",
    f"rate nothing {BASE}",
    f"rate ef {BASE} --agents 0",
    f"rate ef {BASE} --metric nothing",
]
POTENTIALS = [
    "potential safe-ef --delta 0.1 --delta-server 0.1 --certificate {work}/averaging.json",
    "potential safe-ef --delta 0.1 --delta-server 0.1 --projection uplink",
    "potential safe-ef --delta 0.5 --agents 4",
    "potential safe-ef",
    "potential adef --L 1 --delta 0.5 --agents 10 --step-size 1/40 --iterations 10 --certificate {work}/growing.json",
    "potential adef --L 1 --delta 0.5 --step-size 1/40 --iterations 3",
    "potential gd --L 1 --step-size 1 --iterations 5",
    "potential gd --L 1 --step-size 1",
    "potential gd --L 1 --step-size 1 --iterations 0",
]
OTHERS = [
    "worst-case gd --mu 0.1 --L 1 --step-size 1 --iterations 3 --certificate {work}/worst.json",
    f"worst-case ef21 {BASE} --step-size 0.2 --iterations 2 --agents 2",
    f"worst-case ef {BASE} --step-size 0.2 --iterations 2 --metric gap",
    "cycle cgd --mu 0.1 --L 1 --delta 0.66 --step-size 1 --agents 2 --period 1 --certificate {work}/cycle.json",
    "cycle ef21 --mu 0.1 --L 1 --delta 0.75 --step-size 0.666667 --period 2",
    f"adversary ef21 {BASE} --agents 10 --periods 2 --certificate {{work}}/slow.json",
    "patterns safe-ef --delta 0.5 --T 3 --certificate {work}/patterns.json",
    "lower-bound safe-ef --delta 0.5 --T 100",
    f"tune ef21 {BASE} --agents 10 --certificate {{work}}/tuned.json",
    f"tune ef {BASE} --verify optimal",
    "tune safe-ef --delta 0.1 --delta-server 0.1 --iterations 10000",
    f"crosscheck ef21 {BASE} --agents 2",
    f"crosscheck ef21 {BASE} --iterations 2 --step-size 0.2",
    "simulate ef21 --problem quadratics:n=3,d=10,kappa=10,seed=1 --compressor top-k:k=3 --iterations 50",
    f"replay ef21 {BASE} --iterations 3",
    "compare ef21 --problem quadratics:n=3,d=10,kappa=10,heterogeneity=1,seed=1 --compressor top-k:k=5",
    "methods",
    "table {repo}/problems/single_agent_rates.toml",
    "table {repo}/problems/single_agent_rates.toml --format latex",
    "table {repo}/problems/safe_ef_constants.toml",
]
FILES = [
    *(
        f"verify {{work}}/{name}.json"
        for name in ("ef21", "ef", "features", "memory", "signs", "groups", "given", "projected", "averaging", "growing")
    ),
    *(f"verify {{work}}/{name}.json" for name in ("worst", "cycle", "slow", "patterns", "tuned")),
    "verify {repo}/problems/laws/certificates/lyapunov_best.json",
    "verify {repo}/problems/laws/certificates/lyapunov_law.json",
    "verify {repo}/problems/laws/certificates/step_size_ef.json",
    "verify {work}/ef21.json --script {work}/proof.py",
    "verify {work}/missing.json",
]
PLAIN = {"methods", "table", "rate --latex", "compare", "lower-bound"}
"""Verbs that are recorded as they print; the others with ``--json`` besides."""


def listed() -> list[tuple[str, bool]]:
    """Return the commands in order, each with whether ``--json`` goes with it."""
    found: list[tuple[str, bool]] = []
    for command in [*RATES, *POTENTIALS, *OTHERS]:
        found.append((command, False))
        verb = command.split()[0]
        if verb not in PLAIN and "--latex" not in command and "--certificate" not in command:
            found.append((command, True))
    return found + [(command, False) for command in FILES]
