"""Reading the setting EVIDENCE_STORAGE: a folder, or a bucket of S3."""
import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
FOLDER = re.compile(r"[A-Za-z0-9_./-]*")
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


class BucketAddress(NamedTuple):
    """A bucket of S3, the folder in it ('' for all of it), and where its server is (None for Amazon's)."""

    bucket: str
    folder: str
    endpoint: str | None
    region: str


def read_address(text: str) -> Path | BucketAddress:
    """The folder of `file:/…`, or the bucket of `s3://bucket/folder?endpoint=https://…&region=…` (folder, endpoint and
    region may be left out). Raises ImproperlyConfigured with a sentence that says what to mend."""
    scheme, _, rest = text.partition(":")
    if scheme == "file":
        path = Path(rest.removeprefix("//"))
        if not path.is_absolute() or "?" in rest:
            raise _nonsense(text, "give an absolute path, such as file:/srv/kpi/evidence.")
        return path
    if scheme == "s3":
        return _bucket(text)
    raise _nonsense(text, "begin with file:/ or s3://.")


def _bucket(text: str) -> BucketAddress:
    parts = urlsplit(text)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    endpoint, region = options.pop("endpoint", None), options.pop("region", "us-east-1")
    folder = parts.path.strip("/")
    if not BUCKET.fullmatch(parts.netloc) or not FOLDER.fullmatch(folder) or parts.fragment:
        raise _nonsense(text, "write s3://bucket or s3://bucket/folder; keys come from the environment.")
    if options:
        raise _nonsense(text, f"only endpoint and region can be set, not {', '.join(options)}.")
    if endpoint is not None and not re.fullmatch(r"https?://[^/\s?#@]+/?", endpoint):
        raise _nonsense(text, "endpoint is the server's address, such as https://s3.example.go.th.")
    if not region:
        raise _nonsense(text, "region is empty: leave it out or name it.")
    missing = [name for name in KEYS if not os.environ.get(name)]
    if missing:
        raise ImproperlyConfigured(f"EVIDENCE_STORAGE is in S3, but {' and '.join(missing)} is not set.")
    return BucketAddress(parts.netloc, folder, endpoint, region)


def _nonsense(text: str, cure: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"EVIDENCE_STORAGE can't be '{text}': {cure}")
