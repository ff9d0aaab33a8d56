"""Names, types and vocabularies that every other part shares; the words themselves stand in ``schemas/``."""
