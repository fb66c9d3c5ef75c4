"""`python bench/engine.py [--rounds N]`: the engine beside its yardsticks, in one run; exit status 1 over a
limit.

1. 200,000 mixed lines through `python -S -m scoring.engine`, beside a `python -S` loop that does nothing but
`json.loads` of the same lines and `json.dumps` of the same answers: at most 4 times its time. The lines are
the golden cases with other results; rubrics repeat as they do when agencies share definitions. The same with
no two rubrics alike is shown beside it, without a limit. 2. 1,400,000 criteria of 10,000 agencies x 14
indicators x 10 criteria from plain values to SM, indicator and agreement scores, beside a straight loop of as
many `low + (value - a) / (b - a) * (high - low)` in Decimal, each quantized to four places, with nothing
looked up and nothing summed: at most 2 times its time; all interpolated, then all kinds mixed. Memory: the
peak over 1,000 agencies may exceed that over 50 by no more than one agency's values take.

Times are CPU seconds, best of N rounds that alternate, so that other work on the machine disturbs both alike.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from operator import call
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scoring.engine.formula import averager  # noqa: E402
from scoring.engine.rubric import parse_rubric  # noqa: E402
from scoring.engine.scorers import Scorer  # noqa: E402

GOLDEN = ROOT / "tests" / "engine" / "cases.jsonl"
LINES, LINE_LIMIT = 200_000, 4.0
AGENCIES, INDICATORS, CRITERIA, ROLL_UP_LIMIT = 10_000, 14, 10, 2.0
MEMORY_LIMIT = 64 * 1024
FOUR_PLACES = Decimal("0.0001")

YARDSTICK = """
import gc, json, sys, time
answers = [json.loads(line) for line in open(sys.argv[2])]
gc.freeze()
with open(sys.argv[1]) as source, open(sys.argv[3], "w") as sink:
    start = time.process_time()
    for line, answer in zip(source, answers):
        json.loads(line)
        sink.write(json.dumps(answer) + "\\n")
    print(time.process_time() - start)
"""


def varied(case: dict, chance: random.Random) -> dict:
    """A golden case with another result, of the same kind."""
    if "parts" in case:
        parts = [part | {"score": f"{chance.uniform(1, 5):.4f}"} for part in case["parts"]]
        return {"id": case["id"], "source": case["source"], "parts": parts}
    rubric, result = case["rubric"], case["result"]
    if "value" in result:
        targets = [float(row["target"]) for row in rubric.get("targets", [])] or [1.1, 4.9]
        spread = (targets[-1] - targets[0]) / 8 if rubric["kind"] == "thresholds" else 0
        result = {"value": f"{chance.uniform(targets[0] - spread, targets[-1] + spread):.2f}"}
    elif "count" in result:
        result = {"count": chance.randrange(12)}
    elif rubric["kind"] == "milestones":
        items = [item for level in rubric["levels"] for item in level["items"]]
        result = {"done": items[:chance.randrange(len(items) + 1)]}
    else:
        done = chance.sample(["a", "b", "c", "d", "e"], chance.randrange(6))
        result = {"done": done} | ({"complete": done[1:]} if rubric["kind"] == "complete_count" else {})
    return {"id": case["id"], "source": case["source"], "rubric": rubric, "result": result}


def write_lines(path: Path, all_different: bool = False) -> None:
    """200,000 mixed lines; with `all_different` every rubric has a scale that no other line has."""
    chance = random.Random(2559)
    cases = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
    with path.open("w", encoding="utf-8") as file:
        for number in range(LINES):
            case = varied(cases[number % len(cases)], chance)
            case["id"] = f"{case['id']}/{number}"
            if all_different and "rubric" in case:
                case["rubric"] = case["rubric"] | {"scale": {"min": "1", "max": str(5 + number)}}
            file.write(json.dumps(case, ensure_ascii=False) + "\n")


def child_seconds(command: list[str], source: Path, sink: Path) -> float:
    """CPU seconds of a child process from start to end."""
    with source.open("rb") as stdin, sink.open("wb") as stdout:
        child = subprocess.Popen(command, stdin=stdin, stdout=stdout, cwd=ROOT)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime


def compare_lines(rounds: int, folder: Path, all_different: bool) -> tuple[float, float]:
    """(engine, yardstick) in CPU seconds."""
    source, answers, sink = folder / "lines.jsonl", folder / "answers.jsonl", folder / "sink.jsonl"
    write_lines(source, all_different)
    engine, yardstick = [], []
    for _ in range(rounds):
        engine.append(child_seconds([sys.executable, "-S", "-m", "scoring.engine"], source, answers))
        command = [sys.executable, "-S", "-c", YARDSTICK, str(source), str(answers), str(sink)]
        yardstick.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    return min(engine), min(yardstick)


def scorers(mixed: bool) -> list[Scorer]:
    """The ten rubrics of an indicator: rising and falling targets, and if `mixed` four of the other kinds."""
    rows = [
        [("1", 70), ("2", 75), ("3", 80), ("4", 85), ("5", 90)],
        [("1", 99), ("2", 90), ("3", 83), ("5", 65)],
    ]
    found = [{"kind": "thresholds", "targets": [{"score": s, "target": str(t)} for s, t in rows[number % 2]]}
             for number in range(CRITERIA)]
    if mixed:
        steps = [{"items": number, "score": str(number)} for number in range(1, 6)]
        found[-4:] = [
            {"kind": "milestones", "levels": [{"score": str(n), "items": [f"item{n}"]} for n in range(1, 6)]},
            {"kind": "count", "map": steps},
            {"kind": "complete_count", "none": "1", "incomplete": "2", "map": [
                {"items": number, "score": str(number + 2)} for number in (1, 2, 3)]},
            {"kind": "level"}]
    return [parse_rubric(rubric).scorer for rubric in found]


def agency_answers(chance: random.Random, mixed: bool) -> list[list[object]]:
    """What an agency reports: per indicator ten plain values, as score_answer takes them."""
    answers: list[list[object]] = []
    for _ in range(INDICATORS):
        row: list[object] = [Decimal(chance.randrange(6000, 10000)) / 100 for _ in range(CRITERIA)]
        if mixed:
            done = chance.randrange(6)
            row[-4:] = [{f"item{n}" for n in range(1, done + 1)}, done, (done, done // 2),
                        Decimal(chance.randrange(100, 501)) / 100]
        answers.append(row)
    return answers


def agreement_scores(agencies: Iterator[list[list[object]]], used: list[Scorer]) -> Iterator[Decimal]:
    """The agreement's score of each agency in turn: criteria to SM, indicators' averages, their average."""
    indicator_score = averager([Decimal("0.5")] * CRITERIA)
    agreement_score = averager([Decimal(weight) for weight in range(3, 17)])
    for answers in agencies:
        yield agreement_score([indicator_score(list(map(call, used, row))) for row in answers])


def pooled(number: int, mixed: bool) -> Iterator[list[list[object]]]:
    """`number` agencies out of a pool made beforehand, so that making values costs neither side."""
    chance = random.Random(2557)
    pool = [agency_answers(chance, mixed) for _ in range(97)]
    return (pool[position % 97] for position in range(number))


def roll_up_seconds(mixed: bool) -> float:
    """CPU seconds for 10,000 agencies."""
    agencies, used = pooled(AGENCIES, mixed), scorers(mixed)
    start = time.process_time()
    for _ in agreement_scores(agencies, used):
        pass
    return time.process_time() - start


def bare_loop_seconds() -> float:
    """CPU seconds for as many bare interpolations, each between its own two targets, which are given."""
    chance = random.Random(2557)
    rows = []
    for _ in range(CRITERIA * INDICATORS * 97 // 2):
        rows.append((Decimal(chance.randrange(7500, 8000)) / 100, *map(Decimal, (75, 80, 2, 3))))
        rows.append((Decimal(chance.randrange(8301, 9000)) / 100, *map(Decimal, (90, 83, 2, 3))))
    left = AGENCIES * INDICATORS * CRITERIA
    start = time.process_time()
    while left > 0:
        for value, a, b, low, high in rows[:left]:
            (low + (value - a) / (b - a) * (high - low)).quantize(FOUR_PLACES, ROUND_HALF_UP)
        left -= len(rows)
    return time.process_time() - start


def peak_growth() -> int:
    """Bytes by which the peak over 1,000 agencies exceeds the peak over 50."""
    def peak(number: int) -> int:
        agencies, used = pooled(number, True), scorers(True)
        tracemalloc.start()
        for _ in agreement_scores(agencies, used):
            pass
        bytes_used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return bytes_used

    return peak(1000) - peak(50)


def shown(name: str, engine: float, yardstick: float, limit: float | None) -> bool:
    """Print one comparison; whether it keeps its limit."""
    ratio = engine / yardstick
    verdict = "no limit" if limit is None else f"limit {limit:g} x  {'ok' if ratio <= limit else 'OVER'}"
    print(
        f"{name:<44} {engine:7.2f} s   yardstick {yardstick:6.2f} s   {ratio:5.2f} x   {verdict}", flush=True
    )
    return limit is None or ratio <= limit


def main() -> int:
    """Run everything; 0 if all limits are kept, else 1."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=3, help="rounds, of which the best counts")
    rounds = options.parse_args().rounds
    kept = []
    with tempfile.TemporaryDirectory() as name:
        for title, different, limit in (
            ("200,000 lines", False, LINE_LIMIT),
            ("  … no two rubrics alike", True, None),
        ):
            kept.append(shown(title, *compare_lines(rounds, Path(name), different), limit))
    loops: list[tuple[str, Callable[[], float]]] = [
        ("1,400,000 criteria, all interpolated", lambda: roll_up_seconds(False)),
        ("1,400,000 criteria, all kinds mixed", lambda: roll_up_seconds(True))]
    times = [[seconds() for _, seconds in [*loops, ("", bare_loop_seconds)]] for _ in range(rounds)]
    best = [min(column) for column in zip(*times, strict=True)]
    kept += [
        shown(title, seconds, best[-1], ROLL_UP_LIMIT)
        for (title, _), seconds in zip(loops, best[:-1], strict=True)
    ]
    growth = peak_growth()
    print(
        f"{'memory, 1,000 agencies against 50':<44} {growth / 1024:7.1f} kB   limit {MEMORY_LIMIT // 1024} kB"
    )
    return 0 if all(kept) and growth <= MEMORY_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
