"""Which single indicator's weight may be the wrong one where the sums of weights don't agree with what is printed."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from scoring.engine.formula import total_weight
from scoring.engine.table_findings import Checked, Finding
from scoring.engine.table_rows import INDICATOR, Row
from scoring.engine.text import EXACT, Message, plain

MOST_TRIED = 3_000  # rows that are scored anew, all tries together


def suspects(found: Checked, rows: Sequence[Row], members: Mapping[int, Sequence[int]]) -> list[Finding]:
    """The weights that alone would explain every wrong sum of weights, each with what it should be. None where sums
    differ by different amounts, or so many could be it that none can be named."""
    sums = [finding for finding in found.findings if finding.cell == "weight"]
    differences = {EXACT.subtract(finding.right, finding.printed.value) for finding in sums}
    if len(differences) != 1:
        return []
    everything = [number for number, row in enumerate(rows) if row.kind == INDICATOR]
    inside = [members.get(finding.row, everything) for finding in sums]
    shared = sorted(set.intersection(*map(set, inside)))
    widest = max(range(len(sums)), key=lambda each: len(inside[each]))
    by, disagree = differences.pop(), {finding.row for finding in found.findings if finding.cell == "weighted"}
    tried = [number for number in shared if _may_be(rows[number], by, found, number in disagree)]
    if len(tried) * len(rows) > MOST_TRIED:
        return []
    return [_mended(number, by, sums[widest].printed.value, inside[widest], rows) for number in tried]


def _may_be(row: Row, by: Decimal, found: Checked, disagrees: bool) -> bool:
    """Whether a weight can be wrong by so much: what is weighted with it then isn't right either."""
    if not row.applicable or row.weight is None or row.weight.value <= by:
        return False
    return disagrees or found.weighted is None or not row.weighted or not row.weight.value


def _mended(number: int, by: Decimal, declared: Decimal, inside: Iterable[int], rows: Sequence[Row]) -> Finding:
    row = rows[number]
    others = total_weight([rows[each].weight.value for each in inside if each != number and rows[each].weight])
    right = EXACT.subtract(row.weight.value, by)
    line = f"{plain(declared)} − {plain(others)} = {plain(right)}"
    return Finding(number, "weight", row.weight, right, (Message(line, line),))
