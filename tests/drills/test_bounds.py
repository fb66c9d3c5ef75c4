"""What no printer can print, asked of the served portal: a sentence or a right PDF, while pages come as ever."""
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from threading import Thread
from typing import NamedTuple

import psutil
import pytest

from deploy import serve
from tests.processes import gone

ROOT = Path(__file__).resolve().parents[2]
SECONDS, MEGABYTES = 10, 300  # in service it may take longer; what comes of it is the same
PATIENCE = 4 * SECONDS  # for its turn, and on a machine that does much else
WORDS = "รายงานผลการปฏิบัติราชการตามคำรับรองการปฏิบัติราชการของส่วนราชการ "
# The first goes into all long texts of the big agreement's 200 reports, each other into those of one.
TEXTS = {
    "5,000 letters": (WORDS * 80)[:5000],
    "a word of 300,000 letters": "ก" * 300_000,
    "combining marks": "ก" + "\u0e48\u0e31\u0301" * 30_000,
    "both directions": "\u202e\u2067a\u2066ก\u202d" * 20_000,
    "zero width": "\u200b\u200d\ufeff\u2060" * 50_000,
    "signs that no font has": "漢\U0001F469אع" * 20_000,
    "lines": "ก\n" * 32_000,
    "nesting": "<b>([{" * 20_000,
}
PREPARE = """
import django; django.setup()
from tests.drills import test_bounds as drill
drill.prepare()
"""


class Portal(NamedTuple):
    """gunicorn, its port, the cookies of a signed-in office, and the addresses of a card and of the papers."""

    process: subprocess.Popen
    port: int
    cookie: str
    addresses: dict[str, str]


def prepare() -> None:
    """The seeds, an agreement of 200 indicators, and a session of the office; prints what a browser needs of them."""
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse

    from kpiportal.accounts.models import User
    from reports.papers import PAPERS
    from scoring.models import Result
    from tests.definitions import indicator, opened

    call_command("prepare", verbosity=0, skip_checks=True)
    many = opened(*(indicator("0.5", key=f"i{number}") for number in range(200)))
    report = Result.objects.filter(indicator__agreement=many).first()
    client = Client()
    client.force_login(User.objects.get(username="office"))
    print("cookie", client.cookies["sessionid"].value)
    print("card", reverse("card_pdf", args=[report.pk]))
    for name in PAPERS:
        print(name, reverse("paper_pdf", args=[many.pk, name]))


def write(text: str) -> None:
    """A text into every long field of the big agreement's reports if it is one of 5,000 letters, else of the first."""
    from indicators.models import Criterion, Indicator
    from scoring.models import CriterionResult, Result

    ours = Indicator.objects.filter(agreement__code="trial")
    for keys, said in ((ours, "x"), (ours if len(text) <= 5000 else ours[:1], text)):
        keys = list(keys.values_list("pk", flat=True))
        Indicator.objects.filter(pk__in=keys).update(description=said, name=said[:500], unit_of_measure=said[:60])
        Criterion.objects.filter(indicator__in=keys).update(intro=said, note=said, name=said[:500])
        words = dict.fromkeys(("measures", "supporting_factors", "obstacles", "suggestions"), said)
        Result.objects.filter(indicator__in=keys).update(**words)
        CriterionResult.objects.filter(mark__result__indicator__in=keys).update(text=said)


def run(folder: Path, program: str) -> str:
    environment = {
        "VAR_DIR": str(folder), "PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "kpiportal.settings",
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(scope="module")
def portal(folder: Path) -> Iterator[Portal]:
    said = dict(line.split(" ", 1) for line in run(folder, PREPARE).splitlines() if " " in line)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PORT": str(port), "VAR_DIR": str(folder), "PATH": os.environ["PATH"],
        "RENDER_SECONDS": str(SECONDS), "RENDER_MEGABYTES": str(MEGABYTES),
    }
    process = subprocess.Popen(serve.CHILDREN["gunicorn"], cwd=ROOT, env=environment, start_new_session=True)
    cookie = said.pop("cookie")
    found = {name: address for name, address in said.items() if address.startswith("/")}
    yield Portal(process, port, cookie, found)
    serve.kill_session(process)
    process.wait()


def get(portal: Portal, address: str, timeout: float) -> tuple[int, bytes, float]:
    """Status, body and seconds of an address."""
    started, connection = time.monotonic(), HTTPConnection("127.0.0.1", portal.port, timeout=timeout)
    connection.request("GET", address, headers={"Cookie": f"sessionid={portal.cookie}"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body, time.monotonic() - started


class Watch(Thread):
    """Asks for a page again and again, and looks at how much the printing processes hold."""

    def __init__(self, portal: Portal) -> None:
        super().__init__(daemon=True)
        self.portal, self.going = portal, True
        self.waits: list[float] = []
        self.most = 0

    def run(self) -> None:
        while self.going:
            status, _, seconds = get(self.portal, "/", PATIENCE)
            assert status == 200
            self.waits.append(seconds)
            for process in printers(self.portal):
                try:
                    self.most = max(self.most, process.memory_info().rss >> 20)
                except psutil.Error:
                    continue  # just ended
            time.sleep(0.1)


def printers(portal: Portal) -> list[psutil.Process]:
    found = []
    for process in psutil.Process(portal.process.pid).children(recursive=True):
        try:
            if "reports.printer_process" in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue  # just ended
    return found


def ready(portal: Portal) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if get(portal, "/", PATIENCE)[0] == 200:
                return
        except ConnectionRefusedError:
            time.sleep(0.2)
    raise AssertionError("gunicorn does not answer")


@pytest.mark.parametrize("name", TEXTS)
def test_ends_in_a_sentence_or_a_pdf_and_blocks_nobody(name: str, portal: Portal, folder: Path):
    run(folder, f"""
import django; django.setup()
from tests.drills import test_bounds as drill
drill.write(drill.TEXTS[{name!r}])
""")
    ready(portal)
    before = [get(portal, "/", PATIENCE)[2] for _ in range(5)]
    watch = Watch(portal)
    watch.start()
    answers = {}
    for paper, address in portal.addresses.items():
        status, body, seconds = get(portal, address, 3 * PATIENCE)
        answers[paper] = status
        assert (status, body[:5] == b"%PDF-") in {(200, True), (422, False)}, (paper, status)
        assert seconds < 2 * SECONDS + 10, (paper, seconds)
        if status == 422:
            assert "โปรด" in body.decode()
    watch.going = False
    watch.join(PATIENCE)
    print(f"{name}: {answers}; pages {max(before):.2f} s before at most, meanwhile {median(watch.waits):.2f} s in the "
          f"middle and {max(watch.waits):.2f} s at most of {len(watch.waits)}; printers held {watch.most} MB at most")
    assert max(watch.waits) < max(SECONDS / 2, 10 * max(before)), "a page waited for a printer"
    assert watch.most <= MEGABYTES
    assert gone([one for one in printers(portal) if one.cpu_percent(0.2) > 50], seconds=SECONDS)
