"""What several tests need: an invented brand, files in every format, and a project folder to deliver them to."""
