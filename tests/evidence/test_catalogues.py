"""The two catalogues: every hostile file gets its outcome, no honest one is refused, none takes much."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evidence.inspection.reasons import REASONS
from tests.evidence import honest, hostile

ROOT = Path(__file__).resolve().parents[2]
MOST_SECONDS, MOST_MEGABYTES, MOST_IN_WORKER = 2, 150, 20


def examined(files: list[tuple[str, bytes]], folder: Path) -> dict:
    """The report of a fresh process on these files; it must leave nothing behind but what it was given."""
    store, scratch = folder / "files", folder / "scratch"
    store.mkdir()
    scratch.mkdir()
    for number, (_, content) in enumerate(files):
        (store / str(number)).write_bytes(content)
    index = {str(number): name for number, (name, _) in enumerate(files)}
    (store / "index.json").write_text(json.dumps(index))
    before = sorted(os.listdir(store))
    environment = os.environ | {"TMPDIR": str(scratch), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    output = subprocess.run(
        [sys.executable, "-m", "tests.evidence.measure", str(store)],
        cwd=scratch, env=environment, stdout=subprocess.PIPE, check=True, timeout=300,
    ).stdout  # fmt: skip
    assert sorted(os.listdir(store)) == before and os.listdir(scratch) == []
    return json.loads(output)


def again(slow: tuple[str, bytes], folder: Path) -> float:
    """The seconds of one file alone: the other tests share the two cores."""
    folder.mkdir()
    return examined([slow], folder)["results"][0]["seconds"]


def check_resources(report: dict, files: list[tuple[str, bytes]], folder: Path) -> None:
    late = [number for number, result in enumerate(report["results"]) if result["seconds"] >= MOST_SECONDS]
    alone = {files[number][0]: again(files[number], folder / f"again{number}") for number in late}
    assert {name: seconds for name, seconds in alone.items() if seconds >= MOST_SECONDS} == {}
    assert report["child"] < MOST_MEGABYTES
    assert report["worker"] < MOST_IN_WORKER
    assert report["handles"] == 0
    assert {result["position"] for result in report["results"]} == {0}


def test_hostile_files(tmp_path, capsys, record_property):
    cases = list(hostile.cases())
    files = [(case.name, case.content) for case in cases]
    report = examined(files, tmp_path)
    outcomes = {case.title: result["outcome"] for case, result in zip(cases, report["results"], strict=True)}
    assert outcomes == {case.title: case.outcome for case in cases}
    check_resources(report, files, tmp_path)
    slowest = max(result["seconds"] for result in report["results"])
    record_property("hostile files", len(cases))
    with capsys.disabled():
        print(f"\n{len(cases)} hostile files, none over {slowest:.1f} s and {report['child']:.0f} MB")
    assert len(cases) >= 60
    assert set(REASONS) - {case.outcome for case in cases} == {"unreadable"}


def test_honest_files(tmp_path, capsys, record_property):
    cases = list(honest.cases())
    files = [(case.name, case.content) for case in cases]
    report = examined(files, tmp_path)
    wrong = {
        case.name: result["outcome"]
        for case, result in zip(cases, report["results"], strict=True)
        if result["extension"] != case.extension
    }
    assert wrong == {}
    check_resources(report, files, tmp_path)
    record_property("honest files", len(cases))
    with capsys.disabled():
        print(f"\n{len(cases)} honest files, none refused, {report['child']:.0f} MB at most")
    assert len(cases) == 100


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_is_a_sentence_in_both_languages(code):
    th, en = REASONS[code]
    assert any("ก" <= letter <= "ฮ" for letter in th) and en.isascii() and en[0].isupper()
    assert not en.endswith(".") and ". " not in en
