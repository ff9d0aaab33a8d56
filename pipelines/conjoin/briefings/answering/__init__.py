"""Answers for people: whose file it is, headings and words, what fits a screen, and what stands in a workbook."""
