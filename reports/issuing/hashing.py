"""Taking a file from anybody to compare its hash: nothing of it is kept, neither in memory nor on the disk."""
import hashlib

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

MOST_BYTES = 20 * 2**20
# Of a form's other parts, all together.
ROOM = 2**16


class Hashed(UploadedFile):
    """A file of which only the hash is left."""

    def __init__(self, name: str, size: int, sha256: str) -> None:
        super().__init__(name=name, size=size)
        self.sha256 = sha256


class HashingUploadHandler(FileUploadHandler):
    """Hashes the first file as it comes, and takes no second one."""

    seen = 0

    def new_file(self, *args, **kwargs) -> None:
        """Begin the one file."""
        super().new_file(*args, **kwargs)
        self.seen, self.digest = self.seen + 1, hashlib.sha256()
        if self.seen > 1:
            raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Hash a piece and let it go."""
        self.digest.update(raw_data)

    def file_complete(self, file_size: int) -> Hashed:
        """The hash of the whole."""
        return Hashed(self.file_name, file_size, self.digest.hexdigest())
