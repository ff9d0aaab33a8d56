"""Scored pairs into sites, under constraints that hold for whole sites.

Connected components are only the work list. A component whose every pair is a positive edge and which holds no
constraint is a site. Every other one is contracted: the two clusters with the largest positive total weight merge
first, pairs without an edge count ``missing_weight``, and no merge may break a constraint. A component is contracted
by itself, in the order of its node numbers, on integers: the result depends on nothing else.
"""

import heapq
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from conjoin.matching.designators import LETTERS

Ints = npt.NDArray[np.int64]
Side = tuple[int, int]
LARGEST_COMPONENT = 5_000
_FLOOR_STEP = 1_000
_PAIR_FLOOR = -6_000


@dataclass(frozen=True)
class Edges:
    """Scored pairs of nodes: left < right, weight in milli-nats."""

    left: Ints
    right: Ints
    weight: Ints


@dataclass(frozen=True)
class Constraints:
    """What may not, or must, be one site.

    Attributes:
        designators: Per node, the value sets of its forbidding designators by (side, class).
        unique_sources: Per node, the duplicate-free sources that list it.
        same: Pairs that people judged POSITIVE, in the order in which they apply.
        different: Pairs that people judged NEGATIVE.
        identified: Pairs with one valid identifier of a site.
    """

    designators: dict[int, dict[Side, frozenset[int]]] = field(default_factory=dict)
    unique_sources: dict[int, frozenset[str]] = field(default_factory=dict)
    same: tuple[tuple[int, int], ...] = ()
    different: tuple[tuple[int, int], ...] = ()
    identified: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, order=True)
class Refusal:
    """A merge that evidence or a constraint asked for and a stronger constraint forbade."""

    left: int
    right: int
    reason: str
    gain: int


@dataclass
class Partition:
    """Cluster number per node (its smallest node) and the merges that were refused."""

    cluster: Ints
    refusals: list[Refusal]


def values_agree(left: frozenset[int], right: frozenset[int]) -> bool:
    """Whether two sets of designator values share one: equal numbers, and equal letters unless one has none."""
    for a in left:
        for b in right:
            if a == b or (a // LETTERS == b // LETTERS > 0 and (a % LETTERS == 0 or b % LETTERS == 0)):
                return True
    return False


class _Cluster:
    """One growing site: its nodes and what constrains it."""

    __slots__ = ("designators", "different", "nodes", "sources")

    def __init__(self, node: int, constraints: Constraints, different: dict[int, set[int]]) -> None:
        self.nodes = [node]
        own = constraints.designators.get(node, {})
        self.designators: dict[Side, set[frozenset[int]]] = {side: {values} for side, values in own.items()}
        self.sources = constraints.unique_sources.get(node, frozenset())
        self.different = set(different.get(node, ()))

    def absorb(self, other: "_Cluster") -> None:
        self.nodes += other.nodes
        for side, sets in other.designators.items():
            self.designators.setdefault(side, set()).update(sets)
        self.sources = self.sources | other.sources
        self.different |= other.different

    def designators_conflict(self, other: "_Cluster") -> bool:
        """Whether any two members name units, plots or buildings that differ on the same side."""
        for side, sets in self.designators.items():
            for theirs in other.designators.get(side, ()):
                if any(not values_agree(ours, theirs) for ours in sets):
                    return True
        return False

    def forbids(self, other: "_Cluster", is_judged: bool) -> str:
        """Why the two may not merge; empty if they may. A person's POSITIVE overrides all but a NEGATIVE."""
        if not self.different.isdisjoint(other.nodes):
            return "judged different"
        if is_judged:
            return ""
        if self.designators_conflict(other):
            return "different unit, plot or building"
        if self.sources & other.sources:
            return "two rows of a list without duplicates"
        return ""


class _Contraction:
    """Greedy additive contraction of one component."""

    def __init__(self, nodes: list[int], constraints: Constraints, missing: int, margin: int) -> None:
        different: dict[int, set[int]] = defaultdict(set)
        for left, right in constraints.different:
            different[left].add(right)
            different[right].add(left)
        self.clusters = {node: _Cluster(node, constraints, different) for node in nodes}
        self.owner = {node: node for node in nodes}
        self.links: dict[int, dict[int, tuple[int, int]]] = {node: {} for node in nodes}
        self.missing, self.margin = missing, margin
        self.refusals: list[Refusal] = []

    def add_edge(self, left: int, right: int, weight: int) -> None:
        self.links[left][right] = self.links[right][left] = (max(weight, _PAIR_FLOOR), 1)

    def gain(self, a: int, b: int) -> int:
        weight, count = self.links[a].get(b, (0, 0))
        return weight + self.missing * (len(self.clusters[a].nodes) * len(self.clusters[b].nodes) - count)

    def merge(self, a: int, b: int) -> int:
        """Merge two clusters under the smaller number and add up their parallel links."""
        a, b = min(a, b), max(a, b)
        self.clusters[a].absorb(self.clusters[b])
        for node in self.clusters[b].nodes:
            self.owner[node] = a
        del self.clusters[b]
        for other, (weight, count) in self.links.pop(b).items():
            del self.links[other][b]
            if other == a:
                continue
            old_weight, old_count = self.links[a].get(other, (0, 0))
            self.links[a][other] = self.links[other][a] = (old_weight + weight, old_count + count)
        return a

    def force(self, left: int, right: int, is_judged: bool) -> None:
        """Merge what judgements or identifiers ask for, unless it is forbidden."""
        a, b = self.owner[left], self.owner[right]
        if a == b:
            return
        reason = self.clusters[a].forbids(self.clusters[b], is_judged)
        if reason:
            what = "judged the same, but " if is_judged else "same identifier, but "
            self.refusals.append(Refusal(left, right, what + reason, self.gain(a, b)))
        else:
            self.merge(a, b)

    def run(self) -> None:
        """Merge the best pair of clusters until none gains."""
        heap = [
            (-self.gain(a, b), a, b) for a in sorted(self.links) for b in self.links[a] if a < b and self.gain(a, b) > 0
        ]
        heapq.heapify(heap)
        while heap:
            negative, a, b = heapq.heappop(heap)
            if a not in self.clusters or b not in self.clusters or self.gain(a, b) != -negative:
                continue
            reason = self.clusters[a].forbids(self.clusters[b], is_judged=False) or self._ambiguity(a, b, -negative)
            if reason:
                self.refusals.append(Refusal(a, b, reason, -negative))
                continue
            a = self.merge(a, b)
            for other in sorted(self.links[a]):
                gain = self.gain(a, other)
                if gain > 0:
                    heapq.heappush(heap, (-gain, min(a, other), max(a, other)))

    def _ambiguity(self, a: int, b: int, gain: int) -> str:
        """A cluster without a unit may join one of two conflicting siblings only if it leads by the margin."""
        for bare, sibling in ((a, b), (b, a)):
            for other in self.links[bare]:
                if other == sibling or self.gain(bare, other) <= gain - self.margin:
                    continue
                if self.clusters[sibling].designators_conflict(self.clusters[other]) and not self.clusters[
                    bare
                ].designators_conflict(self.clusters[other]):
                    return "names no unit beside siblings that do"
        return ""


def cluster_nodes(
    node_count: int, edges: Edges, constraints: Constraints, missing_weight: int, margin: int
) -> Partition:
    """Sites over nodes 0 to ``node_count`` - 1.

    Args:
        node_count: Number of nodes.
        edges: Scored pairs; those below zero count against a merge.
        constraints: What may not, or must, be one site.
        missing_weight: Weight of a pair without an edge, in milli-nats.
        margin: By how much a sibling must lead.
    """
    labels = _components(node_count, edges, constraints, floor=0)
    cluster = np.arange(node_count, dtype=np.int64)
    sizes = np.bincount(labels, minlength=labels.max() + 1 if node_count else 0)
    hard = _hard_components(labels, sizes, edges, constraints)
    first = np.full(len(sizes), node_count, dtype=np.int64)
    np.minimum.at(first, labels, np.arange(node_count))
    easy_nodes = ~hard[labels]
    cluster[easy_nodes] = first[labels[easy_nodes]]
    refusals: list[Refusal] = []
    inside = hard[labels[edges.left]] & (labels[edges.left] == labels[edges.right])
    chosen = Edges(edges.left[inside], edges.right[inside], edges.weight[inside])
    owned = _constraints_by_component(labels, constraints)
    for label, nodes, part in _parts(labels, hard, chosen):
        refusals += _contract(nodes, part, owned.get(label, Constraints()), missing_weight, margin, cluster)
    return Partition(cluster, sorted(refusals))


def _components(node_count: int, edges: Edges, constraints: Constraints, floor: int) -> npt.NDArray[np.int32]:
    forced = np.array([*constraints.same, *constraints.identified], dtype=np.int64).reshape(-1, 2)
    kept = edges.weight > floor
    left, right = np.concatenate((edges.left[kept], forced[:, 0])), np.concatenate((edges.right[kept], forced[:, 1]))
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(node_count, node_count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int32)


def _hard_components(
    labels: npt.NDArray[np.int32], sizes: npt.NDArray[np.int64], edges: Edges, constraints: Constraints
) -> npt.NDArray[np.bool_]:
    """Components that hold a constraint, or in which some pair is not a positive edge."""
    positive = edges.weight > 0
    pairs = np.bincount(labels[edges.left[positive]], minlength=len(sizes))
    hard = pairs != sizes * (sizes - 1) // 2
    for left, right in (*constraints.same, *constraints.different, *constraints.identified):
        hard[labels[left]] = hard[labels[right]] = True
    for node, sides in constraints.designators.items():
        if sides:
            hard[labels[node]] = True
    seen: set[tuple[int, str]] = set()
    for node, sources in constraints.unique_sources.items():
        label = int(labels[node])
        for source in sources:
            if (label, source) in seen:
                hard[label] = True
            seen.add((label, source))
    found: npt.NDArray[np.bool_] = hard & (sizes > 1)
    return found


def _constraints_by_component(labels: npt.NDArray[np.int32], constraints: Constraints) -> dict[int, Constraints]:
    """The constraints of each component; pairs across components cannot meet and need none."""
    pairs: dict[int, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for kind in ("same", "different", "identified"):
        for left, right in getattr(constraints, kind):
            if labels[left] == labels[right]:
                pairs[int(labels[left])][kind].append((left, right))
    facts = constraints.designators.keys() | constraints.unique_sources.keys()
    for node in facts:
        pairs[int(labels[node])]["nodes"].append((node, node))
    return {
        label: Constraints(
            designators={n: constraints.designators[n] for n, _ in kinds["nodes"] if n in constraints.designators},
            unique_sources={
                n: constraints.unique_sources[n] for n, _ in kinds["nodes"] if n in constraints.unique_sources
            },
            same=tuple(kinds["same"]),
            different=tuple(kinds["different"]),
            identified=tuple(kinds["identified"]),
        )
        for label, kinds in pairs.items()
    }


def _parts(
    labels: npt.NDArray[np.int32], hard: npt.NDArray[np.bool_], edges: Edges
) -> list[tuple[int, list[int], list[tuple[int, int, int]]]]:
    """Nodes and edges of each hard component."""
    nodes: dict[int, list[int]] = defaultdict(list)
    for node in np.flatnonzero(hard[labels]).tolist():
        nodes[int(labels[node])].append(node)
    links: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for left, right, weight in zip(edges.left.tolist(), edges.right.tolist(), edges.weight.tolist(), strict=True):
        links[int(labels[left])].append((left, right, weight))
    return [(label, nodes[label], links[label]) for label in sorted(nodes)]


def _contract(
    nodes: list[int],
    edges: list[tuple[int, int, int]],
    constraints: Constraints,
    missing: int,
    margin: int,
    cluster: Ints,
) -> list[Refusal]:
    """Contract one component into ``cluster`` and return what was refused."""
    work = _Contraction(nodes, constraints, missing, margin)
    floor = 0
    if len(nodes) > LARGEST_COMPONENT:
        floor = _floor_for(nodes, edges)
    for left, right, weight in edges:
        if floor == 0 or weight > floor:
            work.add_edge(left, right, weight)
    for left, right in constraints.same:
        work.force(left, right, is_judged=True)
    for left, right in constraints.identified:
        work.force(left, right, is_judged=False)
    work.run()
    for number, found in work.clusters.items():
        cluster[found.nodes] = min(number, *found.nodes)
    return work.refusals


def _floor_for(nodes: list[int], edges: list[tuple[int, int, int]]) -> int:
    """The lowest floor, in steps, that leaves no more than ``LARGEST_COMPONENT`` nodes connected."""
    position = {node: place for place, node in enumerate(nodes)}
    left = np.array([position[edge[0]] for edge in edges])
    right = np.array([position[edge[1]] for edge in edges])
    weight = np.array([edge[2] for edge in edges])
    floor, top = 0, int(weight.max())
    while floor < top:
        floor += _FLOOR_STEP
        kept = weight > floor
        graph = coo_array((np.ones(int(kept.sum()), dtype=np.int8), (left[kept], right[kept])), shape=(len(nodes),) * 2)
        if np.bincount(connected_components(graph, directed=False)[1]).max() <= LARGEST_COMPONENT:
            break
    return floor
