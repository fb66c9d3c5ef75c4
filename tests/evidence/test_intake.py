"""The gate: streams of every kind, names, limits, and what is said about an attachment."""

import io
import re
import unicodedata

import pytest
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile, TemporaryUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from evidence.inspection.kinds import KINDS
from evidence.intake import Limits, Refused, clean_name, examine
from tests.evidence.making import PROGRAM, mail, office, pdf, picture, png_of


def refusal(content: bytes, name: str = "a", **limits) -> Refused:
    with pytest.raises(Refused) as caught:
        examine(io.BytesIO(content), name, limits=Limits(**limits))
    return caught.value


def uploads(content: bytes):
    yield io.BytesIO(content)
    yield SimpleUploadedFile("a.pdf", content)
    yield InMemoryUploadedFile(io.BytesIO(content), "file", "a.pdf", "text/html", len(content), None)
    on_disk = TemporaryUploadedFile("a.pdf", "text/html", len(content), None)
    on_disk.write(content)
    yield on_disk


def test_uploads_of_every_kind_are_read_and_left_at_their_begin():
    content = pdf()
    for stream in uploads(content):
        stream.seek(7)
        found = examine(stream, "รายงาน.docx")
        assert found == ("application/pdf", "pdf", "รายงาน.pdf")
        assert stream.tell() == 0 and stream.read() == content
        stream.close()


def test_a_refused_upload_is_left_at_its_begin_too():
    for stream in uploads(PROGRAM):
        with pytest.raises(Refused, match="executable"):
            examine(stream, "a.pdf")
        assert stream.read() == PROGRAM
        stream.close()


class Endless(io.RawIOBase):
    """A file of a terabyte; reading it fails the test."""

    def seek(self, position, whence=0):
        return 10**12 if whence == 2 else 0

    def readinto(self, buffer):
        raise AssertionError("read before its size was known")


def test_size_is_looked_at_before_anything_else():
    with pytest.raises(Refused) as caught:
        examine(Endless(), "a.pdf")
    assert caught.value.code == "too_large" and "50 MB" in caught.value.message.en
    assert refusal(b"abc", size=2).code == "too_large"


def test_an_examination_that_takes_too_long_or_too_much_ends_in_a_sentence():
    assert refusal(pdf(), seconds=0.001).code == "unreadable"
    assert refusal(b"text" * 1000, memory=9_000_000).code == "unreadable"


def test_limits_are_those_that_were_passed():
    assert refusal(png_of(100, 100), pixels=9_999).message.en.startswith("The picture has more than 0 million")
    assert refusal(office("docx"), entries=2).code == "bomb"
    assert refusal(office("docx"), unpacked=100).code == "bomb"
    assert refusal(mail(), mail=10).code == "too_large"
    assert examine(io.BytesIO(office("docx")), "a", limits=Limits(entries=3)).extension == "docx"


def test_an_attachment_is_named_in_the_sentence():
    message = refusal(mail((f"ใบแจ้งหนี้{chr(0x202E)}fdp.exe", PROGRAM))).message
    assert message.th.startswith("ใน 'ใบแจ้งหนี้fdp.exe': เนื้อไฟล์เป็นโปรแกรม")
    assert message.en.startswith("In 'ใบแจ้งหนี้fdp.exe': The content is a program")


@pytest.mark.parametrize("name", ["photo.exe", "photo.pdf", "photo", "photo.PNG", "photo.png.html"])
def test_the_name_never_decides(name):
    assert examine(io.BytesIO(picture()), name) == ("image/png", "png", "photo.png")


def test_a_table_is_one_when_it_is_called_so_and_looks_so():
    assert examine(io.BytesIO(b"a,b\n1,2\n"), "x.csv")[1:] == ("csv", "x.csv")
    assert examine(io.BytesIO(b"a,b\n1,2\n"), "x.js")[1:] == ("txt", "x.txt")
    assert examine(io.BytesIO(b"one line\n"), "x.csv")[1:] == ("txt", "x.txt")


ODD = st.text(st.sampled_from("ก่ำเา\u0e4d ./\\\r\n\0.pdfexeCON:*\u202e\u200b\ufeff\ud800é\u0301😀\u2028"), max_size=400)


@given(st.one_of(ODD, st.text(max_size=300)), st.sampled_from(["", *KINDS]))
def test_clean_names(name, extension):
    cleaned = clean_name(name, extension)
    assert cleaned and len(cleaned.encode()) <= 255
    assert cleaned == " ".join(cleaned.split()) and not cleaned.startswith(".") and not cleaned.endswith(".")
    assert not re.search(r'[/\\<>:"|?*\x00-\x1f\x7f]', cleaned)
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") for character in cleaned)
    assert cleaned.endswith(f".{extension}") if extension else True
    assert clean_name(cleaned, extension) == cleaned


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("a.tar.gz", "a.tar.gz"), ("รายงาน", "รายงาน"), ("LPT1.txt", "_LPT1.txt"), ("", "document"),
        ("../..", "document"),
    ],  # fmt: skip
)
def test_without_an_extension_its_own_stays(name, cleaned):
    assert clean_name(name) == cleaned


def test_thai_clusters_are_not_torn():
    for shift in range(12):
        stem = clean_name("x" * shift + "ที่นี้ำเก๋ไก๋" * 30, "pdf").removesuffix(".pdf")
        whole = "x" * shift + "ที่นี้ำเก๋ไก๋" * 30
        assert whole.startswith(stem) and 225 < len(stem.encode()) <= 251
        assert unicodedata.category(whole[len(stem)]) != "Mn" and stem[-1] not in "เแโใไ"
