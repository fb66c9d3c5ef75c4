"""The one place that rounds and writes numbers, digits and dates, and reads what people type.

Scores are Decimals of four places, rounded half-up and once (domain.md, 'Rubrics'). Years are Buddhist
in Thai and CE in English (look.md, 'Measures').
"""

import re
from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from scoring.engine.cleaning import ZERO_WIDTH, cell_text, clean_text, thai_sort_key

__all__ = [
    "CUT",
    "EXACT",
    "FOUR_PLACES",
    "EngineError",
    "Message",
    "arabic_digits",
    "cell_text",
    "clean_text",
    "date_text",
    "divide_score",
    "fiscal_year_text",
    "number_text",
    "parse_date",
    "parse_number",
    "plain",
    "quantize",
    "quotient4",
    "quoted",
    "round4",
    "score_text",
    "signed_text",
    "thai_digits",
    "thai_sort_key",
    "time_text",
    "with_unit",
]

MAX_WHOLE_DIGITS, MAX_PLACES = 15, 10
UNITS_BEFORE = ("ร้อยละ", "ระดับ")
FOUR_PLACES = Decimal("0.0001")
# Sums, products and differences of our numbers never need more digits, so this context never rounds.
EXACT = Context(prec=100_000)
# A quotient is cut, not rounded: a cut number lies on the same side of every half as the true one.
CUT = Context(prec=60, rounding=ROUND_DOWN)
_HALF_UP = Context(prec=200, rounding=ROUND_HALF_UP)
# For the innermost loops, which call them themselves: quantize(number, FOUR_PLACES) is round4, and
# divide_score is enough for a quotient that is a score, of 15 digits before the point at most.
quantize, divide_score = _HALF_UP.quantize, Context(prec=28, rounding=ROUND_DOWN).divide
_divide = CUT.divide


class Message(NamedTuple):
    """One sentence for people, in both languages."""

    th: str
    en: str

    def text(self, lang: str) -> str:
        """The sentence in `lang`: English for 'en' and 'en-…', Thai for anything else."""
        return self.en if lang[:2] == "en" else self.th


class EngineError(ValueError):
    """Input that cannot be scored; `message` says what to mend, `field` which input it is ('' if the whole).
    """

    def __init__(self, message: Message, field: str = "") -> None:
        super().__init__(message.en)
        self.message = message
        self.field = field


def round4(number: Decimal) -> Decimal:
    """`number` to four places, half-up: the only rounding of the tree (domain.md, 'Rubrics')."""
    return quantize(number, FOUR_PLACES)


def quotient4(numerator: Decimal, denominator: Decimal) -> Decimal:
    """numerator / denominator to four places, half-up, as if the division had endless digits.

    Raises decimal.DivisionByZero for a denominator of zero: callers decide what that means.
    """
    return quantize(_divide(numerator, denominator), FOUR_PLACES)


def score_text(score: Decimal | None) -> str:
    """A score or weighted score as printed: four places ('3.1000'), '–' where there is none."""
    if score is None:
        return "–"
    rounded = quantize(score, FOUR_PLACES)
    return str(rounded if rounded else rounded.copy_abs())


def signed_text(difference: Decimal) -> str:
    """A difference of scores with its sign: '+0.1000', '−0.1000'; '0.0000' where nothing changes."""
    shown = score_text(difference.copy_abs())
    return shown if not round4(difference) else f"{'−' if difference < 0 else '+'}{shown}"


def number_text(number: Decimal, places: int | None = None) -> str:
    """A number as entered ('84.40'), no exponent, no commas; `places` fixes the places, half-up."""
    if places is not None:
        number = quantize(number, Decimal(1).scaleb(-places))
    shown = str(number if number else number.copy_abs())
    return format(number, "f") if "E" in shown else shown


def with_unit(number: str, unit: str) -> str:
    """A number with its unit of measure: '12 ฉบับ', but 'ร้อยละ 12' and 'ระดับ 5', as Thai is written."""
    return f"{unit} {number}" if unit in UNITS_BEFORE else f"{number} {unit}".strip()


def plain(number: Decimal) -> str:
    """A number at its shortest: '5' for 5.0, '0.5' for 0.50; for weights and levels."""
    shown = str(number)
    if "E" in shown or not number:
        shown = number_text(number)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


_TO_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
_TO_ARABIC = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_FILE_ENDINGS = (
    "pdf|docx?|docm|dotx?|xlsx?|xlsm|xlsb|pptx?|ppsx?|odt|ods|odp|rtf|txt|csv|json|xml|ya?ml|html?|php|aspx?|jsp"
    "|jpe?g|png|gif|bmp|tiff?|webp|svg|heic|mp[34]|m4[av]|avi|mov|wmv|wav|zip|rar|7z|gz|tar|eml|msg|vsdx?|dwg|sql"
)
# What stays in Arabic digits on a Thai-digit card: addresses and file names (domain.md, 'The report card').
# Each starts at the beginning of its run and is bounded, so that long texts take no more than linear time.
_ADDRESS = re.compile(
    rf"""(?<![a-z0-9+.-])(?:[a-z][a-z0-9+.-]{{1,20}}://|www\.|mailto:|[a-z]:\\)\S+|\\\\\S+  # web, paths
    | (?<![\w.+%-])[\w.+%-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}})+                        # e-mail
    | (?<![^\s/\\:*?"<>|,;])[^\s/\\:*?"<>|,;]{{0,255}}\.(?:{_FILE_ENDINGS})(?![a-z0-9])  # files
    | (?<![\d.])(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?:/\d+|:\d+)?(?![\d.]*\d)                      # IPv4
    | (?<![\w:])(?:[0-9a-f]{{1,4}}:){{7}}[0-9a-f]{{1,4}}(?![\w:])                            # IPv6
    | (?<![\w:])(?:(?:[0-9a-f]{{1,4}}:){{1,7}}|:)(?::[0-9a-f]{{1,4}}){{1,7}}(?![\w:])
    | (?<![a-z0-9.-])(?:[a-z0-9-]{{1,63}}\.){{0,9}}(?=[0-9-]{{0,62}}[a-z])[a-z0-9-]{{1,63}}
      \.(?:[a-z0-9-]{{1,63}}\.){{0,9}}[a-z]{{2,}}(?![a-z0-9])(?::\d+)?(?:/\S*)?              # host names
    """,
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)


def size_text(size: int) -> str:
    """The size of a file to one decimal: '640 B', '12.0 KB', '1.2 MB'."""
    for bits, name in ((20, "MB"), (10, "KB")):
        if size >= 1 << bits:
            tenths = (size * 10 + (1 << bits - 1)) >> bits
            return f"{tenths // 10}.{tenths % 10} {name}"
    return f"{size} B"


def thai_digits(text: str) -> str:
    """`text` with ๐–๙ for 0–9, except in web, e-mail and IP addresses, hosts, paths and file names."""
    pieces, end = [], 0
    for match in _ADDRESS.finditer(text):
        pieces += text[end:match.start()].translate(_TO_THAI), match.group()
        end = match.end()
    return "".join(pieces) + text[end:].translate(_TO_THAI)


def arabic_digits(text: str) -> str:
    """`text` with 0–9 for ๐–๙."""
    return text.translate(_TO_ARABIC)


_NUMBER = re.compile(r"([+-]?)0*(\d*)(?:\.(\d*))?", re.ASCII)
_COMMAS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
# Numbers pasted from PDF and Word bring characters along that nobody sees.
_TYPED = str.maketrans("๐๑๒๓๔๕๖๗๘๙\u2212", "0123456789-", ZERO_WIDTH)


def quoted(value: object, limit: int = 40) -> str:
    """`value` in quotes for a message, on one line, cut after `limit` characters; lists only hinted at."""
    if isinstance(value, str):
        shown = value
    elif isinstance(value, list | tuple | dict):
        shown = "{…}" if isinstance(value, dict) else "[…]"
    else:
        shown = "…" if isinstance(value, int) and value.bit_length() > 400 else str(value)
    shown = " ".join(shown[: limit + 1].split())
    return f"'{shown[:limit]}…'" if len(shown) > limit else f"'{shown}'"


def parse_number(text: str, field: str = "") -> Decimal:
    """The number that a person typed, exact: Thai digits, thousands commas, spaces around and a sign are
    taken.

    At most 15 digits before the point and 10 after (golden/README.md). EngineError otherwise.
    """
    # Eleven characters cannot break the limits; nearly every number is as short, unsigned and without commas.
    if len(text) < 12 and text.isascii() and text.replace(".", "", 1).isdigit():
        return Decimal(text)
    return _parse_typed(text, field)


def _parse_typed(text: str, field: str) -> Decimal:
    typed = text.translate(_TYPED).strip() if len(text) <= 200 else text[:200]
    if "," in typed:
        if not _COMMAS.fullmatch(typed):
            raise EngineError(_comma_message(text), field)
        typed = typed.replace(",", "")
    match = _NUMBER.fullmatch(typed)
    if not match or not any(character.isdigit() for character in typed):
        raise EngineError(Message(
            f"{quoted(text)} ไม่ใช่ตัวเลข ให้กรอกเลขฐานสิบ เช่น 84.40",
            f"{quoted(text)} is not a number: enter a decimal number such as 84.40"), field)
    sign, whole, places = match.groups()
    if len(whole) > MAX_WHOLE_DIGITS or len(places or "") > MAX_PLACES:
        raise EngineError(Message(
            f"{quoted(text)} ยาวเกินไป ให้ใช้ไม่เกิน {MAX_WHOLE_DIGITS} หลักหน้าจุดและ {MAX_PLACES} หลักหลังจุดทศนิยม",
            f"{quoted(text)} is too long: use at most {MAX_WHOLE_DIGITS} digits before the point"
            f" and {MAX_PLACES} after"), field)
    number = Decimal(f"{sign}{whole or 0}.{places}" if places else f"{sign}{whole or 0}")
    return number if number else number.copy_abs()


def _comma_message(text: str) -> Message:
    return Message(
        f"{quoted(text)} วางเครื่องหมายจุลภาคไม่ถูกที่ ให้คั่นหลักพัน เช่น 1,234.50 และใช้จุดเป็นจุดทศนิยม",
        f"{quoted(text)} has a comma in the wrong place: separate thousands as in 1,234.50"
        " and use a point for decimals")


_THAI_MONTHS = (
    "มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน",
    "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม")
_THAI_SHORT_MONTHS = (
    "ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")
_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December")
BUDDHIST_ERA = 543


def date_text(day: date, lang: str, short: bool = True) -> str:
    """A date as people read it: '21 พ.ย. 2569', long '21 พฤศจิกายน 2569'; in English '21 Nov 2026'."""
    if lang[:2] == "en":
        month = _ENGLISH_MONTHS[day.month - 1]
        return f"{day.day} {month[:3] if short else month} {day.year}"
    month = (_THAI_SHORT_MONTHS if short else _THAI_MONTHS)[day.month - 1]
    return f"{day.day} {month} {day.year + BUDDHIST_ERA}"


_DAY = re.compile(r"(?P<day>\d{1,2})[ /.-](?P<month>.{1,12}?)[ /.-](?P<year>\d{4})", re.ASCII)
_ISO_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_MONTHS = {
    name.replace(".", "").lower(): str(number)
    for names in (_THAI_MONTHS, _THAI_SHORT_MONTHS, _ENGLISH_MONTHS, [name[:3] for name in _ENGLISH_MONTHS])
    for number, name in enumerate(names, 1)
}


def parse_date(text: str, field: str = "") -> date:
    """The date that a person typed: '21/11/2569', '๒๑ พ.ย. ๒๕๖๙', '21 Nov 2026' or '2026-11-21'; a year from 2400 on
    is Buddhist. EngineError for anything else, years of two digits too."""
    typed = " ".join(text[:60].translate(_TYPED).split())
    match = _ISO_DAY.fullmatch(typed) or _DAY.fullmatch(typed)
    try:
        month = re.sub("[ /.-]", "", match["month"] if match else "").lower()
        year = int(match["year"] if match else "")
        day = date(year - (BUDDHIST_ERA if year >= 2400 else 0), int(_MONTHS.get(month, month)), int(match["day"]))
        if not 1900 <= day.year < 2200:
            raise ValueError(day)
        return day
    except ValueError as error:
        raise EngineError(Message(
            f"{quoted(text)} ไม่ใช่วันที่ ให้กรอกวัน เดือน และปี พ.ศ. สี่หลัก เช่น 21/11/2569 หรือ 21 พ.ย. 2569",
            f"{quoted(text)} is not a date: enter day, month and a year of four digits such as 21/11/2026"
            " or 21 Nov 2026"), field) from error


def time_text(moment: datetime, lang: str) -> str:
    """The time of day of `moment` as it stands, in its own zone: '14:02 น.', English '14:02'."""
    clock = f"{moment.hour:02}:{moment.minute:02}"
    return clock if lang[:2] == "en" else f"{clock} น."


def fiscal_year_text(year_be: int, lang: str) -> str:
    """A fiscal year, kept in the Buddhist era, as read: 2559 in Thai, 2016 in English."""
    return str(year_be - BUDDHIST_ERA if lang[:2] == "en" else year_be)
