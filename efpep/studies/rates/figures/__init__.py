"""Figures of studies: one kind a file, drawn from the rows of a table and never from numbers that are not proved."""
