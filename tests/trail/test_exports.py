"""The trail as a file: a workbook without formulas, JSON lines whose hashes agree, in the reader's scope."""
import io
import json
import math
import tracemalloc

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from kpiportal.accounts.models import Unit
from kpiportal.audit.chain import FIELDS, canonical_text, entry_hash
from kpiportal.audit.entries import chain_now
from kpiportal.audit.models import AuditEvent
from kpiportal.audit.services import record
from kpiportal.trail import exports
from kpiportal.trail.exports import json_lines, plain_text, workbook
from tests.cast import browser_of, person

pytestmark = pytest.mark.usefixtures("seeds", "db")
WORDS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "a\x00b\x0bc\ud800", "_x0041_", "ก" * 40_000, "<b>&\"'"]


def write(unit: str = "moi", **more) -> AuditEvent:
    with transaction.atomic():
        values = {"target": Unit(pk=1, name="x"), "by": person("collector")} | more
        return record("result.saved", unit_id=Unit.objects.get(code=unit).pk, **values)


def taken(who: str, form: str, **query) -> bytes:
    """The file that a person takes along."""
    response = browser_of(person(who)).get(reverse("trail_export"), {"format": form, **query})
    assert response.status_code == 200 and "attachment" in response["Content-Disposition"]
    return b"".join(response.streaming_content)


def rows(content: bytes) -> list[list]:
    """The cells of a workbook, without its head."""
    book = load_workbook(io.BytesIO(content))
    return [list(row) for sheet in book for row in sheet.iter_rows(min_row=2)]


class TestJsonLines:
    def test_each_has_the_hash_of_its_values(self):
        write(before={"score": None}, after={"b": [1, {"z": "๓"}], "a": "x"}, reason="เพราะ\n=1")
        chain_now()
        lines = [json.loads(line) for line in taken("auditor", "jsonl").decode().splitlines()]
        assert len(lines) > 50
        for line in lines:
            digest = line.pop("hash")
            assert tuple(line) == FIELDS
            assert entry_hash(canonical_text(list(line.values()))) == digest

    def test_holds_the_readers_scope_oldest_first_and_nothing_else(self):
        mine, foreign = write(), write("rtp-finance")
        keys = [json.loads(line)["id"] for line in taken("auditor", "jsonl").decode().splitlines()]
        assert mine.pk in keys and foreign.pk not in keys and keys == sorted(keys)

    def test_a_range_of_dates(self):
        entry, today = write(), timezone.localdate().isoformat()
        assert str(entry.pk) in taken("auditor", "jsonl", since=today, until=today).decode()
        assert taken("auditor", "jsonl", until="2020-01-01") == b""


class TestWorkbook:
    @pytest.mark.parametrize("word", WORDS)
    def test_a_text_stays_a_text(self, word):
        name = word.replace("\x00", "").replace("\ud800", "")[:300]
        with_word = AuditEvent(
            at=timezone.now(), action="result.saved", actor_id=1, actor_name=word, target_name=name, reason=word,
            chain=1, number=1, hash="0" * 64, before={"a": word}, after=None,
        )
        book = load_workbook(workbook([with_word], {}))
        cells = list(book.worksheets[0].iter_rows(min_row=2))[0]
        assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
        assert cells[3].value == plain_text(word)

    def test_has_a_head_and_sentences(self):
        write(reason="เพราะฝนตก")
        content = taken("auditor", "xlsx")
        assert any("เพราะฝนตก" in str(cell.value) for row in rows(content) for cell in row)
        heads = [cell.value for cell in load_workbook(io.BytesIO(content)).worksheets[0][1]]
        assert heads[4:6] == ["เหตุการณ์", "สิ่งที่ถูกกระทำ"]

    def test_goes_on_in_a_new_sheet_where_one_is_full(self, monkeypatch):
        monkeypatch.setattr(exports, "SHEET_ROWS", 2)
        entries = [AuditEvent(at=timezone.now(), action="a.b", target_name=str(n), chain=0) for n in range(5)]
        book = load_workbook(workbook(entries, {}))
        assert [sheet.max_row for sheet in book] == [3, 3, 2]

    def test_of_nothing_can_be_opened_too(self):
        assert load_workbook(workbook([], {})).worksheets[0].max_row == 1


@pytest.mark.parametrize("form", ["xlsx", "jsonl"])
class TestBoth:
    def test_leave_their_entry_which_is_not_in_the_file(self, form):
        content = taken("auditor", form, kind="result")
        entry = AuditEvent.objects.latest("pk")
        assert (entry.action, entry.actor_id) == ("trail.exported", person("auditor").pk)
        assert entry.after["format"] == form and entry.after["kind"] == "result"
        assert b"trail.exported" not in content

    def test_are_not_for_everybody(self, form):
        response = browser_of(person("collector")).get(reverse("trail_export"), {"format": form})
        assert response.status_code == 404

    def test_a_filter_that_can_not_be_read_leads_back(self, form):
        response = browser_of(person("auditor")).get(reverse("trail_export"), {"format": form, "since": "x"})
        assert response.status_code == 302 and not AuditEvent.objects.filter(action="trail.exported").exists()


def test_memory_does_not_grow_with_the_entries():
    """Entries come in batches, and what was written is let go."""
    def entries(number: int):
        for n in range(number):
            yield AuditEvent(at=timezone.now(), action="a.b", target_name="ก" * 100, after={"a": "ข" * 500}, chain=n)

    peaks = []
    for number in (500, 5_000):
        tracemalloc.start()
        for _ in json_lines(entries(number)):
            pass
        workbook(entries(number), {}).close()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_000_000


def test_a_batch_is_a_fixed_number_of_queries(monkeypatch):
    monkeypatch.setattr("kpiportal.trail.queries.BATCH", 10)
    with CaptureQueriesContext(connection) as captured:
        lines = taken("auditor", "jsonl").decode().splitlines()
    assert len(lines) > 50 and len(captured) <= 2 * math.ceil(len(lines) / 10) + 25
    assert len({json.loads(line)["id"] for line in lines}) == len(lines)
