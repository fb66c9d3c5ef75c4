"""The golden cases, through the command line as the world uses it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.command import ROOT, run

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def answers() -> dict[str, dict]:
    found, status, errors = run("\n".join(json.dumps(case) for case in CASES))
    assert (status, errors, len(found)) == (0, "", len(CASES))
    return {answer["id"]: answer for answer in found}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_every_figure_of_the_document(case, answers):
    answer = answers[case["id"]]
    assert {key: answer[key] for key in case["expect"]} == case["expect"]
    assert answer["working"]


def test_the_working_in_both_languages():
    lines = "\n".join(json.dumps(case) for case in CASES)
    english = {answer["id"]: answer["working"] for answer in run(lines, "--lang", "en")[0]}
    assert english["ega-2.2"] == [
        "84.40 lies between 80 (3) and 85 (4): 3 + (84.40 − 80) / (85 − 80) × (4 − 3) = 3.8800"]
    assert english["moi-5"] == [
        "((1 × 3) + (0.5 × 3) + (1 × 3) + (0.5 × 5) + (0.5 × 5) + (0.5 × 4) + (1 × 1))"
        " / (1 + 0.5 + 1 + 0.5 + 0.5 + 0.5 + 1) = 15.5000 / 5 = 3.1000"]
    thai = {answer["id"]: answer["working"] for answer in run(lines, "--lang", "th")[0]}
    assert thai["ega-2.2"] == [
        "84.40 อยู่ระหว่าง 80 (3) และ 85 (4): 3 + (84.40 − 80) / (85 − 80) × (4 − 3) = 3.8800"]
    assert thai == {answer["id"]: answer["working"] for answer in run(lines)[0]}


def test_blank_lines_and_a_byte_order_mark_are_passed_over():
    line = json.dumps(CASES[0])
    found, status, _ = run(b"\xef\xbb\xbf" + f"{line}\r\n\n   \n{line}".encode())
    assert [answer["score"] for answer in found] == ["3.0000", "3.0000"]
    assert status == 0
    assert run("")[:2] == ([], 0)


def test_ids_come_back_as_they_are():
    level = {"rubric": {"kind": "level"}, "result": {"value": "3"}}
    ids = ["ก", 7, None, True, 1.5, ["a"], {"a": 1}, "\ud800", 10**40]
    found, status, errors = run("\n".join(json.dumps(level | {"id": one}) for one in ids))
    assert [answer["id"] for answer in found] == ids
    assert (status, errors) == (0, "")


def test_a_reader_that_goes_away_leaves_no_traceback():
    line = (json.dumps(CASES[0]) + "\n").encode()
    child = subprocess.Popen([sys.executable, "-S", "-m", "scoring.engine"], cwd=ROOT, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdout.close()
    try:
        child.stdin.write(line * 5000)
        child.stdin.close()
    except BrokenPipeError:
        pass
    errors = child.stderr.read()
    child.stderr.close()
    assert (child.wait(timeout=30), errors) == (1, b"")


def test_memory_does_not_grow_with_the_number_of_lines():
    script = (
        "import io, itertools, resource, sys, json\n"
        "from scoring.engine.__main__ import run\n"
        "class Lines(io.RawIOBase):\n"
        "    def __init__(self, number): self.left = number\n"
        "    def readline(self, limit=-1):\n"
        "        self.left -= 1\n"
        "        return b'' if self.left < 0 else json.dumps({'id': self.left, 'rubric': {'kind': 'level',"
        " 'scale': {'min': '0', 'max': str(self.left + 1)}}, 'result': {'value': '1'}}).encode() + b'\\n'\n"
        "sink = open('/dev/null', 'wb')\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "run(Lines(3000), sink, 'th'); before = peak(); run(Lines(30000), sink, 'th'); print(peak() - before)"
    )
    grown = subprocess.run(
        [sys.executable, "-S", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(grown.stdout) < 1024  # kB
