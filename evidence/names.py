"""The name under which a file is shown and handed out again."""

import re
import unicodedata

from evidence.inspection.kinds import KINDS, KNOWN_ENDINGS
from scoring.engine.text import clean_text

MAX_BYTES = 255  # what every file system takes
LONGEST = 1000  # characters that are looked at
_RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|COM[0-9¹²³]|LPT[0-9¹²³])(?=[ .]|$)", re.IGNORECASE)
_LEADING_VOWELS = "\u0e40\u0e41\u0e42\u0e43\u0e44"
_SARA_AM = "\u0e33"
_ANGLES = str.maketrans("<>", "__")  # before clean_text, which would take them for the tags of a paste


def clean_name(name: str, extension: str = "") -> str:
    """`name` without path, control and invisible characters, and whatever a file system could stumble over.

    At most 255 bytes of UTF-8, cut between Thai clusters. With `extension` (of KINDS) it gets that ending in place
    of those it claims to have ('report.pdf.exe' of a PDF is 'report.pdf'); without, its own ending stays.
    """
    name = _base(_visible(name.translate(_ANGLES)))
    ending = f".{extension}" if extension else ""
    stem = _without_endings(name) if extension else name
    if not extension and "." in name:
        stem, dot, own = name.rpartition(".")
        stem, ending = (stem, dot + own) if len(own.encode()) <= 16 else (name, "")
    if not stem.strip("_ ."):
        stem = KINDS[extension].default if extension in KINDS else "document"
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    return _cut(stem, MAX_BYTES - len(ending.encode())) + ending


def _visible(name: str) -> str:
    """Printable characters only, in one spelling, on one line."""
    text = " ".join(clean_text(name.replace("\r", " ")).split())
    kept = (character for character in text if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return " ".join(clean_text("".join(kept)).split())  # what was kept may have come together to one sign


def _base(name: str) -> str:
    """The last part of a path of any system, without what Windows refuses and without dots at its ends."""
    parts = [part for part in re.split(r"[/\\]", name) if part.strip(" .")]
    last = parts[-1] if parts else ""
    if len(last) > LONGEST:
        last = last[: LONGEST - 100] + last[-100:]
    return re.sub(r'[:"|?*]', "_", last).strip(" .")


def _without_endings(name: str) -> str:
    """The name without the endings of files it claims to be."""
    while "." in name:
        stem, _, ending = name.rpartition(".")
        if ending.strip().lower() not in KNOWN_ENDINGS:
            break
        name = stem.rstrip(" .")
    return "" if name.lower() in KNOWN_ENDINGS else name


def _cut(text: str, limit: int) -> str:
    """`text` in at most `limit` bytes, with no Thai cluster torn apart and no space or dot at its end."""
    if len(text.encode()) > limit:
        kept = text.encode()[:limit].decode(errors="ignore")
        while kept and _continues(text[len(kept)]):
            kept = kept[:-1]
        text = kept.rstrip(_LEADING_VOWELS)
    return text.rstrip(" .")


def _continues(character: str) -> bool:
    """Whether it belongs to the character before it."""
    return character == _SARA_AM or unicodedata.category(character) in ("Mn", "Mc", "Me")
