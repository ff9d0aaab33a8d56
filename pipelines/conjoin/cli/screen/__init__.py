"""What people see at a terminal: answers that fit it, and how far a long command has come."""
