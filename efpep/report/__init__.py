"""Answers as JSON objects, and rate tables in Markdown, CSV, LaTeX and JSON."""
