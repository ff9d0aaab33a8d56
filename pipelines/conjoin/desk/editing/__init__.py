"""What people change at the desk besides judgements: the class of two audits, and reference tables."""
