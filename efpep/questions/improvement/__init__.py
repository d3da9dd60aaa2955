"""Improvements: whether other parameters improve a reference rate."""
