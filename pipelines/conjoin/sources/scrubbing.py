"""Takes e-mail addresses and telephone numbers out of text, as SQL.

A number that says what it is goes whatever it looks like. Without a label only shapes go that addresses hardly have;
what may as well be a plot, a post code or a registration number stays. How often either errs: tests/unit/sources.
"""

import re

from conjoin.plain import HARMFUL_SQL
from conjoin.sql import quote_literal

_TURNING = r"[\x{200e}\x{200f}\x{61c}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}]+"
_ENDING_LINES = r"[\x00-\x20\x7f-\x{9f}\x{2028}\x{2029}]+"

_SIGN = r"[ .\-]"


def _shapes(drawn: str, signs: tuple[str, ...] = (_SIGN,)) -> str:
    """Patterns of numbers drawn as in "0nd ddd dddd": n a digit but 0, d any digit, a blank the sign between."""
    found = []
    shapes = filter(None, map(str.strip, re.split(r"[,\n]", drawn)))
    for shape in sorted(shapes, key=len, reverse=True):  # the longest first
        groups = [re.sub("d+|n+", _digits, group) for group in shape.split()]
        found += [sign.join(groups) for sign in (signs if len(groups) > 1 else signs[:1])]
    return "|".join(found)


def _digits(run: re.Match[str]) -> str:
    return ("[0-9]" if run[0][0] == "d" else "[1-9]") + (f"{{{len(run[0])}}}" if len(run[0]) > 1 else "")


_SAME = (" ", "-", r"\.")  # one sign throughout: mixed ones are a house number beside a post code

# Digits of other scripts, wide forms, the many blanks and dashes: read as plain ones in cells under suspicion, so that
# the patterns know one spelling. Marks that nobody sees, copied along from address books, go.
_DIGITS_OF = (0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0x1040, 0x17E0, 0xFF10)
_WIDE = "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000" + "\u2010\u2011\u2012\u2013\u2014\u2212\uff0d" + "＋（）：＠．／"
_PLAIN_FORMS = "       " + "-------" + "+():@./"
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_FOREIGN = "".join(chr(zero + digit) for zero in _DIGITS_OF for digit in range(10)) + _WIDE + _UNSEEN
_PLAIN = "0123456789" * len(_DIGITS_OF) + _PLAIN_FORMS  # shorter: what has no partner goes

# --- e-mail addresses, also disguised: {a,b}@x.org, a (at) x (dot) org, a at x dot org, a at x.org ------------------
# Everything but blanks and signs counts as a letter: \pL is costly to compile, the more so where case is ignored.
_WORD = r"[^\x00-\x20\x7f@,;:()<>\[\]{}\"|/\\!?&]"
_AT = r"(?: ?(?:@|&commat;|&#64;|%40|[(\[{<] ?(?:(?i:at)|@) ?[)\]}>]) ?)"
_DOT = r"(?:\.| ?[(\[{<] ?(?:(?i:dot)|\.) ?[)\]}>] ?| (?i:dot) )"
# After a bare "at" only endings that are no words of addresses (at Sy.No 12, at P.O.Box).
_ENDING = r"(?:com|net|org|info|biz)"
_COUNTRY = r"(?:cn|bd|tr|pk|vn|lk|kh|hk|tw|eu|de|fr|uk|jp|kr|ma|eg|tn)"
_LOCAL = rf"(?:\{{[^{{}}@]*\}}|{_WORD}+)"
_EMAIL = (
    rf"{_LOCAL}(?: (?i:dot) {_WORD}+)?(?:(?:@|&commat;|&#64;|%40){_WORD}*[^\x00-\x2f@:;<>?\[\]{{}}|,()\\]"
    rf"|{_AT}[^\x00-\x2c@.:;<>?\[\]{{}}|\\]+(?:{_DOT}[^\x00-\x2c./@:;<>?\[\]{{}}|\\]+)+"
    rf"|(?i: at [a-z0-9\-]+(?: dot [a-z0-9\-]+)* dot (?:{_ENDING}|[a-z]{{2}})\b"
    rf"| at (?:[a-z0-9\-]+\.)+(?:{_ENDING}(?:\.[a-z]{{2}})?|co\.[a-z]{{2}}|{_COUNTRY})\b))"
)

# --- telephone numbers told by their shape alone --------------------------------------------------------------------
# With a country code: +880 1711-123456, 0090 532 123 45 67, 011 880 1711 123456, (+90) 532 123 45 67.
_ANY = r"(?:[ .\-/()]{0,2}[0-9])"
_CODE = (
    r"(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|2[1-6][0-9]|35[0-9]|37[0-9]|38[0-9]|42[013]|50[0-9]|59[0-9]|67[0-9]|85[0-6]|88[068]|9[679][0-9])"
)
# What follows a code, without which a group of digits beside others would not be told from a house number and
# a post code.
_AFTER_CODE = _shapes(
    """n ddddddd, n dddddddd, n ddd dddd, n dddd dddd, n ddd ddd ddd, n dd dd dd dd, nd ddddddd, nd dddddddd,
    nd ddd ddd, nd ddd dddd, nd dddd dddd, nd ddd dd dd, nd dd dd dd, nd ddddd dddd, n nd dddd dddd, ndd dddddd,
    ndd ddddddd,
    ndd dddddddd, ndd ddd ddd, ndd ddd dddd, ndd ddd dd dd, ndd dddd dddd, ndd dddd ddd, ndd dd dd dd, nddd dddddd,
    nddd ddd ddd, nddd ddddddd, nd d ddd ddd, ndddddddd, nddddddddd, ndddddddddd"""
)
_PLUS = rf"(?:\( ?\+ ?[0-9]{{1,4}} ?\){_ANY}{{6,12}}\b|\B\+ ?\(?[0-9]{_ANY}{{6,14}}\b)"
_WITH_CODE = (
    rf"(?:\( ?\+? ?{_CODE} ?\)[ .\-]{{0,2}}|(?:\+ ?\(?|\b00[ \-]?|\b011[ \-]){_CODE}\)?[ .\-]{{1,2}}"
    rf"|\b{_CODE}[ \-]{{1,2}})(?:\(0\) ?|0)?(?:{_AFTER_CODE})\b"
    rf"|{_PLUS}"
    rf"|\b00[ \-]?[1-9]{_ANY}{{8,12}}\b"
    r"|\b(?:8801[3-9][0-9]{8}|8802[0-9]{7,8}|90[2-5][0-9]{9}|9[12][2-9][0-9]{9}|861[3-9][0-9]{9}|86[2-9][0-9]{9,10}"
    r"|628[0-9]{8,10}|84[35789][0-9]{8}|842[0-9]{9}|947[0-9]{8}|52[2-9][0-9]{9}|351[29][0-9]{8}|393[0-9]{9}"
    r"|212[5-7][0-9]{8}|2519[0-9]{8}|855[1-9][0-9]{8}|959[0-9]{9})\b"
)
# With an area code in brackets: (0532) 123-45-67, (555) 123-4567; not (63) 201301, a sector and a post code.
_AFTER_BRACKETS = _shapes(
    "ddd dddd, dddd dddd, ddd dd dd, ddddddd, dddddddd, dddddddddd, ddd ddd ddd, ddd ddd dddd, dd dd dd dd"
)
_BRACKETS = (
    rf"\(0[0-9]{{1,4}}\) ?[\-/]? ?[0-9](?:{_SIGN}?[0-9]){{5,8}}\b"
    rf"|\([1-9][0-9]{{1,2}}\) ?-? ?(?:{_AFTER_BRACKETS}|9[0-9]{{4}}[ \-][0-9]{{4}})\b"
)
# With the leading 0 of a national number, 9 to 12 digits.
_ZERO = _shapes(
    """0ndddddddddd, 0nddddddddd, 0ndddddddd, 0nddddddd, 0n ddddddd, 0n dddddddd, 0n ddddddddd, 0n ddd dddd,
    0n dddd dddd, 0n dddd ddddd,
    0n ddd ddd ddd, 0n ddd ddd dd, 0nd dddddd, 0nd ddddddd, 0nd dddddddd, 0nd ddd ddd, 0nd ddd dddd, 0nd dddd dddd,
    0nd dddd ddd,
    0nd ddd dd dd, 0nd d ddd ddd, 0nd dd dd dd, 0ndd dddddd, 0ndd ddddddd, 0ndd dddddddd, 0ndd ddd ddd,
    0ndd ddd dddd, 0ndd dddd ddd,
    0ndd dddd dddd, 0ndd ddd dd dd, 0ndd dd dd dd, 0ndd dddd ddddd, 0nddd dddddd, 0nddd ddd ddd, 0nddd dd dd dd,
    0ndddd ddddd,
    0 ndddddddd, 0 nddddddddd, 0 nddd dddd, 0 ndddd ddddd, 0 ndd ddd dddd, 0 ndd ddd dd dd, 0 ndd ddddddd,
    0 ndd dddddddd""",
    (r"(?:[ .\-/]|\) | - )",),
)
_PAIRS = _shapes("0n nd dd dd dd, 0n 0d nd dd dd", _SAME)  # 06 12 34 56 78; not 01 02 03 04 05, five plots
# With neither: only groupings and runs that addresses hardly have.
_OTHER = (
    r"1[3-9][0-9]{9}|[6-9][0-9]{9}|9[1236][0-9]{7}|[6-9][0-9]{4}[ \-][0-9]{5}|3[2-9][0-9][ \-][0-9]{7}"
    r"|[1-9][0-9]{2}-[0-9]{8}"
    r"|[2-9][0-9]{2}/ ?[0-9]{3}--?[0-9]{4}|[29][0-9]{2} [0-9]{3} [0-9]{3}|2[0-9] [0-9]{3} [0-9]{4}"
    r"|1[3-9][0-9] [0-9]{4} [0-9]{4}|1[3-9][0-9]-[0-9]{4}-[0-9]{4}|"
    + _shapes("ndd ddd dddd, ndd ddd dd dd, nd dddd dddd", _SAME)
)
_EXTENSION = (
    r"(?:(?i:[ ,;]{0,2}\(?(?:extension|extn|ext|x|dahili|ramal|anexo)"
    r"|[ ,;(]{0,2}(?:转|轉|内线))[ .:\-]{0,2}[0-9]{1,6}\b\)?)?"
)
_SHAPE = rf"(?:{_WITH_CODE}|{_BRACKETS}|\b(?:{_ZERO}|{_PAIRS}|{_OTHER})\b)"

# --- telephone numbers that say what they are: from 6 digits, whatever their shape ----------------------------------
_LABEL = (
    r"(?i:\b(?:tele?phones?|telefon[uieao]?s?|tel[eé]fonos?|telefax|t[eé]l[eé]phones?|tele|tel[eé]?f?|t[eé]l|tfn|telp"
    r"|tlp|tlfn?|tfno?|phones?|phn|fone|handphone"
    r"|mobiles?|mobil|mob|m[oó]vil|celular|fax|faks|hotline|landline|whats ?app|viber|wechat|weixin|gsm"
    r"|contacts? (?:no|nos|num|number|numbers))"
    r"|电话|電話|手机|手機|传真|傳真|联系方式|微信|điện thoại|di động|sđt|đtdđ|โทรศัพท์|โทร|هاتف|تليفون|تلفون|جوال|موبايل"
    r"|फ़ोन|फोन|मोबाइल|ফোন|মোবাইল|ទូរស័ព្ទ|ဖုန်း)"
)
_COLON_LABEL = r"(?i:(?:\b(?:ph|cell|cel|wa|[mtf])\b\.?(?: ?no\b\.?)?|đt) ?:)"  # with its colon as clear as those
# Ph is a phase as well: these need a run or two groups that make a local number.
_WEAK_LABEL = r"(?i:\b(?:ph|cell|cel|wa|contact)\b)"
# A state of India, a code of Brazil, a road of Vietnam: these need the shape of a telephone number.
_SHAPED_LABEL = r"(?i:\b(?:cep|hp|dt)\b|đt)"
_GLUE = (
    r"(?i:[ .:#/&=()|\-]*\b(?:nos?|num|number|numara(?:s[iı])?|office|off|res|"
    r"tel|fax|ph|phone|mob|mobile|cell|whatsapp)\b)*[ .:#/&=()|\-]{0,4}"
)
_ANY_LABEL = rf"(?:{_LABEL}|{_COLON_LABEL}|{_WEAK_LABEL}|{_SHAPED_LABEL}){_GLUE}"
_LOCAL_NUMBER = (
    rf"(?:{_LABEL}|{_COLON_LABEL}){_GLUE}(?:\+?[0-9]{{8,14}}\b|\+?[0-9]{_ANY}{{5,14}}\b)"
    rf"|{_WEAK_LABEL}{_GLUE}(?:[0-9]{{7,14}}\b|[0-9]{{3,4}}[ \-][0-9]{{4}}\b)"
)
_MORE = r"(?:[/\-][0-9]{1,3}\b)?(?:(?: ?[,;/&] ?| (?:and|or|ve|y) )[0-9]{7,8}\b)*"  # Tel. 8832615, 8858968

# --- numbers that say that they are none, links and decimals: put back ----------------------------------------------
_KEPT = (
    r"(?i:\b(?:plot|survey|s\.?y|s\.?f|khasra|khata|gat|gut|door|lot|box|apartado|pin|zip|cep|postal code"
    r"|post ?code|km)[ .:#\-]{0,3}"
    r"(?:(?:nos?|number|code)\b[ .:#\-]{0,3})?[0-9][0-9/\-]{0,9}\b"
    r"|\b(?:reg|regn|registration|registry|licen[cs]e|lic|permit|cert|certificate|vkn|vergi|iva|vat|tin|e-?tin|bin"
    r"|gst|gstin|pan|cin|tax|tax code|mst|nif|nit|cnpj"
    r"|cpf|rfc|ruc|npwp|nib|siret|siren|duns|d-u-n-s|gln|ean|lei|mersis|sicil|ein|nip|regon|krs|crn|brn|uen|ntn|id)"
    r"[ .:#\-]{0,3}(?:(?:nos?|num|number|numaras[iı]|code|id)\b[ .:#\-]{0,3})?[0-9][0-9/\-]*)"
    r"|(?i:https?://|www\.)[^ ]+|[0-9]{1,3}\.[0-9]{4,}"
)
_LINK = r"(?i:(?:https?://)?(?:wa\.me/|api\.whatsapp\.com/send/?\?phone=)\+?[0-9]+)"
_PHONE = rf"{_LINK}|(?:(?:{_ANY_LABEL})?{_SHAPE}|{_LOCAL_NUMBER}){_MORE}{_EXTENSION}|({_KEPT})"
# In ids: only what says what it is.
_SAID = rf"{_LINK}|(?:{_ANY_LABEL}{_SHAPE}|{_LOCAL_NUMBER}|{_PLUS}){_MORE}{_EXTENSION}|({_KEPT})"

# --- the cheap look first -------------------------------------------------------------------------------------------
_FAR = r"\x{a0}\x{ad}\x{2000}-\x{206f}\x{2212}\x{3000}\x{ff08}-\x{ff0f}"
_SUSPICIOUS = (
    rf"[{HARMFUL_SQL}@＠]|" + r"&commat;|&#64;|%40|(?i:[(\[{<] ?at ?[)\]}>]| dot [a-z]|\bat [a-z0-9.\-]+\.[a-z]{2,4}\b)"
    r"|\+ ?[(0-9]|[٠-٩۰-۹०-९০-৯๐-๙၀-၉០-៩０-９]"
    rf"|[0-9](?:[ .\-/()+{_FAR}]{{0,3}}[0-9]){{7}}"
    r"|(?i:\b(?:tel|t[eé]l|tl[fp]|tfno?|ph\b|phn|phone|fone|handph|mob|m[oó]v|fax|faks|cel|hotl|landl|whats|viber|we[cx]|gsm"
    r"|contact|wa\b|[mtf] ?:|cep\b|hp\b|dt\b)[^0-9]{0,16}[0-9]"
    r"|电话|電話|手机|手機|传真|傳真|联系方式|微信|điện thoại|di động|đt|โทร|هاتف|تليفون|تلفون|جوال|موبايل"
    r"|फ़ोन|फोन|मोबाइल|ফোন|মোবাইল|ទូរស័ព្ទ|ဖုန်း)"
)


def scrubbed(cell: str, *, is_identifier: bool = False) -> str:
    """SQL for a text cell without control characters, e-mail addresses and telephone numbers.

    Args:
        cell: SQL of the cell's text.
        is_identifier: The cell holds a number by nature: only e-mail addresses, and telephone numbers with a label or
            a plus, are taken out.
    """
    # translate() is slow: only where a character is more than one byte.
    foreign = f"translate({cell}, {quote_literal(_FOREIGN)}, {quote_literal(_PLAIN)})"
    plain = f"case when strlen({cell}) = length({cell}) then {cell} else {foreign} end"
    phone = _SAID if is_identifier else _PHONE
    without = (
        f"regexp_replace(regexp_replace({plain}, {quote_literal(_EMAIL)}, '', 'g'), {quote_literal(phone)}, '\\1', 'g')"
    )
    return (
        f"case when regexp_matches({cell}, {quote_literal(_SUSPICIOUS)}) "
        f"then list_transform([{without}], lambda left_over: "
        f"case when left_over <> {plain} then {_tidy('left_over')} "
        f"when regexp_matches({cell}, '[{HARMFUL_SQL}]') then {_tidy(cell)} else {cell} end)[1] else {cell} end"
    )


def _tidy(text: str) -> str:
    """SQL of the text on one line, without what turns the direction of writing."""
    straight = f"regexp_replace({text}, '{_TURNING}', '', 'g')"
    return f"nullif(trim(regexp_replace({straight}, '{_ENDING_LINES}', ' ', 'g'), ' ,;:'), '')"
