"""Giving a file to a person whom the caller has authorised: never as a page of ours, never by another address."""
import codecs
import re
import unicodedata
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpResponseBase

from evidence import storage
from evidence.models import FileVersion
from evidence.storage.base import PIECE

TEXT = "text/plain"
# What a browser draws without running anything of it; all else is only ever downloaded.
PREVIEWED = {"application/pdf", "image/jpeg", "image/png", "image/gif", "image/webp", TEXT}
SAFE_IN_NAME = "!#$&+-.^_`|~"  # attr-char of RFC 5987, beside letters and digits


def respond(version: FileVersion, *, inline: bool) -> HttpResponseBase:
    """The file with every header: as a preview if `inline` and its type can be previewed, else as a download.
    Raises Http404 for what nobody may open (taken down, infected), FileMissing or StorageDown."""
    if version.closed_to_all:
        raise Http404("The file is closed to everyone.")
    inline = inline and version.content_type in PREVIEWED and (version.content_type != TEXT or _is_utf8(version.key))
    response = FileResponse(storage.open_(version.key), content_type=_content_type(version, inline))
    response.headers["Content-Length"] = str(version.size)
    response.headers["Content-Disposition"] = disposition(version.name, inline=inline, fallback=f"file-{version.pk}")
    response.headers["Content-Security-Policy"] = policy(inline)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def policy(inline: bool) -> str:
    """A content security policy that lets a file do nothing: no script, no request, an origin of its own. A preview
    may stand in a frame of our own pages."""
    return f"default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors {_framers(inline)}"


def _framers(inline: bool) -> str:
    return "'self'" if inline else "'none'"


def disposition(name: str, *, inline: bool, fallback: str) -> str:
    """Content-Disposition after RFC 6266: the name in UTF-8, and before it one in ASCII for what is older (`fallback`
    with the name's ending, when nothing of it is ASCII)."""
    name = re.sub(r"[\x00-\x1f\x7f]", "", name)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem, _, ending = plain.rpartition(".")
    if not re.fullmatch("[A-Za-z0-9]{1,10}", ending):
        stem, ending = plain, ""
    stem = re.sub(r"[^A-Za-z0-9 ._-]+", "_", stem).strip(" ._-") if re.search("[A-Za-z0-9]", stem) else ""
    plain = f"{stem or fallback}.{ending}" if ending else stem or fallback
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=SAFE_IN_NAME)}"


def _content_type(version: FileVersion, inline: bool) -> str:
    return f"{TEXT}; charset=utf-8" if inline and version.content_type == TEXT else version.content_type


def _is_utf8(key: str) -> bool:
    """Whether a stored text is UTF-8 to its end, read in pieces."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with storage.open_(key) as stream:
        try:
            while piece := stream.read(PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
