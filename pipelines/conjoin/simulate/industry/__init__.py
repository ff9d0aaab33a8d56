"""The invented industry itself: places, organisations, sites, audits and their results."""
