"""A clamd of our own for the tests: it reads what is sent and answers as told."""
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Behaviour = Callable[["Session"], None]


class Session:
    """One connection to the scanner."""

    def __init__(self, connection: socket.socket, quit: threading.Event) -> None:
        self.connection, self.quit = connection, quit
        self._file = connection.makefile("rb")

    def receive(self) -> bytes:
        """The whole stream that the client sends."""
        assert self._file.read(10) == b"zINSTREAM\0"
        data = b""
        while length := struct.unpack("!L", self._file.read(4))[0]:
            data += self._file.read(length)
        return data

    def say(self, words: bytes) -> None:
        self.connection.sendall(words)


def finds(marker: bytes) -> Behaviour:
    """Looks for one virus."""

    def behave(session: Session) -> None:
        session.say(b"stream: Test.Virus FOUND\0" if marker in session.receive() else b"stream: OK\0")

    return behave


def says(words: bytes) -> Behaviour:
    """Answers so whatever comes."""
    return lambda session: (session.receive(), session.say(words))


def is_silent(session: Session) -> None:
    """Takes everything and never answers."""
    session.receive()
    session.quit.wait(30)


def trickles(session: Session) -> None:
    """Answers so slowly that no single wait is long."""
    session.receive()
    for letter in b"stream: OK" * 20:
        if session.quit.wait(0.1):
            return
        session.say(bytes([letter]))


def hangs_up(session: Session) -> None:
    """Closes at once."""


def has_enough(session: Session) -> None:
    """Refuses after the first bytes, as clamd does beyond its StreamMaxLength."""
    session._file.read(2**16)
    session.say(b"INSTREAM size limit exceeded. ERROR\0")
    session.connection.shutdown(socket.SHUT_WR)
    while session._file.read(2**16):  # without reading it all, the answer would be lost with the connection
        pass


@contextmanager
def scanner(behaviour: Behaviour) -> Iterator[str]:
    """A scanner that behaves so for as long as the block lasts, as CLAMD_URL."""
    quit = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, behaviour, quit), daemon=True)
        thread.start()
        yield f"tcp:127.0.0.1:{server.getsockname()[1]}"
        quit.set()
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _serve(server: socket.socket, behaviour: Behaviour, quit: threading.Event) -> None:
    while not quit.is_set():
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            try:
                behaviour(Session(connection, quit))
            except OSError:
                pass  # the client gave up
