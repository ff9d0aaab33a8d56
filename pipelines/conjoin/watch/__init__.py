"""How things stand: what is late or refused, what is published, who is told."""
