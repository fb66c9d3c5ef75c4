"""Does a printed summary table add up? Each row is scored anew; what is printed otherwise is a finding.

Averages and the total are taken over the scores that are right, so that a wrong row isn't found twice (domain.md,
'Averages': seed 004 prints 0.5000 for 1.7 and yet the right total).
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from scoring.engine.definition import DEFAULT_SCALE
from scoring.engine.explain import average_working, product_working, sum_working
from scoring.engine.formula import Part, share, shares_sum, total_weight, weighted_average
from scoring.engine.table_findings import SHARE, SUM, Basis, Checked, Finding, Right, in_order, is_right, misfits
from scoring.engine.table_rows import GROUP, INDICATOR, TOTAL, Members, Printed, Row, nestings
from scoring.engine.table_scores import Scale, Scored, score_rows
from scoring.engine.table_weights import suspects
from scoring.engine.text import EXACT, Message, score_text

_HUNDRED = Decimal(100)
_LEFT_OUT = Message(
    "ไม่นำมาประเมิน จึงไม่มีคะแนนและไม่นับน้ำหนัก ให้ใส่เครื่องหมาย –",
    "Not applicable: there is no score and the weight does not count, so print –.")


def check(rows: Iterable[Row], scale: Scale = DEFAULT_SCALE) -> Checked:
    """Everything that a summary table prints wrongly, from top to bottom; numbers of a `scale` other than 1–5 may be
    given. Nothing is raised for a table that is odd: what can't be judged is left out."""
    rows = _with_leaves(tuple(rows))
    tables = [_Table(rows, scored) for scored in score_rows(rows, scale)]
    ways = [(_checked(table, bool(number)), table) for number, table in enumerate(tables)]
    return _one_wrong_weight(*min(ways, key=lambda way: _wrong_by_themselves(way[0])))


def _wrong_by_themselves(checked: Checked) -> int:
    return misfits(checked.findings)[0]


def _checked(table: "_Table", stepped: bool) -> Checked:
    judged = [*_rows_judged(table), *_groups_judged(table, table.members), *_totals_judged(table)]
    findings = in_order(finding for finding in judged if finding)
    taken = tuple((number, each.reason) for number, each in enumerate(table.scored) if each.reason)
    return Checked(findings, table.basis.kind, table.basis.total, stepped, taken, len(judged))


def _one_wrong_weight(found: Checked, table: "_Table") -> Checked:
    """The same, unless one indicator's wrong weight explains several findings: then that weight is the finding."""
    mended = []
    for finding in suspects(found, table.rows, table.members):
        rows = list(table.rows)
        rows[finding.row] = rows[finding.row]._replace(weight=finding.printed._replace(value=finding.right))
        mended.append((_checked(_Table(tuple(rows), table.scored), found.stepped), finding))
    least = min((_wrong_by_themselves(after) for after, _ in mended), default=0)
    best = [(after, finding) for after, finding in mended if _wrong_by_themselves(after) == least]
    if len(best) != 1 or least + 1 >= _wrong_by_themselves(found):
        return found
    after, finding = best[0]
    return after._replace(findings=in_order([finding, *after.findings]), cells=found.cells)


def _with_leaves(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """A heading with weight and score but without rows of its own is a row like the others."""
    inside = [nesting for nesting in nestings(rows)]
    return tuple(
        row._replace(kind=INDICATOR)
        if row.kind == GROUP and row.weight and (row.score or not row.applicable)
        and not any(each[number] for each in inside) else row
        for number, row in enumerate(rows)
    )


class _Table:
    """The rows with their scores, what the weighted column is, and which rows each group row holds."""

    def __init__(self, rows: tuple[Row, ...], scored: Sequence[Scored]) -> None:
        self.rows, self.scored = rows, scored
        self.indicators = tuple(number for number, row in enumerate(rows) if row.kind == INDICATOR)
        self.basis = _basis(self)
        self.members = _best_nesting(self)

    def known(self, numbers: Iterable[int]) -> bool:
        """Whether averages over these rows can be judged."""
        return self.weighed(numbers) and not any(self.rows[number].unread for number in numbers)

    def weighed(self, numbers: Iterable[int]) -> bool:
        """Whether all these rows have weights, or don't apply."""
        rows = [self.rows[number] for number in numbers]
        return all(row.weight and row.weight.value >= 0 or not row.applicable for row in rows)

    def parts(self, numbers: Iterable[int], *, printed: bool = False) -> list[Part]:
        """These rows as parts of an average: their right scores, or those that are printed."""
        parts = []
        for number in numbers:
            row = self.rows[number]
            if not row.weight or row.weight.value <= 0:
                continue
            found = row.score.value if printed and row.score and row.applicable else self.scored[number].score
            parts.append(Part(row.weight.value, found, row.applicable))
        return parts

    def weights(self, numbers: Iterable[int], *, applicable: bool = False) -> list[Decimal]:
        """The weights of these rows, or only of those that apply."""
        rows = [self.rows[number] for number in numbers]
        return [row.weight.value for row in rows if row.weight and (row.applicable or not applicable)]


def _basis(table: _Table) -> Basis:
    """What the weighted column is: that which fits most rows, by the right score or by the printed one."""
    if not any(table.rows[number].weighted for number in table.indicators):
        return Basis(None)
    bases = [*(Basis(SHARE, total) for total in _totals(table)), Basis(SUM)]
    return max(bases, key=lambda basis: sum(_fits(table, number, basis) for number in table.indicators))


def _totals(table: _Table) -> list[Decimal]:
    """What T may be, the likeliest first: the printed total less what doesn't apply, the weights that apply, or
    100 less what doesn't."""
    applying = total_weight(table.weights(table.indicators, applicable=True))
    left_out = total_weight(table.weights(table.indicators)) - applying
    declared = [row.weight.value for row in table.rows if row.kind == TOTAL and row.weight]
    found = [*(total - left_out for total in declared[:1]), applying, _HUNDRED - left_out]
    return [total for total in dict.fromkeys(found) if total > 0]


def _fits(table: _Table, number: int, basis: Basis) -> bool:
    row = table.rows[number]
    right = _weighted_right(table, number, basis)
    return bool(row.weighted and right and is_right(row.weighted, right, also_printed=True))


def _weighted_right(table: _Table, number: int, basis: Basis) -> Right | None:
    """What the weighted cell of a row should print; None where that can't be said."""
    row, found = table.rows[number], table.scored[number].score
    weight = row.weight.value if row.weight else None
    if row.unread or found is None or not weight or weight < 0:
        return None
    printed = row.score.value if row.score else found
    return Right(
        (_weighted(weight, found, basis),), (product_working(weight, found, basis.total),),
        (EXACT.multiply(weight, found), basis.total or Decimal(1)), (_weighted(weight, printed, basis),),
    )


def _weighted(weight: Decimal, found: Decimal, basis: Basis) -> Decimal:
    if basis.kind == SHARE:
        return share(weight, found, basis.total)
    return weighted_average([Part(weight, found)]).weighted[0]


def _judged(number: int, cell: str, printed: Printed | None, right: Right | None) -> list[Finding | None]:
    """The verdict on a cell: none if it can't be judged, None if it is right, else the finding."""
    if printed is None or right is None:
        return []
    if is_right(printed, right):
        return [None]
    follows = is_right(printed, right, also_printed=True)
    return [Finding(number, cell, printed, right.values[0], right.working, follows)]


def _rows_judged(table: _Table) -> list[Finding | None]:
    findings = []
    for number in table.indicators:
        row, found = table.rows[number], table.scored[number]
        if not row.applicable:
            nothing = Right((None,), (_LEFT_OUT,))
            for cell, printed in (("score", row.score), ("weighted", row.weighted)):
                findings += _judged(number, cell, printed if printed and printed.value else None, nothing)
            continue
        if found.working:
            findings += _judged(number, "score", row.score, Right((found.score,), found.working))
        findings += _judged(number, "weighted", row.weighted, _weighted_right(table, number, table.basis))
    return findings


def _best_nesting(table: _Table) -> Members:
    """The nesting that fits best. Another than the likeliest must fit better in two cells, since one may be wrong; a
    group row that gets no rows fits badly."""
    def misfit(numbered: tuple[int, Members]) -> tuple[int, int]:
        number, members = numbered
        empty = sum(bool(row.weight) + bool(row.score) for n, row in enumerate(table.rows) if members.get(n) == ())
        wrong, following = misfits(_groups_judged(table, members))
        return wrong + empty + bool(number), following

    return min(enumerate(nestings(table.rows)), key=misfit)[1]


def _groups_judged(table: _Table, members: Members) -> list[Finding | None]:
    findings = []
    for number, inside in members.items():
        row = table.rows[number]
        if not inside or row.unread or not table.weighed(inside):
            continue
        findings += _judged(number, "weight", row.weight, _weight_right(table, inside))
        if not table.known(inside):
            continue
        findings += _judged(number, "score", row.score, _average_right(table, inside))
        findings += _judged(number, "weighted", row.weighted, _summed_right(table, inside))
    return findings


def _totals_judged(table: _Table) -> list[Finding | None]:
    """The total rows. In an excerpt, where the weights don't reach the total, the paper prints no score of its own."""
    inside = table.indicators
    if not inside or not table.weighed(inside):
        return []
    findings = []
    totals = [(number, row) for number, row in enumerate(table.rows) if row.kind == TOTAL and not row.unread]
    scored = any(row.score or row.weighted for _, row in totals)
    average, summed = _average_right(table, inside), _summed_right(table, inside)
    for number, row in totals:
        weight = _weight_right(table, inside)
        if row.weight and (scored or row.weight.value < weight.values[0]):
            findings += _judged(number, "weight", row.weight, weight)
        if table.known(inside):
            findings += _judged(number, "score", row.score, _either(average, summed))
            findings += _judged(number, "weighted", row.weighted, _either(summed, average))
    return findings


def _either(right: Right, other: Right) -> Right:
    """A total may stand as the average or as the sum of the weighted column, in either column."""
    return right._replace(values=right.values + other.values, from_printed=right.from_printed + other.from_printed)


def _weight_right(table: _Table, inside: Sequence[int]) -> Right:
    """The sum of the weights, with or without those that don't apply."""
    weights = table.weights(inside)
    values = total_weight(weights), total_weight(table.weights(inside, applicable=True))
    return Right(values, (sum_working(weights),))


def _average_right(table: _Table, inside: Sequence[int]) -> Right:
    parts = table.parts(inside)
    average = weighted_average(parts)
    sides = (average.sum_weighted, average.sum_weights) if average.score is not None else None
    printed = weighted_average(table.parts(inside, printed=True)).score
    return Right((average.score,), tuple(average_working(parts, average)), sides, (printed,))


def _summed_right(table: _Table, inside: Sequence[int]) -> Right:
    """The weighted column of a group or of the whole table."""
    parts, basis = table.parts(inside), table.basis
    average = weighted_average(parts)
    if basis.kind is None or average.score is None:
        return _average_right(table, inside)
    cells = [table.rows[number].weighted for number in inside]
    printed = total_weight([cell.value for cell in cells if cell])
    if basis.kind == SUM:
        counted = [part for part in parts if part.applicable and part.score is not None]
        working = [product_working(part.weight, part.score) for part in counted]
        return Right((average.sum_weighted,), tuple(working), (average.sum_weighted, Decimal(1)), (printed,))
    shares = shares_sum(parts, basis.total)
    below = (average.sum_weighted, basis.total)
    line = f"{score_text(average.sum_weighted)} / {basis.total:f} = {score_text(shares)}"
    return Right((shares,), (*average_working(parts, average)[:1], Message(line, line)), below, (printed,))
