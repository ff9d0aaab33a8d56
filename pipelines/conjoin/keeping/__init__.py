"""What is kept on disk: inbox, archive, landing, journals, locks, backups."""
