"""Pasted text made clean, and the order of Thai words. Reached through text.py."""

import re
import unicodedata

ZERO_WIDTH = (
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_BREAKS = "\r\x0b\x0c\u2028\u2029"
# Word's bullets in Symbol and Wingdings stand in the private-use area.
_BULLETS = {0xF0FC: "✓", 0xF0FE: "☑", 0xF052: "☑", 0xF0A8: "☐", 0xF06F: "☐", 0xF0E0: "→", 0xF02D: "-"}
# Windows-874/1252 quotation marks, dashes and dots that were read as control characters.
_SMART = dict(zip((0x85, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97), "…‘’“”•–—", strict=True))
# Old Thai fonts keep lowered and shifted signs in the private-use area: U+F700 to U+F71A.
_OLD_THAI = dict(zip(range(0xF700, 0xF71B), "ฐิีึื่้๊๋์่้๊๋์ญัํ็่้๊๋์ฺุู", strict=True))


def _table() -> dict[int, str | None]:
    """What `str.translate` does with each odd character of a paste."""
    table: dict[int, str | None] = dict.fromkeys(range(0x20))
    table |= dict.fromkeys(range(0x7F, 0xA0))
    table |= dict.fromkeys([*range(0xD800, 0xE000), 0xFFFE, 0xFFFF])
    table |= dict.fromkeys(range(0xE000, 0xF900))
    table |= dict.fromkeys(range(0xF020, 0xF100), "•")
    table |= dict.fromkeys(map(ord, ZERO_WIDTH))
    table |= dict.fromkeys(map(ord, _SPACES), " ") | dict.fromkeys(map(ord, _BREAKS), "\n")
    return table | _BULLETS | _SMART | _OLD_THAI | {0x09: "\t", 0x0A: "\n"}


_TRANSLATION = _table()

_VOID = "br|hr|img|meta|link|col"
_PAIRED = (
    "p|div|span|b|i|u|s|a|strong|em|font|sup|sub|small|table|thead|tbody|tfoot|tr|td|th|ul|ol|li|h[1-6]|html|body"
    "|head|title|pre|code|blockquote|center|label|style|script|[ovw]:[a-z]+"
)
_VALUE = r"""(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=]+)"""
_TAG = re.compile(
    rf"<(/?)({_VOID}|{_PAIRED})((?:\s+[\w:-]+\s*=\s*{_VALUE})*)\s*/?>", re.IGNORECASE)
_UNSEEN = re.compile(
    r"<!--(?:(?!<!--).)*?-->|<(style|script)\b[^<>]*>(?:(?!<\1\b).)*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_IS_VOID = re.compile(_VOID, re.IGNORECASE).fullmatch
_BREAKING = {"br", "hr", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"}

_TONES = "\u0e48-\u0e4b"
_NIKHAHIT_AA = re.compile(f"\u0e4d([{_TONES}]*)\u0e32")
_AM_BEFORE_TONE = re.compile(f"\u0e33([{_TONES}]+)")
_SIGNS = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]{2,}")
_TRAILING_SPACE = re.compile(r"[ \t]+(?=\n|\Z)")
_ABOVE_VOWELS = frozenset("\u0e48\u0e49\u0e4a\u0e4b\u0e4c")


def clean_text(text: str) -> str:
    """`text` as typed by hand, whatever program it was pasted from; applying it again changes nothing.

    Line breaks stay; control and zero-width characters, trailing spaces and the tags of an HTML paste go; odd
    spaces and Word's bullets become plain ones; Thai gets its one spelling (ำ as U+0E33, แ for เเ, the vowel
    sign before the tone mark), everything else Unicode's NFC.
    """
    text = text.replace("\r\n", "\n").translate(_TRANSLATION)
    if "<" in text:
        text = _without_tags(text)
    return _TRAILING_SPACE.sub("", one_spelling(text)).strip("\n")


def one_spelling(text: str) -> str:
    """One spelling for what looks the same: decomposed ำ, เเ for แ, tone marks typed too early; else NFC."""
    text = text.replace("\u0e40\u0e40", "\u0e41")
    text = _NIKHAHIT_AA.sub("\\1\u0e33", text)
    text = _AM_BEFORE_TONE.sub("\\1\u0e33", text)
    text = _SIGNS.sub(lambda run: "".join(sorted(run.group(), key=_ABOVE_VOWELS.__contains__)), text)
    return unicodedata.normalize("NFC", text)


def _without_tags(text: str) -> str:
    """`text` without what is clearly HTML: known names, and in pairs, so that 'a <b' and '<b>' alone stay."""
    for _ in range(10):
        before = text
        text = _UNSEEN.sub("", text)
        found = [(bool(slash), name.lower()) for slash, name, _ in _TAG.findall(text)]
        pairs = {name for closing, name in found if closing} & {
            name for closing, name in found if not closing
        }
        text = _TAG.sub(lambda tag, known=pairs: _tag_text(tag, known), text)
        if text == before:
            return text
        text = re.sub("&nbsp;", " ", text)
    return text


def _tag_text(tag: re.Match[str], pairs: set[str]) -> str:
    """What stands in the place of a tag: itself if it is none, a line break after a block, else nothing."""
    slash, name, attributes = tag.group(1), tag.group(2).lower(), tag.group(3)
    if not (_IS_VOID(name) or name in pairs or attributes):
        return tag.group()
    if name == "td" and slash:
        return "\t"
    return "\n" if name in _BREAKING and (slash or _IS_VOID(name)) else ""


_LEADING_VOWEL = re.compile("([\u0e40-\u0e44])([\u0e01-\u0e2e])")
_UNSORTED = dict.fromkeys(range(0x0E47, 0x0E4F)) | dict(zip(range(0x0E50, 0x0E5A), "0123456789", strict=True))


def thai_sort_key(text: str) -> str:
    """A key whose code-point order is the order of a Thai dictionary (stack.md, 'SQLite and PostgreSQL').

    The leading vowel stands behind its consonant; tone marks are dropped; letter case and the shape of
    digits don't count.
    """
    spelled = clean_text(text)
    return _LEADING_VOWEL.sub(r"\2\1", spelled).translate(_UNSORTED).casefold()


_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def cell_text(text: str) -> str:
    """`text` as a cell of a CSV file that no spreadsheet takes for a formula: an apostrophe stands before one."""
    return f"'{text}" if _FORMULA.match(text) else text
