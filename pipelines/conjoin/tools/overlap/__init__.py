"""Overlap between parties that share no lists: how many sites two of them have in common, by exchanged files."""
