"""The desk: one local web application over one warehouse file, for people without a terminal."""
