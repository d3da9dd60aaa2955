"""Study files: methods and a grid of settings, answered as a rate table."""
