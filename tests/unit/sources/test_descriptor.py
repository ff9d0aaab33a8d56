"""A declaration that cannot be meant is refused, with the place and what is wrong with it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from conjoin.errors import DeclarationError
from conjoin.sources import registry
from conjoin.sources.descriptor import Reader
from support import quillhaven

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "both orders of day and month": (
        {"dates": {"formats": ["%d/%m/%Y", "%m/%d/%Y"]}},
        "day before month and month before day together cannot be told apart",
    ),
    "years of two digits": ({"dates": {"formats": ["%d.%m.%y"]}}, "a two-digit year is a guess; say in dates.century"),
    "a format of some language": ({"dates": {"formats": ["%x"]}}, "locale formats are guesses"),
    "a field that no table of the feed has": (
        {"columns": {"Factory": "finding_status"}},
        "no table of this feed (audit_records, site_records) has 'finding_status', so it would be lost",
    ),
    "a setting that does not exist": ({"delimeter": ";"}, "Extra inputs are not permitted"),
    "an unknown field": ({"columns": {"Factory": "factory_name"}}, "no field 'factory_name'"),
    "an unknown table": ({"emits": ["audits"]}, "no table 'audits'"),
    "an unknown id scheme": (
        {"identifiers": {"Factory": "tax_no"}},
        "'tax_no' is not in schemas/vocabularies/id_scheme",
    ),
    "an unknown visibility": ({"visibility": {"site_records": "secret"}}, "'secret' is not in schemas/vocabularies"),
    "ignored without reason": ({"ignore": {"Fee": " "}}, "why is 'Fee' ignored?"),
    "ignored with a TODO": ({"ignore": {"Fee": "TODO probably personal"}}, "why is 'Fee' ignored?"),
    "no table at all": ({"emits": []}, "a feed must deliver into at least one table"),
    "no key": ({"key": {"audit_records": []}}, "key.audit_records: which raw columns identify a record"),
    "a format by its ending": ({"format": "xlsx"}, 'write format = "workbook"'),
    "an unknown format": ({"format": "pdf"}, "Input should be 'csv', 'workbook', 'json' or 'json_lines'"),
    "a minimum of no rows": ({"expect": {"min": {"rows": 0}}}, "greater than or equal to 1"),
    "no regular expression": ({"extract": {"City": "(?P<a>"}}, "extract.'City': no regular expression"),
    "an unknown encoding": ({"reader": {"encoding": "utf-99"}}, "'utf-99' is no text encoding"),
    "an encoding of no text": ({"reader": {"encoding": "rot13"}}, "'rot13' is no text encoding"),
    "a delimiter of two letters": ({"reader": {"delimiter": "||"}}, "at most 1 character"),
    "no quote": ({"reader": {"quote": ""}}, "at least 1 character"),
    "a choice by an unknown column": (
        {"emit": [{"table": "site_buyers", "key": ["X"], "when": {"A.b": ["1"]}}], "extract": {"A": "(?P<b>.)"}},
        "'A.b' is extracted or exploded",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_meant_is_refused(case: str) -> None:
    changes, told = WRONG[case]
    with pytest.raises(ValidationError) as refusal:
        quillhaven.source(**changes)
    assert told in str(refusal.value)


def test_a_reference_needs_the_key_of_what_it_refers_to() -> None:
    declared = quillhaven.source().feed["log"].model_dump()
    declared["key"] = {"audit_records": ["Visit No"]}
    declared["emits"] = ["audit_records"]
    with pytest.raises(ValidationError, match=r"key\.site_records: audit_records refers to it"):
        type(quillhaven.source().feed["log"]).model_validate(declared)


def test_one_order_of_day_and_month_may_be_written_in_several_ways() -> None:
    formats = ["%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d", "%B %Y"]
    assert quillhaven.source(dates={"formats": formats}).feed["log"].dates.formats == formats


def test_used_columns_leave_out_what_is_extracted() -> None:
    source = quillhaven.source(extract={"Street": "(?P<road>.*)"}, columns={"Street.road": "site_address_native"})
    used = source.feed["log"].used_columns()
    assert "Street" in used
    assert "Street.road" not in used


def test_the_encoding_of_a_reader_is_kept_as_written() -> None:
    assert Reader(encoding="CP1254").encoding == "CP1254"


def test_a_file_that_is_no_toml_is_refused_with_its_place(tmp_path: Path) -> None:
    path = quillhaven.write_declaration(tmp_path, "title = \n")
    with pytest.raises(DeclarationError, match=r"source\.toml: not valid TOML: .*line 1"):
        registry.read_source(path)


def test_every_mistake_of_a_declaration_is_told_with_its_place(tmp_path: Path) -> None:
    text = quillhaven.DECLARATION.replace('"First Day"   = "visit_start"', '"First Day"   = "first_day"')
    path = quillhaven.write_declaration(tmp_path, text.replace("owner      =", "boss       ="))
    with pytest.raises(DeclarationError) as refusal:
        registry.read_source(path)
    message = str(refusal.value)
    assert message.startswith(f"{path}:\n")
    assert "owner: Field required" in message
    assert "boss: Extra inputs are not permitted" in message
    assert "no field 'first_day'" in message
