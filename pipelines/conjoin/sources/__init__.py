"""From a delivered file to canonical tables; the declarations stand in ``sources/``."""
