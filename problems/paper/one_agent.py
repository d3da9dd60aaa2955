"""2506.05271: the analysis of EF, EF21 and CGD with one agent."""

from __future__ import annotations

from problems.paper.kinds import Difference, Entry, Evidence, Part

NUMBERING = (
    "Daniel Berg Thomsen, Adrien Taylor, Aymeric Dieuleveut, arXiv 2506.05271. Tables and figures are numbered as in the "
    "authors' code "
    "(github.com/DanielBergThomsen/error-feedback-tight, `experiments.py`); the paper's own numbers may differ."
)

ENTRIES = (
    Entry(
        "one_stability",
        "Figure 1",
        "where CGD, EF and EF21 converge and where they cycle, kappa = 10",
        "figure problems/figure_stability.toml",
        differs=("grids",),
    ),
    Entry(
        "one_earlier",
        "Figures 2, 3",
        "EF21's earlier rate against the tight one",
        "run problems/one_agent/earlier_rate.toml",
        differs=("earlier",),
    ),
    Entry(
        "one_earlier_wide",
        "Figures 2, 3",
        "the same for kappa up to 1000",
        "run problems/laws/earlier_ef21_n1.toml --sample 3",
        "run problems/laws/earlier_ef21_n1.toml",
    ),
    Entry(
        "one_rates",
        "Figure 4",
        "CGD against EF and EF21 at optimal step sizes",
        "figure problems/one_agent/rates.toml",
        differs=("grids",),
    ),
    Entry(
        "one_ratio",
        "Figure 5",
        "iterations of EF by those of CGD",
        "figure problems/one_agent/complexity_ratio.toml",
        differs=("grids",),
    ),
    Entry(
        "one_cgd_against_ef",
        "Figures 4, 5",
        "that CGD is faster, as a law: a theorem",
        "run problems/laws/cgd_against_ef_n1.toml",
    ),
    Entry(
        "one_map_cgd",
        "Figure 6",
        "CGD: rate over step size and delta",
        "figure problems/one_agent/map_cgd.toml",
        differs=("grids",),
    ),
    Entry("one_map_ef", "Figure 7", "EF: the same", "figure problems/one_agent/map_ef.toml", differs=("grids",)),
    Entry("one_map_ef21", "Figure 8", "EF21: the same", "figure problems/one_agent/map_ef21.toml", differs=("grids",)),
    Entry(
        "one_ef_steps",
        "Figure 9",
        "the rate of EF is that of the method, for any number of steps",
        "adversary ef --kappa 10 --L 1 --delta 0.5",
        differs=("steps",),
    ),
    Entry("one_ef21_steps", "Figure 10", "the same of EF21", "adversary ef21 --kappa 10 --L 1 --delta 0.5", differs=("steps",)),
    Entry(
        "one_best_steps",
        "Figure 11",
        "the best step size of EF",
        "table problems/one_agent/best_step_sizes.toml --format latex",
        differs=("best",),
    ),
    Entry(
        "one_earlier_lyapunov",
        "Figure 12",
        "EF21 with Lyapunov functions `f - f* + A |g - d|^2`",
        "table problems/one_agent/earlier_lyapunov.toml --format latex",
        differs=("earlier-function",),
    ),
    Entry(
        "one_equal",
        "Table 1",
        "the rates of EF and EF21 are equal",
        "table problems/one_agent/ef_equals_ef21.toml --format latex",
        differs=("zero",),
    ),
    Entry(
        "one_lyapunov_cgd",
        "Table 2",
        "CGD's `V = f - f*` against the best",
        "table problems/one_agent/lyapunov_cgd.toml --format latex",
        differs=("simple",),
    ),
    Entry(
        "one_lyapunov_ef",
        "Table 3",
        "EF's simple Lyapunov function against the best",
        "table problems/one_agent/lyapunov_ef.toml --format latex",
        differs=("simple",),
    ),
    Entry(
        "one_lyapunov_ef21",
        "Table 4",
        "EF21's simple Lyapunov function against the best",
        "table problems/one_agent/lyapunov_ef21.toml --format latex",
        differs=("simple",),
    ),
    Entry("one_theorem_ef", "theorem about EF", "the exact rate, at every stable step size", "prove ef", differs=("all-steps",)),
    Entry("one_theorem_ef21", "theorem about EF21", "the same", "prove ef21", differs=("all-steps",)),
    Entry(
        "one_theorem_cgd",
        "CGD's rate, and CGD against EF",
        "the same, and that CGD is faster",
        "prove cgd",
        differs=("all-steps",),
    ),
)

DIFFERENCES = (
    Difference(
        "grids",
        "Figures 1 and 4 to 8: grids",
        "curves and contours on 200 values of epsilon (and 200 step sizes), from bisection to 1e-6 and worst cases of PEPit",
        "11 values in curves, 81 cells a panel in maps and 180 in maps of stability; both ends of every number are proved, grey "
        "is proved not to contract, cycles and their absence are proved, and what is neither is shown as open. Nothing "
        "contradicts what was published",
        "a cell is a proof and says nothing of the points between; the contour figure on 200 x 200 points for each method is "
        "`problems/single_agent_contours.toml`",
        (Evidence("rate ef --kappa 10 --L 1 --delta 0.5", "this is the method's rate, by a theorem"),),
    ),
    Difference(
        "earlier",
        "Figures 2 and 3: earlier rate of EF21",
        "curves of both closed forms and of the ratio of their logarithms, kappa = 2, 4, 10",
        "the same closed forms and the ratio as a table, the columns `earlier` and `steps` of `report.csv`, and besides a proof "
        "for each setting that the earlier rate holds at the earlier step size",
        "laws have reports and no figures",
    ),
    Difference(
        "steps",
        "Figures 9 and 10: several steps",
        "worst cases of V after 1 to 10 steps lie on powers of the rate, delta = 1/4, 1/2, 3/4, by PEPit",
        "one trajectory of functions and compressors of the classes, at delta = 1/2, that contracts by the rate in every step, "
        "for ever",
        "an instance in exact arithmetic covers all numbers of steps; that the rate is exact at every delta is the theorem",
        (Evidence("adversary ef21 --mu 0.1 --L 1 --delta 0.5", "this is the method's rate, by a theorem"),),
    ),
    Difference(
        "best",
        "Figure 11: the best step size of EF",
        "the best of 300 step sizes beside the closed form, mu = 0.1, 0.25, 0.5 and L = 1, 5, 10",
        "certificates exclude every step size that is farther than a thousandth from the closed form, at 12 settings, and a "
        "theorem proves it for all. Nothing contradicts what was published",
        "a grid shows where a minimum is to the width of the grid, and excludes nothing between its points",
        (Evidence("prove ef", "The best step size is eta = 2/(L+mu)*(1-s)/(1+s)."),),
    ),
    Difference(
        "earlier-function",
        "Figure 12: Lyapunov functions of the earlier form",
        "ratio of logarithms of the rates over 100 x 100 values of epsilon and the step size, kappa = 2, 4, 10",
        "a table of what the best `f - f* + A |g - d|^2` proves at 27 settings",
        "ratios of tables of different Lyapunov functions are not drawn",
    ),
    Difference(
        "zero",
        "Table 1: EF against EF21",
        "differences of at most 4.34e-07, 6.02e-07 and 1.21e-06 at kappa = 2, 4, 10, by solvers",
        "zero, by theorems at every stable step size; the table has the intervals that the certificates leave",
        "what was published is the accuracy of bisection and of solvers",
        (
            Evidence("prove ef", "the exact rate is beta^2, beta the largest root of beta^2 - theta*beta - s = 0"),
            Evidence("prove ef21", "the exact rate is beta^2, beta the largest root of beta^2 - theta*beta - s = 0"),
        ),
    ),
    Difference(
        "simple",
        "Tables 2 to 4: simple Lyapunov functions",
        "differences from the best function of at most 5.11e-06 (CGD, all step sizes), 6.60e-07 (EF) and 1.97e-06 (EF21), by "
        "solvers",
        "zero at the optimal step sizes: the simple functions prove the exact rate, in the table within the certified "
        "intervals, and in the "
        "theorems for all parameters. CGD's function is compared at its optimal step size alone",
        "what was published is the accuracy of bisection and of solvers",
        (Evidence("prove cgd", "the exact rate is r^2, r the largest root of r - theta = 0"),),
    ),
    Difference(
        "all-steps",
        "The theorems",
        "the rate at the optimal step size, with lower bounds that match",
        "the exact rate at every stable step size, and no convergence from the stability limit on. Nothing contradicts what was "
        "published",
        "other step sizes have another Lyapunov function, which one more square proves (`docs/theorems.md`)",
        (Evidence("prove ef21", "From 2/L*(1-s)/(1+s) on the method need not converge."),),
    ),
)

ONE_AGENT = Part("One agent: 2506.05271", NUMBERING, ENTRIES, DIFFERENCES)
