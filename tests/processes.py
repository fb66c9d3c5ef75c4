"""Watches processes that are not ours to wait for."""
import time

import psutil


def gone(processes: list[psutil.Process], seconds: float = 10) -> bool:
    """Whether all end within `seconds`; one that only its new parent has yet to collect has ended."""
    deadline = time.monotonic() + seconds
    while any(map(_runs, processes)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
