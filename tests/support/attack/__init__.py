"""An attack on everything that reads files: valid files are damaged, and what happens then is judged.

``python -m support.attack --count 2000 --seed 1 --out FOLDER`` runs one; ``make fuzz`` runs the long one.
"""
