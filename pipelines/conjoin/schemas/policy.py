"""Who may see what: ``schemas/policy.toml`` says it of kinds of readers, ``sources/parties.toml`` says who they are.

What neither of the two names is closed.
"""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError, model_validator

from conjoin import content
from conjoin.declared import mistakes
from conjoin.errors import PolicyError
from conjoin.schemas.tables import tables
from conjoin.schemas.vocabularies import vocabulary

Kind = Literal["member", "initiative", "coordinator", "case_worker", "factory", "public"]
#: The reader of a pack that anybody may have; no party of parties.toml has this name.
PUBLIC = "public"
#: Whom a statement is for: no party, since it gets no pack but the page of its own site.
FACTORY: Kind = "factory"
_POLICY, _PARTIES = "schemas/policy.toml", "sources/parties.toml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VisibilityRule(_Strict):
    """What one visibility opens: rows to which kinds of readers and to the deliverer, and whether it is in totals."""

    rows: list[Kind]
    own: bool = True
    totals: bool
    purpose: str
    withdrawal: str


class TableRule(_Strict):
    """What narrows one table beyond the visibility of its rows.

    Attributes:
        rows: The only kinds of readers that see rows of others; None for what the visibility says.
        own: Whether its deliverer has them in a pack whatever its kind.
        cases: Column to values: such rows are treated like restricted cases.
        own_only: Column to values: such rows are for their deliverer alone.
        named_by: The column that says whom a row is about.
        dated_by: Columns that date a row; the first that is told.
        expires_months: Rows whose day lies further back are in nobody else's pack.
    """

    rows: list[Kind] | None = None
    own: bool = True
    cases: dict[str, list[str]] = {}
    own_only: dict[str, list[str]] = {}
    named_by: str | None = None
    dated_by: list[str] = []
    expires_months: int | None = Field(None, ge=1)


class Withheld(_Strict):
    """What is kept back from kinds of readers, of rows that they did not deliver and that are not published."""

    from_kinds: list[Kind] = Field(alias="from")
    commissioner_types: list[str]
    source_kinds: list[str]
    id_columns: list[str]
    grade_columns: list[str]
    span_columns: list[str]


class ReleaseRule(_Strict):
    """What released totals must rest on, and how wide what is hidden must stay."""

    days: list[Annotated[str, Field(pattern=r"^\d\d-\d\d$")]]
    least_sites: int = Field(ge=2)
    least_parties: int = Field(ge=2)
    coalition: int = Field(ge=1, le=2)
    least_width: int = Field(ge=1)
    least_share: float = Field(ge=0, le=1)
    breakdowns: list[Literal["country_code", "visit_year", "scheme"]] = Field(min_length=1)
    classes: dict[str, str]


class Policy(_Strict):
    """schemas/policy.toml."""

    visibility: dict[str, VisibilityRule]
    table: dict[str, TableRule]
    reference: dict[str, Literal["whole", "reader", "none"]]
    withheld: Withheld
    release: ReleaseRule

    @model_validator(mode="after")
    def _names_are_known(self) -> "Policy":
        for name in self.visibility:
            if name not in vocabulary("visibility").values:
                raise ValueError(f"visibility.{name}: not in schemas/vocabularies/visibility.toml")
        for name in self.table:
            if name not in tables():
                raise ValueError(f"table.{name}: no table of this name is delivered; there are {', '.join(tables())}")
        return self


class Party(_Strict):
    """Who takes part in the pooling.

    Attributes:
        kind: What it is here.
        title: Its name.
        names: Other names that sources write for it.
        delivers: Sources whose rows are its own.
        until: Its last day in the pooling; after it nothing is packed for it.
        on_statements: Whether statements of factories may name it as who ordered an audit, and say which audits its
            acceptance policies take.
    """

    kind: Kind
    title: str
    names: list[str] = []
    delivers: list[str] = []
    until: date | None = None
    on_statements: bool = False

    @property
    def all_names(self) -> list[str]:
        """Title and other names."""
        return [self.title, *self.names]


@cache
def policy() -> Policy:
    """The policy in force.

    Raises:
        PolicyError: It is no TOML, or says something that cannot be meant.
    """
    return _read(content.find(_POLICY), Policy)


@cache
def parties() -> dict[str, Party]:
    """Who takes part, by short name: of the project folder, or the invented ones where there is none.

    Raises:
        PolicyError: A declaration cannot be meant, or two parties deliver one source or go by one name.
    """
    path = content.roots()[0] / _PARTIES
    if not path.is_file():
        return {}
    found = _read(path, _Parties).root
    if factories := sorted(short for short, party in found.items() if party.kind == FACTORY):
        raise PolicyError(
            f"{path}: {factories[0]}: a factory gets no pack; `conjoin statement` makes the page of its own site"
        )
    _refuse_doubles(path, "deliver", {name: one.delivers for name, one in found.items()})
    _refuse_doubles(path, "go by the name of", {name: one.all_names for name, one in found.items()})
    return found


def find_party(name: str) -> tuple[str, Party]:
    """A party by short name or title, with its short name; ``public`` is anybody.

    Raises:
        PolicyError: There is no such party.
    """
    if name == PUBLIC:
        return PUBLIC, Party(kind="public", title="the public")
    for short, party in parties().items():
        if name == short or name.casefold() in (known.casefold() for known in party.all_names):
            return short, party
    there = ", ".join([*parties(), PUBLIC])
    raise PolicyError(f"{name}: nobody of this name takes part; there are {there}. {_PARTIES} says who does")


class _Parties(RootModel[dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Party]]):
    """sources/parties.toml: party by short name."""


_Declared = TypeVar("_Declared", bound=BaseModel)


def _read(path: Path, model: type[_Declared]) -> _Declared:
    try:
        declared: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return model.model_validate(declared)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise PolicyError(f"{path}: {'; '.join(mistakes(error))}") from error


def _refuse_doubles(path: Path, verb: str, said: dict[str, list[str]]) -> None:
    taken: dict[str, str] = {}
    for party, names in said.items():
        if party == PUBLIC:
            raise PolicyError(f"{path}: {PUBLIC} is everybody's name; call the party otherwise")
        for name in names:
            other = taken.setdefault(name.casefold(), party)
            if other != party:
                raise PolicyError(f"{path}: {other} and {party} both {verb} {name!r}; leave one")
