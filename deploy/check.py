"""Runs the tests with one summary: `check.py test` everything, `drills` the long ones, `bench` the figures.

The exit status is 0 only if every part ran at least one test and none failed.
"""
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
ON_BOTH_DATABASES = [
    "tests/accounts", "tests/audit", "tests/indicators", "tests/scoring", "tests/evidence", "tests/trail",
    "tests/reports/issuing/test_issuing_races.py",
]
# What is asked of files, of texts, of the workflow's table and of the drawing of pages is the same on both; and of what
# is written, the reports, their decisions, seals, races and constraints stand for marks and talk.
ON_ONE = [
    *(f"tests/evidence/test_{name}.py" for name in (
        "catalogues", "intake", "storage", "s3", "both_storages", "scan", "streaming", "uploading", "workers"
    )),
    *(f"tests/scoring/test_{name}.py" for name in (
        "workflow_machine", "what_if", "evidence_pages", "base_data_page", "requests_page", "review_page",
        "entry_page", "sealed_pages", "across", "hidden_scores", "planner", "marking", "units_below", "objections",
        "questions", "final_marks", "round_weights", "carry", "not_applicable"
    )),
    *(f"tests/indicators/test_{name}.py" for name in ("folding", "ranges", "fields")),
    *(f"tests/accounts/test_{name}.py" for name in ("people_pages", "review", "sign_in")),
    "tests/audit/test_sentences.py",
    *(f"tests/trail/test_{name}.py" for name in ("exports", "pages")),
]


@dataclass(frozen=True)
class Part:
    """A run of pytest: what the summary calls it, its arguments, and whether it gets a PostgreSQL."""

    name: str
    arguments: list[str]
    postgresql: bool = False

    def missing(self) -> list[str]:
        """The folders that pytest is to look into but that don't exist; it would end without saying which."""
        return [each for each in self.arguments if each.startswith("tests/") and not (ROOT / each).exists()]


@dataclass(frozen=True)
class Outcome:
    """What came of a part: counts of tests, the seconds it took, and those that it kept a core busy."""

    name: str
    passed: int
    failed: int
    skipped: int
    seconds: float
    busy: float


PARTS = {
    "test": [
        Part("SQLite", ["-n", "2", "tests", "--ignore=tests/browser", "--ignore=tests/drills"]),
        Part(
            "PostgreSQL", ["-n", "2", *ON_BOTH_DATABASES, *(f"--ignore={path}" for path in ON_ONE)], postgresql=True
        ),
        Part("browser", ["-n", "2", "tests/browser"]),
    ],
    # Not the largest first: tests that empty the database come after all that share its seeds.
    "drills": [Part("drills", ["-n", "2", "--dist", "loadscope", "--no-loadscope-reorder", "tests/drills"])],
}


@contextmanager
def clean_environment() -> Iterator[dict[str, str]]:
    """The environment without a person's own database, and with an empty var/ that vanishes afterwards."""
    with tempfile.TemporaryDirectory(prefix="kpi-check-") as var:
        (Path(var) / "static").mkdir()
        environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "PORT")}
        yield {**environment, "VAR_DIR": var, "PYTHONPATH": str(ROOT)}


@contextmanager
def database(part: Part) -> Iterator[dict[str, str]]:
    """The variables that point a part to its database: none for SQLite, the files are the tests' own."""
    if not part.postgresql:
        yield {}
        return
    from tests.postgres import running_server

    with running_server() as url:
        yield {"DATABASE_URL": url}


def run_part(part: Part, environment: dict[str, str]) -> Outcome:
    """Run one part and count; no test run, or a run that broke off, counts as one failure."""
    print(f"\n--- {part.name} ---", flush=True)
    for path in part.missing():
        print(f"{path} is not there: write its tests, or take it out of {Path(__file__).name}", flush=True)
    report, started = Path(environment["VAR_DIR"]) / f"{part.name}.xml", time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "--durations=12", f"--junitxml={report}", *part.arguments]
    before = _busy()
    with database(part) as variables:
        status = subprocess.run(command, cwd=ROOT, env={**environment, **variables}).returncode
    passed, failed, skipped = count(report)
    if not failed and (status != 0 or not passed):
        print(f"{part.name}: pytest ended with status {status} after {passed} passed tests", flush=True)
        failed = 1
    return Outcome(part.name, passed, failed, skipped, time.monotonic() - started, _busy() - before)


def _busy() -> float:
    """Seconds of all cores that went into the processes that have ended."""
    used = os.times()
    return used.children_user + used.children_system


def count(report: Path) -> tuple[int, int, int]:
    """Tests passed, failed (errors included) and skipped, from pytest's JUnit file; zeros without one."""
    if not report.exists():
        return 0, 0, 0
    suites = list(ElementTree.parse(report).iter("testsuite"))

    def total(name: str) -> int:
        return sum(int(suite.get(name, 0)) for suite in suites)

    failed, skipped = total("failures") + total("errors"), total("skipped")
    return total("tests") - failed - skipped, failed, skipped


def run_tests(purpose: str) -> int:
    """Run the parts of `test` or `drills`, each to its end, and print the summary; 1 if anything failed."""
    with clean_environment() as environment:
        outcomes = [run_part(part, environment) for part in PARTS[purpose]]
    print("\n--- summary ---")
    for each in outcomes:
        counts = f"{each.passed:>6} passed {each.failed:>5} failed {each.skipped:>5} skipped"
        print(f"{each.name:<12}{counts} {each.seconds:>8.1f} s {each.busy:>8.1f} s of cores")
    passed, failed, skipped = (
        sum(getattr(outcome, field) for outcome in outcomes) for field in ("passed", "failed", "skipped")
    )
    print(f"Total: {passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed else 0


def run_benches() -> int:
    """Run every bench/*.py and let it print its figures; 1 if one missed its bound, or if there is none."""
    benches = sorted(ROOT.glob("bench/[!_]*.py"))
    missed = []
    with clean_environment() as environment:
        for bench in benches:
            print(f"\n--- {bench.relative_to(ROOT)} ---", flush=True)
            if subprocess.run([sys.executable, bench], cwd=ROOT, env=environment).returncode:
                missed.append(bench.name)
    print(f"\n{len(benches)} benches, missed or broken: {', '.join(missed) or 'none'}", flush=True)
    return 1 if missed or not benches else 0


def main(arguments: list[str]) -> int:
    """One word says what to run."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that PostgreSQL is ended on the way out
    sys.path.insert(0, str(ROOT))
    match arguments:
        case ["test" | "drills" as purpose]:
            return run_tests(purpose)
        case ["bench"]:
            return run_benches()
    print("check.py takes one word: test, drills or bench", file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
