"""Workers that are killed in the middle lose nothing that was acknowledged; a large upload costs little memory."""
import pytest

from evidence import storage
from evidence.models import Evidence, FileVersion
from tests.evidence.measuring import MEGABYTE, memory_of_an_upload
from tests.evidence.workers import assert_nothing_is_lost, kill_one_of


def test_kill_9_in_the_middle_of_20_uploads_and_saves(committed_seeds):
    before = Evidence.objects.count()
    acknowledged, place = kill_one_of(2, rounds=4)  # 16 files and 8 documents
    assert 6 <= place < 12, "the kill came too late to prove anything"
    assert len(acknowledged) >= 12 + 6 and Evidence.objects.count() > before
    assert_nothing_is_lost(acknowledged)


def test_the_proof_fails_when_a_file_is_gone(committed_seeds):
    """The check of the test above finds what it is there for."""
    acknowledged, _ = kill_one_of(2, rounds=1)
    storage.remove(FileVersion.objects.last().key)
    with pytest.raises(Exception, match="not in the storage|1 wrong"):
        assert_nothing_is_lost(acknowledged)


def test_an_upload_of_50_mb_adds_less_than_30_mb(committed_seeds):
    added = memory_of_an_upload(50 * MEGABYTE)
    print(f"a 50 MB upload adds {added:.1f} MB to its worker")
    assert added < 30
    assert FileVersion.objects.order_by("pk").last().size == 50 * MEGABYTE
