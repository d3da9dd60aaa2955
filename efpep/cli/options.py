"""The options that several commands share; numbers stay text until they are read exactly.

The command that has an option as its field gives the argument of the same name with it, or the one that :class:`Gives` names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from efpep.cli.files import Writes
from efpep.compressors import COMPRESSORS
from efpep.functions import FUNCTIONS

TOLERANCE = "1e-6"
"""What ``--simple`` stands for without a number."""


@dataclass(frozen=True, slots=True)
class Gives:
    """Marks an option that gives an argument called otherwise than the field that holds it."""

    argument: str


MethodName: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="METHOD",
        help="A method that 'efpep methods' lists, or one of your own: module:Class, or its file, my_methods.py:Class.",
    ),
]
Mu: TypeAlias = Annotated[str | None, typer.Option("--mu", metavar="NUMBER", help="Strong convexity of the agents' functions.")]
Smoothness: TypeAlias = Annotated[str | None, typer.Option("--L", metavar="NUMBER", help="Smoothness of the agents' functions.")]
Kappa: TypeAlias = Annotated[
    str | None, typer.Option("--kappa", metavar="NUMBER", help="Condition number L/mu, in the place of --mu or of --L.")
]
Delta: TypeAlias = Annotated[
    str | None, typer.Option("--delta", metavar="NUMBER", help="Contraction parameter of the compressors, 0 < delta <= 1.")
]
CompressorClass: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--compressor",
        metavar="CLASS",
        help=f"Class of the compressors: {', '.join(COMPRESSORS.members)}, or module:Class; the first is the default.",
    ),
]
CompressorParameters: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--compressor-set", metavar="NAME=VALUE", help="A parameter of the compressors, such as omega=1 or shared=yes."),
]
FunctionsClass: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--functions",
        metavar="CLASS",
        help=f"Class of the agents' functions, as far as the command knows it: {', '.join(FUNCTIONS.members)}, or module:Class; "
        "the first is the default.",
    ),
]
FunctionsParameters: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--functions-set", metavar="NAME=VALUE", help="A parameter of the functions besides --mu and --L."),
]
MeanClass: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--mean",
        metavar="CLASS",
        help="Class of the agents' average f, with --mu and --L, such as gradient-dominated or smooth-strongly-convex; each f_i "
        "is then only L-smooth, or what --functions says.",
    ),
]
DeltaServer: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--delta-server",
        metavar="NUMBER",
        help="Contraction parameter of the server's compressor, for methods that compress what the server broadcasts.",
    ),
    Gives("server_compressor"),
]
Agents: TypeAlias = Annotated[
    str | None, typer.Option("--agents", metavar="NUMBER", help="How many exchangeable agents (default 1).")
]
Groups: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--group",
        metavar="KEYS",
        help="Agents with constants of their own, such as 'count=3,mu=0.1,L=1,delta=0.5' or 'share=7/10,kappa=10'; "
        "compressor=CLASS, functions=CLASS and their parameters are allowed too. What is missing comes from the other options. "
        "Repeat it for each group.",
    ),
    Gives("count"),
    Gives("share"),
]
StepSize: TypeAlias = Annotated[
    str | None,
    typer.Option("--step-size", metavar="NUMBER", help="A number, or 'optimal' (default) where a closed form is known."),
]
Values: TypeAlias = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Another parameter of the method. Repeat it for each.")
]
Metric: TypeAlias = Annotated[
    str, typer.Option("--metric", metavar="NAME", help="What the Lyapunov function controls: distance, gradient or gap.")
]
SolverName: TypeAlias = Annotated[
    str, typer.Option("--solver", metavar="NAME", help="clarabel, extended, scs, or cvxpy:NAME; it proposes, and proves nothing.")
]
GivenLyapunov: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--lyapunov",
        metavar="FORMULA",
        help="Ask about this Lyapunov function instead of the best one: 'literature' for the literature's, or a formula in the "
        "method's features such as '|mean(g-d)|^2 + dev(g-d, g-d) + 0.7 |mean(g)|^2'.",
    ),
]
Width: TypeAlias = Annotated[
    str | None, typer.Option("--width", metavar="NUMBER", help="How wide the interval may be (default 9e-9, at least 1e-15).")
]
Digits: TypeAlias = Annotated[
    int | None, typer.Option("--digits", metavar="N", help="How many digits of the rate are proved, at most 200.")
]
MemoryLength: TypeAlias = Annotated[
    str | None, typer.Option("--memory", metavar="NUMBER", help="How many past states V may depend on (default 0, at most 5).")
]
Positivity: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--positivity",
        metavar="NAME",
        help="What makes V nonnegative: 'weights' (positive semidefinite) or 'interpolation' (weights of any sign; the default "
        "of accelerated-ef21 and triple-momentum).",
    ),
]
Features: TypeAlias = Annotated[
    str | None,
    typer.Option("--features", metavar="NAMES", help="What V may be made of, such as 'x,g,g-d,f'; everything without it."),
]
Simple: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--simple",
        metavar="[TOLERANCE]",
        help=f"Print a Lyapunov function with few terms and short coefficients, at the price of at most this part of 1 - rho "
        f"(default {TOLERANCE}).",
    ),
    Gives("tolerance"),
]
Iterations: TypeAlias = Annotated[str | None, typer.Option("--iterations", metavar="NUMBER", help="The number of steps.")]
Steps: TypeAlias = Annotated[str, typer.Option("--iterations", metavar="NUMBER", help="How many steps the method takes.")]
Sigma: TypeAlias = Annotated[
    str | None, typer.Option("--sigma", metavar="NUMBER", help="Standard deviation of stochastic gradients.")
]
Runs: TypeAlias = Annotated[str, typer.Option("--iterations", metavar="NUMBER", help="How many iterations are made.")]
Seed: TypeAlias = Annotated[str, typer.Option("--seed", metavar="NUMBER", help="Of the random operators.")]
Measured: TypeAlias = Annotated[
    str, typer.Option("--metric", metavar="NAME", help="What is measured: distance, gradient or gap.")
]
Place: TypeAlias = Annotated[
    str, typer.Option("--at", metavar="PLACE", help="Where: last, best or average iterate, or mean of the values at all of them.")
]
Initial: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--initial",
        metavar="NAME[=BOUND]",
        help="What is bounded at the start (by 1 without a bound): distance, gap, gradient, decrease (f(x_0) - f(x_T), how much "
        "the function falls in all), apart (how far two runs are apart, with the metric apart), the error of a memory of the "
        "method, such as g-d=0.5, a sum of multiples such as 'gap + 0.05 distance', or the squared diameter of the set that the "
        "method projects onto. Repeat it for each; distance without it.",
    ),
]
Dissimilarity: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--dissimilarity",
        metavar="NUMBER",
        help="zeta of mean ||grad f_i(x) - grad f(x)||^2 <= zeta^2 at every x, for several agents.",
    ),
]
Heterogeneity: TypeAlias = Annotated[
    str | None,
    typer.Option("--heterogeneity", metavar="NUMBER", help="zeta of mean ||grad f_i(x*)||^2 <= zeta^2, for several agents."),
]
OwnRate: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--own-rate",
        help="Search instances too ('efpep adversary'), to say whether the proved rate is that of the method itself.",
    ),
]
Latex: TypeAlias = Annotated[bool, typer.Option("--latex", help="Print the Lyapunov function in LaTeX.")]
StudyFile: TypeAlias = Annotated[Path, typer.Argument(metavar="STUDY.toml", help="A study file.")]
CertificateFile: TypeAlias = Annotated[
    Path | None, typer.Option("--certificate", metavar="FILE", help="Write the certificate to this file."), Writes()
]
Jobs: TypeAlias = Annotated[
    int | None, typer.Option("--jobs", metavar="N", help="How many processes answer (default: as many as there are cores).")
]
DaskAddress: TypeAlias = Annotated[
    str | None,
    typer.Option("--dask", metavar="ADDRESS", help="Answer on a Dask cluster: local:N, or a scheduler such as tcp://host:8786."),
]
StorePath: TypeAlias = Annotated[
    Path | None,
    typer.Option("--store", metavar="FILE", help="The results store (default: in your cache folder, or $EFPEP_STORE)."),
]
Recheck: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--recheck",
        help="End where a stored answer does not hold, and make stored runs again; without it such answers are found anew.",
    ),
]
TrustStore: TypeAlias = Annotated[
    bool,
    typer.Option("--trust-store", help="Use stored answers without a check of their certificates, for large sweeps of your own."),
]
ReportFolder: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FOLDER",
        help="Write the report on a law or on numeric runs here: Markdown, CSV, JSON, and certificates or curves.",
    ),
    Writes(makes=True, folder=True),
]
Allow: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="MODULE",
        help="Import this module of yours where the file names its classes or metrics, which runs its code. Repeat it for each.",
    ),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]
