"""Asking clamd whether a file carries a virus: the file goes over its socket (INSTREAM), nothing is left there."""
import re
import socket
import struct
import time
from typing import BinaryIO, NamedTuple

from django.core.exceptions import ImproperlyConfigured

PIECE = 2**16
LONGEST_ANSWER = 4096
UNIX, TCP = re.compile(r"unix:(?://)?(/.+)"), re.compile(r"tcp:(?://)?([^/:\s]+|\[[0-9a-f:]+\]):(\d{1,5})/?")

CLEAN, INFECTED, FAILED = "clean", "infected", "failed"
DOWN, SILENT, TOO_LARGE, ERROR, NO_FILE = "down", "silent", "too_large", "error", "no_file"


class Outcome(NamedTuple):
    """What came of a scan: 'clean'; 'infected' with the virus's name as note; or 'failed' with why it did: 'down',
    'silent', 'too_large' (beyond the scanner's own limits), 'error', 'no_file' (the storage didn't give it)."""

    state: str
    note: str = ""


def read_scanner(text: str) -> str | tuple[str, int]:
    """Where clamd listens: the path of unix:/run/clamav/clamd.ctl, or host and port of tcp:127.0.0.1:3310.
    Raises ImproperlyConfigured for anything else."""
    if found := UNIX.fullmatch(text):
        return found[1]
    if (found := TCP.fullmatch(text)) and 1 <= int(found[2]) <= 65535:
        return found[1].strip("[]"), int(found[2])
    raise ImproperlyConfigured(
        f"CLAMD_URL can't be '{text}': write unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310, or leave it empty."
    )


def scan(stream: BinaryIO, url: str, *, seconds: float) -> Outcome:
    """Let the clamd at `url` look at a stream; at most `seconds` pass without a byte of progress, or from the last byte
    sent to the whole answer. Never raises for what the scanner does: that is an outcome."""
    try:
        connection = _connect(read_scanner(url), seconds)
    except TimeoutError:
        return Outcome(FAILED, SILENT)
    except OSError:
        return Outcome(FAILED, DOWN)
    with connection:
        try:
            _send(connection, stream)
        except TimeoutError:
            return Outcome(FAILED, SILENT)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has enough, and its answer says why
        return _outcome(connection, seconds)


def _connect(address: str | tuple[str, int], seconds: float) -> socket.socket:
    if isinstance(address, tuple):
        return socket.create_connection(address, timeout=seconds)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(seconds)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def _send(connection: socket.socket, stream: BinaryIO) -> None:
    """The stream in pieces, each behind its length; a length of 0 ends it."""
    connection.sendall(b"zINSTREAM\0")
    while piece := stream.read(PIECE):
        connection.sendall(struct.pack("!L", len(piece)) + piece)
    connection.sendall(struct.pack("!L", 0))


def _outcome(connection: socket.socket, seconds: float) -> Outcome:
    try:
        answer = _answer(connection, time.monotonic() + seconds)
    except TimeoutError:
        return Outcome(FAILED, SILENT)
    except OSError:
        return Outcome(FAILED, DOWN)
    return read_answer(answer)


def _answer(connection: socket.socket, deadline: float) -> str:
    """The scanner's sentence, up to its NUL or the end of the connection; TimeoutError at the deadline."""
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        piece = connection.recv(LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def read_answer(answer: str) -> Outcome:
    """clamd's sentence as an outcome; only its 'stream: OK' means clean."""
    if answer == "stream: OK":
        return Outcome(CLEAN)
    if found := re.fullmatch(r"stream: (.+) FOUND", answer):
        # With AlertExceedsMax the scanner calls so what it did not look at to its end.
        if found[1].startswith("Heuristics.Limits.Exceeded"):
            return Outcome(FAILED, TOO_LARGE)
        return Outcome(INFECTED, found[1][:200])
    if "size limit exceeded" in answer:
        return Outcome(FAILED, TOO_LARGE)
    return Outcome(FAILED, ERROR if answer else DOWN)
