"""Reading the trail as it stands in the database, chain by chain, in batches that bound the memory."""
from collections.abc import Iterator

from django.db import connection

from kpiportal.audit.chain import FIELDS, columns

BATCH = 5_000
# A row is its stored hash and then FIELDS, as they stand in the canonical text.
HASH, ID, CHAIN, NUMBER, PREVIOUS = 0, *(1 + FIELDS.index(name) for name in ("id", "chain", "number", "previous"))
WIDTH = 1 + len(FIELDS)
LOWEST = -(2**63)


def rows(chain: int | None = None, *, after: int = LOWEST, last: int | None = None) -> Iterator[tuple]:
    """The rows of one chain behind number `after`, up to `last`; without a chain, of all, by chain and number."""
    only = "" if chain is None else "chain = %(chain)s AND "
    only += "" if last is None else "number <= %(last)s AND "
    place = {"chain": LOWEST if chain is None else chain, "number": after, "last": last}
    query = (
        f"SELECT hash, {columns(connection.vendor)} FROM audit_auditevent"
        f" WHERE {only}(chain, number) > (%(chain)s, %(number)s) ORDER BY chain, number LIMIT {BATCH}"
    )
    with connection.cursor() as cursor:
        while True:
            cursor.execute(query, place)
            batch = cursor.fetchall()
            yield from batch
            if len(batch) < BATCH:
                return
            place |= {"chain": batch[-1][CHAIN], "number": batch[-1][NUMBER]}


def unchained() -> list[int]:
    """Ids of entries that stand in no chain: there is no way to write one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM audit_auditevent WHERE number IS NULL ORDER BY id LIMIT 100")
        return [pk for (pk,) in cursor.fetchall()]


def chain_now() -> None:
    """Inside a transaction on PostgreSQL: give its entries their places now, not only at the commit."""
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS audit_moves_head IMMEDIATE; SET CONSTRAINTS audit_moves_head DEFERRED")
