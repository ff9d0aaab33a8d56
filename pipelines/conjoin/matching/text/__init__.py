"""Names and addresses into words, and what the words mean: legal forms, designators, spellings."""
