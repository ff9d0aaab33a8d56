"""How the model is learned and judged; nothing of it runs at night."""
