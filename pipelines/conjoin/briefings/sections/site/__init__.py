"""The dossier of one site."""
