"""Names of files that people read and every system can store: nothing that leads out of a folder or hides an ending."""
import re
import unicodedata

MOST_BYTES = 150
FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
# What Windows takes for a device, whatever ending follows.
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)


def file_part(text: str, most_bytes: int = MOST_BYTES) -> str:
    """A text as one part of a path: no separators, control or invisible characters, no device, no dots or blanks at
    its ends, at most so many bytes of UTF-8, cut between letters; '_' where nothing is left."""
    text = FORBIDDEN.sub(" ", unicodedata.normalize("NFC", text))
    seen = "".join(letter for letter in text if unicodedata.category(letter) not in ("Cf", "Cc", "Cs", "Co", "Cn"))
    part = shortened(" ".join(seen.split()), most_bytes).strip(" .")
    return f"_{part}" if DEVICES.match(part) else part or "_"


def shortened(text: str, most_bytes: int) -> str:
    """The beginning of a text with at most so many bytes, not cut within a letter and its marks."""
    if len(text.encode()) <= most_bytes:
        return text
    cut = text.encode()[: most_bytes - len("…".encode())].decode(errors="ignore")
    while cut and unicodedata.category(text[len(cut)]) in ("Mn", "Mc", "Me"):
        cut = cut[:-1]
    return f"{cut.rstrip()}…"
