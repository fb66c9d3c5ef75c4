"""Writing a PDF into a file, so that a full disk is an error and not the end of the process."""
from pathlib import Path

from pikepdf import ObjectStreamMode, Pdf


def save_pdf(pdf: Pdf, path: Path, *, deterministic_id: bool = False) -> None:
    """Write a PDF as small as it gets. Raises OSError, without a buffer: what pikepdf finds out only in the last flush
    of one that it opens itself would abort the process."""
    with path.open("wb", buffering=0) as file:
        pdf.save(file, deterministic_id=deterministic_id, object_stream_mode=ObjectStreamMode.generate)
