"""One contested component into sites: greedy contraction that breaks no constraint.

The two clusters with the largest positive total weight merge first; pairs without an edge count ``missing_weight``.
Weights are integers and ties go to the smallest node, so the result depends on nothing but its input.
"""

import heapq
from dataclasses import dataclass, field

from conjoin.matching.pairs.nodes import NAME_SIDE
from conjoin.matching.text.designator_words import LETTERS, designator_words

Side = tuple[int, int]
Pair = tuple[int, int]
PAIR_FLOOR = -6_000
"""Lowest weight that one pair adds to the sum over two clusters, in milli-nats."""
LEAST_REPEATED = -2_000
"""Weight above which two rows of one list that bear one name and one unit may be a repeat of each other."""
LEAST_IDENTIFIED = -3_000
"""Weight, with that of the identifier, below which one identifier on two rows is a question and joins nothing."""

#: What asked for a merge that was refused.
JUDGEMENT, IDENTIFIER, EVIDENCE = "judgement", "identifier", "evidence"
#: Why a merge was refused, and how to say it.
JUDGED_DIFFERENT, COMPOSITE, DESIGNATORS, UNIQUE_SOURCE, BARE, SISTERS, VAGUE, COUNTRY, DOUBTED = (
    "judged",
    "composite",
    "designators",
    "unique",
    "bare",
    "sisters",
    "vague",
    "country",
    "doubted",
)
REASONS = {
    JUDGED_DIFFERENT: "judged different",
    COMPOSITE: "one of them names several units or companies",
    DESIGNATORS: "different unit, plot, building or floor",
    UNIQUE_SOURCE: "two rows of a list without duplicates",
    BARE: "one names no unit and stands between siblings that do",
    SISTERS: "a list that names both tells them apart",
    VAGUE: "one of them does not say enough of who or where it is",
    COUNTRY: "two countries",
    DOUBTED: "one identifier, but name and address say otherwise",
}
UNNAMED, UNPLACED = 1, 2
#: Single letters that may be Roman numbers.
_ROMAN_LETTERS = {9: 1 * LETTERS, 22: 5 * LETTERS, 24: 10 * LETTERS}
#: Reasons that make the two sites neighbours on one campus.
CAMPUS_REASONS = (COMPOSITE, DESIGNATORS, BARE)


@dataclass(frozen=True, order=True)
class Refusal:
    """A merge that judgement, identifier or evidence asked for and a stronger constraint forbade."""

    left: int
    right: int
    asked_by: str
    reason: str
    gain: int


@dataclass(frozen=True)
class NodeFacts:
    """What constrains one node.

    Attributes:
        designators: Values of its forbidding designators by (side, class).
        sources: Duplicate-free sources that list it.
        is_composite: It names several units or companies.
        lists: Sources that list it and do not repeat themselves, declared duplicate-free or not.
        vague: How little it says (``vagueness``): 0 enough, ``UNNAMED`` a street and no name, ``UNPLACED`` less.
        country: Number of its country; 0 if it names none.
        name: A number for its name; equal names have equal ones.
    """

    designators: dict[Side, frozenset[int]] = field(default_factory=dict)
    sources: frozenset[int] = frozenset()
    is_composite: bool = False
    lists: frozenset[int] = frozenset()
    vague: int = 0
    country: int = 0
    name: int = 0

    @property
    def names_unit(self) -> bool:
        """Whether its name says which unit it is."""
        return any(side == NAME_SIDE and kind != designator_words().craft for side, kind in self.designators)


@dataclass(frozen=True)
class Component:
    """Nodes that hang together, what is known of them, and what people and identifiers say.

    Attributes:
        nodes: In rising order.
        edges: (left, right, weight) of scored pairs, negative ones too.
        facts: Of the nodes that have any.
        same: Pairs judged POSITIVE, in the order in which they apply.
        different: Pairs judged NEGATIVE or MOVED.
        identified: Pairs with one valid identifier of a site.
    """

    nodes: list[int]
    edges: list[tuple[int, int, int]]
    facts: dict[int, NodeFacts] = field(default_factory=dict)
    same: list[Pair] = field(default_factory=list)
    different: list[Pair] = field(default_factory=list)
    identified: list[Pair] = field(default_factory=list)


def values_agree(left: frozenset[int], right: frozenset[int]) -> bool:
    """Whether two sets of designator values share one: equal numbers, and equal letters unless one has none."""
    for a in left:
        for b in right:
            if a == b or (a // LETTERS == b // LETTERS > 0 and (a % LETTERS == 0 or b % LETTERS == 0)):
                return True
            if _ROMAN_LETTERS.get(a, a) == _ROMAN_LETTERS.get(b, b):  # "Phase V" and "Phase 5"
                return True
    return False


class _Cluster:
    """One growing site: its nodes and what constrains it."""

    __slots__ = (
        "countries",
        "designators",
        "different",
        "is_composite",
        "listed",
        "names",
        "nodes",
        "sources",
        "vague",
    )

    def __init__(self, node: int, facts: NodeFacts, different: set[int]) -> None:
        self.nodes = [node]
        self.designators = {side: {values} for side, values in facts.designators.items()}
        self.sources = facts.sources
        self.is_composite = facts.is_composite
        self.vague = facts.vague
        self.listed = {source: [node] for source in facts.lists}
        self.countries = frozenset({facts.country} - {0})
        self.names = frozenset({facts.name})
        self.different = different

    @property
    def is_confirmed(self) -> bool:
        """Whether two lists hold the same name."""
        return len(self.names) == 1 and 0 not in self.names and len(self.listed) > 1

    @property
    def names_unit(self) -> bool:
        """Whether a member's name says which unit it is."""
        return any(side == NAME_SIDE and kind != designator_words().craft for side, kind in self.designators)

    def absorb(self, other: "_Cluster", is_judged: bool) -> None:
        """Take in another cluster. Values that a person overrode are alternatives from then on."""
        overridden = is_judged and self.designators_conflict(other)
        self.nodes += other.nodes
        for side, sets in other.designators.items():
            mine = self.designators.setdefault(side, set())
            mine |= sets
            if overridden:
                self.designators[side] = {frozenset().union(*mine)}
        self.sources = self.sources | other.sources
        self.is_composite = self.is_composite or other.is_composite
        self.vague = min(self.vague, other.vague)
        self.countries |= other.countries
        self.names |= other.names
        for source, nodes in other.listed.items():
            self.listed[source] = self.listed.get(source, []) + nodes
        self.different |= other.different

    def designators_conflict(self, other: "_Cluster") -> bool:
        """Whether any two members name units, plots or buildings that differ on the same side.

        "Unit 1 & 2" in a name is neither unit 1 nor unit 2, but the two together.
        """
        is_exact = self.is_composite or other.is_composite
        if any(
            (side in self.designators) != (side in other.designators)
            for side in self.designators.keys() | other.designators.keys()
            if side[1] in designator_words().one_sided
        ):
            return True
        for side, sets in self.designators.items():
            agree = frozenset.__eq__ if is_exact and side[0] == NAME_SIDE else values_agree
            for theirs in other.designators.get(side, ()):
                if any(not agree(ours, theirs) for ours in sets):
                    return True
        return False

    def forbids(self, other: "_Cluster", is_judged: bool) -> str:
        """Why the two may not merge; empty if they may. A person's POSITIVE overrides all but a NEGATIVE."""
        if not self.different.isdisjoint(other.nodes):
            return JUDGED_DIFFERENT
        if is_judged:
            return ""
        if len(self.countries | other.countries) > 1:
            return COUNTRY
        if self.designators_conflict(other):
            return DESIGNATORS if self.is_composite == other.is_composite else COMPOSITE
        return UNIQUE_SOURCE if self.sources & other.sources else ""


class _Contraction:
    """The clusters of one component while they merge."""

    def __init__(self, component: Component, missing: int, margin: int) -> None:
        different: dict[int, set[int]] = {node: set() for node in component.nodes}
        for left, right in component.different:
            different[left].add(right)
            different[right].add(left)
        nothing = NodeFacts()
        self.clusters = {
            node: _Cluster(node, component.facts.get(node, nothing), different[node]) for node in component.nodes
        }
        self.owner = {node: node for node in component.nodes}
        self.links: dict[int, dict[int, tuple[int, int]]] = {node: {} for node in component.nodes}
        for left, right, weight in component.edges:
            self.links[left][right] = self.links[right][left] = (max(weight, PAIR_FLOOR), 1)
        self.weights = {(left, right): weight for left, right, weight in component.edges}
        self.facts = component.facts
        self.missing, self.margin = missing, margin
        self.refusals: list[Refusal] = []

    def gain(self, a: int, b: int) -> int:
        """Total weight between two clusters; pairs without an edge count as missed by every candidate rule."""
        weight, count = self.links[a].get(b, (0, 0))
        return weight + self.missing * (len(self.clusters[a].nodes) * len(self.clusters[b].nodes) - count)

    def merge(self, a: int, b: int, is_judged: bool = False) -> int:
        """Merge two clusters under the smaller number and add up their parallel links."""
        a, b = min(a, b), max(a, b)
        self.clusters[a].absorb(self.clusters[b], is_judged)
        for node in self.clusters[b].nodes:
            self.owner[node] = a
        del self.clusters[b]
        for other, (weight, count) in self.links.pop(b).items():
            del self.links[other][b]
            if other != a:
                old_weight, old_count = self.links[a].get(other, (0, 0))
                self.links[a][other] = self.links[other][a] = (old_weight + weight, old_count + count)
        return a

    def force(self, left: int, right: int, asked_by: str) -> None:
        """Merge what a judgement or an identifier asks for, unless it is forbidden."""
        a, b = self.owner[left], self.owner[right]
        if a == b:
            return
        is_judged = asked_by == JUDGEMENT
        reason = self.clusters[a].forbids(self.clusters[b], is_judged)
        if not reason and asked_by == IDENTIFIER:
            weight = self.weights.get((min(left, right), max(left, right)), 0)
            reason = DOUBTED if weight < LEAST_IDENTIFIED else ""
        if reason:
            self.refusals.append(Refusal(min(left, right), max(left, right), asked_by, reason, self.gain(a, b)))
        else:
            self.merge(a, b, is_judged)

    def run(self) -> None:
        """Merge the best pair of clusters until none gains; pairs that bear one name and one unit come before others.

        Where a list holds the exact name, no better address may take the row from it.
        """
        heap = [
            (self.is_inexact(a, b), -gain, a, b)
            for a in sorted(self.links)
            for b in self.links[a]
            if a < b and (gain := self.gain(a, b)) > 0
        ]
        heapq.heapify(heap)
        while heap:
            is_inexact, negative, a, b = heapq.heappop(heap)
            if a not in self.clusters or b not in self.clusters or self.gain(a, b) != -negative:
                continue
            if is_inexact != self.is_inexact(a, b):  # it has taken in another name since
                heapq.heappush(heap, (not is_inexact, negative, a, b))
                continue
            reason = (
                self.clusters[a].forbids(self.clusters[b], is_judged=False)
                or self._unproven(a, b)
                or self._ambiguity(a, b, -negative, is_inexact)
            )
            if reason:
                self.refusals.append(Refusal(a, b, EVIDENCE, reason, -negative))
                continue
            a = self.merge(a, b)
            for other in sorted(self.links[a]):
                gain = self.gain(a, other)
                if gain > 0:
                    one, two = min(a, other), max(a, other)
                    heapq.heappush(heap, (self.is_inexact(one, two), -gain, one, two))

    def is_inexact(self, a: int, b: int) -> bool:
        """Whether two clusters bear more than one name, or more than one set of designators."""
        one, two = self.clusters[a], self.clusters[b]
        names = one.names | two.names
        return len(names) != 1 or 0 in names or one.designators != two.designators

    def _unproven(self, a: int, b: int) -> str:
        """Why evidence alone may not join two clusters: one says too little, or one list tells their rows apart.

        Two rows of one list meet by what speaks for these two, never through a row of another list: where a list
        holds the exact name, its sister stays out.
        """
        one, two = self.clusters[a], self.clusters[b]
        if UNPLACED in (one.vague, two.vague) or one.vague != two.vague:
            return VAGUE
        both = one.listed.keys() & two.listed.keys()
        if both and one.names.isdisjoint(two.names) and (one.is_confirmed or two.is_confirmed):
            return SISTERS
        for source in both:
            for left in one.listed[source]:
                for right in two.listed[source]:
                    if self._tells_apart(left, right):
                        return SISTERS
        if one.names_unit != two.names_unit and len((two if one.names_unit else one).listed) > 1:
            return BARE
        return ""

    def _tells_apart(self, left: int, right: int) -> bool:
        """Whether a list that holds these two rows means two sites: their own evidence says so, or one names a unit."""
        if left == right:
            return False
        nothing = NodeFacts()
        one, two = (self.facts.get(node, nothing) for node in (left, right))
        weight = self.weights.get((min(left, right), max(left, right)), LEAST_REPEATED)
        if one.name == two.name != 0 and one.designators == two.designators:
            return weight <= LEAST_REPEATED  # to the letter the same: a repeat, unless the addresses say otherwise
        return weight <= 0 or one.names_unit != two.names_unit

    def _ambiguity(self, a: int, b: int, gain: int, is_inexact: bool) -> str:
        """What could join one of two siblings that are no site together may do so only if it leads by the margin.

        The one that could is a record without a unit between two units, or a row of two companies between the two.
        """
        for bare, sibling in ((a, b), (b, a)):
            for other in self.links[bare]:
                if other != sibling and self.gain(bare, other) > gain - self.margin:
                    reason = self._between(bare, sibling, other, is_inexact)
                    if reason:
                        return reason
        return ""

    def _between(self, bare: int, sibling: int, other: int, is_inexact: bool) -> str:
        """Why a cluster that could join either of two siblings would bridge them; empty if it would not."""
        between, one, two = (self.clusters[cluster] for cluster in (bare, sibling, other))
        if not between.countries and len(one.countries | two.countries) > 1:
            return COUNTRY
        if one.designators_conflict(two) and not between.designators_conflict(two):
            return BARE
        return COMPOSITE if is_inexact and between.is_composite and self.gain(sibling, other) <= 0 else ""


def contract(component: Component, missing: int, margin: int) -> tuple[list[list[int]], list[Refusal]]:
    """The sites of one component, and the merges that were refused.

    Args:
        component: What hangs together.
        missing: Weight of a pair without an edge, in milli-nats.
        margin: By how much one sibling must lead before a node without a unit joins it.
    """
    work = _Contraction(component, missing, margin)
    for left, right in component.same:
        work.force(left, right, JUDGEMENT)
    for left, right in component.identified:
        work.force(left, right, IDENTIFIER)
    work.run()
    return [cluster.nodes for cluster in work.clusters.values()], work.refusals
