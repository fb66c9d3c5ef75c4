"""What passes between the web worker and its printing process: one letter, a length, and that many bytes."""
import socket
import struct
import time
from typing import NamedTuple

JOB = b"J"  # JSON: the arguments of render_pdf, and the seconds that it may take
PDF = b"P"
LAST_PDF = b"L"  # and the process that printed it is to be replaced
ERROR = b"E"  # a traceback as UTF-8
OUT_OF_MEMORY = 3  # the exit status that takes the place of a parcel when there is no memory left to make one
_HEAD = struct.Struct("!cQ")
_PIECE = 1 << 20


class Attached(NamedTuple):
    """A text that lies in the PDF as a file of its own: what the page says, as data. `moment` is an ISO time."""

    name: str
    description: str
    text: str
    moment: str


def send(channel: socket.socket, kind: bytes, body: bytes, deadline: float | None = None) -> None:
    """Send a parcel whole, by `deadline` (time.monotonic()); TimeoutError after it, OSError if nobody reads."""
    _set_timeout(channel, deadline)
    channel.sendall(_HEAD.pack(kind, len(body)) + body)


def receive(channel: socket.socket, deadline: float | None = None) -> tuple[bytes, bytes]:
    """Wait for a parcel until `deadline` and give its kind and body; EOFError when the other end is gone,
    TimeoutError after the deadline, OSError if the connection broke."""
    kind, size = _HEAD.unpack(_exactly(channel, _HEAD.size, deadline))
    return kind, _exactly(channel, size, deadline)


def _exactly(channel: socket.socket, size: int, deadline: float | None) -> bytes:
    pieces = bytearray()
    while len(pieces) < size:
        _set_timeout(channel, deadline)
        piece = channel.recv(min(_PIECE, size - len(pieces)))
        if not piece:
            raise EOFError("the other end is gone")
        pieces += piece
    return bytes(pieces)


def _set_timeout(channel: socket.socket, deadline: float | None) -> None:
    left = None if deadline is None else deadline - time.monotonic()
    if left is not None and left <= 0:
        raise TimeoutError("the deadline has passed")
    channel.settimeout(left)
