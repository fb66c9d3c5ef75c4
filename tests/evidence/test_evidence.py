"""Evidence that is named: links, letters and documents kept elsewhere, each with its audit entry."""
import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from evidence.models import Evidence
from evidence.problems import InUse
from evidence.services import add_evidence, delete_unused
from kpiportal.audit.models import AuditEvent

LETTER = {
    "letter_number": "มท 0201.2/ว 1234", "letter_date": datetime.date(2016, 9, 30), "issuer": "สำนักงานปลัดกระทรวง",
}


def test_adding_writes_one_entry(moi, collector):
    added = add_evidence(unit=moi, kind="link", title="page", url="http://www.moi.go.th", by=collector)
    (entry,) = AuditEvent.objects.about(added)
    assert (entry.action, entry.actor_name, entry.unit_id) == ("evidence.added", collector.name, moi.pk)
    assert entry.after == {"kind": "link", "title": "page", "url": "http://www.moi.go.th"}
    assert (added.created_by, str(added)) == (collector, "page")


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "named", "title": ""},
        {"kind": "link", "title": "page"},
        {"kind": "rumour", "title": "x"},
        {"kind": "file", "title": "a file that isn't there"},
        {"kind": "letter", "title": "letter"},
        {"kind": "named", "title": "x", "issuer": "a letter's field"},
        *({"kind": "letter", "title": "letter", **LETTER, left_out: None} for left_out in LETTER),
    ],
)
def test_nonsense_is_refused_and_leaves_nothing(moi, collector, data):
    before = Evidence.objects.count(), AuditEvent.objects.count()
    with pytest.raises(ValidationError):
        add_evidence(unit=moi, by=collector, **data)
    assert (Evidence.objects.count(), AuditEvent.objects.count()) == before


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,<script>", "not an address", "ftp://x.go.th/"])
def test_a_link_must_be_a_web_address(moi, collector, url):
    with pytest.raises(ValidationError):
        add_evidence(unit=moi, kind="link", title="page", url=url, by=collector)


@pytest.mark.parametrize(
    "url", ["", "http://", "https:///x", "https://a b", "https://x\u202e.go.th", "http://[x", "h://x"]
)
def test_an_address_that_leads_nowhere_is_told_at_its_field(moi, collector, url):
    with pytest.raises(ValidationError) as refused:
        add_evidence(unit=moi, kind="link", title="page", url=url, by=collector)
    assert list(refused.value.message_dict) == ["url"]


def test_what_is_typed_is_kept_without_what_nobody_sees(moi, collector):
    typed = {"title": " แผน\0\u202efdp.exe\r\nx ", "place": "ตู้\t3", "url": "HTTPS://Moi.go.th/A"}
    added = add_evidence(unit=moi, kind="named", by=collector, **typed)
    assert (added.title, added.place, added.url) == ("แผนfdp.exe x", "ตู้ 3", "https://Moi.go.th/A")
    (entry,) = AuditEvent.objects.about(added)
    assert entry.after == {"kind": "named", "title": "แผนfdp.exe x", "place": "ตู้ 3", "url": "https://Moi.go.th/A"}


def test_a_letter_of_a_year_of_the_buddhist_era_is_asked_again(moi, collector):
    with translation.override("en"), pytest.raises(ValidationError, match="C.E.") as refused:
        letter = LETTER | {"letter_date": datetime.date(2559, 9, 30)}
        add_evidence(unit=moi, kind="letter", title="x", by=None, **letter)
    assert list(refused.value.message_dict) == ["letter_date"]


def test_a_letter_keeps_number_date_and_issuer(moi, collector):
    letter = add_evidence(unit=moi, kind="letter", title="หนังสือเวียน", by=collector, **LETTER)
    letter.refresh_from_db()
    assert {name: getattr(letter, name) for name in LETTER} == LETTER
    (entry,) = AuditEvent.objects.about(letter)
    assert entry.after["letter_date"] == "2016-09-30"


def test_what_nothing_refers_to_can_be_deleted(moi, collector):
    link = add_evidence(unit=moi, kind="link", title="page", url="https://moi.go.th", by=collector)
    about = AuditEvent.objects.about(link)
    delete_unused(link, by=collector)
    assert not Evidence.objects.filter(title="page").exists()
    assert [entry.action for entry in about] == ["evidence.added", "evidence.deleted"]


def test_what_a_result_refers_to_can_not(moi_result, collector):
    used = moi_result.evidence_uses.first().evidence
    before = AuditEvent.objects.count()
    with pytest.raises(InUse) as refusal:
        delete_unused(used, by=collector)
    assert "evidence list" in refusal.value.message.en and "หลักฐาน" in refusal.value.message.th
    assert Evidence.objects.filter(pk=used.pk).exists() and AuditEvent.objects.count() == before
