"""Questions on identity, as whoever judges them needs them: two records beside each other, and a sheet to fill in."""
