"""The pages of a night: which are declared, what is remembered of each, and the index that links them."""
