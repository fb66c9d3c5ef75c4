"""A file on its way to a person: every header, the Thai name, and what is never shown in a page."""
import email.message
import io
from urllib.parse import unquote

import pytest
from django.http import Http404
from django.utils import timezone

from evidence import storage
from evidence.models import FileVersion
from evidence.problems import FileMissing
from evidence.streaming import PREVIEWED, disposition, respond
from tests.evidence import files

PDF, PNG = "application/pdf", "image/png"


@pytest.fixture
def version(attach) -> FileVersion:
    return attach(files.pdf(), "รายงานผล ปี 2559 \"ฉบับจริง\".pdf").versions.get()


def served(version: FileVersion, *, inline: bool) -> tuple[bytes, dict[str, str]]:
    response = respond(version, inline=inline)
    data = b"".join(response.streaming_content)
    response.file_to_stream.close()  # response.close() would end the test's connection to the database
    return data, {name.lower(): value for name, value in response.items()}


def names_in(header: str) -> tuple[str, str, str]:
    """How it is to be shown, the ASCII name and the real one, as the standard library's parser reads them."""
    message = email.message.Message()
    message["Content-Disposition"] = header
    plain = header.split('filename="')[1].split('"')[0]
    charset, _, encoded = header.split("filename*=")[1].partition("''")
    return message.get_content_disposition(), plain, unquote(encoded, charset)


def test_a_download_has_every_header(version):
    data, headers = served(version, inline=False)
    assert data == files.pdf()
    assert names_in(headers.pop("content-disposition")) == ("attachment", "2559.pdf", version.name)
    assert headers == {
        "content-type": PDF,
        "content-length": str(len(data)),
        "content-security-policy": (
            "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "private, no-store",
    }


def test_a_preview_may_stand_in_a_frame_of_our_own(version):
    data, headers = served(version, inline=True)
    assert data == files.pdf() and headers["content-disposition"].startswith("inline; ")
    assert "sandbox;" in headers["content-security-policy"]
    assert headers["content-security-policy"].endswith("frame-ancestors 'self'")


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "application/zip", "message/rfc822", "text/xml", "image/tiff"]
)
def test_anything_else_is_a_download_whatever_is_asked(version, kind):
    version.content_type = kind
    _, headers = served(version, inline=True)
    assert headers["content-disposition"].startswith("attachment; ") and headers["content-type"] == kind
    assert headers["content-security-policy"].endswith("frame-ancestors 'none'")


@pytest.mark.parametrize("kind", sorted(PREVIEWED - {"text/plain"}))
def test_these_can_be_previewed(version, kind):
    version.content_type = kind
    assert served(version, inline=True)[1]["content-disposition"].startswith("inline; ")


@pytest.mark.parametrize(
    ("data", "inline"),
    [
        (files.text(500), True),
        (b"a" + files.text(3 * 2**20), True),
        (files.TEXT.encode("cp874"), False),
        (files.text(300) + "ก".encode()[:2], False),
    ],
    ids=["short", "on the border of two pieces", "another encoding", "cut off"],
)
def test_text_is_shown_only_if_it_is_utf_8_to_its_end(version, data, inline):
    version.key = storage.put(io.BytesIO(data), limit=len(data)).key
    version.size, version.content_type = len(data), "text/plain"
    sent, headers = served(version, inline=True)
    assert sent == data
    assert headers["content-disposition"].startswith("inline" if inline else "attachment")
    assert headers["content-type"] == ("text/plain; charset=utf-8" if inline else "text/plain")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("plan.pdf", "plan.pdf"),
        ("แผน.pdf", "file-7.pdf"),
        ("แผน 2569.pdf", "2569.pdf"),
        ("แผน", "file-7"),
        ("résumé final.docx", "resume final.docx"),
        ('a"b\\c.pdf', "a_b_c.pdf"),
        ("50% off; x.pdf", "50_ off_ x.pdf"),
        ("../../etc/passwd", "etc_passwd"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x_1.pdf"),
        ("๑.๒.ก", "file-7"),
        ("ก" * 85, "file-7"),
        (".htaccess", "file-7.htaccess"),
    ],
)
def test_names(name, plain):
    header = disposition(name, inline=False, fallback="file-7")
    kind, ascii_name, real = names_in(header)
    assert (kind, ascii_name) == ("attachment", plain)
    assert real == name.replace("\r\n", "")
    assert header.isascii() and header.isprintable()


@pytest.mark.parametrize("closed", [{"scan": "infected"}, {"taken_down_at": timezone.now()}])
def test_what_is_closed_to_all_is_not_there(version, closed):
    for name, value in closed.items():
        setattr(version, name, value)
    with pytest.raises(Http404):
        respond(version, inline=False)


def test_a_lost_file_says_so(version):
    storage.remove(version.key)
    with pytest.raises(FileMissing):
        respond(version, inline=False)
