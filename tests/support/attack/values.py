"""Texts that a cell can hold and no exporter should write."""

import random

NUMBERS = (
    "Infinity", "-Infinity", "inf", "-inf", "+inf", "INF", "NaN", "nan", "-nan", "1e400", "-1e400", "1e308", "1e-400",
    "9" * 20, "9" * 400, "0x1F", "1_000", "１２３", "٣٤٠", "1,5", "1.5e3", "--5", "+-5", "5-", "(5)", "1e5", ".5", "5.",
    "00012", "-0", "+7", "2147483648", "9223372036854775808", "18446744073709551616", "1e", "½", "3-2", "<<5", "5+++",
    "1-999999999999", "<0", "99999999+", "\u2212" "5", "1\u00a0000", "1\u202f000",
)  # fmt: skip
DATES = (
    "0001-01-01", "9999-12-31", "10000-01-01", "0000-00-00", "2026-02-30", "1900-01-00", "1900-02-29", "infinity",
    "-infinity", "epoch", "today", "now", "2026-03-02 24:00:00", "2026-03-02T00:00:00Z", "2026-3-2", "02.03.26",
    "99999999-01-01", "0044-03-15 (BC)", "١٢.٠٣.٢٠٢٦", "1000-01-01", "2999-12-31", "1453-05-29", "1899-12-31",
    "20260302", "2026-W10-1", "2026-061", "2026-03-02T10:00:00+99:99", "01.01.0001", "2026-03-02T23:59:60",
    "31.12.9999", "0026-03-02", "26-03-02", "+2026-03-02", " 2026-03-02", "2026-03-02\u202e", "1e400", "45000",
    "2026-03-02T00:00:00-23:59", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0999-12-31", "3000-01-01",
)  # fmt: skip
CONTROLS = (
    "a\0b", "\0", "a\x07b", "\x1b[31mred\x1b[0m", "\x9b31m", "a\x7fb", "a\x85b", "a\u2028b", "a\u2029b", "a\rb", "a\nb",
    "a\r\nb", "a\tb", "a\x0bb", "a\x0cb", "a\x1cb", "a\x1eb", "a\x1fb", "\x08\x08\x08x", "\x1a", "\x1b]0;title\x07",
    "\u202egnp.exe", "\u2066x\u2069", "\u200fx", "\u061cx", "x\ufeffy", "x\u200by", "\u202a\u202b\u202c\u202d",
    "\ufffe", "\U000e0001tag", "\ud800", "x\udfffy", "\ud83c\udfed"[:1], "\ufdd0",
)  # fmt: skip
QUOTES = (
    '"', '""', '"a', 'a"b', '"a"b', '"""', "'", "`", ",", ";", "\t", "|", '","', '\\"', "\\", "$$", "{}", "{0}", "%s",
    "'; drop table raw; --", '"; drop table raw; --', "${HOME}", "<b>", "&amp;", "&#0;", "]]>", "<!--", "[bold]x[/]",
    "[/]", "_x0000_", "_x0007_", "_x202E_", "\\ud800", "\\x00", '"\n"', "a\"\nb",
)  # fmt: skip
FORMULAS = (
    "=1+1", "=cmd|' /C calc'!A1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "=HYPERLINK(\"http://a.example\")",
    "=A1", "%0A=1", " =1+1", "＝1+1",
)  # fmt: skip
WORDS = (
    "null", "None", "NA", "N/A", "n/a", "NULL", "true", "FALSE", "#N/A", "#REF!", "#DIV/0!", " ", "\u00a0", "\u3000",
    "\ufeff", "", "\u00ad", "İ", "ß", "ﬁ", "K", "e\u0301", "TR", "Türkiye\u200b", "Türkiye", "ＴＲ", "tr\0", "Amber\n",
)  # fmt: skip
LONG = (300, 5_000, 70_000)

GROUPS = (NUMBERS, NUMBERS, DATES, DATES, CONTROLS, CONTROLS, QUOTES, FORMULAS, WORDS)


def nasty(chance: random.Random) -> str:
    """A text to put into a cell."""
    if chance.random() < 0.04:
        piece = chance.choice(["x", "é", "\U0001f3ed", "a\u0301", "1", "\u202e", " ", "ab "])
        return piece * (chance.choice(LONG) // len(piece))
    text = chance.choice(chance.choice(GROUPS))
    if chance.random() < 0.15:
        text = chance.choice(["", "Alder ", "2026-03-02 "]) + text + chance.choice(["", " Works", "5"])
    return text
