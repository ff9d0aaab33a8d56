"""Whom a statement is for: the factory of one site, and through it anybody that it hands the page to.

So it rests on what is published, and on what the deliverer said may stand there (``on_statement`` in the declaration of
a source); companies are named, and their policies told, where they said so themselves (``on_statements`` in
sources/parties.toml). What neither says is closed. Complaints, cases and the visits after them are closed whatever is
said: ``schemas/policy.toml`` names the factory nowhere that they are, and published visits of that kind go as well.
"""

from dataclasses import dataclass
from datetime import date

from conjoin.packs.reader import Reader, among, known_sources, refuse_unknown
from conjoin.schemas.policy import FACTORY, Party, TableRule, parties, policy
from conjoin.sources import registry

#: The notice of a planned visit that a factory may be told of: of any other kind it must not know beforehand.
_TOLD_BEFOREHAND = ("announced",)


@dataclass(frozen=True)
class StatementReader(Reader):
    """A factory on one day.

    Attributes:
        with_findings: Sources whose unpublished findings may be told, by topic and state.
        with_plans: Sources whose announced visits to come may be told, by month.
    """

    with_findings: frozenset[str] = frozenset()
    with_plans: frozenset[str] = frozenset()

    def _narrowed(self, table: str, rule: TableRule) -> list[str]:
        """SQL: plans for their deliverer alone are told where it said so, and findings besides."""
        own_only = " or ".join(among(column, values) for column, values in rule.own_only.items()) or "false"
        told = f"({among('source_name', self.with_plans)} and {among('notice', _TOLD_BEFOREHAND)})"
        narrowed = [f"(not ({own_only}) or {told})"] if rule.own_only else []
        if table == "findings":
            narrowed.append(f"(visibility = 'public' or {among('source_name', self.with_findings)})")
        return narrowed


def statement_reader(day: date) -> StatementReader:
    """Whom the statements of a day are for.

    Raises:
        PolicyError: The policy or the parties cannot be read.
        PackError: A declaration names a source or party that is not there.
    """
    refuse_unknown()
    opened = frozenset(name for name, rule in policy().visibility.items() if FACTORY in rule.rows)
    agreed = [party for party in parties().values() if party.on_statements and not (party.until and day > party.until)]
    names = [name for party in agreed for name in party.all_names]
    answered_for = known_sources()
    told = {name: set(source.on_statement) for name, source in registry.sources().items() if name in answered_for}
    return StatementReader(
        name=FACTORY,
        party=Party(kind=FACTORY, title="the factory itself", names=names),
        day=day,
        own_sources=frozenset(),
        known_sources=frozenset(name for name, what in told.items() if what),
        opened=opened,
        named_sources=frozenset(source for party in agreed for source in party.delivers),
        with_findings=frozenset(name for name, what in told.items() if "findings" in what),
        with_plans=frozenset(name for name, what in told.items() if "planned_visits" in what),
    )
