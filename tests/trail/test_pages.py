"""The page of the trail: who reads which entries, by which filters, and the story of one result."""
import datetime
import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kpiportal.accounts.models import Membership, Unit, User
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import grant
from kpiportal.audit.entries import chain_now
from kpiportal.audit.models import AuditEvent
from kpiportal.audit.services import record
from kpiportal.trail.queries import OF_MARKS, PAGE
from scoring.models import Result
from scoring.services import return_
from tests.cast import browser_of, person, result

pytestmark = pytest.mark.usefixtures("seeds", "db")
CANARY = "ZQX-CANARY-7731"


def write(action: str = "result.saved", unit: str = "moi", by: User | None = None, **more) -> AuditEvent:
    """One entry of a unit."""
    pk = Unit.objects.get(code=unit).pk
    with transaction.atomic():
        return record(action, by=by or person("collector"), unit_id=pk, **({"target": Unit(pk=1, name="x")} | more))


def lines(who: str, **query) -> list[AuditEvent]:
    """The entries that a person's page shows."""
    return [line.entry for line in browser_of(person(who)).get(reverse("trail"), query).context["lines"]]


class TestScope:
    @pytest.mark.parametrize("who", ["auditor", "office", "supervisor"])
    def test_readers_see_their_units_newest_first(self, who):
        ours = [write(), write(unit="ega")]
        write(unit="rtp-finance")
        assert [entry.pk for entry in lines(who)[:2]] == [entry.pk for entry in reversed(ours)]
        units = set(Unit.objects.filter(pk__in={entry.unit_id for entry in lines(who)}).values_list("path", flat=True))
        assert all(path.startswith(("/moi/", "/ega/", "/agency-001/", "/rtp/immigration/")) for path in units)

    def test_an_administrator_sees_what_is_about_people_only(self):
        write()
        mine = write("membership.granted", unit="rtp-finance")
        shown = lines("admin")
        assert shown[0].pk == mine.pk
        kinds = {entry.action.split(".")[0] for entry in shown}
        assert kinds <= {"user", "membership", "unit", "request", "assignment"}

    @pytest.mark.parametrize("where", ["name", "actor", "reason", "before", "address"])
    def test_nothing_of_another_unit_is_anywhere(self, where):
        stranger = person("stranger")
        User.objects.filter(pk=stranger.pk).update(name=CANARY if where == "actor" else "x")
        more = {"reason": CANARY} if where == "reason" else {"before": {"a": CANARY}} if where == "before" else {}
        Unit.objects.filter(code="rtp-finance").update(name=CANARY)
        target = Unit(pk=5, name=CANARY) if where == "name" else Unit(pk=5, name="x")
        foreign = write(unit="rtp-finance", by=person("stranger"), target=target, **more)
        visitor = browser_of(person("auditor"))
        asked = ["", f"?text={CANARY}", f"?person={CANARY}", "?unit=rtp-finance", f"?about=accounts.unit:{5}"]
        pages = [visitor.get(reverse("trail") + query) for query in asked]
        assert [page.status_code for page in pages] == [200, 200, 200, 422, 200]
        pages.append(visitor.get(reverse("trail_entry", args=[foreign.pk])))
        assert pages[-1].status_code == 404
        # A filter shows again what was typed into it, and nothing more.
        texts = [re.sub(r'(value="|=)' + CANARY, "", page.content.decode()) for page in pages]
        assert [CANARY in text for text in texts] == [False] * len(texts)
        file = visitor.get(reverse("trail_export"), {"format": "jsonl"})
        assert CANARY not in b"".join(file.streaming_content).decode()

    def test_a_right_that_ended_shows_nothing_at_the_next_request(self):
        visitor = browser_of(person("auditor"))
        assert visitor.get(reverse("trail")).status_code == 200
        yesterday = timezone.localdate() - datetime.timedelta(days=1)
        Membership.objects.filter(user__username="auditor").update(since=yesterday, until=yesterday)
        assert visitor.get(reverse("trail")).status_code == 404

    def test_entries_of_no_unit_are_for_those_who_read_every_unit(self):
        with transaction.atomic():
            free = record("trail.archived", by=None, target=Unit(pk=1))
        assert free.pk not in [entry.pk for entry in lines("auditor")]
        for unit in Unit.objects.filter(parent=None):
            grant(user=person("stranger"), unit=unit, role=Role.AUDITOR, since=timezone.localdate(), by=person("admin"))
        assert free.pk in [entry.pk for entry in lines("stranger")]


class TestFilters:
    def test_each_narrows(self):
        far = write(target=Unit(pk=9, name="กองเฉพาะกิจ"), by=person("colleague"))
        write("result.approve", unit="ega", by=person("supervisor"))
        today = timezone.localdate().isoformat()
        assert [entry.pk for entry in lines("auditor", text="เฉพาะกิจ")] == [far.pk]
        assert {entry.actor_name for entry in lines("auditor", person="colleague")} == {"The colleague"}
        assert {entry.unit_id for entry in lines("auditor", unit="moi")} == {far.unit_id}
        assert {entry.action for entry in lines("auditor", kind="decision")} <= {
            "result.submit", "result.approve", "result.return"
        }
        assert far.pk in [entry.pk for entry in lines("auditor", since=today, until=today)]
        assert lines("auditor", address="203.0.113.77") == []

    def test_a_period_in_buddhist_years_ends_with_its_last_day(self):
        day = timezone.localdate()
        said = f"{day.day}/{day.month}/{day.year + 543}"
        entry = write()
        assert entry.pk in [each.pk for each in lines("auditor", since=said, until=said)]
        before = day - datetime.timedelta(days=1)
        assert lines("auditor", until=f"{before.day}/{before.month}/{before.year + 543}") == []

    def test_what_can_not_be_read_shows_nothing_and_says_so(self):
        page = browser_of(person("auditor")).get(reverse("trail"), {"since": "xx"})
        assert (page.status_code, page.context["lines"]) == (422, [])
        assert 'href="#id_since"' in page.content.decode()

    @pytest.mark.parametrize("query", [
        {"from": "x"}, {"from": "9" * 17 + "-" + "9" * 18}, {"about": "a"}, {"about": "scoring.result:" + "9" * 18},
        {"about": "x.y:0001"}, {"kind": "nonsense"}, {"unit": "\x00"}, {"text": "%_'\\"},
    ])
    def test_nothing_odd_breaks_the_page(self, query):
        assert browser_of(person("auditor")).get(reverse("trail"), query).status_code in (200, 422)

    def test_somebody_whose_account_is_gone_is_found_by_the_name_in_the_entry(self):
        gone = User(pk=987_654, username="gone", name="ผู้เกษียณอายุ")
        entry = write(by=gone)
        assert [each.pk for each in lines("auditor", person="เกษียณ")] == [entry.pk]


class TestPaging:
    def test_goes_through_all_once(self):
        for _ in range(2 * PAGE + 7):
            write()
        visitor, query, seen = browser_of(person("auditor")), "", []
        while True:
            page = visitor.get(f"{reverse('trail')}?{query}").context
            seen += [line.entry.pk for line in page["lines"]]
            query = page["more"]
            if not query:
                break
        assert len(seen) == len(set(seen)) >= 2 * PAGE + 7 and seen == sorted(seen, reverse=True)

    @pytest.mark.parametrize("query", ["", "?kind=result&person=col&text=x&unit=moi"])
    def test_takes_as_many_queries_for_one_entry_as_for_many(self, query):
        counts = []
        for number in (1, 60):
            for _ in range(number):
                write(before={"criterion 20": {"score": None}}, after={"criterion 20": {"score": "1"}})
            visitor = browser_of(person("auditor"))
            with CaptureQueriesContext(connection) as captured:
                visitor.get(reverse("trail") + query)
            counts.append(len(captured))
            joined = " ".join(each["sql"].upper() for each in captured)
            assert "OFFSET" not in joined and "COUNT(" not in joined
        assert counts[0] == counts[1] <= 12


class TestStory:
    def told(self, who: str, report: Result):
        return browser_of(person(who)).get(reverse("trail"), {"about": f"scoring.result:{report.pk}"})

    def test_tells_what_happened_to_a_result_oldest_first_with_the_reason(self):
        report = result("ega-2557", number="3.2")
        return_(report, reason="ขาดหลักฐานข้อ 3", by=person("supervisor"))
        page = self.told("auditor", report)
        shown = [line.entry for line in page.context["lines"]]
        assert [entry.action for entry in shown][-1] == "result.return"
        assert [entry.pk for entry in shown] == sorted(entry.pk for entry in shown)
        assert "ขาดหลักฐานข้อ 3" in page.content.decode()

    def test_is_there_for_whoever_may_see_the_result(self):
        report = result("moi-2559")
        page = self.told("colleague", report)
        assert page.status_code == 200 and page.context["whole"] is False
        link = f'href="{reverse("trail")}?about=scoring.result:{report.pk}"'
        assert link in browser_of(person("colleague")).get(reverse("result", args=[report.pk])).content.decode()

    @pytest.mark.parametrize("who", ["collector2", "stranger", "former"])
    def test_and_for_nobody_else(self, who):
        assert self.told(who, result("moi-2559")).status_code == 404

    def test_a_collector_reads_what_the_pages_show_without_addresses_and_downloads(self):
        report = result("moi-2559")
        shown = ["result.saved", "result.marked", "result.item_reviewed", "question.asked", "objection.made"]
        for action in (*shown, "card.printed", "evidence.downloaded", "evidence.viewed"):
            write(action, target=report, after={"of": {"20": "fingerprint"}})
        page = self.told("collector", report)
        assert [line.entry.action for line in page.context["lines"]][-5:] == shown
        assert "fingerprint" not in page.content.decode()
        assert "127.0.0.1" not in page.content.decode()
        assert reverse("trail_entry", args=[1])[:-2] + "1" not in page.content.decode()

    def test_scores_that_are_hidden_stay_hidden(self):
        report = result("ict-2550")
        code = report.unit.code
        write(unit=code, target=report, before={"c": {"score": None}}, after={"c": {"score": "4.7713", "text": "said"}})
        reader = User.objects.get(username="agency-001-collector-1")
        page = browser_of(reader).get(reverse("trail"), {"about": f"scoring.result:{report.pk}"})
        assert page.status_code == 200
        assert "said" in page.content.decode() and "4.7713" not in page.content.decode()
        for action in ("result.marked", "result.mark_cleared", "result.item_reviewed", "question.asked"):
            write(action, unit=code, target=report)
        page = browser_of(reader).get(reverse("trail"), {"about": f"scoring.result:{report.pk}"})
        told = {line.entry.action for line in page.context["lines"]}
        assert "question.asked" in told and not told & OF_MARKS
        assert "4.7713" in self.told("auditor", report).content.decode()

    def test_can_be_read_when_person_and_object_are_gone(self):
        gone = User(pk=987_654, username="gone", name="ผู้เกษียณอายุ")
        entry = write(by=gone, target=Unit(pk=77_777, name="ยุบแล้ว"))
        page = browser_of(person("auditor")).get(reverse("trail_entry", args=[entry.pk]))
        assert page.status_code == 200
        assert "ผู้เกษียณอายุ" in page.content.decode() and "ยุบแล้ว" in page.content.decode()


class TestEntry:
    def test_shows_all_that_was_recorded_and_its_place_in_the_chain(self):
        entry = write(before={"measures": "เดิม"}, after={"measures": "ใหม่"}, reason="เพราะฝนตก")
        chain_now()
        entry = AuditEvent.objects.get(pk=entry.pk)
        page = browser_of(person("auditor")).get(reverse("trail_entry", args=[entry.pk]))
        text = page.content.decode()
        assert page.context["sound"] is True
        for part in ("เดิม", "ใหม่", "เพราะฝนตก", entry.hash, entry.previous, f"{entry.chain} · {entry.number}"):
            assert part in text

    def test_names_what_was_acted_on_as_the_filter_does(self):
        page = browser_of(person("auditor")).get(reverse("trail_entry", args=[write(reason="").pk]))
        assert "<dt>สิ่งที่ถูกกระทำ</dt>" in page.content.decode()

    def test_what_was_typed_is_never_markup(self):
        entry = write(reason="<script>alert(1)</script>", after={"text": "<img src=x>"})
        for path in (reverse("trail_entry", args=[entry.pk]), reverse("trail")):
            text = browser_of(person("auditor")).get(path).content.decode()
            assert "<script>alert" not in text and "<img src=x" not in text


def test_a_submission_is_a_sentence():
    report = result("ega-2557", number="4.2")
    entries = AuditEvent.objects.about(report).filter(action="result.submit")
    assert entries.exists()
    page = browser_of(person("auditor")).get(reverse("trail"), {"about": f"scoring.result:{report.pk}"})
    assert any(line.said.sentence.startswith(line.actor) for line in page.context["lines"])
