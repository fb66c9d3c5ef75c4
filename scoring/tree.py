"""An agreement's whole tree with scores and working, as plain data for commands."""
from decimal import Decimal

from indicators.models import Agreement
from scoring.engine.text import plain, round4, score_text
from scoring.freezing.report import snapshot_of, thaw
from scoring.freezing.rounds import load_shown
from scoring.queries import ResultSheet, load_sheet
from scoring.queries.summary import GroupLine, IndicatorLine


def agreement_tree(agreement: Agreement, months: int | None, lang: str) -> dict:
    """Groups, indicators and criteria of one round in the order of the document. Scores are strings with four
    places, None where there is none; weights and T are plain strings; `working` is in `lang`."""
    summary = load_shown(agreement, months, user=None)
    return {
        "agreement": agreement.code,
        "name": agreement.name,
        "state": agreement.state,
        "excerpt": agreement.is_excerpt,
        "round": summary.round.months if summary.round else None,
        "total_weight": plain(summary.total),
        "score": _score(summary.score),
        "open_weight": plain(round4(summary.average.open_weight)) if summary.average else None,
        "lines": [
            _group(line) if isinstance(line, GroupLine) else _indicator(line, lang) for line in summary.lines
        ],
    }


def _group(line: GroupLine) -> dict:
    return {
        "kind": line.group.kind,
        "depth": line.depth,
        "name": str(line.group),
        "weight": None if line.group.weight is None else plain(line.group.weight),
        "score": _score(line.average.score if line.average else None),
    }


def _indicator(line: IndicatorLine, lang: str) -> dict:
    sheet = _sheet(line)
    return {
        "kind": "indicator",
        "number": line.indicator.number,
        "name": line.indicator.name,
        "weight": None if line.weight is None else plain(line.weight),
        "applicable": line.applicable,
        "state": line.result.state if line.result else None,
        "open_weight": plain(round4(line.open_weight)) if line.applicable else "0",
        "score": _score(line.score),
        "weighted": _score(line.share),
        "working": [step.text(lang) for step in sheet.working()] if sheet else [],
        "criteria": [_criterion(criterion, lang) for criterion in sheet.criteria] if sheet else [],
    }


def _sheet(line: IndicatorLine) -> ResultSheet | None:
    """The final marks behind a line: as they were certified, if they were."""
    if line.result is None or line.children:
        return None
    snapshot = snapshot_of(line.result, line.snapshot) if line.snapshot else None
    return thaw(snapshot.content).sheet() if snapshot else load_sheet(line.result, stage=None)


def _criterion(sheet, lang: str) -> dict:
    weight, score = sheet.criterion.weight, sheet.row.score
    return {
        "number": sheet.criterion.number,
        "name": sheet.criterion.name,
        "weight": None if weight is None else plain(weight),
        "status": sheet.row.status,
        "score": _score(score),
        "weighted": None if weight is None or score is None else score_text(weight * score),
        "working": [step.text(lang) for step in sheet.working()],
    }


def _score(score: Decimal | None) -> str | None:
    return None if score is None else score_text(score)


def tree_lines(tree: dict) -> list[str]:
    """The tree as an outline for the terminal."""
    lines = [f"{tree['name']} · {tree['round'] or '–'} · {tree['score'] or '–'}"]
    for line in tree["lines"]:
        indent = "  " * (line.get("depth", 0) + 1)
        label = f"{line.get('number', '')} {line['name']}".strip()
        lines.append(f"{indent}{label}  [{line['weight'] or '–'}]  {line['score'] or '–'}")
        for criterion in line.get("criteria", ()):
            lines.append(f"{indent}  {criterion['number']} {criterion['name']}  {criterion['score'] or '–'}")
            lines += [f"{indent}    {step}" for step in criterion["working"]]
    return lines
