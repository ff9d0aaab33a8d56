"""Packs: for each party a warehouse of its own, built from what it may see, beside totals that are the same for all."""
