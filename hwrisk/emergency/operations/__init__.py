"""What is done about materials: kinds, depots, lots and their movements, dispatches, reviews."""
