"""Recorder of the command line's answers: what every verb says, before and after a change of the code below it."""
