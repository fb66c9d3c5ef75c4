"""Taking a file from the browser: one that is too large, or for which the disk has no room, is refused by a sentence
of its own, and the rest of the form is read as if nothing had been."""
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from evidence.problems import NotStored, StorageDown, StorageFull, TooLarge
from evidence.storage.disk import NO_ROOM


class RefusedUpload(UploadedFile):
    """A file that could not be taken: it has no bytes, `problem` says why."""

    def __init__(self, name: str, problem: NotStored) -> None:
        super().__init__(name=name, size=0)
        self.problem = problem


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Django's temporary file with EVIDENCE_MAX_MB as its limit; gives a RefusedUpload when something is in the way."""

    problem: NotStored | None = None

    def new_file(self, *args, **kwargs) -> None:
        """Begin a temporary file."""
        self.problem, self.limit = None, settings.EVIDENCE_MAX_MB * 2**20
        try:
            super().new_file(*args, **kwargs)
        except OSError as error:
            self._give_up(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece; what comes after a problem is read and dropped."""
        if self.problem is None and start + len(raw_data) > self.limit:
            self._give_up(TooLarge(self.limit))
        if self.problem is None:
            try:
                super().receive_data_chunk(raw_data, start)
            except OSError as error:
                self._give_up(error)

    def file_complete(self, file_size: int) -> UploadedFile:
        """The file, or why there is none."""
        if self.problem is None:
            try:
                return super().file_complete(file_size)
            except OSError as error:
                self._give_up(error)
        return RefusedUpload(self.file_name, self.problem)

    def _give_up(self, why: NotStored | OSError) -> None:
        """Remember the problem and free the bytes."""
        if isinstance(why, OSError):
            why = StorageFull() if why.errno in NO_ROOM else StorageDown()
        self.problem = why
        if file := self.__dict__.pop("file", None):
            try:
                file.close()
            except OSError:  # what was still to be written has no room either; the system closes the file all the same
                file.file.close()
