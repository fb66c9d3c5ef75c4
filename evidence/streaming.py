"""Giving a file to a person whom the caller has authorised: never as a page of ours, never by another address."""
import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import parse_etags

from evidence import storage
from evidence.models import FileVersion
from evidence.storage.base import PIECE, Storage

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


def resumable(
    held: Storage, key: str, *, size: int, sha256: str, content_type: str, request: HttpRequest
) -> HttpResponseBase:
    """A stored file that never changes, by what the request's headers say: 304 for who has it, 206 for the part that
    is still missing, 416 for a part that there isn't; else the whole, of which HEAD is told the headers. Its ETag is
    its hash. Raises FileMissing or StorageDown."""
    headers = request.headers
    etag = f'"{sha256}"'
    if etag in (known := parse_etags(headers.get("If-None-Match", ""))) or "*" in known:
        response: HttpResponseBase = HttpResponse(status=304)
    else:
        is_part = request.method == "GET" and headers.get("If-Range", etag) == etag
        part = _part(headers.get("Range", ""), size) if is_part else None
        response = _whole_or_part(held, key, size, part)
        response.headers["Content-Type"] = content_type
    for name, value in (("ETag", etag), ("Accept-Ranges", "bytes"), ("Cache-Control", "private, no-cache")):
        response.headers[name] = value
    return response


def announced(content_type: str, shown: str) -> HttpResponseBase:
    """What HEAD is told of a file that is made when it is taken: its type and Content-Disposition; how long it will be
    nobody knows before."""
    return StreamingHttpResponse((), content_type=content_type, headers={"Content-Disposition": shown})


def _part(asked: str, size: int) -> range | None:
    """The one part that a Range header asks for (RFC 9110); None for the whole, also where it asks for several."""
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", asked.replace(" ", ""), re.ASCII)
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)


def _whole_or_part(held: Storage, key: str, size: int, part: range | None) -> HttpResponseBase:
    if part is None:
        response: HttpResponseBase = FileResponse(held.read(key))
        response.headers["Content-Length"] = str(size)
        return response
    if not part:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = StreamingHttpResponse(_bytes_of(held.read(key), part), status=206)
    response.headers["Content-Length"] = str(len(part))
    response.headers["Content-Range"] = f"bytes {part[0]}-{part[-1]}/{size}"
    return response


def _bytes_of(stream: BinaryIO, part: range) -> Iterator[bytes]:
    """A part of a stream, in pieces; what comes before it is read over where a storage can't seek."""
    with stream:
        skip, left = part.start, len(part)
        if hasattr(stream, "seek"):
            stream.seek(skip)
            skip = 0
        while skip and (piece := stream.read(min(PIECE, skip))):
            skip -= len(piece)
        while left and (piece := stream.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


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
