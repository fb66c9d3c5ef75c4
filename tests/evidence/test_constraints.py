"""What the database refuses of evidence, whatever road it comes by."""
import pytest
from django.utils import timezone

from evidence.models import Evidence, FileVersion
from tests.constraints import again, assert_refused, constraints_of


def version(**changes):
    return lambda: FileVersion.objects.update(**changes)


def one_more(**changes):
    return lambda: again(FileVersion.objects.first(), **changes)


CASES = {
    "evidence_has_title": lambda: Evidence.objects.update(title=""),
    "evidence_kind_known": lambda: Evidence.objects.update(kind="rumour"),
    "evidence_link_has_url": lambda: Evidence.objects.filter(url="").exclude(kind="file").update(kind="link"),
    "evidence_url_of_the_web": lambda: Evidence.objects.filter(kind="named").update(url="javascript:alert(1)"),
    "evidence_letter_whole": lambda: Evidence.objects.update(kind="letter", letter_number="มท 0201/1"),
    "evidence_letter_only": lambda: Evidence.objects.update(issuer="กระทรวงมหาดไทย"),
    "evidence_file_is_here": lambda: Evidence.objects.filter(kind="file").update(place="ชั้น 3"),
    "file_version_number_once": one_more(key="1" * 32),
    "file_version_key_once": one_more(number=2),
    "file_version_from_1": version(number=0),
    "file_version_not_empty": version(size=0),
    "file_version_named": version(name=""),
    "file_version_key_whole": version(key="ab"),
    "file_version_hash_whole": version(sha256="ab"),
    "file_version_scan_whole": version(scan="clean"),
    "file_version_taken_down_whole": version(taken_down_at=timezone.now()),
}
HALF = [
    {"scan": "infected", "scanned_at": timezone.now()},
    {"scan": "failed", "scanned_at": timezone.now()},
    {"scan": "waiting", "scanned_at": timezone.now()},
    {"scan": "clean", "scanned_at": timezone.now(), "scan_note": "Eicar"},
    {"scan": "perhaps"},
    {"taken_down_reason": "personal data"},
]


def test_every_constraint_has_its_case():
    assert set(CASES) == set(constraints_of("evidence"))


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses(attach, name):
    attach()
    assert_refused(CASES[name], constraints_of("evidence")[name])


@pytest.mark.parametrize("half", HALF)
def test_half_a_decision_is_refused(attach, half):
    attach()
    assert_refused(version(**half))


def test_evidence_with_a_file_can_not_be_deleted_around_the_service(attach):
    evidence = attach()
    assert_refused(lambda: Evidence.objects.filter(pk=evidence.pk)._raw_delete("default"))
