"""The pages of evidence through Django's client: what is attached, put, dropped and handed out, and to whom."""
import datetime
import io
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from evidence.models import Evidence, FileVersion
from evidence.services import add_evidence, receive
from kpiportal.audit.models import AuditEvent
from scoring.models import EvidenceUse, Result
from scoring.services import attach_file, submit, use_evidence
from tests.cast import browser_of, person, result
from tests.definitions import COMPLETE_COUNT, ITEMS, criterion, sheets, trial_result
from tests.evidence import files
from tests.refused import assert_only_refused, last_entry
from tests.scoring.test_entry import save

HTMX = {"HX-Request": "true"}
POINTS = [{"number": "1.1", "name": "the plan"}, {"number": "1.2", "name": "the minutes"}]


@pytest.fixture(autouse=True)
def evidence_folder(settings, tmp_path):
    """The folder of the local storage."""
    settings.EVIDENCE_STORAGE = f"file:{tmp_path / 'evidence'}"
    return tmp_path / "evidence"


@pytest.fixture
def report(seeds, db) -> Result:
    """A criterion of three items, the first with two required points; its first two items are done."""
    items = [ITEMS[0] | {"requirements": POINTS}, *ITEMS[1:]]
    made = trial_result(criterion("c", "100", COMPLETE_COUNT, items))
    save(made, person("collector"), c={"done": frozenset("ab")})
    return made


@pytest.fixture
def post(report, collector):
    """Post to an address of the report's evidence, as the collector's browser does."""

    def _post(name="evidence_add", *args, htmx=False, who="collector", language="en", **data):
        browser = browser_of(person(who))
        browser.cookies["django_language"] = language
        path = reverse(name, args=[report.pk, *args])
        return browser.post(path, data, headers=HTMX if htmx else {})

    return _post


def upload(data: bytes = b"", name: str = "แผน.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or files.pdf())


def item(report: Result, code: str):
    return next(i for c in report.indicator.criteria.all() for i in c.items.all() if i.code == code)


def score(report: Result) -> str:
    return str(sheets(report)["c"].row.score)


def attached(report: Result, *codes: str, name: str = "แผน.pdf", data: bytes = b"") -> FileVersion:
    items = [item(report, code) for code in codes]
    received = receive(io.BytesIO(data or files.pdf()), name=name)
    return attach_file(report, received, items=items, by=person("collector")).versions.get()


def in_storage(folder) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


class TestAttaching:
    def test_many_files_onto_an_item_complete_it_and_its_score_follows(self, report, post):
        assert score(report) == "2.0000"
        b = item(report, "b")
        response = post(files=[upload(), upload(files.png(), "ภาพ.png")], item=b.pk)
        assert (response.status_code, response.url) == (302, reverse("result", args=[report.pk]) + f"#item-{b.pk}")
        assert [str(use.evidence) for use in report.evidence_uses.filter(item=b)] == ["แผน.pdf", "ภาพ.png"]
        assert score(report) == "3.0000"

    def test_a_point_and_what_the_item_lacks_then(self, report, post, collector):
        first, second = item(report, "a").requirements.all()
        post(files=[upload()], item=item(report, "a").pk, point=first.pk)
        assert report.evidence_uses.get().requirement == first
        assert score(report) == "2.0000"
        browser = browser_of(collector)
        browser.cookies["django_language"] = "en"
        page = browser.get(reverse("result", args=[report.pk])).content.decode()
        assert "lacks: 1.2" in " ".join(page.split()) and "lacks: 1.1" not in " ".join(page.split())
        post(files=[upload()], place=f"p{second.pk}")
        assert score(report) == "3.0000"

    def test_the_htmx_answer_holds_the_changed_parts_and_no_page(self, report, post):
        b = item(report, "b")
        page = post(htmx=True, files=[upload()], item=b.pk).content.decode()
        prefix = f"c{b.criterion_id}"
        assert "<html" not in page and "3.0000" in page
        for part in ("panel", f"{prefix}-levels", f"{prefix}-score", f"documents-{b.pk}", "evidence-list"):
            assert f'id="{part}" hx-swap-oob="innerHTML"' in page
        # What is being typed isn't touched, nor what its form has seen of others' changes.
        assert "<textarea" not in page and 'name="version"' not in page and "csrfmiddlewaretoken" not in page

    def test_an_answer_says_its_version_and_the_newest_can_be_asked_for(self, report, post, collector):
        """Answers of several uploads at once may overtake each other."""
        answer = post(htmx=True, files=[upload()], item=item(report, "b").pk).content.decode()
        version = Result.objects.get(pk=report.pk).version
        assert f'data-version="{version}"' in answer
        path = reverse("evidence_add", args=[report.pk])
        newest = browser_of(collector).get(path, headers=HTMX | {"Accept-Language": "en"}).content.decode()
        assert f'data-version="{version}"' in newest and 'id="evidence-list" hx-swap-oob' in newest
        assert browser_of(person("auditor")).get(path, headers=HTMX).status_code == 409

    @pytest.mark.parametrize("htmx", [False, True])
    def test_a_refused_file_says_why_at_its_place_and_the_others_are_kept(self, report, post, htmx, evidence_folder):
        b = item(report, "b")
        bad = upload(b"MZ" + bytes(200), "virus.pdf")
        response = post(htmx=htmx, files=[upload(), bad, upload(b"", "x.png")], item=b.pk)
        page = response.content.decode()
        assert response.status_code == 422 and "program" in page
        assert htmx or ('href="#refused-1"' in page and "virus.pdf: " in page.split(f'id="item-{b.pk}"')[1])
        assert [str(use.evidence) for use in report.evidence_uses.all()] == ["แผน.pdf", "x.pdf"]
        assert in_storage(evidence_folder) == 2

    def test_no_file_at_all(self, report, post):
        response = post(item=item(report, "b").pk)
        assert response.status_code == 422 and "No file is chosen" in response.content.decode()

    def test_a_report_that_is_full_says_so_and_leaves_no_byte(self, report, post, settings, evidence_folder):
        settings.EVIDENCE_RESULT_COUNT = 1
        response = post(files=[upload(), upload(files.pdf(), "second.pdf")])
        assert response.status_code == 422 and "join documents" in response.content.decode()
        assert (Evidence.objects.filter(uses__result=report).count(), in_storage(evidence_folder)) == (1, 1)

    def test_a_newer_file_counts_to_the_limit_too(self, report, post, settings):
        version = attached(report, "b", data=files.text(700_000), name="a.txt")
        settings.EVIDENCE_RESULT_MB = 1
        bigger = upload(files.text(700_000), "b.txt")
        assert post("evidence_version", version.evidence_id, files=[bigger]).status_code == 422
        assert version.evidence.versions.count() == 1

    def test_an_item_of_another_indicator_is_refused(self, report, post):
        other = result("moi-2559").indicator.criteria.first().items.first()
        for place in ({"item": other.pk}, {"place": f"i{other.pk}"}, {"point": "x"}, {"place": "q1"}):
            assert post(files=[upload()], **place).status_code == 409
        assert not report.evidence_uses.exists()


class TestNaming:
    LETTER = {"kind": "letter", "title": "สั่งการ", "letter_number": "มท 0201/1", "letter_date": "2016-09-30"}

    def test_a_link_a_letter_and_a_document_kept_elsewhere(self, report, post):
        b = item(report, "b")
        post(kind="link", title="web", url="https://www.moi.go.th", place=f"i{b.pk}")
        post(**self.LETTER, issuer="ปลัดกระทรวง")
        post(kind="named", title="แฟ้ม", kept="ตู้ 3")
        page = post(kind="named", title="only named", htmx=True).content.decode()
        assert [use.item_id for use in report.evidence_uses.all()] == [b.pk, None, None, None]
        assert "No. มท 0201/1, 30 Sep 2016, ปลัดกระทรวง" in page and "kept at: ตู้ 3" in page
        assert page.count("named, not attached") == 1 and score(report) == "3.0000"

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            (LETTER, "issuer"),
            (LETTER | {"issuer": "x", "letter_date": "30/9/2559"}, "letter_date"),
            ({"kind": "link", "title": "x", "url": "javascript:alert(1)"}, "url"),
            ({"kind": "named"}, "title"),
        ],
    )
    def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(self, report, post, typed, field):
        page = post(**typed)
        text = page.content.decode()
        assert page.status_code == 422 and f'href="#named-{field}"' in text
        assert f'id="named-{field}-error"></span>' not in text and f'id="named-{field}-error"' in text
        assert all(f'value="{value}"' in text for value in typed.values())
        assert f'data-refused="named-{field}"' in post(htmx=True, **typed).content.decode()
        assert not report.evidence_uses.exists()


class TestUsingAndDropping:
    def test_one_document_proves_several_items(self, report, post):
        version = attached(report, "b")
        a = item(report, "a")
        post("evidence_use", version.evidence_id, point=[need.pk for need in a.requirements.all()])
        assert report.evidence_uses.count() == 3 and score(report) == "4.0000"
        post(evidence=version.evidence_id, place=f"i{a.pk}")
        assert report.evidence_uses.count() == 4

    def test_a_document_of_an_earlier_report_is_taken_over(self, report, post, collector):
        other = result("moi-2559")
        plan = use_evidence(other, add_evidence(unit=other.unit, kind="named", title="p", by=collector), by=collector)
        path = reverse("evidence_add", args=[report.pk])
        assert f"/evidence/{plan[0].evidence_id}/use/" in browser_of(collector).get(path).content.decode()
        assert post("evidence_use", plan[0].evidence_id).status_code == 302
        assert report.evidence_uses.get().evidence_id == plan[0].evidence_id

    def test_readers_are_offered_nothing_to_take_over_and_no_form(self, report, collector, auditor):
        other = result("moi-2559")
        use_evidence(other, add_evidence(unit=other.unit, kind="named", title="the plan", by=collector), by=collector)
        browser, path = browser_of(auditor), reverse("evidence_add", args=[report.pk])
        page = browser.get(path).content.decode()
        assert "the plan" in page and "/use/" not in page
        assert browser.get(path, headers=HTMX).status_code == 409

    def test_what_the_person_never_saw_is_not_found(self, report, post, collector):
        ega = result("ega-2557", number="3.1")
        unused, hidden = (
            add_evidence(unit=one.unit, kind="named", title="x", by=collector) for one in (report, ega)
        )
        for pk in (unused.pk, hidden.pk, 999_999):
            assert post("evidence_use", pk).status_code == post(evidence=pk).status_code == 404
            assert post("evidence_drop", pk).status_code == 404
            assert post("evidence_version", pk, files=[upload()]).status_code == 404
        assert post(evidence="x").status_code == 404

    def test_off_one_item_it_stays_in_the_list(self, report, post):
        version = attached(report, "b")
        post("evidence_drop", version.evidence_id, item=item(report, "b").pk)
        assert report.evidence_uses.get().item is None and score(report) == "2.0000"

    def test_out_of_the_list_before_a_submit_nothing_is_left_of_it(self, report, post, evidence_folder):
        version = attached(report, "b")
        assert post("evidence_drop", version.evidence_id).status_code == 302
        assert not Evidence.objects.filter(pk=version.evidence_id).exists() and score(report) == "2.0000"
        assert AuditEvent.objects.filter(action="evidence.deleted").exists()

    def test_what_another_report_uses_stays(self, report, post, collector):
        version = attached(report, "b")
        use_evidence(result("moi-2559"), version.evidence, by=collector)
        post("evidence_drop", version.evidence_id)
        assert Evidence.objects.filter(pk=version.evidence_id).exists()

    def test_after_a_submit_the_trace_and_the_file_stay(self, report, post, collector):
        version = attached(report, "b")
        submit(report, by=collector)
        assert post("evidence_drop", version.evidence_id).status_code == 409
        Result.objects.filter(pk=report.pk).update(state="draft")
        assert post("evidence_drop", version.evidence_id).status_code == 302
        use = EvidenceUse.objects.get(result=report)
        assert use.dropped_at and not report.evidence_uses.listed().exists()
        path = reverse("evidence_file", args=[report.pk, version.pk])
        assert browser_of(person("auditor")).get(path).status_code == 200

    def test_a_second_drop_says_to_reload(self, report, post, collector):
        version = attached(report, "b")
        use_evidence(result("moi-2559"), version.evidence, by=collector)
        submit(report, by=collector)
        Result.objects.filter(pk=report.pk).update(state="draft")
        statuses = [post("evidence_drop", version.evidence_id, htmx=True) for _ in range(2)]
        assert [answer.status_code for answer in statuses] == [200, 409]
        assert "reload the page" in statuses[1].content.decode()


class TestVersions:
    def test_stand_beside_each_other_the_newest_first(self, report, post):
        version = attached(report, "b")
        page = post("evidence_version", version.evidence_id, htmx=True, files=[upload(files.png(), "ใหม่.png")])
        text = " ".join(page.content.decode().split())
        assert page.status_code == 200 and "v2 · " in text and "Older versions:</" not in text
        assert text.index("v2 · ") < text.index("v1 · ") and "แผน.pdf" in text

    def test_the_file_of_a_named_document_completes_its_item(self, report, post, collector):
        named = add_evidence(unit=report.unit, kind="named", title="plan", by=collector)
        use_evidence(report, named, items=[item(report, "b")], by=collector)
        assert score(report) == "2.0000"
        response = post("evidence_version", named.pk, **{f"files-e{named.pk}": upload()})
        assert response.url.endswith(f"#document-{named.pk}") and score(report) == "3.0000"

    def test_a_refused_one_says_so_at_its_document(self, report, post):
        version = attached(report, "b")
        page = post("evidence_version", version.evidence_id, files=[upload(b"MZ" + bytes(99), "a.pdf")])
        place = page.content.decode().split(f'id="change-{version.evidence_id}"')[1]
        assert page.status_code == 422 and place.index("refused-1") < 300


class TestFiles:
    @pytest.mark.parametrize("who", ["collector", "colleague", "supervisor", "office", "auditor"])
    def test_are_handed_to_whoever_sees_the_report_and_that_is_written_down(self, report, who):
        version = attached(report, "b")
        response = browser_of(person(who)).get(reverse("evidence_file", args=[report.pk, version.pk]))
        assert b"".join(response.streaming_content) == files.pdf()
        assert response["Content-Disposition"].startswith("attachment; ") and response["X-Frame-Options"] == "DENY"
        assert response["X-Content-Type-Options"] == "nosniff" and "sandbox" in response["Content-Security-Policy"]
        entry = AuditEvent.objects.get(action="evidence.downloaded")
        assert (entry.actor_id, entry.target_id) == (person(who).pk, str(version.pk))

    def test_a_preview_stands_in_a_frame_of_ours_only_and_is_written_down_once_a_day(self, report, collector):
        version, page = attached(report, "b"), browser_of(collector).get(reverse("result", args=[report.pk]))
        path = reverse("evidence_file", args=[report.pk, version.pk]) + "?inline=1"
        assert "frame-src 'self'" in page["Content-Security-Policy"]
        assert f'<iframe src="{path}"' in page.content.decode()
        response = browser_of(collector).get(path)
        assert response["Content-Disposition"].startswith("inline") and response["X-Frame-Options"] == "SAMEORIGIN"
        assert response["Content-Security-Policy"].endswith("frame-ancestors 'self'")
        browser_of(collector).get(path)
        browser_of(person("auditor")).get(path)
        assert not AuditEvent.objects.filter(action="evidence.downloaded").exists()
        seen = AuditEvent.objects.about(version).filter(action="evidence.viewed")
        assert [entry.actor_id for entry in seen] == [collector.pk, person("auditor").pk]
        assert {entry.after["sha256"] for entry in seen} == {version.sha256}
        tomorrow = timezone.now() + datetime.timedelta(days=1)
        with mock.patch("django.utils.timezone.now", return_value=tomorrow):
            browser_of(collector).get(path)
        assert seen.all().count() == 3

    def test_of_another_report_are_not_found(self, report, collector):
        version = attached(report, "b")
        other = reverse("evidence_file", args=[result("moi-2559").pk, version.pk])
        assert browser_of(collector).get(other).status_code == 404
        assert browser_of(person("stranger")).get(
            reverse("evidence_file", args=[report.pk, version.pk])
        ).status_code == 404

    def test_unscanned_ones_are_their_uploaders_alone_and_the_page_says_why(self, report, settings):
        settings.CLAMD_URL = "unix:/nowhere"
        version = attached(report, "b")
        path = reverse("evidence_file", args=[report.pk, version.pk])
        seen = {who: browser_of(person(who)).get(path).status_code for who in ("collector", "colleague", "auditor")}
        assert seen == {"collector": 200, "colleague": 404, "auditor": 404}
        browser = browser_of(person("auditor"))
        browser.cookies["django_language"] = "en"
        page = browser.get(reverse("result", args=[report.pk])).content.decode()
        assert "Waiting for the virus scan" in page and path not in page

    def test_a_virus_is_named_and_nobody_gets_it(self, report, collector):
        version = attached(report, "b")
        FileVersion.objects.filter(pk=version.pk).update(scan="infected", scan_note="x", scanned_at=version.uploaded_at)
        path = reverse("evidence_file", args=[report.pk, version.pk])
        browser = browser_of(collector)
        browser.cookies["django_language"] = "en"
        assert browser.get(path).status_code == 404
        assert "Virus found" in browser.get(reverse("result", args=[report.pk])).content.decode()

    def test_what_the_storage_lost_gives_a_sentence(self, report, collector, evidence_folder):
        version = attached(report, "b")
        next(path for path in evidence_folder.rglob("*") if path.is_file()).unlink()
        response = browser_of(collector).get(reverse("evidence_file", args=[report.pk, version.pk]))
        assert response.status_code == 503 and "แจ้งผู้ดูแลระบบ" in response.content.decode()


class TestTakingDown:
    def test_the_office_removes_a_file_and_the_reason_stays(
        self, report, post, evidence_folder, django_capture_on_commit_callbacks
    ):
        version = attached(report, "b")
        with django_capture_on_commit_callbacks(execute=True):
            response = post("evidence_take_down", version.pk, who="office", reason="เลขบัตรประชาชน")
        assert response.status_code == 302 and in_storage(evidence_folder) == 0
        version.refresh_from_db()
        assert version.taken_down_reason == "เลขบัตรประชาชน" and score(report) == "2.0000"
        page = browser_of(person("office")).get(reverse("result", args=[report.pk])).content.decode()
        assert reverse("evidence_file", args=[report.pk, version.pk]) not in page

    def test_without_a_reason_the_page_asks_for_it(self, report, post):
        version = attached(report, "b")
        response = post("evidence_take_down", version.pk, who="office")
        assert response.status_code == 422 and f'href="#take-down-{version.pk}"' in response.content.decode()

    @pytest.mark.parametrize("who", ["collector", "supervisor", "auditor"])
    def test_nobody_else(self, report, post, who):
        version = attached(report, "b")
        assert post("evidence_take_down", version.pk, who=who, reason="x").status_code == 409
        assert "take-down" not in browser_of(person(who)).get(reverse("result", args=[report.pk])).content.decode()


class TestRoles:
    @pytest.mark.parametrize("who", ["colleague", "supervisor", "office", "auditor"])
    def test_readers_change_nothing(self, report, post, who, evidence_folder):
        version = attached(report, "b")
        before = last_entry()
        for name, *args in (
            ("evidence_add",), ("evidence_version", version.evidence_id), ("evidence_use", version.evidence_id),
            ("evidence_drop", version.evidence_id),
        ):
            assert post(name, *args, who=who, files=[upload()]).status_code == 409
            answer = post(name, *args, who=who, htmx=True, files=[upload()])
            assert answer.status_code == 409 and "data-refused" in answer.content.decode()
        assert in_storage(evidence_folder) == 1
        assert_only_refused(before, times=8)

    @pytest.mark.parametrize("who", ["colleague", "supervisor", "auditor"])
    def test_readers_see_the_list_with_its_files_and_no_form(self, report, who):
        version = attached(report, "b")
        page = browser_of(person(who)).get(reverse("result", args=[report.pk])).content.decode()
        assert reverse("evidence_file", args=[report.pk, version.pk]) in page
        assert 'type="file"' not in page and "evidence-form" not in page and "data-place" not in page
