"""Conjoin: who audits the same factories, how often, and how much of it could have been one visit."""

__version__ = "0.1.0"
