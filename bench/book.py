"""How long a book of 40 cards takes in the background: seed 004's fourteen, and thirteen times those of 001 and 002.

Bound: 25 seconds, also when no card was issued before and all are printed; none of its processes may take 300 MB. The
seconds of the processors are shown beside, for a machine that does much else. A second book takes the same cards as
they were issued; what issuing them takes is told, and stands outside: that is done once for all.
"""
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from _portal import settle

settle("kpiportal.urls")

from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from indicators.models import Agreement  # noqa: E402
from kpiportal.accounts.models import User  # noqa: E402
from reports.book.asking import asked_for  # noqa: E402
from reports.book.joining import sheets  # noqa: E402
from reports.book.writing import issue_cards, write_book  # noqa: E402
from scoring.models import Result  # noqa: E402
from scoring.seeds import FIXTURES, load_agreement, read  # noqa: E402
from scoring.services import certify  # noqa: E402

TIMES, BOUND, MOST_MEGABYTES = 13, 25, 300
OF_MOI = {
    "lead_unit": "moi", "group": None, "supervisor": {"person": "supervisor"}, "collectors": [{"person": "collector"}],
}


def forty() -> Agreement:
    """An agreement of the ministry with the indicators and results of the seeds."""
    seeds = {name: read(FIXTURES / f"{name}.yaml") for name in ("moi_2559", "ict_2550", "ega_2557")}
    head = seeds["moi_2559"]["agreement"] | {"code": "bench", "name": "bench", "total_weight": "217"}
    head["rounds"] = [{"months": 12, "open": True}]
    indicators, results = [], []
    for name, seed in seeds.items():
        for turn in range(1 if name == "ega_2557" else TIMES):
            key = f"{name}-{turn}"
            indicators += [row | OF_MOI | {"key": f"{key}-{row['key']}"} for row in seed["indicators"]]
            own = {"unit": "moi", "round": 12, "state": "draft", "submitted_by": "collector"}
            results += [row | own | {"indicator": f"{key}-{row['indicator']}"} for row in seed["results"]]
    return load_agreement({"agreement": head, "indicators": indicators, "results": results})


def children() -> list[str]:
    """The processes that this one has begun."""
    return [pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]


class Watch:
    """The most memory that any process below this one held, in MB."""

    def __init__(self) -> None:
        self.peaks: dict[str, int] = {}
        self._over = threading.Event()

    def run(self) -> None:
        """Look every 20 ms until it is over."""
        while not self._over.wait(0.02):
            for process in children():
                try:
                    command = Path(f"/proc/{process}/cmdline").read_text().split("\0")
                    peak = Path(f"/proc/{process}/status").read_text().partition("VmHWM:")[2].split()
                except OSError:  # it has ended
                    continue
                if "-m" in command and peak:
                    name = command[command.index("-m") + 1]
                    self.peaks[name] = max(self.peaks.get(name, 0), int(peak[0]) >> 10)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look while the caller works."""
        looking = threading.Thread(target=self.run)
        looking.start()
        try:
            yield
        finally:
            self._over.set()
            looking.join()


def processors() -> float:
    """The seconds that this process and those which ended below it have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def measured(name: str, make: Callable[[Path], Path]) -> bool:
    """Make a book and tell what it took; gives whether it is beyond its bounds."""
    watch, before, started = Watch(), processors(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, watch.watching():
        path = make(Path(folder))
        took, used = time.perf_counter() - started, processors() - before
        size, count = path.stat().st_size, len(sheets(path))
    most = max(watch.peaks.values(), default=0)
    missed = took > BOUND or most > MOST_MEGABYTES
    print(
        f"{name:<12}{took:>8.1f} s{used:>8.1f} s of processors{count:>6} sheets{size / 2**20:>7.1f} MB file"
        f"{'  MISSED' if missed else ''}"
    )
    print(f"{'':<12}peak MB: {', '.join(f'{each} {peak}' for each, peak in sorted(watch.peaks.items()))}", flush=True)
    return missed


def certified(agreement: Agreement, office: User) -> None:
    """Certify every result, past the decisions before."""
    now = timezone.now()
    decided = {"submitted_at": now, "submitted_by": office, "decided_at": now, "decided_by": office}
    Result.objects.filter(round__agreement=agreement).update(state="approved", **decided)
    related = ("indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit")
    for report in Result.objects.filter(round__agreement=agreement).select_related(*related):
        certify(report, by=office)


def main() -> int:
    office, agreement = User.objects.get(username="office"), forty()
    round_ = agreement.rounds.select_related("agreement").get()

    def asked() -> dict:
        return asked_for(round_, language="th", digits="thai", portal="https://kpi.example.go.th", user=office)

    def book(folder: Path) -> Path:
        return write_book(asked(), office, folder, lambda *_: None)

    print(f"{settings.RENDER_MEGABYTES} MB are what a printing process may take; bound: {BOUND} s")
    missed = measured("all printed", book)
    certified(agreement, office)
    started = time.perf_counter()
    issue_cards(asked(), office, lambda *_: None)
    print(f"issuing the cards, once: {time.perf_counter() - started:.1f} s")
    return int(measured("as issued", book) or missed)


if __name__ == "__main__":
    sys.exit(main())
