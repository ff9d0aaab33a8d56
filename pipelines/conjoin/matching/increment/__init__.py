"""A run that re-matches only what a delivery touches, with the result of a run over everything."""
