"""`python -m scoring.engine [--lang th|en]`: JSON lines in, JSON lines out (golden/README.md).

Blank lines are skipped; a line that can't be taken is answered with its error, and the exit status is then 1.
"""

import argparse
import gc
import json
import os
import sys
from collections.abc import Iterator
from decimal import Decimal
from math import isfinite
from typing import BinaryIO

from scoring.engine.line import answer, too_long

MAX_LINE = 1 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def _plain_json(value: object) -> object:
    """A fractional id, which was read as a Decimal, back as a JSON number."""
    if isinstance(value, Decimal):
        return float(value) if isfinite(float(value)) else str(value)
    raise TypeError(type(value).__name__)


_BETWEEN = '", "'
_quote = json.encoder.encode_basestring
_encode = json.JSONEncoder(ensure_ascii=False, default=_plain_json).encode
_encode_ascii = json.JSONEncoder(default=_plain_json).encode


def lines(source: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """The numbered lines of `source` that are not blank; None for a line of more than MAX_LINE bytes."""
    number = 0
    while line := source.readline(MAX_LINE + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if len(line) > MAX_LINE:
            while not line.endswith(b"\n") and (line := source.readline(MAX_LINE)):
                pass
            yield number, None
        elif not line.isspace():
            yield number, line


def _written(out: dict) -> bytes:
    """`out` as a JSON line. All but the id are texts and lists of texts, so the encoder is not needed."""
    try:
        if len(out) == 3 and type(out["id"]) is str:  # id, score, working
            steps = ", ".join(map(_quote, out["working"]))
            start = f'{{"id": {_quote(out["id"])}, "score": "{out["score"]}"'
            return f'{start}, "working": [{steps}]}}\n'.encode()
        members = ", ".join([f'"{key}": {_member(key, value)}' for key, value in out.items()])
        return f"{{{members}}}\n".encode()
    except UnicodeEncodeError:  # half a surrogate pair can't stand in UTF-8, but can be escaped
        return f"{_encode_ascii(out)}\n".encode()
    except RecursionError:  # an id of a thousand brackets
        return _written(out | {"id": None})


def _member(key: str, value: object) -> str:
    if type(value) is str:
        return _quote(value)
    if key == "id" or value is None:
        return _encode(value)
    if key in ("weighted", "share") and None not in value:  # numbers need no escapes
        return f'["{_BETWEEN.join(value)}"]'
    return f"[{', '.join(['null' if text is None else _quote(text) for text in value])}]"


def run(source: BinaryIO, sink: BinaryIO, lang: str) -> int:
    """Answer every line of `source` on `sink`, one at a time; 1 if any could not be taken, else 0."""
    status = 0
    for number, line in lines(source):
        out = too_long(number, MAX_LINE, lang) if line is None else answer(line, number, lang)
        if "error" in out:
            status = 1
        sink.write(_written(out))
    sink.flush()
    return status


def main() -> int:
    """Read the options and answer standard input on standard output."""
    options = argparse.ArgumentParser(prog="python -m scoring.engine", description=__doc__.splitlines()[0])
    options.add_argument("--lang", choices=("th", "en"), default="th", help="language of the working")
    lang = options.parse_args().lang
    gc.set_threshold(100_000)  # lines leave no cycles behind, so looking for them every 700 objects is wasted
    try:
        return run(sys.stdin.buffer, sys.stdout.buffer, lang)
    except BrokenPipeError:  # the reader has gone: nobody is left to tell, and Python must not flush at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
