"""The agreement of two parties on one overlap run: a page of TOML that both sign, and that nothing can change after.

What is signed is what the page says, not its bytes: blanks and remarks may differ, a word may not.
"""

import json
import re
import secrets
import tomllib
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from conjoin.declared import mistakes
from conjoin.errors import AgreementRefused
from conjoin.keeping.folders import write_private
from conjoin.plain import is_harmful
from conjoin.tools.overlap.keys import RECIPES, Recipe, words_in_use

Role = Literal["offering", "answering"]
_RUN = re.compile(r"[a-z0-9][a-z0-9-]{3,39}")
_HEAD = """\
# Agreement on one overlap run of two parties. Read it, then sign it with `conjoin overlap sign`.
# Whatever is changed after that, the signatures hold no longer.

"""


def _readable(text: str) -> str:
    if is_harmful(text) or not text.strip():
        raise ValueError("write plain words on one line")
    return text


def _run_id(text: str) -> str:
    if not _RUN.fullmatch(text):
        raise ValueError("a run id has 4 to 40 small letters, digits and hyphens, and begins with a letter or digit")
    return text


Words = Annotated[str, Field(max_length=500), AfterValidator(_readable)]


class Party(BaseModel):
    """One side: what it is called, and the public half of its key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[Words, Field(max_length=80)]
    key: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Agreement(BaseModel):
    """What both parties sign before anything is exchanged.

    Attributes:
        run: The id of the one run that it allows.
        purpose: What the result is for, in words.
        mode: ``count``: how many sites both have; ``candidates``: which rows a clean team may link.
        recipe: How a row becomes keys.
        words: The word lists on which the recipe rests, as ``keys.words_in_use`` tells.
        largest_list: Rows of either list, at most.
        smallest_result: Below this nothing but "fewer than" is told.
        largest_share: Share of a side's rows, at most, that may go to the clean team.
        expires: The last day (UTC) on which it can be used.
        offering: The side that sends the first file and counts.
        answering: The side that answers it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: Annotated[str, AfterValidator(_run_id)]
    purpose: Words
    mode: Literal["count", "candidates"]
    recipe: str
    words: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
    largest_list: Annotated[int, Field(ge=1, le=1_000_000)]
    smallest_result: Annotated[int, Field(ge=3)] = 3
    largest_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    expires: date
    offering: Party
    answering: Party

    @model_validator(mode="after")
    def _of_two(self) -> "Agreement":
        if self.recipe not in RECIPES[self.mode]:
            raise ValueError(f"recipe: {self.recipe!r} is none of mode {self.mode!r}: {', '.join(RECIPES[self.mode])}")
        if self.offering.key == self.answering.key:
            raise ValueError("both parties have one key: each makes its own with `conjoin overlap identity`")
        if self.offering.name == self.answering.name:
            raise ValueError("both parties have one name: give each its own")
        return self

    def party(self, role: Role) -> Party:
        """The party of a role."""
        return self.offering if role == "offering" else self.answering

    def role_of(self, public_key: str) -> Role:
        """The role of a key's owner.

        Raises:
            AgreementRefused: The key is neither party's.
        """
        if public_key == self.offering.key:
            return "offering"
        if public_key == self.answering.key:
            return "answering"
        raise AgreementRefused(
            f"run {self.run}: your key ({public_key[:8]}...) is neither that of {self.offering.name} "
            f"({self.offering.key[:8]}...) nor that of {self.answering.name} ({self.answering.key[:8]}...); "
            "use the key whose public half stands in the agreement"
        )

    @property
    def made_by(self) -> Recipe:
        """The recipe that both sides use."""
        return RECIPES[self.mode][self.recipe]

    @property
    def most_keys(self) -> int:
        """Keys of one list, at most."""
        return self.largest_list * self.made_by.most_keys

    @property
    def digest(self) -> str:
        """What signatures and messages name it by: any other word in it is another digest."""
        return sha256(canonical(self.model_dump(mode="json"))).hexdigest()


def other(role: Role) -> Role:
    """The other side."""
    return "answering" if role == "offering" else "offering"


def canonical(content: dict[str, Any]) -> bytes:
    """The one spelling of a content that is hashed and signed."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def new_run_id() -> str:
    """A run id that nobody used before."""
    return f"run-{secrets.token_hex(6)}"


def write_agreement(path: Path, wanted: dict[str, Any]) -> Agreement:
    """Write the page for both to read and sign; its recipe and words are those of this Conjoin.

    Args:
        path: A new TOML file.
        wanted: What ``Agreement`` holds beside ``recipe`` and ``words``.

    Raises:
        AgreementRefused: Something in it cannot be meant, or the file is there already.
    """
    if path.exists():
        raise AgreementRefused(f"{path}: there is a file of that name, perhaps signed already; choose another name")
    recipes = list(RECIPES.get(str(wanted.get("mode")), {"": None}))
    made = _checked(path, {"recipe": recipes[-1], "words": words_in_use(), **wanted})
    lines = [_line(name, value) for name, value in made.model_dump(mode="json").items() if not isinstance(value, dict)]
    for role in ("offering", "answering"):
        lines += ["", f"[{role}]", *(_line(name, value) for name, value in made.model_dump()[role].items())]
    write_private(path, _HEAD + "\n".join(lines) + "\n")
    return made


def read_agreement(path: Path, today: date | None) -> Agreement:
    """An agreement that can be used today by this Conjoin.

    Args:
        path: The agreement.
        today: The day, UTC; None for an agreement that need not serve any more, whose run is given up.

    Raises:
        AgreementRefused: It is no agreement, has run out, or rests on other word lists.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except FileNotFoundError as error:
        raise AgreementRefused(f"{path}: there is no such file; `conjoin overlap agree` writes one") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AgreementRefused(f"{path.name}: not valid TOML: {error}; ask for the agreement anew") from error
    found = _checked(path, content)
    if today is None:
        return found
    if today > found.expires:
        raise AgreementRefused(
            f"{path.name}: the agreement ended on {found.expires}; make a new one with `conjoin overlap agree`, "
            "with a new run id"
        )
    if found.words != words_in_use():
        raise AgreementRefused(
            f"{path.name}: its keys rest on the word lists {found.words}, and yours are {words_in_use()}: "
            "both sides need the same version of Conjoin, and word lists that nobody edited"
        )
    return found


def _checked(path: Path, content: dict[str, Any]) -> Agreement:
    day = content.get("expires")
    try:
        return Agreement.model_validate(content | ({"expires": day.isoformat()} if isinstance(day, date) else {}))
    except ValidationError as error:
        raise AgreementRefused(f"{path.name}: {'; '.join(mistakes(error))}") from error


def _line(name: str, value: object) -> str:
    bare = name == "expires" or not isinstance(value, str)
    return f"{name} = {value if bare else json.dumps(value, ensure_ascii=False)}"
