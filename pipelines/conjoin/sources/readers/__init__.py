"""From a delivered file to a table of text cells, one reader per format."""
