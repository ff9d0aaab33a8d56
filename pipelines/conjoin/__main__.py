"""``python -m conjoin``."""

from conjoin.cli import main

main()
