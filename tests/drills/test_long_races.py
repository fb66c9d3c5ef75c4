"""1,002 rounds of races on PostgreSQL: 2, 5 and 20 at once."""

import os
import subprocess
import sys

from tests.postgres import running_server

ROUNDS = 334  # each with 2, 5 and 20 at once: 1,002 together


def test_a_thousand_rounds_have_one_winner_each(tmp_path):
    """In a process of its own, because a run of tests has one database."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/scoring/test_decision_races.py"]
    with running_server() as url:
        told = {"DATABASE_URL": url, "RACES": str(ROUNDS), "VAR_DIR": str(tmp_path)}
        done = subprocess.run(command, env=os.environ | told, capture_output=True, text=True, timeout=2400)
    assert done.returncode == 0 and "3 passed" in done.stdout, done.stdout + done.stderr
