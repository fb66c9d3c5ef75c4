"""`python bench/workbooks.py [--rows N]`: LibreOffice's recalculation beside the engine; exit status 1 if they differ.

Weighted averages over random weights and scores, nine of ten of which lie exactly on a half of the fifth place, where
binary fractions go wrong first: the formula of our workbooks, computed by LibreOffice from formulas alone, must
give the engine's four places in every row. Shown too: how many rows a sum of floats, rounded by Python, gets wrong.
The time is that of one start of LibreOffice with its load, recalculation and export. Without LibreOffice nothing is
compared.
"""
import argparse
import os
import random
import sys
import tempfile
import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kpiportal.settings")
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="kpi-bench-"))
WEIGHTS = ("0.125", "0.5", "1", "1.5", "2", "2.5", "3", "3.75", "4", "5", "7", "10", "12.5")
MOST = 8


def on_half(pairs: list[tuple[Decimal, Decimal]]) -> bool:
    """Whether the average lies exactly between two numbers of four places."""
    over = sum((Fraction(weight) * Fraction(score) for weight, score in pairs), Fraction(0))
    scaled = over / sum((Fraction(weight) for weight, _ in pairs), Fraction(0)) * 20_000
    return scaled.denominator == 1 and scaled.numerator % 2 == 1


def cases(count: int) -> list[list[tuple[Decimal, Decimal]]]:
    """Weights and scores; nine of ten are put exactly on a half by their last score, where one of four places does."""
    chance, found = random.Random(2559), []
    while len(found) < count:
        weights = [Decimal(chance.choice(WEIGHTS)) for _ in range(chance.randint(2, MOST))]
        scores = [Decimal(chance.randint(10_000, 50_000)) / 10_000 for _ in weights]
        if len(found) % 10:
            scores[-1] = for_half(weights, scores)
        pairs = list(zip(weights, scores, strict=True))
        if len(found) % 10 == 0 or (1 <= scores[-1] <= 5 and on_half(pairs)):
            found.append(pairs)
    return found


def for_half(weights: list[Decimal], scores: list[Decimal]) -> Decimal:
    """The last score, of four places, that brings the average nearest to a half above a number of four places."""
    total, rest = sum(weights), sum(w * s for w, s in zip(weights[:-1], scores[:-1], strict=True))
    average = ((rest + weights[-1] * scores[-1]) / total).quantize(Decimal("0.0001")) + Decimal("0.00005")
    return ((average * total - rest) / weights[-1]).quantize(Decimal("0.0001"))


def book_of(rows: list[list[tuple[Decimal, Decimal]]]) -> bytes:
    """A workbook of the averages: weights and scores below each other, the formula beside the first of each."""
    from reports.workbooks.averages import average, engine_average
    from reports.workbooks.writing import Book, Page, book_bytes
    from scoring.engine.formula import Part

    page, row = Page(Book("bench"), "bench", [12] * 3), 1
    for pairs in rows:
        for below, (weight, score) in enumerate(pairs):
            page.number(row + below, 1, weight)
            page.score(row + below, 2, score)
        text = average("A", "B", [(row, row + len(pairs) - 1)])
        page.formula(row, 3, text, engine_average(Part(*pair) for pair in pairs))
        row += len(pairs)
    return book_bytes(page.book)


def wrong_floats(rows: list[list[tuple[Decimal, Decimal]]]) -> int:
    """How many averages plain floats get wrong."""
    from scoring.engine.formula import average_score

    def floated(pairs: list[tuple[Decimal, Decimal]]) -> float:
        over = sum(float(weight) * float(score) for weight, score in pairs)
        return round(over / sum(float(weight) for weight, _ in pairs), 4)

    return sum(f"{floated(pairs):.4f}" != f"{average_score(pairs):f}" for pairs in rows)


def main() -> int:
    import django

    django.setup()
    import io

    from openpyxl import load_workbook

    from tests.reports.workbooks.recalculating import SOFFICE, differences, recalculated

    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1500)
    rows = cases(parser.parse_args().rows)
    if not SOFFICE:
        print("skipped: soffice is not installed (apt-get install libreoffice-calc), nothing was compared")
        return 0
    content, started = book_of(rows), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kpi-bench-") as folder:
        computed = recalculated(Path(folder), {"bench": content})["bench"]
    seconds = time.monotonic() - started
    count, found = differences(load_workbook(io.BytesIO(content), data_only=True), computed)
    halves = sum(on_half(pairs) for pairs in rows)
    print(f"{len(rows)} averages, {halves} exactly on a half, {count} numbers: {len(found)} differ ({seconds:.1f} s)")
    print(f"plain floats get {wrong_floats(rows)} of the averages wrong")
    print(*found[:10], sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
