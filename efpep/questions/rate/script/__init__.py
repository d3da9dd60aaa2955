"""Stand-alone scripts: a proof of a rate that runs without efpep."""
