"""The daily digest: who is told what on which day, in which language, and never what is another unit's."""

import datetime
import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from indicators.models import Assignment, Indicator, Round
from kpiportal.accounts.models import Membership, Unit, User
from kpiportal.accounts.services import create_user, grant
from kpiportal.audit.models import AuditEvent
from scoring.models import NotApplicableRequest, Objection, Question, ReminderSent, ReminderSetting, Result
from scoring.services.reminders import notices_of, remind, save_reminder_setting
from tests.cast import assign, browser_of, person, result
from tests.operating import give, operating_result
from tests.scoring.clock import Clock

MONDAY = "2026-11-23"
SITE = "https://kpi.example.go.th"


@pytest.fixture
def clock(monkeypatch, seeds, db, settings) -> Clock:
    """Monday morning at nine, reminders on."""
    settings.REMINDERS, settings.PORTAL_URL = True, SITE
    Membership.objects.update(since=datetime.date(2026, 1, 1))
    return Clock(monkeypatch)


def due(report: Result, day: str, **values) -> Result:
    """Give the round of a report this due date, and the report a state."""
    Round.objects.filter(pk=report.round_id).update(due_on=datetime.date.fromisoformat(day))
    Result.objects.filter(pk=report.pk).update(**values)
    return report


def handed_in(report: Result, state: str = "submitted", **more) -> Result:
    """Put a report into a state past its hand-in."""
    now = timezone.now()
    values = {"submitted_at": now, "submitted_by": person("collector"), "submission": 1}
    if state != "submitted":
        values |= {"decided_at": now, "decided_by": person("supervisor")}
    Result.objects.filter(pk=report.pk).update(state=state, **values | more)
    return report


def told(username: str, *, about: Result | None = None) -> set[str]:
    """The kinds of the notices that somebody has now, about one report."""
    user = person(username)
    path = reverse("result", args=[about.pk]) if about else ""
    return {notice.kind for notice in notices_of([user])[user.pk] if not path or notice.path == path}


def mails() -> dict[str, dict]:
    """The mails in the queue, by address."""
    queued = [job.args_kwargs["kwargs"] for job in DBTaskResult.objects.order_by("enqueued_at")]
    return {mail["to"][0].split("@")[0]: mail for mail in queued}


class TestDigest:
    def test_says_what_came_back_and_why_and_leads_there(self, clock):
        report = result("ega-2557", number="4.2")
        assert remind() > 1
        mail = mails()["collector2"]
        assert mail["subject"].startswith("KPI Portal: 3 เรื่องสำหรับท่าน (23 พ.ย. 2569)")
        assert report.return_reason in " ".join(mail["body"].split())
        assert f"{SITE}/results/{report.pk}/" in mail["body"]
        assert mail["headers"]["Auto-Submitted"] == "auto-generated"

    def test_speaks_the_language_that_was_chosen(self, clock):
        user = person("collector2")
        save_reminder_setting(user, language="en", digest=True, by=user)
        remind()
        assert mails()["collector2"]["subject"] == "KPI Portal: 3 matters for you (23 Nov 2026)"
        assert "Returned to be corrected (1)" in mails()["collector2"]["body"]
        assert "KPI Portal: " in mails()["collector"]["subject"] and "เรื่อง" in mails()["collector"]["subject"]

    def test_comes_once_a_day_and_again_only_with_news(self, clock):
        first = remind()
        assert first and remind() == 0
        DBTaskResult.objects.update(status="SUCCESSFUL", return_value=1)
        clock("2026-11-24 09:00")
        assert remind() == 0
        assert not ReminderSent.objects.exclude(state="delivered", body="").exists()
        report = handed_in(result("moi-2559"), "returned", return_reason="one more plan")
        concerned = report.indicator.assignments.filter(round=report.round, role="collector")
        assert remind() == concerned.count()
        reached = {name for name, mail in mails().items() if "one more plan" in mail["body"]}
        assert reached == {task.person.email.split("@")[0] for task in concerned}

    def test_a_late_report_is_told_after_1_3_and_7_days_then_every_week(self, clock, collector):
        due(result("moi-2559"), "2026-11-22")
        due(result("moi-2559", months=6), "2027-12-01")
        days = []
        for day in range(22):
            clock("2026-11-23 09:00")
            clock.later(days=day)
            remind()
            if ReminderSent.objects.filter(user=collector, day=timezone.localdate()).exists():
                days.append((timezone.localdate() - datetime.date(2026, 11, 22)).days)
            DBTaskResult.objects.update(status="SUCCESSFUL", return_value=1)
        # The 7th day is a Sunday, the 14th and 21st too: told on Monday.
        assert days == [1, 3, 8, 15, 22]

    @pytest.mark.parametrize(
        ("moment", "mails"), [
            (f"{MONDAY} 07:59", 0), (f"{MONDAY} 17:01", 0), ("2026-11-21 09:00", 0), (f"{MONDAY} 08:00", 1),
        ],
    )
    def test_stays_away_in_the_quiet_hours(self, clock, moment, mails):
        clock(moment)
        assert min(remind(), 1) == mails

    def test_none_while_reminders_are_off(self, clock, settings):
        settings.REMINDERS = False
        assert remind() == 0 and not ReminderSent.objects.exists()

    def test_the_command_does_it(self, clock, capsys):
        call_command("tick")
        assert "mails to send" in capsys.readouterr().out
        assert AuditEvent.objects.filter(action="reminder.sent").count() == ReminderSent.objects.count() > 0

    def test_mail_and_row_stand_together_or_not_at_all(self, clock, monkeypatch):
        def broken(*args, **kwargs):
            raise RuntimeError("the trail is full")

        monkeypatch.setattr("scoring.services.reminders.record", broken)
        with pytest.raises(RuntimeError):
            remind()
        assert not DBTaskResult.objects.exists() and not ReminderSent.objects.exists()


class TestDays:
    """A date ends at 23:59:59 in Bangkok."""

    @pytest.mark.parametrize(
        ("moment", "kinds"),
        [
            ("2026-11-30 23:59:59", {"due"}), ("2026-12-01 00:00:00", {"late"}),
            ("2026-11-16 00:00:00", {"due"}), ("2026-11-15 23:59:59", {"open"}),
        ],
    )
    def test_around_midnight(self, clock, moment, kinds):
        report = due(result("moi-2559"), "2026-11-30")
        clock(moment)
        assert told("collector", about=report) == kinds

    @pytest.mark.parametrize(
        ("who", "moment", "is_told"),
        [
            ("supervisor", "2026-12-02 23:59:59", False), ("supervisor", "2026-12-03 00:00:00", True),
            ("office", "2026-12-06 23:59:59", False), ("office", "2026-12-07 00:00:00", True),
            ("auditor", "2026-12-30 12:00:00", False),
        ],
    )
    def test_escalation_after_3_and_7_days(self, clock, who, moment, is_told):
        report = due(result("moi-2559"), "2026-11-30")
        clock(moment)
        assert ("escalated" in told(who, about=report)) is is_told

    def test_what_was_handed_in_is_not_late(self, clock):
        report = handed_in(due(result("moi-2559"), "2026-10-01"))
        assert told("collector", about=report) == set()


class TestWhoIsTold:
    def test_the_supervisor_of_what_waits_for_a_decision(self, clock):
        report = handed_in(result("moi-2559"))
        assert told("supervisor", about=report) == {"decide"}
        report.makers.add(person("supervisor"))
        assert told("supervisor", about=report) == set()

    def test_not_the_supervisor_who_only_audits_by_now(self, clock):
        report = handed_in(result("moi-2559"))
        person("supervisor").memberships.update(role="auditor")
        assert told("supervisor", about=report) == set()

    def test_the_office_of_what_waits_for_it(self, clock):
        report = handed_in(result("moi-2559"), "approved")
        criterion = report.indicator.criteria.first()
        by = {"result": report, "criterion": criterion}
        Objection.objects.create(**by, text="too low", made_by=person("collector"), made_at=timezone.now())
        asked = handed_in(result("moi-2559", months=6))
        NotApplicableRequest.objects.create(
            result=asked, criterion=criterion, reason="flooded", requested_by=person("collector")
        )
        assert told("office", about=report) == {"certify", "objection"}
        assert told("office", about=asked) == {"request"}
        assert told("auditor") == set()

    def test_each_office_of_its_own_units_only(self, clock):
        """Also where the notices of both are read together, as a tick does."""
        other = create_user(username="office2", name="o", email="office2@example.go.th", by=None)
        grant(user=other, unit=Unit.objects.get(code="ega"), role="office", by=None)
        report, theirs = handed_in(result("moi-2559"), "approved"), result("ega-2557", number="1.1")
        NotApplicableRequest.objects.create(
            result=result("moi-2559", months=6), criterion=report.indicator.criteria.first(), reason="CANARY-8",
            requested_by=person("collector"),
        )
        found = notices_of([person("office"), person("office2")])
        both_told, own = ({notice.path for notice in found[person(who).pk]} for who in ("office", "office2"))
        assert own < both_told and reverse("result", args=[theirs.pk]) in own
        assert not any("CANARY-8" in notice.sentence.th or "มหาดไทย" in notice.about.th for notice in found[other.pk])

    def test_the_collectors_of_a_question(self, clock):
        report = handed_in(result("moi-2559"))
        asked = Question.objects.create(
            result=report, text="Which year?", asked_by=person("supervisor"), asked_at=timezone.now()
        )
        assert told("collector", about=report) == {"question"}
        answer = {"answer": "2559", "answered_by": person("collector"), "answered_at": timezone.now()}
        handed_in(report, "returned", return_reason="mend")  # then nobody can answer it
        assert told("collector", about=report) == {"returned"}
        handed_in(report)
        Question.objects.filter(pk=asked.pk).update(**answer)
        assert told("collector", about=report) == set()

    def test_the_office_also_where_it_supervises_but_not_of_what_it_made(self, clock):
        report = handed_in(due(result("moi-2559"), "2026-11-01"), "approved")
        keys = {"indicator": report.indicator, "round": report.round, "unit": report.unit}
        Assignment.objects.create(**keys, person=person("office"), role="supervisor", is_substitute=True)
        assert told("office", about=report) == {"certify"}
        report.makers.add(person("office"))
        assert told("office", about=report) == set()

    def test_nobody_of_an_indicator_that_was_cancelled(self, clock):
        report = due(result("moi-2559"), "2026-11-01")
        assert told("collector", about=report) == {"late"}
        Indicator.objects.filter(pk=report.indicator_id).update(cancelled_from=12)
        assert told("collector", about=report) == told("supervisor", about=report) == set()
        assert told("collector", about=due(result("moi-2559", months=6), "2026-11-01")) == {"late"}

    def test_the_units_of_no_base_data_that_is_not_measured_any_more(self, clock):
        report = operating_result()
        assert told("imm-1")
        Indicator.objects.filter(pk=report.indicator_id).update(first_round=9, cancelled_from=12)
        assert told("imm-1") == set()

    def test_the_units_of_the_base_data_that_they_are_asked_for(self, clock):
        report = operating_result()
        Membership.objects.update(since=datetime.date(2026, 1, 1))
        due(report, "2026-11-26")
        give(report, "imm-2", "1", "2")
        remind()
        body = mails()["imm-1"]["body"]
        assert "ข้อมูลพื้นฐาน: รายงานแล้ว 0 จาก 1 ครบกำหนดในอีก 3 วัน" in " ".join(body.split())
        assert f"{SITE}/results/{report.pk}/data/imm-1/" in body
        assert "imm-2" not in mails()

    @pytest.mark.parametrize("why", ["deactivated", "former", "no address", "switched off", "closed round"])
    def test_nobody_who_may_not_or_will_not(self, clock, why):
        report = due(result("moi-2559"), MONDAY)
        name = why if why in ("deactivated", "former") else "collector"
        user = person(name) if name == "collector" else assign(name, report)
        if why == "former":
            Membership.objects.filter(user=user).update(until=datetime.date(2026, 11, 22))
        if why == "no address":
            User.objects.filter(pk=user.pk).update(email="")
        if why == "switched off":
            save_reminder_setting(user, language="th", digest=False, by=user)
        if why == "closed round":
            Round.objects.filter(agreement__code="moi-2559").update(state="closed")
        remind()
        assert name not in mails()

    def test_whose_right_ended_while_the_assignment_stayed(self, clock):
        user = assign("stranger", due(result("moi-2559"), MONDAY))
        assert notices_of([user])[user.pk] == []

    def test_another_units_words_are_in_nobodys_mail(self, clock):
        """Canaries in the names, reasons and questions of EGA's reports reach EGA's people and those over them only."""
        canary = "CANARY-7"
        for report in Result.objects.filter(indicator__agreement__code="ega-2557"):
            report.indicator.name += f" {canary}"
            report.indicator.save(update_fields=["name"])
        Unit.objects.filter(code="ega").update(name=canary)
        assign("stranger", result("ega-2557", number="4.2"))
        remind()
        reached = {name for name, mail in mails().items() if canary in mail["body"] + mail["subject"]}
        assert {"collector2", "supervisor", "office"} <= reached
        in_scope = {
            name for name in reached
            if Membership.objects.filter(user__username=name, unit__code="ega").exists()
        }
        assert reached == in_scope and "collector" in mails()
        home = browser_of(person("collector")).get("/").content.decode()
        assert canary not in home + browser_of(person("collector")).get(reverse("reminders")).content.decode()


class TestQueries:
    def test_are_the_same_for_three_people_and_for_thirty(self, clock):
        remind()
        DBTaskResult.objects.update(status="SUCCESSFUL", return_value=1)
        remind()
        few = self.count()
        moi, report = Unit.objects.get(code="moi"), result("moi-2559")
        for number in range(27):
            user = create_user(username=f"c{number}", name="c", email=f"c{number}@example.go.th", by=None)
            grant(user=user, unit=moi, role="collector", by=None)
            Assignment.objects.create(
                indicator=report.indicator, round=report.round, unit=moi, person=user, role="collector", order=5
            )
        assert remind() == 27
        DBTaskResult.objects.update(status="SUCCESSFUL", return_value=1)
        remind()
        assert self.count() == few <= 12

    def count(self) -> int:
        """The queries of a tick for people who know everything already, on a new day."""
        ReminderSent.objects.update(day=timezone.localdate() - datetime.timedelta(days=1))
        with CaptureQueriesContext(connection) as captured:
            assert remind() == 0
        return len(captured)


class TestSetting:
    def test_is_saved_once_with_its_entry(self, clock):
        user, path = person("collector"), reverse("reminders")
        browser = browser_of(user)
        assert browser.post(path, {"language": "en"}).url == path
        chosen = ReminderSetting.objects.get(user=user)
        assert (chosen.language, chosen.digest) == ("en", False)
        browser.post(path, {"language": "en"})
        [entry] = AuditEvent.objects.filter(action="reminder.setting_changed")
        assert entry.after == {"language": "en", "digest": False}

    def test_a_language_that_there_is_not_is_refused(self, clock):
        assert browser_of(person("collector")).post(reverse("reminders"), {"language": "fr"}).status_code == 400
        assert not ReminderSetting.objects.exists()

    def test_the_preview_is_todays_mail(self, clock):
        page = browser_of(person("collector2")).get(reverse("reminders"))
        assert page.context["has_news"] and not page.context["sent_today"]
        remind()
        assert page.context["mail"].body == mails()["collector2"]["body"]
        page = browser_of(person("collector2")).get(reverse("reminders"))
        assert page.context["sent_today"] and not page.context["has_news"]


class TestHome:
    def test_begins_with_what_came_back_is_late_or_asked(self, clock):
        page = browser_of(person("collector2")).get("/")
        notices = page.context["notices"]
        assert [notice.kind for notice in notices] == ["returned", "late"]
        said = notices[0].sentence.en  # after midnight what came back in the evening came back yesterday
        assert "Late since 31 Oct 2014" in said and re.search("Returned (on|today|yesterday)", said)
        assert "ส่งคืน" in page.content.decode()

    def test_of_somebody_whom_nothing_concerns_has_no_list(self, clock):
        assert browser_of(person("stranger")).get("/").context["notices"] == []
