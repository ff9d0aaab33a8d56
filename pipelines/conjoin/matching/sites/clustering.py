"""Scored pairs into sites, under constraints that hold for whole sites.

Connected components are only the work list. A component whose every pair is a positive edge and in which nothing
speaks against a merge is a site; finding these is array work over all records. Only the few others are contracted,
each by itself, so that the partition of a component depends on that component alone.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from conjoin.matching.pairs.nodes import NAME_SIDE
from conjoin.matching.sites.merging import Component, NodeFacts, Refusal, contract

log = logging.getLogger(__name__)
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
MOST_EDGES = 500_000
"""Scored pairs of one component that count; contracting as many takes about ten seconds."""


def _none(width: int) -> Ints:
    return np.zeros((0, width), dtype=np.int64)


@dataclass(frozen=True)
class Edges:
    """Scored pairs of nodes: left < right, weight in milli-nats, and which of them the classifier takes for a match."""

    left: Ints
    right: Ints
    weight: Ints
    match: Bools


@dataclass(frozen=True)
class Constraints:
    """What may not, or must, be one site; one row per fact.

    Attributes:
        designators: (node, side, class, value) of forbidding designators.
        unique_sources: (node, source number) of duplicate-free sources.
        composite: (node,) of rows that name several units or companies.
        lists: (node, source number) of sources that do not repeat themselves.
        vague: (node, how little it says) of rows that do not say who they are, or where.
        countries: (node, number of its country) of rows that name one.
        names: (node, number of its name).
        one_sided: (node,) of rows with a designator that parts them from rows without one.
        same: Pairs that people judged POSITIVE, in the order in which they apply.
        different: Pairs that people judged NEGATIVE or MOVED.
        identified: Pairs with one valid identifier of a site.
    """

    designators: Ints = field(default_factory=lambda: _none(4))
    unique_sources: Ints = field(default_factory=lambda: _none(2))
    composite: Ints = field(default_factory=lambda: _none(1))
    lists: Ints = field(default_factory=lambda: _none(2))
    vague: Ints = field(default_factory=lambda: _none(2))
    countries: Ints = field(default_factory=lambda: _none(2))
    names: Ints = field(default_factory=lambda: _none(2))
    one_sided: Ints = field(default_factory=lambda: _none(1))
    same: Ints = field(default_factory=lambda: _none(2))
    different: Ints = field(default_factory=lambda: _none(2))
    identified: Ints = field(default_factory=lambda: _none(2))


@dataclass(frozen=True)
class Partition:
    """Cluster and component per node (the number of its smallest node), and the merges that were refused."""

    cluster: Ints
    component: Ints
    refusals: list[Refusal]


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
    if node_count == 0:
        none = np.zeros(0, dtype=np.int64)
        return Partition(none, none, [])
    labels = find_components(node_count, edges, constraints)
    sizes = np.bincount(labels)
    contested = _contested(labels, sizes, edges, constraints)
    first = np.full(len(sizes), node_count, dtype=np.int64)
    np.minimum.at(first, labels, np.arange(node_count))
    cluster = np.where(contested[labels], np.arange(node_count), first[labels])
    refusals: list[Refusal] = []
    for component in _components(labels, contested, edges, constraints):
        sites, refused = contract(_bounded(component), missing_weight, margin)
        for nodes in sites:
            cluster[nodes] = min(nodes)
        refusals += refused
    return Partition(cluster, first[labels], sorted(refusals))


def find_components(node_count: int, edges: Edges, constraints: Constraints) -> Ints:
    """Component number of each node, over positive edges and pairs that must be one site."""
    left = np.concatenate((edges.left[edges.match], constraints.same[:, 0], constraints.identified[:, 0]))
    right = np.concatenate((edges.right[edges.match], constraints.same[:, 1], constraints.identified[:, 1]))
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(node_count, node_count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _contested(labels: Ints, sizes: Ints, edges: Edges, constraints: Constraints) -> Bools:
    """Components in which some pair is not a positive edge, or two nodes may not be one site."""
    pairs = np.bincount(labels[edges.left[edges.match]], minlength=len(sizes))
    found = pairs != sizes * (sizes - 1) // 2
    found[_labels_with_two_values(labels, constraints.designators)] = True
    for listed in (constraints.unique_sources, constraints.lists):
        found[_labels_with_repeats(labels, listed)] = True
    found[_labels_with_two_values(labels, constraints.countries)] = True
    named = constraints.designators[constraints.designators[:, 1] == NAME_SIDE]
    several = labels[named[:, 0]]
    found[several[sizes[several] > 2]] = True  # some of them may name no unit
    for nodes in (constraints.composite, constraints.vague, constraints.one_sided):
        found[labels[nodes[:, 0]]] = True
    left, right = labels[constraints.different[:, 0]], labels[constraints.different[:, 1]]
    found[left[left == right]] = True
    contested: Bools = found & (sizes > 1)
    return contested


def _labels_with_two_values(labels: Ints, facts: Ints) -> Ints:
    """Components that hold two values of one fact: rows (node, what it is about ..., value)."""
    keys = np.column_stack((labels[facts[:, 0]], facts[:, 1:]))
    keys = np.unique(keys, axis=0)
    same_fact = (keys[1:, :-1] == keys[:-1, :-1]).all(axis=1)
    found: Ints = keys[1:, 0][same_fact]
    return found


def _labels_with_repeats(labels: Ints, unique_sources: Ints) -> Ints:
    """Components that hold two nodes of one source."""
    keys = np.column_stack((labels[unique_sources[:, 0]], unique_sources[:, 1]))
    distinct, counts = np.unique(keys, axis=0, return_counts=True)
    found: Ints = distinct[counts > 1, 0]
    return found


class _ByComponent:
    """Rows of one kind of fact, to be looked up by component; facts that cross components cannot matter."""

    def __init__(self, rows: Ints, labels: Ints, wanted: Bools, is_pair: bool = False) -> None:
        label = labels[rows[:, 0]]
        kept = wanted[label]
        if is_pair:
            kept &= label == labels[rows[:, 1]]
        label, rows = label[kept], rows[kept]
        order = np.argsort(label, kind="stable")
        self._label, self._rows = label[order], rows[order]

    def of(self, label: int) -> list[list[int]]:
        """The rows of one component, in their order."""
        start, end = np.searchsorted(self._label, (label, label + 1))
        found: list[list[int]] = self._rows[start:end].tolist()
        return found

    def pairs(self, label: int) -> list[tuple[int, int]]:
        """The same for pairs."""
        return [(left, right) for left, right in self.of(label)]


def _components(labels: Ints, contested: Bools, edges: Edges, constraints: Constraints) -> Iterator[Component]:
    """The contested components in order of their smallest node."""
    numbers = np.arange(len(labels), dtype=np.int64)[:, None]
    weighted = np.column_stack((edges.left, edges.right, edges.weight))
    nodes, links = _ByComponent(numbers, labels, contested), _ByComponent(weighted, labels, contested, is_pair=True)
    designators = _ByComponent(constraints.designators, labels, contested)
    sources = _ByComponent(constraints.unique_sources, labels, contested)
    composite = _ByComponent(constraints.composite, labels, contested)
    lists = _ByComponent(constraints.lists, labels, contested)
    vague, countries, names = (
        _ByComponent(facts, labels, contested)
        for facts in (constraints.vague, constraints.countries, constraints.names)
    )
    same, different, identified = (
        _ByComponent(pairs, labels, contested, is_pair=True)
        for pairs in (constraints.same, constraints.different, constraints.identified)
    )
    for label in np.flatnonzero(contested).tolist():
        yield Component(
            nodes=[node for (node,) in nodes.of(label)],
            edges=[(left, right, weight) for left, right, weight in links.of(label)],
            facts=_node_facts(
                designators.of(label),
                sources.of(label),
                composite.of(label),
                lists.of(label),
                dict(vague.pairs(label)),
                dict(countries.pairs(label)),
                dict(names.pairs(label)),
            ),
            same=same.pairs(label),
            different=different.pairs(label),
            identified=identified.pairs(label),
        )


def _node_facts(
    designators: list[list[int]],
    sources: list[list[int]],
    composite: list[list[int]],
    lists: list[list[int]],
    vague: dict[int, int],
    country: dict[int, int],
    name: dict[int, int],
) -> dict[int, NodeFacts]:
    values: dict[int, dict[tuple[int, int], frozenset[int]]] = {}
    for node, side, kind, value in designators:
        sides = values.setdefault(node, {})
        sides[(side, kind)] = sides.get((side, kind), frozenset()) | {value}
    unique, listed = _grouped(sources), _grouped(lists)
    several = {node for (node,) in composite}
    return {
        node: NodeFacts(
            values.get(node, {}),
            unique.get(node, frozenset()),
            node in several,
            listed.get(node, frozenset()),
            vague.get(node, 0),
            country.get(node, 0),
            name.get(node, 0),
        )
        for node in several.union(values, unique, listed, vague, country, name)
    }


def _grouped(rows: list[list[int]]) -> dict[int, frozenset[int]]:
    """Second members by the first."""
    found: dict[int, frozenset[int]] = {}
    for key, value in rows:
        found[key] = found.get(key, frozenset()) | {value}
    return found


def _bounded(component: Component) -> Component:
    """A component of more than ``MOST_EDGES`` pairs is judged by its strongest ones, so that time stays bounded."""
    if len(component.edges) <= MOST_EDGES:
        return component
    log.warning(
        "%s different rows are joined by %s pairs; only the %s strongest pairs count, and records of one site may "
        "stand apart. A name or address repeated without meaning is the usual cause: `conjoin candidates --report`",
        f"{len(component.nodes):,}",
        f"{len(component.edges):,}",
        f"{MOST_EDGES:,}",
    )
    strongest = sorted(component.edges, key=lambda edge: (-edge[2], edge[0], edge[1]))[:MOST_EDGES]
    return replace(component, edges=strongest)
