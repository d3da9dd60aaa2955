"""Experiments: methods on problems, with tuned step sizes, as studies."""
