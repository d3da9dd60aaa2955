"""Cross-checks: the same questions asked of PEPit with explicit agents."""
