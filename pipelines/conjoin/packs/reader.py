"""Who a pack is for, and what that decides about a delivered row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from conjoin.errors import PackError
from conjoin.schemas.policy import Party, TableRule, find_party, parties, policy
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.sql import quote_literal
from conjoin.steps.deliveries import sources_in_use


@dataclass(frozen=True)
class Reader:
    """One reader on one day.

    Attributes:
        name: Short name of the party, or ``public``.
        party: What it is.
        day: The day of the pack.
        own_sources: Sources whose rows it sees as delivered: those that it delivers, and those shared with it.
        known_sources: Sources that any party answers for.
        opened: Visibilities whose rows it sees, whoever delivers them.
        is_nobody: Whether it stands for what totals are counted from: also over rows for their deliverer alone.
        named_sources: Sources of companies that it sees by name, though they are neither its own nor published.
    """

    name: str
    party: Party
    day: date
    own_sources: frozenset[str]
    known_sources: frozenset[str]
    opened: frozenset[str]
    is_nobody: bool = False
    named_sources: frozenset[str] = frozenset()

    @property
    def is_withheld_from(self) -> bool:
        """Whether names, ids and days of others are kept back."""
        return self.party.kind in policy().withheld.from_kinds

    @property
    def follows_cases(self) -> bool:
        """Whether restricted cases are open to this reader."""
        return "restricted_case" in self.opened

    @property
    def sees_only_published(self) -> bool:
        """Whether every row of the pack is published: then no day of it has to be withheld."""
        return not self.own_sources and self.opened <= {"public"}

    @property
    def is_own(self) -> str:
        """SQL: the row is the reader's own."""
        return among("source_name", self.own_sources)

    @property
    def is_whole(self) -> str:
        """SQL: nothing of the row is withheld from the reader, but what prints a grade."""
        return f"({self.is_own} or visibility = 'public')" if self.is_withheld_from else "true"

    def is_its_name(self, column: str) -> str:
        """SQL: the text names the reader."""
        return among(f"lower(trim({column}))", [name.lower() for name in self.party.all_names])

    def may_see(self, table: str) -> str:
        """SQL: the reader may see a delivered row of that table; what the policy does not name is closed."""
        rule = policy().table.get(table)
        if rule is None:
            return "false"
        is_closed = rule.rows is not None and self.party.kind not in rule.rows
        opened = frozenset[str]() if is_closed else self.opened
        never_own = [name for name, one in policy().visibility.items() if not one.own and name not in opened]
        own = "false" if is_closed and not rule.own else f"({self.is_own} and not {among('visibility', never_own)})"
        known = f"(visibility = 'public' or {among('source_name', self.known_sources)})"
        others = [among("visibility", opened), known]
        others += self._narrowed(table, rule)
        if rule.expires_months:
            dated = f"coalesce({', '.join(rule.dated_by)})"
            others.append(f"coalesce({dated} >= date '{self.day}' - to_months({rule.expires_months}), true)")
        if rule.named_by:
            others.append(f"({self.is_whole} or {self.is_its_name(rule.named_by)})")
        told = [f"({own} or ({' and '.join(others)}))"]
        if not self.follows_cases:
            told += [f"not {among(column, values)}" for column, values in rule.cases.items()]
        return " and ".join(told)

    def _narrowed(self, table: str, rule: TableRule) -> list[str]:
        """SQL: what a row of others must meet besides."""
        if self.is_nobody:
            return []
        return [f"not {among(column, values)}" for column, values in rule.own_only.items()]


def reader_of(name: str, day: date) -> Reader:
    """The reader of that name on that day.

    Raises:
        PolicyError: Nobody of this name takes part.
        PackError: It does not take part any more, or a declaration names a source or party that is not there.
    """
    short, party = find_party(name)
    refuse_unknown()
    if party.until and day > party.until:
        raise PackError(f"{party.title} takes part until {party.until}; nothing is packed for it after that day")
    shared = [source.name for source in registry.sources().values() if short in source.shared_with]
    opened = frozenset(name for name, rule in policy().visibility.items() if party.kind in rule.rows)
    return Reader(short, party, day, frozenset([*party.delivers, *shared]), known_sources(), opened)


def reader_of_totals(day: date) -> Reader:
    """Nobody: who stands for what released totals are counted from, names and days whole, cases never."""
    refuse_unknown()
    opened = frozenset(name for name, rule in policy().visibility.items() if rule.totals)
    party = Party(kind="coordinator", title="released totals")
    return Reader("totals", party, day, frozenset(), known_sources(), opened, is_nobody=True)


def closed_sources(settings: Settings) -> list[str]:
    """Sources in use for which nobody answers: of what they deliver, only public rows are in anybody's pack."""
    return sorted(sources_in_use(settings).keys() - known_sources())


def refuse_unknown() -> None:
    """A name that was mistyped would close rows, or open none, without a word.

    Raises:
        PackError: A declaration names a source or party that is not there.
    """
    for short, party in parties().items():
        if unknown := sorted(set(party.delivers) - registry.folders().keys()):
            raise PackError(f"sources/parties.toml, {short}: there is no source {unknown[0]!r} that it could deliver")
    for source in registry.sources().values():
        if unknown := sorted(set(source.shared_with) - parties().keys()):
            raise PackError(f"{source.name}: it is shared with {unknown[0]!r}, who is not in sources/parties.toml")


def known_sources() -> frozenset[str]:
    """Sources that any party answers for."""
    return frozenset(source for party in parties().values() for source in party.delivers)


def among(expression: str, values: Iterable[str]) -> str:
    """SQL: the expression is one of those texts; of none it is not."""
    listed = ", ".join(quote_literal(value) for value in sorted(values))
    return f"coalesce({expression} in ({listed}), false)" if listed else "false"
