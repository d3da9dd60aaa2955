"""Kinds of questions, a folder each: what is asked, how it is searched, what proves an answer, and how it is told."""
