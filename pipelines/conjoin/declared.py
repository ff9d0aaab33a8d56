"""What cannot be meant in a declaration, in words a person can act on."""

from pydantic import ValidationError


def mistakes(error: ValidationError) -> list[str]:
    """One line per place; of the alternatives that a place allows the first is told."""
    told: dict[str, str] = {}
    for item in error.errors():
        place = ".".join(str(part) for part in item["loc"] if "[" not in str(part))
        told.setdefault(place, item["msg"].removeprefix("Value error, "))
    return [f"{place}: {message}" if place else message for place, message in told.items()]
