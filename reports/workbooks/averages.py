"""Weighted averages as formulas of a sheet, and what the engine makes of the same cells."""
from collections.abc import Iterable, Sequence
from decimal import Decimal

from scoring.engine import formula

NOT_APPLICABLE = "N/A"


def runs(rows: Iterable[int], between: Iterable[int] = ()) -> list[tuple[int, int]]:
    """Rows as ranges that hold no other row but those `between`, which count nothing in the formula."""
    found: list[tuple[int, int]] = []
    harmless = set(between)
    for row in sorted(rows):
        if found and harmless.issuperset(range(found[-1][1] + 1, row)):
            found[-1] = found[-1][0], row
        else:
            found.append((row, row))
    return found


def ranges(column: str, parts: Sequence[tuple[int, int]]) -> list[str]:
    """The ranges of a column."""
    return [f"{column}{first}:{column}{last}" for first, last in parts]


def products(weights: str, scores: str, parts: Sequence[tuple[int, int]]) -> str:
    """Σ(W × S) over the rows."""
    pairs = zip(ranges(weights, parts), ranges(scores, parts), strict=True)
    return "+".join(f"SUMPRODUCT({weight},{score})" for weight, score in pairs)


def average(weights: str, scores: str, parts: Sequence[tuple[int, int]]) -> str:
    """Σ(W × S) / ΣW over the rows, rounded once to four places; a dash where no weight counts. `weights` is a column
    of weights that count: 0 for what isn't applicable or has no score."""
    summed = f"SUM({','.join(ranges(weights, parts))})"
    over = products(weights, scores, parts)
    return f'IF({summed}=0,"–",ROUND({over if len(parts) == 1 else f"({over})"}/{summed},4))'


def average_where(weights: str, scores: str, applies: str, parts: Sequence[tuple[int, int]]) -> str:
    """The same where no column holds the weights that count: numbers in applicable rows only."""
    over, under = [], []
    for weight, score, applying in zip(*(ranges(column, parts) for column in (weights, scores, applies)), strict=True):
        counts = f'({applying}<>"{NOT_APPLICABLE}")*ISNUMBER({score})'
        over.append(f"SUMPRODUCT({counts},{weight},{score})")
        under.append(f"SUMPRODUCT({counts},{weight})")
    return f'IF({"+".join(under)}=0,"–",ROUND(({"+".join(over)})/({"+".join(under)}),4))'


def average_of_numbers(weights: str, scores: str, parts: Sequence[tuple[int, int]], *, also: str = "") -> str:
    """The same over those rows where weight and score are numbers, and where one is given, the column `also` too."""
    over, under = [], []
    names = (weights, scores, also) if also else (weights, scores)
    for weight, score, *more in zip(*(ranges(column, parts) for column in names), strict=True):
        counts = "*".join(f"ISNUMBER({column})" for column in (score, *more))
        over.append(f"SUMPRODUCT({counts}*1,{weight},{score})")
        under.append(f"SUMPRODUCT({counts}*1,{weight})")
    return f'IF({"+".join(under)}=0,"–",ROUND(({"+".join(over)})/({"+".join(under)}),4))'


def counted(weight: str, score: str, applies: str) -> str:
    """The weight that counts in the averages above: 0 for what isn't applicable or has no score."""
    return f'IF(OR({applies}="{NOT_APPLICABLE}",COUNT({weight},{score})<2),0,{weight})'


def part_of_total(weight: str, score: str, applies: str, total: str) -> str:
    """The share W × S / T; a dash for what doesn't count."""
    return f'IF({counted(weight, score, applies)}=0,"–",ROUND({weight}*{score}/{total},4))'


def sum_of_total(weights: str, scores: str, total: str, parts: Sequence[tuple[int, int]]) -> str:
    """Σ(W × S) / T over the rows, rounded once; a dash where no weight counts."""
    summed = f"SUM({','.join(ranges(weights, parts))})"
    return f'IF({summed}=0,"–",ROUND(({products(weights, scores, parts)})/{total},4))'


def engine_average(parts: Iterable[formula.Part]) -> Decimal | None:
    """What `average` gives of the same rows."""
    return formula.average_score(
        (part.weight, part.score) for part in parts if part.weight and part.applicable and part.score is not None
    )
