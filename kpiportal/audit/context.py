"""Where the present request came from."""
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_address: ContextVar[str] = ContextVar("audit_address", default="")


@contextmanager
def coming_from(address: str) -> Iterator[None]:
    """Inside the block, audit entries carry this network address."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


def current_address() -> str:
    """The address of the present request; empty for commands and background work."""
    return _address.get()
