"""How long many issued cards take to be put into one file, beside reading, hashing and writing the same bytes.

'plain' copies the cards one behind the other and compares their hashes. Then as many as a PDF may hold are joined in a
process of its own, for the memory that this takes.
"""
import hashlib
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from _portal import percentile, settle

settle(__name__)

from django.utils import timezone  # noqa: E402

from kpiportal.accounts.models import User  # noqa: E402
from reports.issuing.services import issue, storage  # noqa: E402
from reports.library.cards import chosen_cards  # noqa: E402
from reports.library.joined_pdf import write_pdf  # noqa: E402
from reports.library.pages import MOST_CARDS  # noqa: E402
from reports.library.zipped import write_zip  # noqa: E402
from scoring.models import Result  # noqa: E402
from scoring.services import certify  # noqa: E402

ROUNDS = 30
MEGABYTES = 250  # what joining the most may add to the process


def issued() -> list[int]:
    """Every seed's results of 12 months, certified, with their cards issued; the snapshots' keys."""
    office, now = User.objects.get(username="office"), timezone.now()
    decided = {"submitted_at": now, "submitted_by": office, "decided_at": now, "decided_by": office}
    results = Result.objects.filter(round__months=12)
    results.update(state="approved", **decided)
    keys = []
    for report in results.order_by("pk"):
        snapshot = certify(report, by=office).snapshots.get()
        issue(snapshot, by=office, portal="https://kpi.example.go.th")
        keys.append(snapshot.pk)
    return keys


def plain(asked: dict, folder: Path) -> None:
    """The cards' bytes in one file."""
    with (folder / "plain").open("xb") as file:
        for chosen in chosen_cards(asked):
            with storage().read(chosen.card.key) as stream:
                pdf = stream.read()
            assert hashlib.sha256(pdf).hexdigest() == chosen.card.sha256
            file.write(pdf)


def took(work, asked: dict) -> float:
    """Milliseconds for one file."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        work(asked, Path(folder))
        return 1000 * (time.perf_counter() - begun)


def joined(asked: dict) -> tuple[float, int]:
    """Seconds and megabytes that joining cards takes, in a child."""
    reading, writing = os.pipe()
    if not os.fork():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seconds = took(lambda a, folder: write_pdf(a, None, folder, lambda done, total: None), asked) / 1000
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        os.write(writing, f"{seconds} {grown}".encode())
        os._exit(0)
    seconds, grown = os.read(reading, 100).split()
    os.wait()
    return float(seconds), int(grown)


def main() -> int:
    """Measure, print, and give the exit status."""
    keys = issued()
    asked = {"snapshots": keys, "language": "th", "portal": ""}
    works = {
        "plain": plain, "zip": lambda a, folder: write_zip(a, None, folder, lambda done, total: None),
        "pdf": lambda a, folder: write_pdf(a, None, folder, lambda done, total: None),
    }
    times = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            times[name].append(took(work, asked))
    base = percentile(times["plain"], 0.5)
    for name, each in times.items():
        middle = percentile(each, 0.5)
        print(f"{name:6} {len(keys)} cards: {middle:7.1f} ms, {middle / base:4.1f} × plain")
    most = MOST_CARDS["pdf"]
    many = (keys * most)[:most]
    seconds, grown = joined(asked | {"snapshots": many})
    print(f"pdf    {most} cards: {seconds:.1f} s, {grown} MB more (bound: {MEGABYTES})")
    return 0 if grown <= MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
