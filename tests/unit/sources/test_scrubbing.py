"""What is taken out of text, and what must stay: telephone numbers and addresses look alike."""

import duckdb
import pytest

from conjoin.sources.scrubbing import scrubbed

CAUGHT = {
    "12 Mill Road, 0532 123 4567": "12 Mill Road",
    "12 Mill Road, Dhaka 01711123456": "12 Mill Road, Dhaka",
    "(0532) 123-45-67": None,
    "12 Mill Road; a.b (at) c.org": "12 Mill Road",
    "12 Mill Road, elif [at] example (dot) org": "12 Mill Road",
    "12 Mill Road, elif at example dot org": "12 Mill Road",
    "12 Mill Road {elif, ayse}@example.org": "12 Mill Road",
    "+880 1711-123456, 12 Mill Road": "12 Mill Road",
    "12 Mill Road, 0090 532 123 45 67": "12 Mill Road",
    "(+90) 532 123 45 67, 34510 Istanbul": "34510 Istanbul",
    "8801711123456": None,
    "No. 8, Shenzhen 13812345678": "No. 8, Shenzhen",
    "0755-12345678, Shenzhen": "Shenzhen",
    "Lot 3, 028 3812 3456": "Lot 3",
    "Phnom Penh, 012 345 678": "Phnom Penh",
    "Sialkot 0300-1234567": "Sialkot",
    "98765-43210, Plot 7, Noida 201305": "Plot 7, Noida 201305",
    "Tangier, 06 12 34 56 78": "Tangier",
    "(555) 123-4567": None,
    "Barcelos, 253 123 456, 4755-036": "Barcelos, , 4755-036",
    "Phone: +880 2 8832615-24, 8858968": None,
    "Tel: 123456, Prato": "Prato",
    "电话：0755-8123 4567转801": None,
    "Cep: 0532 123 45 67": None,
    "٠١٧١١١٢٣٤٥٦, Cairo": "Cairo",
    "０７５５－１２３４５６７８": None,
    "\u202a+90\u00a0532\u00a0123\u00a045\u00a067\u202c": None,
    "https://wa.me/8801711123456": None,
}
KEPT = [
    "Plot 12-34/5, Sector 7",
    "Plots 01 02 03 04 05",
    "Sy. No. 123/1-4 & 103/3, BBMP Khatha No. 77/71/1/70/69/103/3",
    "Khasra No. 143/2, Dehradun 248001",
    "33-35-37-39 Tan Thuan Road",
    "Sector 63 201301 Noida",
    "PIN 600 058",
    "CEP 01311-000",
    "Rua do Parque, 60 4755-036 Barcelos",
    "243 639-0241 Nara",
    "ul. Złota 58 98-220",
    "00-950 Warszawa",
    "Florham Park, NJ 07932-0971",
    "23.810331, 90.412518",
    "37.0331234567 27.0912345678",
    "KM 15,700",
    "Km 12+500",
    "P.O. Box 81034-8010",
    "Licence No. 01234567890",
    "Reg. No. 0312345678",
    "VKN 9876543210",
    "GSTIN 27AAPFU0939F1ZV",
    "NPWP 01.234.567.8-901.000",
    "BD20190832350Z6",
    "LEI 5299009N55YRQC69CN08",
    "01.02.2019-28.02.2020",
    "No.568-8 Chunhui Road 214177",
    "5000+ 2019-2023",
    "Solan, HP 173205",
    "ĐT743B 820000",
    "Ph-2 122001",
    "Mobile, AL 36601-1234",
    "Tel Aviv 69978",
    "Unit 5 @ Block B",
    "Located at Sy.No 12",
    "https://example.org/report/01711123456",
    "12–14 Mill Road",
    "280-400 -4815-413 Caldas de Vizela",
    "Plot 7, Noida ,",
]


def left_of(con: duckdb.DuckDBPyConnection, text: str, *, is_identifier: bool = False) -> str | None:
    """What scrubbing leaves of a cell."""
    sql = f"select {scrubbed('cell', is_identifier=is_identifier)} from (select $1::varchar as cell)"
    found: str | None = con.execute(sql, [text]).fetchall()[0][0]
    return found


@pytest.mark.parametrize("given", CAUGHT)
def test_numbers_and_addresses_go_and_the_rest_stays(con: duckdb.DuckDBPyConnection, given: str) -> None:
    assert left_of(con, given) == CAUGHT[given]


@pytest.mark.parametrize("given", KEPT)
def test_what_only_looks_like_one_stays_as_it_is(con: duckdb.DuckDBPyConnection, given: str) -> None:
    assert left_of(con, given) == given


@pytest.mark.parametrize(
    "given", ["050-000123-001", "0312345678", "9876543210", "15-123-4567", "415 123 4567", "12-345-6789"]
)
def test_numbers_are_what_identifiers_are_made_of(con: duckdb.DuckDBPyConnection, given: str) -> None:
    assert left_of(con, given, is_identifier=True) == given


@pytest.mark.parametrize("given", ["Tel 0312345678", "+90 532 123 45 67", "elif@example.org", "mobile 9876543210"])
def test_what_says_what_it_is_goes_from_identifiers_too(con: duckdb.DuckDBPyConnection, given: str) -> None:
    assert left_of(con, given, is_identifier=True) is None


@pytest.mark.parametrize(
    ("given", "left"),
    [("Alder\u202eelims.exe", "Alderelims.exe"), ("Alder\x1b[31m Loom", "Alder [31m Loom"), ("a\u2028b", "a b")],
)
def test_what_harms_a_screen_goes(con: duckdb.DuckDBPyConnection, given: str, left: str) -> None:
    assert left_of(con, given) == left
