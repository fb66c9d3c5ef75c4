"""Files in S3: an object appears only when its upload is whole, and is read back once to compare its hash."""
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from evidence.problems import FileMissing, StorageDown
from evidence.storage.base import KEY, Entry, Measured, Stored, sha256_of

PART = 5 * 2**20
# One thread: each further one would hold a part in memory.
TRANSFER = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
CONFIG = Config(
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    connect_timeout=5,
    read_timeout=30,
    retries={"max_attempts": 2, "mode": "standard"},
    # Many servers that speak S3 don't know the newer checksums; ours is the SHA-256 of what is read back.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
ABSENT = {"404", "NoSuchKey", "NotFound"}


class Body:
    """An object that is being read; the library's own, as a context, gives a stream that knows nothing of its length
    nor of the library's errors."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size` (below 0: all). Raises StorageDown, also for bytes that never came."""
        with _s3_errors():
            return self._body.read(None if size < 0 else size)

    def close(self) -> None:
        """Give the connection back."""
        self._body.close()

    def __enter__(self) -> "Body":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


class Bucket:
    """The files of one bucket, or of one folder in it."""

    def __init__(
        self, bucket: str, *, folder: str = "", endpoint: str | None = None, region: str = "us-east-1"
    ) -> None:
        self.bucket, self.folder = bucket, f"{folder}/" if folder else ""
        self.client: Any = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY"),
            config=CONFIG,
        )

    def put(self, key: str, stream: BinaryIO, *, limit: int) -> Stored:
        """Store a stream. Raises TooLarge, StorageDown or FileExistsError, and leaves no object then."""
        if self.size(key) is not None:
            raise FileExistsError(f"A stored file is named {key} already")
        source = Measured(stream, limit)
        with _s3_errors():
            self.client.upload_fileobj(source, self.bucket, self._name(key), Config=TRANSFER)
        stored = Stored(key, source.size, source.sha256())
        try:
            with self.read(key) as copy:
                if sha256_of(copy) != (stored.size, stored.sha256):
                    raise StorageDown()
        except BaseException:
            self.discard(key)
            raise
        return stored

    def read(self, key: str) -> "Body":
        """The object's bytes as they come; raises FileMissing or StorageDown."""
        with _s3_errors():
            return Body(self.client.get_object(Bucket=self.bucket, Key=self._name(key))["Body"])

    def size(self, key: str) -> int | None:
        """The bytes of a file, None without one."""
        try:
            with _s3_errors():
                return self.client.head_object(Bucket=self.bucket, Key=self._name(key))["ContentLength"]
        except FileMissing:
            return None

    def discard(self, key: str) -> None:
        """Remove a file; none is fine too."""
        with _s3_errors():
            self.client.delete_object(Bucket=self.bucket, Key=self._name(key))

    def entries(self) -> Iterator[Entry]:
        """Every whole file."""
        with _s3_errors():
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.folder)
            for found in (each for page in pages for each in page.get("Contents", ())):
                if key := self._key(found["Key"]):
                    yield Entry(key, found["Size"], found["LastModified"])

    def leftovers(self) -> Iterator[Entry]:
        """Uploads in parts that were begun and not ended; their bytes aren't known."""
        with _s3_errors():
            pages = self.client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self.bucket, Prefix=self.folder
            )
            for found in (each for page in pages for each in page.get("Uploads", ())):
                if self._key(found["Key"]):
                    yield Entry(f"{found['Key']} {found['UploadId']}", 0, found["Initiated"])

    def discard_leftover(self, key: str) -> None:
        """Give up an upload in parts."""
        name, _, upload = key.rpartition(" ")
        with _s3_errors():
            self.client.abort_multipart_upload(Bucket=self.bucket, Key=name, UploadId=upload)

    def _key(self, name: str) -> str:
        """The key of an object of ours; '' for what others put into the same bucket."""
        key = name.rpartition("/")[2]
        return key if KEY.fullmatch(key) and self._name(key) == name else ""

    def _name(self, key: str) -> str:
        if not KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not the name of a stored file.")
        return f"{self.folder}{key[:2]}/{key}"


@contextmanager
def _s3_errors() -> Iterator[None]:
    """Turn the library's errors into sentences."""
    try:
        yield
    except ClientError as error:
        absent = error.response.get("Error", {}).get("Code") in ABSENT
        raise (FileMissing() if absent else StorageDown()) from error
    except (Boto3Error, BotoCoreError) as error:
        raise StorageDown() from error
