"""Gates over time, and the gradient through time."""
