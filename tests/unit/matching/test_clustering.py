import numpy as np

from conjoin.matching.clustering import Constraints, Edges, cluster_nodes, values_agree
from conjoin.matching.designators import LETTERS


def _partition(count: int, edges: list[tuple[int, int, int]], constraints: Constraints | None = None) -> list[int]:
    left, right, weight = (np.array(column, dtype=np.int64) for column in zip(*edges, strict=True))
    found = cluster_nodes(count, Edges(left, right, weight), constraints or Constraints(), -3000, 1000)
    return found.cluster.tolist()


def _units(**units: int) -> dict[int, dict[tuple[int, int], frozenset[int]]]:
    return {int(node[1:]): {(1, 1): frozenset({unit * LETTERS})} for node, unit in units.items()}


def test_a_whole_component_is_a_site() -> None:
    assert _partition(4, [(0, 1, 2000), (1, 2, 2000), (0, 2, 2000)]) == [0, 0, 0, 3]


def test_a_weak_bridge_does_not_join_two_sites() -> None:
    edges = [(0, 1, 5000), (2, 3, 5000), (1, 2, 1000)]
    assert _partition(4, edges) == [0, 0, 2, 2]


def test_units_part_a_cluster_even_through_a_record_that_names_none() -> None:
    edges = [(0, 1, 5000), (1, 2, 3000), (0, 2, 4000)]
    assert _partition(3, edges, Constraints(designators=_units(n0=1, n2=2))) == [0, 0, 2]


def test_a_record_without_unit_stays_alone_between_equal_siblings() -> None:
    edges = [(0, 1, 5000), (1, 2, 5000)]
    assert _partition(3, edges, Constraints(designators=_units(n0=1, n2=2))) == [0, 1, 2]


def test_a_duplicate_free_list_keeps_its_rows_apart() -> None:
    unique = {0: frozenset({"registry"}), 1: frozenset({"registry"})}
    assert _partition(2, [(0, 1, 9000)], Constraints(unique_sources=unique)) == [0, 1]


def test_positive_overrides_a_unit_conflict_and_negative_overrides_positive() -> None:
    units = _units(n0=1, n1=2)
    assert _partition(2, [(0, 1, 10)], Constraints(designators=units, same=((0, 1),))) == [0, 0]
    both = Constraints(designators=units, same=((0, 1),), different=((0, 1),))
    assert _partition(2, [(0, 1, 9000)], both) == [0, 1]


def test_negative_holds_through_any_chain() -> None:
    edges = [(0, 1, 5000), (1, 2, 4000), (0, 2, 5000)]
    found = _partition(3, edges, Constraints(different=((0, 2),)))
    assert found[0] != found[2]


def test_identifiers_join_what_nothing_forbids() -> None:
    assert _partition(2, [(0, 1, -5000)], Constraints(identified=((0, 1),))) == [0, 0]
    units = _units(n0=1, n1=2)
    assert _partition(2, [(0, 1, -5000)], Constraints(designators=units, identified=((0, 1),))) == [0, 1]


def test_values_agree_with_and_without_a_letter() -> None:
    assert values_agree(frozenset({89 * LETTERS}), frozenset({89 * LETTERS + 1}))
    assert not values_agree(frozenset({89 * LETTERS + 2}), frozenset({89 * LETTERS + 1}))
    assert not values_agree(frozenset({1}), frozenset({2}))
