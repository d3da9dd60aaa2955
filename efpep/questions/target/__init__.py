"""Target accuracies: how many iterations stochastic gradients take, with the proof of every number that this rests on."""
