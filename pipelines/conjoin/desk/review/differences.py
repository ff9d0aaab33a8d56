"""What two texts do not have in common, marked letter by letter."""

from difflib import SequenceMatcher

from markupsafe import Markup, escape

from conjoin.plain import visible

#: Longer texts are compared as far as this: a cell of a megabyte is no name.
_LONGEST = 400
#: In Turkish two letters, in the capitals of many lists one.
_ONE_LETTER = "Iıİi"


def marked(left: str | None, right: str | None) -> tuple[Markup, Markup]:
    """Both texts, escaped, with what the other lacks in ``<mark>``; case makes no difference."""
    texts = [visible((text or "")[:_LONGEST]) for text in (left, right)]
    letters = [["i" if letter in _ONE_LETTER else letter.casefold() for letter in text] for text in texts]
    told: tuple[list[Markup], list[Markup]] = ([], [])
    for what, *places in SequenceMatcher(None, letters[0], letters[1], autojunk=False).get_opcodes():
        for side, (start, end) in enumerate((places[:2], places[2:])):
            piece = escape(texts[side][start:end])
            told[side].append(Markup("<mark>{}</mark>").format(piece) if what != "equal" and piece else piece)
    first, second = (Markup("").join(pieces) for pieces in told)
    return first, second
