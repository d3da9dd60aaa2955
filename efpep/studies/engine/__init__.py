"""What all study types share: reading files, sweeps, workers, the results store, and the registry of types."""
