"""2505.06053: Safe-EF."""

from __future__ import annotations

from problems.paper.kinds import Difference, Entry, Evidence, Part

NUMBERING = (
    "Rustem Islamov, Yarden As, Ilyas Fatkhullin, arXiv 2505.06053. Numbers of tables and figures are not known here: what is "
    "published is named by its content."
)
_EXAMPLE = "--problem counterexample --compressor top-k:k=1 --step-size 0.05 --iterations 400"

ENTRIES = (
    Entry(
        "safe_constants",
        "constants",
        "least constants K of one-step potentials, for general and Top-K-like compressors",
        "run problems/safe_ef_constants.toml",
        differs=("constants", "projection"),
    ),
    Entry(
        "safe_theorem",
        "constants",
        "the least constant with a diagonal potential, a theorem",
        "prove safe-ef",
        differs=("constants",),
    ),
    Entry(
        "safe_guarantee",
        "guarantee",
        "step size, threshold and bound with compression in both directions",
        "tune safe-ef --delta 0.1 --delta-server 0.1 --iterations 10000",
        differs=("constants",),
    ),
    Entry(
        "safe_patterns",
        "guarantee",
        "the exact worst case over switching patterns, three rounds",
        "patterns safe-ef --delta 0.5 --T 3 --jobs 2",
        differs=("constants",),
    ),
    Entry(
        "safe_lower",
        "lower bound",
        "what no method can beat, beside runs of Safe-EF on the worst function",
        "lower-bound safe-ef --delta 0.1 --T 400 --runs 20",
        differs=("lower",),
    ),
    Entry(
        "safe_example_cgd",
        "examples",
        "compressed gradients cycle: the gap along the run",
        f"simulate cgd {_EXAMPLE}",
        differs=("examples",),
    ),
    Entry("safe_example_ef21", "examples", "EF21 on the same function", f"simulate ef21 {_EXAMPLE}", differs=("examples",)),
    Entry(
        "safe_example_safe_ef",
        "examples",
        "Safe-EF on the same function",
        f"simulate safe-ef {_EXAMPLE} --server-compressor identity",
        differs=("examples",),
    ),
    Entry(
        "safe_synthetic",
        "synthetic comparison",
        "l1 regression at three heterogeneities, tuned methods",
        "run problems/experiments/nonsmooth.toml",
        differs=("synthetic",),
    ),
    Entry(
        "safe_neyman_pearson",
        "constrained comparison",
        "Neyman-Pearson classification, tuned methods",
        "run problems/experiments/neyman_pearson.toml",
        differs=("synthetic",),
    ),
    Entry(
        "safe_fleet",
        "reinforcement learning",
        "a fleet of cart-poles that learns one policy under a budget",
        "run problems/fleet/quick.toml",
        "run problems/fleet/main.toml",
        differs=("fleet",),
    ),
    *(
        Entry(
            f"safe_fleet_{study}",
            "reinforcement learning",
            shows,
            f"run problems/fleet/quick/{study}.toml",
            f"run problems/fleet/{study}.toml",
            differs=("fleet",),
        )
        for study, shows in (
            ("compression", "what Top-K costs the fleet, from 1 % of the weights to all"),
            ("threshold", "what the threshold costs the fleet"),
            ("agents", "from one agent to sixty-four"),
            ("batch", "how many trajectories an agent averages"),
            ("dual_start", "how primal-dual EF starts"),
        )
    ),
    Entry(
        "safe_network",
        "constrained comparison",
        "Neyman-Pearson classification with a network of 3 x 64 units",
        "run problems/experiments/neyman_pearson_network.toml",
        differs=("synthetic",),
    ),
    Entry(
        "safe_mini_batches",
        "constrained comparison",
        "mini-batches of subgradients, with Top-K in both directions",
        "run problems/experiments/mini_batches.toml",
        differs=("synthetic",),
    ),
    Entry(
        "safe_weighted",
        "weighted clients",
        "EF21 and EF21-W at their theorems' step sizes, on clients whose smoothness differs",
        "run problems/experiments/weighted.toml",
        differs=("synthetic",),
    ),
)

DIFFERENCES = (
    Difference(
        "constants",
        "Constants of the guarantee",
        "a bound of order `R M / sqrt(delta T)`, with compression in both directions of order `R M / sqrt(delta delta_s T)`",
        "the same orders, with constants derived anew, `K = (1+q)(1+q_s)/((1-q)(1-q_s))`, the least with a diagonal potential, "
        "and attained for averaged values (with both directions in the limit). The printed constants are not compared number by "
        "number",
        "proofs of efpep's own (`docs/safe_ef.md`, sections 1 to 4); compressors that contract in expectation only get a "
        "guarantee with a probability, because no round need be feasible (section 6)",
        (
            Evidence("potential safe-ef --delta 0.5 --delta-server 0.5", "33.97056"),
            Evidence(
                "tune safe-ef --delta 0.1 --delta-server 0.1 --iterations 10000",
                "f(xbar) - f* <= 0.379024492149 and g(xbar) <= 0.379024492149, in every run",
            ),
        ),
    ),
    Difference(
        "projection",
        "Compression in both directions with Top-K",
        "the product of both constants; whether less suffices is left open",
        "less suffices: at delta = delta_s = 1/10 the constant is 207.5 for Top-K at the clients and 1442 in general",
        "what a projection keeps back it does not send (`docs/safe_ef.md`, section 5)",
        (Evidence("potential safe-ef --delta 0.1 --delta-server 0.1 --projection uplink", "207.50"),),
    ),
    Difference(
        "lower",
        "The lower bound",
        "a bound of the order of the guarantee",
        "an explicit one, at least `R M / (4 sqrt(delta T))`, for methods whose query points the server determines; it is "
        "within a factor of 2 "
        "of the guarantee with one direction as delta T grows",
        "it is derived anew with its constant; clients that query at points of their own can beat it where all functions are "
        "equal",
        (Evidence("lower-bound safe-ef --delta 0.1 --T 10000", "E f - f* >= 0.030283685879077"),),
    ),
    Difference(
        "examples",
        "Examples on which CGD and EF21 fail",
        "examples without error feedback",
        "`|x_1| + b |x_2|` in two dimensions with Top-1: CGD visits two points for ever, and so does EF21 from its usual start; "
        "it diverges "
        "from the estimate `(1, -b)`, which `efpep.simulate.counterexample_figure` draws. Safe-EF comes close to the minimiser",
        "the functions are derived anew in the style of the paper's (`docs/safe_ef.md`, section 9)",
    ),
    Difference(
        "synthetic",
        "The synthetic comparison",
        "a comparison of methods on synthetic data, sums of absolute values, and on constrained problems",
        "on the problem that stands in for it heterogeneity stops CGD, and stops neither EF21 nor its relatives, which are "
        "ahead of tuned Safe-EF where clients differ",
        "the data and grids of the paper cannot be recovered, and least absolute deviations stand in for them",
        recorded="docs/guides/experiments.md",
    ),
    Difference(
        "fleet",
        "Reinforcement learning",
        "runs of humanoids that learn one policy under a safety constraint",
        "cart-poles with dynamics of their own stand in for them: one seed of Safe-EF and of the method without a threshold",
        "the simulator of the paper is not a part of efpep",
        recorded="docs/tutorials/fleet.md",
    ),
)

SAFE_EF = Part("Safe-EF: 2505.06053", NUMBERING, ENTRIES, DIFFERENCES)
