"""The working tables of matching that pass from one module to another: what one row is, and its key.

Temporary tables of the connection, gone at the end of a run. A table that is not named here belongs to the module that
makes it. Who makes, fills and reads each is written down by ``made_by`` and ``read_by``; a test runs matching under a
connection that watches, and compares (``tests/contract/test_working_tables.py``).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkingTable:
    """One working table.

    Attributes:
        grain: What one row is.
        key: Columns that tell rows apart; empty where rows may repeat.
        made_by: Modules below ``matching`` that make it: of a run over everything first, then of an increment.
        read_by: Other modules that read it.
    """

    grain: str
    key: str
    made_by: str
    read_by: str


WORKING_TABLES = {
    # records and nodes
    "m_records": WorkingTable(
        "one delivered site record, with the node that says the same",
        key="record_id",
        made_by="pairs.nodes, increment.find_changes, increment.kept_tables",
        read_by="pairs.identifiers, pairs.levels, pairs.records, pairs.similarities, sites.constraints, "
        "sites.judgements, sites.results, sites.review_queue, sites.site_history, increment.run",
    ),
    "m_contents": WorkingTable(
        "one distinct content of records: what a node says, as delivered",
        key="node_no",
        made_by="pairs.nodes, increment.find_changes, increment.kept_tables",
        read_by="sites.results, sites.review_queue",
    ),
    "m_numbered": WorkingTable(
        "one record with its content, before records that say the same are one node",
        key="record_id",
        made_by="pairs.nodes",
        read_by="increment.find_changes",
    ),
    "m_nodes": WorkingTable(
        "one node: a distinct content, read",
        key="node_no",
        made_by="pairs.nodes, increment.kept_tables",
        read_by="pairs.blocking, pairs.levels, pairs.records, "
        "pairs.similarities, run, sites.constraints, increment.find_changes",
    ),
    "m_site_nodes": WorkingTable(
        "one node that may be part of a site with others",
        key="node_no",
        made_by="pairs.records, increment.kept_tables, increment.update_pairs",
        read_by="pairs.blocking, sites.constraints",
    ),
    "m_sources": WorkingTable(
        "one source, numbered",
        key="source_name",
        made_by="pairs.records, increment.update_pairs",
        read_by="pairs.levels, pairs.similarities, sites.constraints, increment.kept_tables",
    ),
    "m_identifiers": WorkingTable(
        "one well-formed identifier of a node",
        key="node_no, id_scheme, id_value",
        made_by="pairs.identifiers, increment.kept_tables, increment.update_pairs",
        read_by="pairs.blocking, pairs.similarities, sites.constraints, sites.results, increment.run",
    ),
    "m_designators": WorkingTable(
        "one unit, plot or other designator of a node, by side",
        key="node_no, side, kind, value",
        made_by="pairs.nodes, increment.kept_tables",
        read_by="pairs.similarities, sites.constraints, sites.results, increment.find_changes",
    ),
    "m_numbers": WorkingTable(
        "one number in the address of a node",
        key="node_no, number_value",
        made_by="pairs.nodes, increment.kept_tables, increment.update_pairs",
        read_by="pairs.blocking, pairs.similarities, increment.find_changes",
    ),
    "m_crowded": WorkingTable(
        "one position at which too many nodes stand to tell anything",
        key="latitude, longitude",
        made_by="pairs.records, increment.find_changes",
        read_by="pairs.similarities, increment.kept_tables",
    ),
    # words
    "m_words": WorkingTable(
        "one word, numbered",
        key="token_no",
        made_by="pairs.nodes",
        read_by="pairs.blocking, pairs.similarities, increment.find_changes, increment.kept_tables",
    ),
    "m_common_name": WorkingTable(
        "one word that is common in names of open lists, with its share",
        key="word",
        made_by="text.word_lists",
        read_by="pairs.blocking",
    ),
    "m_common_address": WorkingTable(
        "one word that is common in addresses of open lists, with its share",
        key="word",
        made_by="text.word_lists",
        read_by="pairs.blocking",
    ),
    "m_name_tokens": WorkingTable(
        "one word of the name of a node",
        key="node_no, token_no",
        made_by="pairs.nodes, increment.kept_tables",
        read_by="pairs.blocking, increment.find_changes",
    ),
    "m_address_tokens": WorkingTable(
        "one word of the address of a node",
        key="node_no, token_no",
        made_by="pairs.nodes, increment.kept_tables",
        read_by="pairs.blocking, increment.find_changes",
    ),
    "m_name_neighbours": WorkingTable(
        "two words that stand beside each other in a name and are one word elsewhere",
        key="node_no, word, left_token, right_token",
        made_by="pairs.nodes, increment.kept_tables",
        read_by="pairs.blocking, increment.find_changes",
    ),
    "m_address_neighbours": WorkingTable(
        "the same in an address",
        key="node_no, word, left_token, right_token",
        made_by="pairs.nodes, increment.kept_tables",
        read_by="pairs.blocking, increment.find_changes",
    ),
    "m_name_counts": WorkingTable(
        "one word of names in a country, with how many nodes hold it",
        key="country_code, token_no",
        made_by="pairs.blocking, increment.find_changes",
        read_by="",
    ),
    "m_address_counts": WorkingTable(
        "the same of addresses",
        key="country_code, token_no",
        made_by="pairs.blocking, increment.find_changes",
        read_by="",
    ),
    "m_name_words": WorkingTable(
        "one word of names in a country, with its weight and how rare it is",
        key="country_code, token_no",
        made_by="pairs.blocking",
        read_by="increment.find_changes, increment.kept_tables",
    ),
    "m_address_words": WorkingTable(
        "the same of addresses",
        key="country_code, token_no",
        made_by="pairs.blocking",
        read_by="increment.find_changes, increment.kept_tables",
    ),
    "m_number_ranks": WorkingTable(
        "one number of addresses in a country, with how rare it is",
        key="country_code, number_value",
        made_by="pairs.blocking, increment.find_changes",
        read_by="increment.kept_tables",
    ),
    "m_sizes": WorkingTable(
        "one country, with its nodes and how common two words of a key may be",
        key="country_code",
        made_by="pairs.blocking, increment.find_changes",
        read_by="",
    ),
    "m_name": WorkingTable(
        "one word of the name of a node, with its weight there",
        key="node_no, token_no",
        made_by="pairs.blocking",
        read_by="pairs.similarities",
    ),
    "m_address": WorkingTable(
        "the same of its address",
        key="node_no, token_no",
        made_by="pairs.blocking",
        read_by="pairs.similarities",
    ),
    "m_name_joins": WorkingTable(
        "one word that a node writes apart, with the weight of its parts",
        key="node_no, token_no",
        made_by="pairs.blocking",
        read_by="pairs.similarities",
    ),
    "m_address_joins": WorkingTable(
        "the same in its address",
        key="node_no, token_no",
        made_by="pairs.blocking",
        read_by="pairs.similarities",
    ),
    # pairs
    "m_keys": WorkingTable(
        "one key of rare words or numbers under which a node is found",
        key="node_no, key",
        made_by="pairs.blocking, increment.update_pairs",
        read_by="increment.kept_tables",
    ),
    "m_supported": WorkingTable(
        "one candidate pair, with how many buckets of each rule support it",
        key="left_no, right_no",
        made_by="pairs.blocking",
        read_by="increment.kept_tables, increment.update_pairs",
    ),
    "m_pairs": WorkingTable(
        "one candidate pair, numbered, with the rules that found it",
        key="pair_no",
        made_by="pairs.blocking, increment.update_pairs",
        read_by="pairs.similarities",
    ),
    "m_compared_nodes": WorkingTable(
        "one node of a candidate pair, with what comparisons read of it",
        key="node_no",
        made_by="pairs.similarities",
        read_by="pairs.levels",
    ),
    "m_similarities": WorkingTable(
        "one pair worth comparing, with its similarities",
        key="pair_no",
        made_by="pairs.similarities",
        read_by="pairs.levels, increment.kept_tables, increment.update_pairs",
    ),
    "m_namesakes": WorkingTable(
        "one name in a country that several rows of one list bear",
        key="country_code, squashed_name",
        made_by="pairs.levels, increment.update_pairs",
        read_by="increment.kept_tables",
    ),
    "m_patterns": WorkingTable(
        "one compared pair, with its levels and their pattern",
        key="pair_no",
        made_by="pairs.levels",
        read_by="linkage, pairs.scoring",
    ),
    "m_scored": WorkingTable(
        "one compared pair, with weight, probability and whether it is a match",
        key="left_no, right_no",
        made_by="pairs.scoring, increment.run",
        read_by="run, sites.results, increment.kept_tables, increment.update_pairs",
    ),
    # sites
    "m_judgements": WorkingTable(
        "one judgement in force on two records",
        key="record_id_left, record_id_right",
        made_by="sites.judgements",
        read_by="sites.constraints, sites.results, sites.review_queue, sites.site_history",
    ),
    "m_forbidding": WorkingTable(
        "one designator that keeps nodes apart",
        key="node_no, side, kind, value",
        made_by="sites.constraints",
        read_by="sites.review_queue",
    ),
    "m_unique_sources": WorkingTable(
        "one node of a list without doubles",
        key="node_no, source_no",
        made_by="sites.constraints",
        read_by="sites.review_queue",
    ),
    "m_clusters": WorkingTable(
        "one node, with the site and the component that it is in",
        key="node_no",
        made_by="sites.results",
        read_by="sites.review_queue, sites.site_history, increment.kept_tables, increment.run",
    ),
    "m_tree": WorkingTable(
        "one link of a tree that holds a site together",
        key="left_no, right_no",
        made_by="sites.results",
        read_by="sites.review_queue",
    ),
    "m_refusals": WorkingTable(
        "one merge that was refused, and why",
        key="record_id_left, record_id_right",
        made_by="sites.results",
        read_by="sites.judgements, sites.review_queue, increment.kept_tables, increment.run",
    ),
    "m_asked": WorkingTable(
        "one question for a person",
        key="record_id_left, record_id_right",
        made_by="sites.review_queue",
        read_by="increment.kept_tables, increment.run",
    ),
    "m_sites": WorkingTable(
        "one cluster, with the id that its site keeps or gets",
        key="cluster_no",
        made_by="sites.site_history",
        read_by="sites.results, sites.review_queue",
    ),
    "m_held": WorkingTable(
        "one record that stood in a site before, with the site",
        key="record_id",
        made_by="sites.site_history, increment.run",
        read_by="increment.kept_tables",
    ),
    "m_born": WorkingTable(
        "one site id that was ever given, with its founder",
        key="site_id",
        made_by="sites.site_history, increment.run",
        read_by="increment.kept_tables",
    ),
    "m_elsewhere": WorkingTable(
        "one site id that lives beyond the world of this run",
        key="site_id",
        made_by="sites.site_history, increment.run",
        read_by="",
    ),
    "m_new": WorkingTable(
        "one cluster that gets a new id",
        key="cluster_no",
        made_by="sites.site_history",
        read_by="increment.kept_tables, increment.run",
    ),
    "m_chunk": WorkingTable(
        "rows that numpy hands to DuckDB, a few thousand at a time; other columns at each use",
        key="",
        made_by="pairs.nodes, sites.judgements, sites.results, sites.review_queue, sites.site_history, text.word_lists",
        read_by="",
    ),
    # an increment
    "m_told": WorkingTable(
        "one record, with a number for all that matching reads of it",
        key="record_id",
        made_by="increment.kept_tables",
        read_by="increment.find_changes",
    ),
    "m_unread": WorkingTable(
        "one source whose deliveries could not all be read",
        key="source_name",
        made_by="increment.kept_tables",
        read_by="increment.find_changes, increment.run",
    ),
    "m_differing": WorkingTable(
        "one record that came, went or says something else",
        key="record_id",
        made_by="increment.find_changes",
        read_by="pairs.nodes, increment.run",
    ),
    "m_judged_anew": WorkingTable(
        "one record whose judgements differ, or are followed for the first time",
        key="record_id",
        made_by="increment.find_changes",
        read_by="increment.run",
    ),
    "m_touched": WorkingTable(
        "one node that came, went or has other records",
        key="node_no",
        made_by="increment.find_changes",
        read_by="increment.run, increment.update_pairs",
    ),
    "m_gone": WorkingTable(
        "one node that is gone",
        key="node_no",
        made_by="increment.find_changes",
        read_by="increment.run, increment.update_pairs",
    ),
    "m_rekeyed": WorkingTable(
        "one node that may be found under other words",
        key="",
        made_by="increment.find_changes",
        read_by="increment.kept_tables, increment.update_pairs",
    ),
    "m_reweighed": WorkingTable(
        "one node with a word that weighs otherwise, or a name that others bear otherwise",
        key="",
        made_by="increment.find_changes, increment.update_pairs",
        read_by="",
    ),
    "m_here": WorkingTable(
        "one node of a world: its number as kept, and in this world",
        key="kept_no",
        made_by="increment.kept_tables",
        read_by="increment.run, increment.update_pairs",
    ),
    "m_due": WorkingTable(
        "one pair that must be compared anew, numbered as kept",
        key="left_no, right_no",
        made_by="increment.update_pairs",
        read_by="increment.kept_tables",
    ),
    "m_rescored": WorkingTable(
        "one pair whose score came, went or changed",
        key="left_no, right_no",
        made_by="increment.update_pairs",
        read_by="increment.run",
    ),
    "m_hit_identifiers": WorkingTable(
        "one identifier whose bucket gained or lost a node",
        key="id_scheme, id_value",
        made_by="increment.update_pairs",
        read_by="increment.run",
    ),
    "m_name_nodes": WorkingTable(
        "one node in a bucket of the rule of equal names that changed",
        key="node_no",
        made_by="increment.update_pairs",
        read_by="pairs.blocking",
    ),
    "m_prefix_nodes": WorkingTable(
        "the same of name prefixes",
        key="node_no",
        made_by="increment.update_pairs",
        read_by="pairs.blocking",
    ),
    "m_start_nodes": WorkingTable(
        "the same of starts of names",
        key="node_no",
        made_by="increment.update_pairs",
        read_by="pairs.blocking",
    ),
    "m_place_nodes": WorkingTable(
        "the same of postcodes",
        key="node_no",
        made_by="increment.update_pairs",
        read_by="pairs.blocking",
    ),
    "m_spread_nodes": WorkingTable(
        "the same of names in several countries",
        key="node_no",
        made_by="increment.update_pairs",
        read_by="pairs.blocking",
    ),
    "m_around": WorkingTable(
        "one node of those components and of their neighbours",
        key="node_no",
        made_by="increment.run",
        read_by="increment.kept_tables",
    ),
}
