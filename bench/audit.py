"""How long the audit trail takes: a million entries in 50 chains verified, and what an entry adds to a save.

Bounds: under 30 s for the million; a save with its entry at most twice a save without (medians).
"""
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from unittest.mock import patch

from _portal import percentile, settle

settle("kpiportal.urls")

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from kpiportal.accounts.models import User  # noqa: E402
from kpiportal.audit.chain import FIELDS, canonical_json, canonical_text, canonical_time, entry_hash  # noqa: E402
from kpiportal.audit.models import AuditEvent, AuditHead  # noqa: E402
from kpiportal.audit.services import seal  # noqa: E402
from kpiportal.audit.verification import Verification  # noqa: E402
from scoring.models import Result  # noqa: E402
from scoring.queries import load_sheet  # noqa: E402
from scoring.services import save_draft  # noqa: E402
from scoring.values import CriterionEntry, ResultEntry  # noqa: E402

ENTRIES, CHAINS, FIRST_CHAIN, SECONDS = 1_000_000, 50, 1_000_000, 30.0
SAVES, LIMIT = 120, 2.0
NAMES = ", ".join(f'"{name}"' for name in ("hash", *FIELDS))


def made(count: int, first_id: int) -> Iterator[tuple]:
    """Rows as a save of a result leaves them, chained."""
    heads, at = {}, canonical_time(timezone.now())
    for n in range(count):
        chain = FIRST_CHAIN + n % CHAINS
        number, previous = heads.get(chain, (0, ""))
        before = canonical_json({"criteria": {"5": {"value": str(n), "text": "จัดทำแผนแล้วเสร็จ"}}})
        fields = [
            first_id + n, chain, number + 1, previous, at, 7, "นางสาวสมหญิง ใจดี", "10.1.2.3", "result.saved", chain,
            "scoring.result", str(n % 997), "ตัวชี้วัดที่ 5 รอบ 12 เดือน", before, before, "",
        ]
        digest = entry_hash(canonical_text(fields))
        heads[chain] = number + 1, digest
        yield digest, *fields
    AuditHead.objects.bulk_create(AuditHead(chain=c, number=n, hash=h) for c, (n, h) in heads.items())


def fill() -> None:
    """Write the million past the triggers, which would look at each."""
    last = AuditEvent.objects.order_by("-pk").first().pk
    marks = ", ".join("?" * (1 + len(FIELDS)))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        rows = made(ENTRIES, last + 1)
        connection.connection.executemany(f"INSERT INTO audit_auditevent ({NAMES}) VALUES ({marks})", rows)
        for _, sql in triggers:
            cursor.execute(sql)
    seal()


def verify() -> float:
    """The seconds that the whole trail takes; it must be found sound."""
    run, started = Verification(), time.perf_counter()
    wrong = [finding.sentence for finding in run.found()]
    assert not wrong and run.entries >= ENTRIES, wrong[:3]
    return time.perf_counter() - started


def save(turn: int, by: User, *, with_entry: bool) -> float:
    """The seconds of one save through its service, in its own transaction."""
    report = Result.objects.get(indicator__agreement__code="moi-2559", round__months=12)
    pk = load_sheet(report).criteria[0].criterion.pk
    recorded = nullcontext() if with_entry else patch("scoring.services.entry.record")
    with recorded:
        started = time.perf_counter()
        save_draft(report, ResultEntry(criteria={pk: CriterionEntry(text=f"done {turn}")}), by=by)
        return time.perf_counter() - started


def main() -> int:
    by, times = User.objects.get(username="collector"), {True: [], False: []}
    for turn in range(SAVES + 10):
        for with_entry in (True, False):
            took = save(2 * turn + with_entry, by, with_entry=with_entry)
            if turn >= 10:
                times[with_entry].append(took)
    ratio = percentile(times[True], 0.5) / percentile(times[False], 0.5)
    fill()
    seconds = verify()
    late, dear = seconds > SECONDS, ratio > LIMIT
    print(f"{ENTRIES:,} entries in {CHAINS} chains verified in {seconds:.1f} s (bound {SECONDS}){'  MISSED' * late}")
    for with_entry, name in ((False, "a save without"), (True, "a save with its entry")):
        print(f"{name:<22}{percentile(times[with_entry], 0.5) * 1000:>8.2f} ms median")
    print(f"ratio {ratio:.2f} (bound {LIMIT}){'  MISSED' * dear}")
    return 1 if late or dear else 0


if __name__ == "__main__":
    sys.exit(main())
