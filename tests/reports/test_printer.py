"""Printing has bounds: a card that goes too far ends in a sentence, and the next one is printed as ever."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import psutil
import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from indicators.models import Indicator
from reports import printer as printing
from reports.printer import CardTooLong, Printer, RenderFailed, print_pdf
from reports.render import render_pdf
from reports.issuing.rendering import STYLES
from scoring.models import Result
from scoring.services import save_draft
from scoring.values import ResultEntry
from tests.cast import agreement, browser_of, person, result
from tests.definitions import criterion, trial_result
from tests.processes import gone

LINES = "ก\n" * 32_000  # 15 s and 270 MB when nothing stops it
PAGE = {"html": "<h1>รายงานผล ☑ รอบ ๑๒ เดือน</h1><p>Σ W × SM = <b>15.5000</b>", "title": "ชี้วัด", "lang": "th"}
ENDLESS = {"html": f"<p style='white-space: pre'>{LINES}"}
AMPLE = 30  # s, for a busy machine


@pytest.fixture
def warm() -> Iterator[Callable[..., Printer]]:
    """Makes printers that have printed once; they are stopped after the test."""
    made = []

    def _warm(megabytes: int = 300) -> Printer:
        made.append(Printer(megabytes))
        made[-1].print(PAGE, seconds=AMPLE)
        return made[-1]

    yield _warm
    for printer in made:
        printer.stop()


def test_same_bytes_as_in_this_process(warm):
    page = {**PAGE, "lang": "en", "variant": "pdf/ua-1", "stylesheets": ["p { color: #369 }"]}
    printer = warm()
    assert printer.print(page, seconds=AMPLE) == render_pdf(**page)
    assert printer.print(page, seconds=AMPLE) == render_pdf(**page)


def test_stylesheets_may_be_files(tmp_path):
    sheet = tmp_path / "card.css"
    sheet.write_text("h1::after { content: 'ร่าง' }", "utf-8")
    assert print_pdf("<h1>", stylesheets=[sheet], lang="th") == render_pdf("<h1>", stylesheets=[sheet], lang="th")


@pytest.mark.parametrize("text", [LINES, "ก" * 300_000, "a" * 3_000_000], ids=["lines", "thai word", "latin word"])
def test_a_text_that_takes_too_long_is_given_up_in_time(warm, text):
    printer, started = warm(), time.monotonic()
    with pytest.raises(CardTooLong):
        printer.print({"html": f"<p style='white-space: pre-wrap; overflow-wrap: anywhere'>{text}"}, seconds=0.5)
    assert time.monotonic() - started < 4
    assert printer.print(PAGE, seconds=AMPLE) == render_pdf(**PAGE)


def test_a_text_that_takes_too_much_memory_is_given_up(warm, caplog):
    printer = warm(megabytes=128)
    process = psutil.Process(printer.process.pid)
    with pytest.raises(CardTooLong):
        printer.print({"html": f"<p>{'<b>ก</b> ' * 500_000}"}, seconds=AMPLE)
    assert "too much memory" in caplog.text and not process.is_running()
    assert printer.print(PAGE, seconds=AMPLE) == render_pdf(**PAGE)


def test_a_process_that_needed_much_memory_is_replaced(warm):
    printer = warm(megabytes=110)  # of which a plain page takes more than half
    process = printer.process
    assert printer.print(PAGE, seconds=AMPLE) == render_pdf(**PAGE)
    assert printer.process is not process and process.returncode is not None


def test_an_error_of_the_page_is_no_end_of_the_printer(warm, caplog):
    printer = warm()
    with pytest.raises(RenderFailed) as refused:
        printer.print({**PAGE, "variant": "pdf/none"}, seconds=AMPLE)
    assert not isinstance(refused.value, CardTooLong) and "Traceback" in caplog.text
    assert printer.print(PAGE, seconds=AMPLE) == render_pdf(**PAGE)


def test_a_page_of_signs_that_no_font_has_does_not_fill_the_log(warm, capfd):
    warm().print({"html": "漢字אע" * 1000 + "".join(map(chr, range(0x6F00, 0x6F30)))}, seconds=AMPLE)
    said = capfd.readouterr().err.splitlines()
    assert 4 < len(said) <= 25 and "More of this page is not logged" in said[-1]


def while_it_prints(printer: Printer, act: Callable[[], None]) -> BaseException | None:
    """What a job of many seconds ends in when `act` is done half a second after its start."""
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(printer.print, ENDLESS, seconds=AMPLE)
        time.sleep(0.5)
        act()
        return job.exception(timeout=AMPLE)


def test_killed_from_outside_the_next_card_is_printed(warm):
    printer = warm()
    ended = while_it_prints(printer, lambda: os.kill(printer.process.pid, signal.SIGKILL))
    assert type(ended) is RenderFailed
    assert printer.print(PAGE, seconds=AMPLE) == render_pdf(**PAGE)


def test_killed_while_idle_no_card_is_lost(warm):
    printer = warm()
    os.kill(printer.process.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(printer.process.pid)], timeout=3)
    assert printer.print(PAGE, seconds=AMPLE) == render_pdf(**PAGE)


def test_a_process_that_is_stopped_is_replaced(warm):
    printer = warm()
    os.kill(printer.process.pid, signal.SIGSTOP)
    with pytest.raises(CardTooLong):
        printer.print({"html": "ก" * 5_000_000}, seconds=0.5)  # more than the socket holds unread
    assert printer.print(PAGE, seconds=AMPLE) == render_pdf(**PAGE)


def test_an_interruption_never_leaves_an_answer_to_the_next_card(warm):
    printer = warm()

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    with pytest.raises(KeyboardInterrupt):
        printer.print({"html": "<p>somebody else's" * 2000}, seconds=AMPLE)
    signal.signal(signal.SIGALRM, before)
    assert printer.print(PAGE, seconds=AMPLE) == render_pdf(**PAGE)


def test_cards_of_many_threads_are_not_mixed_up(warm):
    printer = warm()
    process = printer.process
    pages = [{"html": f"<p>{n}", "title": str(n)} for n in range(30)]
    with ThreadPoolExecutor(printing.PLACES) as pool:
        printed = list(pool.map(lambda page: printer.print(page, seconds=AMPLE), pages))
    assert printed == [render_pdf(**page) for page in pages]
    assert printer.process is process, "replaced for no reason, which costs half a second a card"


def test_a_full_queue_says_so_soon(warm, monkeypatch):
    monkeypatch.setattr(printing, "PATIENCE_SECONDS", 0.2)
    printer, started = warm(), time.monotonic()
    with ThreadPoolExecutor(printing.PLACES) as pool:
        jobs = [pool.submit(printer.print, ENDLESS, seconds=1) for _ in range(printing.PLACES)]
        time.sleep(0.3)
        with pytest.raises(RenderFailed, match="try again in a minute"):
            printer.print(PAGE, seconds=AMPLE)
        assert time.monotonic() - started < 2.5
    assert {type(job.exception()) for job in jobs} <= {CardTooLong, RenderFailed}


@pytest.mark.parametrize("job", ["PAGE", "ENDLESS"], ids=["idle", "printing"])
def test_it_ends_with_the_web_worker(job):
    """Even killed in the midst of a card, a web worker leaves nothing behind."""
    program = (
        "import sys; from tests.reports.test_printer import *; printer = Printer(300); printer.print(PAGE, seconds=30);"
        f"print(printer.process.pid, flush=True); printer.print({job}, seconds=30); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", f"import django; django.setup(); {program}"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, cwd=Path(__file__).parents[2],
    )
    child = psutil.Process(int(parent.stdout.readline()))
    time.sleep(0.3)
    assert child.is_running()
    parent.kill()
    parent.communicate()
    assert gone([child], seconds=3)


@pytest.mark.usefixtures("seeds", "db")
class TestPage:
    def filled(self, text: str) -> Result:
        report = trial_result(criterion("c", "100"))
        entries = {c.pk: {"value": Decimal(3), "text": text} for c in report.indicator.criteria.all()}
        save_draft(report, ResultEntry(texts={}, criteria=entries), by=person("collector"))
        return report

    def test_too_long_a_card_is_answered_in_time_and_others_still_arrive(self, settings):
        report, client = self.filled(LINES), browser_of(person("collector"))
        print_pdf("warm")
        settings.RENDER_SECONDS = 2
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(lambda: time.sleep(1) or printing.printer().print(PAGE, seconds=AMPLE))
            started = time.monotonic()
            response = client.get(reverse("card_pdf", args=[report.pk]))
            assert time.monotonic() - started < 8  # of the 15 s that it would take
            assert other.result() == render_pdf(**PAGE)
        assert response.status_code == 422 and response["Content-Type"].startswith("text/html")
        page = response.content.decode()
        assert "โปรดย่อข้อความในรายงานผลนี้" in page and reverse("result", args=[report.pk]) in page

    def test_a_paper_that_is_too_long_says_how_to_print_it_nevertheless(self, settings):
        report = trial_result(criterion("c", "100"))
        Indicator.objects.filter(pk=report.indicator_id).update(name="ก" * 300_000)
        settings.RENDER_SECONDS = 1
        address = reverse("paper_pdf", args=[agreement("trial").pk, "summary"])
        response = browser_of(person("auditor")).get(address)
        assert response.status_code == 422 and "สั่งพิมพ์จากเบราว์เซอร์" in response.content.decode()

    def test_a_printer_that_does_not_start_is_503(self, monkeypatch, settings):
        settings.RENDER_MEGABYTES = 299  # a printer of its own
        monkeypatch.setattr(printing, "COMMAND", [sys.executable, "-c", "raise SystemExit(1)"])
        response = browser_of(person("auditor")).get(reverse("card_pdf", args=[result("ict-2550").pk]))
        assert response.status_code == 503 and "โปรดลองใหม่ในอีกหนึ่งนาที" in response.content.decode()

    def test_the_card_is_the_one_of_this_process(self):
        report, client = result("moi-2559"), browser_of(person("auditor"))
        pdf = client.get(reverse("card_pdf", args=[report.pk]))
        card = pdf.context["card"]
        html = render_to_string("reports/card_pdf.html", {"card": card})
        sheets = STYLES
        assert pdf.content == render_pdf(html, stylesheets=sheets, title=card.indicator, lang="th")
