"""Changes of evidence, each with its audit entry."""
from evidence.services.entries import add_evidence, delete_unused
from evidence.services.files import (
    Received,
    add_file,
    add_version,
    discard,
    no_bytes_without_row,
    receive,
    take_down,
)
from evidence.services.scanning import enqueue_scans, record_scan, scan_version

__all__ = [
    "Received",
    "add_evidence",
    "add_file",
    "add_version",
    "delete_unused",
    "discard",
    "enqueue_scans",
    "no_bytes_without_row",
    "receive",
    "record_scan",
    "scan_version",
    "take_down",
]
