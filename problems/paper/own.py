"""efpep's own results."""

from __future__ import annotations

from problems.paper.kinds import Entry, Part

_EF21 = "ef21 --mu 0.1 --L 1 --delta 0.5"

ENTRIES = (
    Entry(
        "own_rates",
        "",
        "rates of CGD, EF and EF21 with one agent",
        "table problems/single_agent_rates.toml --format latex --notes",
    ),
    Entry(
        "own_contours",
        "",
        "the same over kappa and delta",
        "figure problems/figure_contours.toml",
        "figure problems/single_agent_contours.toml",
        "120,000 proofs",
    ),
    Entry("own_curves", "", "EF21's rate against delta", "figure problems/figure_rates.toml"),
    Entry("own_ef_cgd", "", "iterations of CGD and EF against delta", "figure problems/figure_ef_cgd.toml"),
    Entry("own_ratio", "", "how many times more iterations EF needs", "figure problems/figure_complexity_ratio.toml"),
    Entry("own_landscape", "", "EF21's rate against the step size, ten agents", "figure problems/figure_landscape.toml"),
    Entry(
        "own_map", "", "EF21's rate over step size and delta, ten agents, with proved brackets", "figure problems/figure_map.toml"
    ),
    Entry("own_laws", "", "law, theorem and linear compressor against delta", "figure problems/figure_laws.toml"),
    Entry("own_spread", "", "the same against the heterogeneity of L", "figure problems/figure_spread.toml"),
    Entry("own_roots", "", "the cubic of the same agents", "figure problems/figure_roots.toml"),
    Entry(
        "own_noise_agents",
        "",
        "floors of stochastic gradients against the number of agents",
        "table problems/noise_agents.toml --format latex",
    ),
    Entry("own_noise_steps", "", "floors against the step size", "table problems/noise_step_sizes.toml --format latex"),
    Entry(
        "own_noise_trade_off", "", "what a contraction costs under noise", "table problems/noise_trade_off.toml --format latex"
    ),
    Entry(
        "own_nonconvex",
        "",
        "EF21 on functions that need not be convex",
        "potential ef21 --functions smooth-weakly-convex --mu -1 --L 1 --delta 0.5 --step-size 0.3",
    ),
    Entry(
        "own_cycle",
        "",
        "beyond the stability limit there are cycles",
        "cycle ef21 --mu 0.1 --L 1 --delta 0.75 --step-size 0.666667",
    ),
    Entry(
        "own_stall",
        "",
        "CGD with two agents stops short of the minimiser",
        "cycle cgd --mu 0.1 --L 1 --delta 0.66 --step-size 1 --agents 2 --period 1",
    ),
    Entry(
        "own_adversary",
        "",
        "agents of different kinds: the rate is the method's own",
        "adversary ef21 --delta 0.5 --group count=1,mu=0.1,L=1 --group count=1,mu=0.3,L=2",
    ),
    Entry("own_worst_case", "", "the worst case after ten steps", f"worst-case {_EF21} --iterations 10"),
    Entry(
        "own_accelerated_ef21",
        "",
        "accelerated EF21 beside EF21: 1 - rho against the condition number, 210 settings",
        "figure problems/figure_acceleration.toml",
    ),
    Entry("own_logistic", "", "logistic regression with one client, tight step sizes", "run problems/experiments/logistic.toml"),
    Entry("own_logistic_clients", "", "the same with five clients", "run problems/experiments/logistic_clients.toml"),
    Entry("own_acceleration", "", "ADEF against methods without acceleration", "run problems/experiments/acceleration.toml"),
    Entry(
        "own_accelerated_runs",
        "",
        "runs of accelerated EF21 beside tuned methods",
        "run problems/experiments/accelerated_ef21.toml",
    ),
)

OWN = Part(
    "efpep's own results",
    "What is not in the papers, or in other settings than theirs; the theorems are in `docs/theorems.md`. There is nothing to "
    "differ from.",
    ENTRIES,
)
