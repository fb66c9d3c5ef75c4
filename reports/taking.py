"""Files that are served as they are: whether taking one is the same download as a moment ago."""
import time

from django.http import HttpRequest, HttpResponseBase

TAKEN, SAME_DOWNLOAD = "cards_taken", 60 * 60


def begins(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether an answer gives a file, or its beginning."""
    if request.method == "HEAD":
        return False
    is_start = response.headers.get("Content-Range", "bytes 0-").startswith("bytes 0-")
    return response.status_code in (200, 206) and is_start


def taken_lately(request: HttpRequest, name: str) -> bool:
    """Whether this sign-in took the very file within the hour: a download that broke, or was opened again, is the same
    one. The session, which every request reads anyway, remembers."""
    now = time.time()
    taken = {known: at for known, at in request.session.get(TAKEN, {}).items() if at > now - SAME_DOWNLOAD}
    if name in taken:
        return True
    request.session[TAKEN] = taken | {name: now}
    return False
