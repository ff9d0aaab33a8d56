"""What a page can be about: one site, with everything that a file knows of it; one organisation by all its names."""
