"""The review desk: two records beside each other, one key for each answer, saved through the same code as an import."""
