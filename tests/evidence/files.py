"""Honest files for the tests of storing."""
import io
from functools import cache

from PIL import Image

TEXT = "รายงานผลการดำเนินงาน รอบ 12 เดือน\n"


@cache
def png() -> bytes:
    """A small picture."""
    return _saved("PNG")


@cache
def pdf() -> bytes:
    """A page with a picture."""
    return _saved("PDF")


def text(size: int) -> bytes:
    """Thai lines of exactly `size` bytes."""
    line = TEXT.encode()
    whole, rest = divmod(size, len(line))
    return line * whole + b"a" * rest


def _saved(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#d33682").save(out, kind)
    return out.getvalue()
