import numpy as np
import pytest

from conjoin.matching.sites import clustering
from conjoin.matching.sites.clustering import Constraints, Edges, cluster_nodes
from conjoin.matching.sites.merging import BARE, DESIGNATORS, DOUBTED, IDENTIFIER, Refusal, values_agree
from conjoin.matching.text.designator_words import LETTERS

Rows = list[tuple[int, ...]]


def _constraints(**facts: Rows) -> Constraints:
    return Constraints(**{name: np.array(rows, dtype=np.int64) for name, rows in facts.items()})


def _found(count: int, edges: Rows, constraints: Constraints | None = None) -> tuple[list[int], list[Refusal]]:
    left, right, weight = np.array(edges, dtype=np.int64).reshape(-1, 3).T
    found = cluster_nodes(count, Edges(left, right, weight, weight > 0), constraints or Constraints(), -3000, 1000)
    return found.cluster.tolist(), found.refusals


def _partition(count: int, edges: Rows, constraints: Constraints | None = None) -> list[int]:
    return _found(count, edges, constraints)[0]


def _units(**units: int) -> Rows:
    """Unit numbers in names: n0=1 says that node 0 is unit 1."""
    return [(int(node[1:]), 1, 1, unit * LETTERS) for node, unit in units.items()]


def test_a_whole_component_is_a_site() -> None:
    assert _partition(4, [(0, 1, 2000), (1, 2, 2000), (0, 2, 2000)]) == [0, 0, 0, 3]


def test_a_weak_bridge_does_not_join_two_sites() -> None:
    edges = [(0, 1, 5000), (2, 3, 5000), (1, 2, 1000)]
    assert _partition(4, edges) == [0, 0, 2, 2]


def test_units_part_a_cluster_even_through_a_record_that_names_none() -> None:
    edges = [(0, 1, 5000), (1, 2, 3000), (0, 2, 4000)]
    assert _partition(3, edges, _constraints(designators=_units(n0=1, n2=2))) == [0, 0, 2]


def test_a_record_without_unit_stays_alone_between_equal_siblings() -> None:
    edges = [(0, 1, 5000), (1, 2, 5000)]
    assert _partition(3, edges, _constraints(designators=_units(n0=1, n2=2))) == [0, 1, 2]


def test_a_duplicate_free_list_keeps_its_rows_apart() -> None:
    assert _partition(2, [(0, 1, 9000)], _constraints(unique_sources=[(0, 7), (1, 7)])) == [0, 1]
    assert _partition(2, [(0, 1, 9000)], _constraints(unique_sources=[(0, 7), (1, 8)])) == [0, 0]


def test_two_countries_are_never_one_site_not_by_an_identifier_nor_through_a_row_without_country() -> None:
    two = [(0, 1), (1, 2)]
    assert _partition(2, [(0, 1, 9000)], _constraints(countries=two)) == [0, 1]
    assert _partition(2, [(0, 1, 9000)], _constraints(countries=two, identified=[(0, 1)])) == [0, 1]
    assert _partition(3, [(0, 2, 9000), (1, 2, 9000)], _constraints(countries=two)) == [0, 1, 2]
    assert _partition(2, [(0, 1, 9000)], _constraints(countries=two, same=[(0, 1)])) == [0, 0]


def test_what_says_too_little_joins_by_an_identifier_alone() -> None:
    assert _partition(2, [(0, 1, 9000)], _constraints(vague=[(0, 2)])) == [0, 1]
    assert _partition(2, [(0, 1, 9000)], _constraints(vague=[(0, 1)])) == [0, 1]
    assert _partition(2, [(0, 1, 9000)], _constraints(vague=[(0, 1), (1, 1)])) == [0, 0]
    assert _partition(2, [(0, 1, 9000)], _constraints(vague=[(0, 2)], identified=[(0, 1)])) == [0, 0]


def test_two_rows_of_one_list_do_not_meet_through_a_third() -> None:
    through = [(0, 1, -1500), (0, 2, 9000), (1, 2, 8000)]
    assert _partition(3, through) == [0, 0, 0]
    assert _partition(3, through, _constraints(lists=[(0, 7), (1, 7), (2, 8)])) == [0, 1, 0]


def test_positive_overrides_a_unit_conflict_and_negative_overrides_positive() -> None:
    units = _units(n0=1, n1=2)
    assert _partition(2, [(0, 1, 10)], _constraints(designators=units, same=[(0, 1)])) == [0, 0]
    both = _constraints(designators=units, same=[(0, 1)], different=[(0, 1)])
    assert _partition(2, [(0, 1, 9000)], both) == [0, 1]


def test_negative_holds_through_any_chain() -> None:
    edges = [(0, 1, 5000), (1, 2, 4000), (0, 2, 5000)]
    found = _partition(3, edges, _constraints(different=[(0, 2)]))
    assert found[0] != found[2]


def test_identifiers_join_what_nothing_forbids() -> None:
    assert _partition(2, [(0, 1, -2900)], _constraints(identified=[(0, 1)])) == [0, 0]
    units = _units(n0=1, n1=2)
    clusters, refusals = _found(2, [(0, 1, -2900)], _constraints(designators=units, identified=[(0, 1)]))
    assert clusters == [0, 1]
    assert refusals == [Refusal(0, 1, IDENTIFIER, DESIGNATORS, -2900)]


def test_one_identifier_on_rows_that_say_otherwise_joins_nothing() -> None:
    clusters, refusals = _found(2, [(0, 1, -3100)], _constraints(identified=[(0, 1)]))
    assert clusters == [0, 1]
    assert refusals == [Refusal(0, 1, IDENTIFIER, DOUBTED, -3100)]


def test_a_row_that_names_several_units_joins_neither() -> None:
    edges = [(0, 1, 5000), (1, 2, 5000), (0, 2, 5000)]
    units = [*_units(n0=1, n2=2), *_units(n1=1), *_units(n1=2)]
    assert _partition(3, edges, _constraints(designators=units, composite=[(1,)])) == [0, 1, 2]


def test_a_row_of_two_companies_does_not_bridge_them() -> None:
    assert _partition(3, [(0, 1, 5000), (1, 2, 5000)], _constraints(composite=[(1,)])) == [0, 1, 2]
    assert _partition(2, [(0, 1, 5000)], _constraints(composite=[(1,)])) == [0, 0]


def test_after_an_override_either_unit_may_join() -> None:
    units = _units(n0=1, n1=2, n2=2, n3=3)
    edges = [(0, 1, -2000), (1, 2, 9000), (0, 2, -1000), (1, 3, 9000)]
    assert _partition(4, edges, _constraints(designators=units, same=[(0, 1)])) == [0, 0, 0, 3]


def test_a_bare_record_is_refused_by_name_and_joins_a_clear_leader() -> None:
    units = _constraints(designators=_units(n0=1, n2=2))
    assert _found(3, [(0, 1, 5000), (1, 2, 4500)], units)[1][0].reason == BARE
    assert _partition(3, [(0, 1, 5000), (1, 2, 3500)], units) == [0, 0, 2]


def test_ten_spokes_make_no_hub() -> None:
    spokes = [(0, spoke, 2000) for spoke in range(1, 11)]
    assert np.bincount(_partition(11, spokes)).max() == 2


def test_values_agree_with_and_without_a_letter() -> None:
    assert values_agree(frozenset({89 * LETTERS}), frozenset({89 * LETTERS + 1}))
    assert not values_agree(frozenset({89 * LETTERS + 2}), frozenset({89 * LETTERS + 1}))
    assert not values_agree(frozenset({1}), frozenset({2}))


def test_a_component_of_too_many_pairs_keeps_its_strongest_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(clustering, "MOST_EDGES", 2)
    assert _partition(6, [(0, 1, 5000), (1, 2, 1000), (2, 3, 4000), (3, 4, 1000), (4, 5, 1000)]) == [0, 0, 2, 2, 4, 5]
    assert "6 different rows are joined by 5 pairs; only the 2 strongest" in caplog.text


def test_a_component_that_only_identifiers_hold_together_needs_no_pair() -> None:
    found = _constraints(designators=_units(n0=1, n1=2), identified=[(0, 1), (0, 2)])
    assert _partition(3, [], found) == [0, 1, 0]
