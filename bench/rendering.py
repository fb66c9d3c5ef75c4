"""What printing cards costs: `python bench/rendering.py [--cards 500] [--pairs 20] [only …]`.

- card: seed 002's card, template and PDF, beside the same card from bench/plain_card.html, which leaves the widths of
  columns to the printer and brings the QR code as a PNG; warm, in turns, in seconds of CPU. Bound: 0.8.
- memory: the most that a printing process holds after each seed's card, issued and as a draft. Bound: 100 MB.
- cores: 100 cards by one printing process and by two, in turns, by the clock. Bound: 1.8 times as fast. Only a machine
  that does nothing else can tell: when others took more than a twentieth of it, nothing is asserted.
- flat: the memory of one printing process over 500 cards. Bound: its last fifth holds at most 2 % more than its second.
"""
import argparse
import base64
import io
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from _portal import settle

settle("kpiportal.urls")

import segno  # noqa: E402
from django.template import engines  # noqa: E402
from django.template.loader import render_to_string  # noqa: E402
from django.utils import translation  # noqa: E402

from reports import printer as printing  # noqa: E402
from reports.cards import build  # noqa: E402
from reports.issuing.rendering import STYLES, VARIANT, IssuedLine, qr_of  # noqa: E402
from reports.printer import Printer  # noqa: E402
from reports.render import render_pdf  # noqa: E402
from scoring.models import Result  # noqa: E402

AMPLE = 600
ADDRESS = "https://kpi.example.go.th/verify/abcdefghijklmnop2345/"
CARD_BOUND, MEGABYTES, SPEED_BOUND, GROWTH_BOUND = 0.8, 100, 1.8, 1.02
STEP = 20
# A printing process that is never replaced, whose memory can be watched for long.
FOR_EVER = "import sys; from reports import printer_process as p; p.JOBS = 10 ** 9; p.main(int(sys.argv[1]))"


def report(code: str, months: int = 12) -> Result:
    whole = ("indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit")
    return Result.objects.select_related(*whole).filter(indicator__agreement__code=code, round__months=months).first()


def pages() -> list[dict]:
    """All cards of the seeds as jobs for a printing process: drafts, and seed 002's as it is issued."""
    whole = ("indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit")
    sheets = [path.read_text("utf-8") for path in STYLES]
    made = []
    for each in Result.objects.select_related(*whole):
        html = render_to_string("reports/card_pdf.html", {"card": build(each, user=None)})
        made.append({"html": html, "stylesheets": sheets, "title": "card", "lang": "th"})
    made.append({"html": own_html(), "stylesheets": sheets, "title": "card", "lang": "th", "variant": VARIANT})
    return made


def context() -> dict:
    """Seed 002's card with the lines of an issued one."""
    issued = IssuedLine("๒๕๕๙-๐๐๐๐๔๒", "๒๑ พ.ย. ๒๕๖๙", "", ADDRESS, qr_of(ADDRESS))
    return {"card": build(report("moi-2559"), user=None), "issued": issued}


def own_html() -> str:
    return render_to_string("reports/card_pdf.html", context())


def plain_html() -> str:
    picture = io.BytesIO()
    segno.make(ADDRESS, error="m", micro=False).save(picture, kind="png", scale=8)
    return PLAIN[0].render(context() | {"qr": base64.b64encode(picture.getvalue()).decode()})


def plain_styles() -> list[str]:
    """The card's styles, without the one word that fixes the widths of columns."""
    found = [path.read_text("utf-8") for path in STYLES]
    assert "table-layout: fixed" in found[0]
    return [text.replace("table-layout: fixed", "table-layout: auto") for text in found] + [
        ".card-issued img { width: 26mm; height: 26mm }"
    ]


PLAIN: list = []


def words(pdf: bytes) -> list[str]:
    run = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return sorted(run.stdout.decode().replace("\f", " ").split())


def seconds(make: Callable[[], bytes]) -> float:
    """Of CPU, in this process: where others work too, the clock says little."""
    started = time.process_time()
    make()
    return time.process_time() - started


def card(pairs: int) -> bool:
    """The card beside the plain one."""
    PLAIN[:] = [engines["django"].from_string((Path(__file__).parent / "plain_card.html").read_text("utf-8"))]
    plain_sheets = plain_styles()
    both = {
        "card": lambda: render_pdf(own_html(), stylesheets=STYLES, title="card"),
        "plain": lambda: render_pdf(plain_html(), stylesheets=plain_sheets, title="card"),
    }
    texts = [set(words(make())) for make in both.values()]
    assert len(texts[0] ^ texts[1]) < len(texts[0]) / 5, "the two are not the same card"
    took: dict[str, list[float]] = {name: [] for name in both}
    for turn in range(pairs):
        for name in sorted(both, reverse=bool(turn % 2)):
            took[name].append(seconds(both[name]))
    medians = {name: statistics.median(found) for name, found in took.items()}
    ratio = statistics.median(a / b for a, b in zip(took["card"], took["plain"], strict=True))
    print(f"card   {medians['card'] * 1000:7.0f} ms of CPU, plain {medians['plain'] * 1000:.0f} ms: {ratio:.2f} "
          f"(bound {CARD_BOUND})", flush=True)
    return ratio <= CARD_BOUND


def megabytes(printer: Printer, name: str) -> float:
    """VmRSS or VmHWM of the printing process."""
    status = Path(f"/proc/{printer.process.pid}/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) / 1024


def memory(_pairs: int) -> bool:
    """The most that a printing process holds; a fresh one after each card would hold less."""
    printer = Printer(300)
    peaks = []
    for page in pages():
        printer.print(page, seconds=AMPLE)
        peaks.append(megabytes(printer, "VmHWM"))
    printer.stop()
    print(f"memory {peaks[0]:7.1f} MB after one card, {peaks[-1]:.1f} after {len(peaks)}, the issued one last "
          f"(bound {MEGABYTES})", flush=True)
    return peaks[-1] <= MEGABYTES


def cores(pairs: int, cards: int = 100) -> bool:
    """One process beside two."""
    job, printers = pages()[-1], [Printer(300), Printer(300)]
    for printer in printers:
        printer.print(job, seconds=AMPLE)
    spent, before = [], (busy(), used(printers))
    with ThreadPoolExecutor(2) as pool:
        for _ in range(max(1, pairs // 10)):
            spent.append([by(pool, printers[:many], job, cards) for many in (1, 2)])
    others = 1 - (used(printers) - before[1]) / (busy() - before[0])
    for printer in printers:
        printer.stop()
    ratio = statistics.median(one / two for one, two in spent)
    quiet = others < 0.05 and (os.cpu_count() or 1) >= 2
    said = "" if quiet else f"; not asserted: others took {others:.0%} of what the machine did"
    print(f"cores  {cards} cards by two processes {ratio:.2f} times as fast as by one (bound {SPEED_BOUND}){said}",
          flush=True)
    return ratio >= SPEED_BOUND or not quiet


def by(pool: ThreadPoolExecutor, printers: list[Printer], job: dict, cards: int) -> float:
    """The seconds that some printers take for so many cards, which they share."""
    share, started = cards // len(printers), time.perf_counter()
    turns = [pool.submit(lambda one=one: [one.print(job, seconds=AMPLE) for _ in range(share)]) for one in printers]
    for turn in turns:
        turn.result()
    return time.perf_counter() - started


def used(printers: list[Printer]) -> float:
    """Ticks of CPU of us and of the printing processes, replaced ones included (proc(5), stat, fields 14 to 17)."""
    own = sum(ticks("self")[:4])
    return own + sum(sum(ticks(str(one.process.pid))[:2]) for one in printers)


def ticks(pid: str) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]]


def busy() -> int:
    """Ticks in which the machine's cores did something: user, nice and system."""
    return sum(int(one) for one in Path("/proc/stat").read_text().split(maxsplit=4)[1:4])


def flat(_pairs: int, cards: int = 500) -> bool:
    """One process that is never replaced."""
    printing.COMMAND[:] = [sys.executable, "-c", FOR_EVER]
    jobs, printer, held = pages(), Printer(300), []
    for number in range(cards):
        printer.print(jobs[number % len(jobs)], seconds=AMPLE)
        if number % STEP == STEP - 1:
            held.append(megabytes(printer, "VmRSS"))
    printer.stop()
    fifth = max(1, len(held) // 5)
    second, last = statistics.mean(held[fifth:2 * fifth]), statistics.mean(held[-fifth:])
    places = range(fifth, len(held))
    slope = statistics.linear_regression([STEP * each for each in places], held[fifth:]).slope * 1024
    print(f"flat   {held[0]:7.1f} MB after {STEP} cards, {second:.1f} in the second fifth, {last:.1f} in the last of "
          f"{cards}: {last / second:.3f} (bound {GROWTH_BOUND}); {slope:+.1f} kB a card", flush=True)
    return last <= GROWTH_BOUND * second


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cards", type=int, default=0)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("only", nargs="*", default=["card", "memory", "cores", "flat"])
    asked = parser.parse_args()
    measures = {"card": card, "memory": memory, "cores": cores, "flat": flat}
    with translation.override("th"):
        found = [
            measures[name](asked.pairs, *([asked.cards] if asked.cards and name in ("cores", "flat") else []))
            for name in asked.only
        ]
    return int(not all(found))


if __name__ == "__main__":
    sys.exit(main())
