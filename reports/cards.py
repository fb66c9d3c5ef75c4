"""The report card of an indicator (รายงานผลการปฏิบัติราชการ รายตัวชี้วัด), after seeds 001 and 002: one builder."""
from collections.abc import Callable
from dataclasses import asdict, replace
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import get_language, gettext

from evidence.models import Evidence
from indicators.models import Agreement, Criterion, Level
from kpiportal.accounts.models import User
from reports.beside import Figures, beside, short, stands_beside
from reports.card_data import (
    CardData, EvidenceLine, FormulaCard, IssueCard, PersonLine, ScoreLine, SealLine,
)
from scoring.engine import explain, formula
from scoring.engine.text import date_text, number_text, plain, score_text, thai_digits
from scoring.freezing.printed import Printed, printed
from scoring.models import TEXTS, CriterionResult, Result, Snapshot
from scoring.pages import DASH, level_rows, level_text
from scoring.queries import CriterionSheet, ResultSheet
from scoring.queries.summary import scores_hidden
from scoring.summary_pages import whole_steps

Paper = Callable[[str], str]  # text in the digits that the agreement's paper uses
# Letters that a level column of the summary table can take; a longer wording is left to the criteria table.
LONGEST_STEP = 60


def build(source: Result | Snapshot | Printed, *, user: User | None, digits: str = "") -> CardData:
    """The card of a result as `user` may see it (None: a command, which sees all), a certified one as it was certified;
    or of one of its snapshots; in other `digits` than the agreement's where they are named. Six queries, one of a
    certified result, none of a snapshot or what was read before."""
    paged = source if isinstance(source, Printed) else printed(source)
    result, marks = paged.result, paged.marks
    agreement = result.indicator.agreement
    digits = digits or agreement.digits
    paper: Paper = thai_digits if digits == Agreement.Digits.THAI else str
    sheet = marks.final
    hidden = scores_hidden(agreement, user, result.unit.path, result.state)
    own = marks.own if stands_beside(result, marks, hidden) else None
    steps = _level_columns(sheet, agreement)
    average = None if hidden or sheet.average is None else _formula(sheet.criteria, sheet.average, paper)
    line, own_line = _indicator_lines(paged, own, paper, hidden)
    return CardData(
        title=gettext("Report on performance under the performance agreement (by indicator)"),
        rounds=_rounds(result, paper),
        indicator=paper(f"{agreement.word('indicator')} {result.indicator}"),
        agency=result.unit.name,
        year=str(agreement.fiscal_year.year),
        excerpt=plain(agreement.total_weight) if agreement.is_excerpt else "",
        state=result.get_state_display(),
        is_draft=result.state in (Result.State.DRAFT, Result.State.RETURNED),
        digits=digits,
        words=agreement.words,
        supervisor=next((_person(a.person, paper) for a in paged.people if a.role == "supervisor"), None),
        collectors=[_person(a.person, paper) for a in paged.people if a.role == "collector"],
        description=paper(result.indicator.description),
        issues=_issues(sheet, own, steps, paper, hidden),
        step_heads=[paper(plain(step)) for step in steps],
        average=average,
        open_weight=paper(plain(sheet.average.open_weight)) if sheet.average and sheet.average.open_weight else "",
        line=line,
        texts={name: paper(getattr(result, name)) for name in TEXTS},
        evidence=[_evidence_line(*listed, paper) for listed in paged.evidence],
        hidden=hidden,
        seal=_seal(paged.snapshot, paper),
        beside=None if own_line is None else beside(marks, own_line, paper),
    )


def _seal(snapshot: Snapshot | None, paper: Paper) -> SealLine | None:
    if snapshot is None:
        return None
    sealed, superseded = (
        moment and paper(date_text(timezone.localdate(moment), get_language() or "th"))
        for moment in (snapshot.sealed_at, snapshot.superseded_at)
    )
    return SealLine(paper(str(snapshot.number)), sealed, snapshot.sha256[:16], superseded or "")


def _evidence_line(evidence: Evidence, file: str, paper: Paper) -> EvidenceLine:
    letter = ""
    if evidence.kind == Evidence.Kind.LETTER:
        day = date_text(evidence.letter_date, get_language() or "th")
        words = {"number": evidence.letter_number, "date": day, "issuer": evidence.issuer}
        letter = paper(gettext("No. %(number)s, %(date)s, %(issuer)s") % words)
    title, file = (file, "") if file == evidence.title else (paper(evidence.title), file)  # names of files stay
    return EvidenceLine(title, letter, evidence.url, paper(evidence.place), file)


def _level_columns(sheet: ResultSheet, agreement: Agreement) -> list[Decimal]:
    """The summary table's level columns: the scores that the rubrics use, else the whole steps of the scale."""
    found = {level.score for each in sheet.criteria for level in each.criterion.levels.all()}
    return sorted(found) or whole_steps(agreement)


def _rounds(result: Result, paper: Paper) -> list[tuple[str, bool]]:
    """The title's checkboxes: 6 and 12 months as on the form, 9 where the agreement reports it."""
    months = {6, 12, result.round.months}
    return [(paper(str(m)), m == result.round.months) for m in sorted(months)]


def _person(person: User, paper: Paper) -> PersonLine:
    return PersonLine(paper(person.name), paper(person.position), paper(person.phone))


def _issues(
    sheet: ResultSheet, own: ResultSheet | None, steps: list[Decimal], paper: Paper, hidden: bool
) -> list[IssueCard]:
    issues = [_issue(s, s.criterion.number or str(n), steps, paper, hidden) for n, s in enumerate(sheet.criteria, 1)]
    if own is None:
        return issues
    return [
        replace(issue, own=_figures(each, paper, hidden))
        for issue, each in zip(issues, own.criteria, strict=True)
    ]


def _figures(sheet: CriterionSheet, paper: Paper, hidden: bool) -> Figures:
    weight, score = sheet.criterion.weight, sheet.row.score
    weighted = None if None in (weight, score) else weight * score
    return Figures(
        result=paper(_result(sheet, hidden)),
        score=DASH if hidden else paper(short(score)),
        weighted=DASH if hidden else paper(score_text(weighted)),
    )


def _issue(sheet: CriterionSheet, number: str, steps: list[Decimal], paper: Paper, hidden: bool) -> IssueCard:
    criterion, row = sheet.criterion, sheet.row
    levels = level_rows(criterion, None)
    not_applicable = row.status == CriterionResult.Status.NOT_APPLICABLE
    weight = DASH if criterion.weight is None else plain(criterion.weight)
    return IssueCard(
        number=paper(number),
        name=paper(criterion.name),
        weight=paper(weight),
        intro=paper(criterion.intro),
        note=paper(criterion.note),
        items=[paper(f"{item.number}) {item.name}" if item.number else item.name) for item in criterion.items.all()],
        levels=[(paper(str(i)), paper(level.wording), paper(level.score)) for i, level in enumerate(levels, 1)],
        across=not any(level.wording for level in criterion.levels.all()),
        text=paper(row.text),
        reason=paper(row.reason) if row.status == CriterionResult.Status.NOT_REPORTED else "",
        not_applicable=not_applicable,
        line=ScoreLine(
            name=paper(f"{number}. {criterion.name}"),
            weight=paper(weight),
            **asdict(_figures(sheet, paper, hidden)),
        ),
        steps=_steps(criterion, steps, paper),
    )


def _steps(criterion: Criterion, steps: list[Decimal], paper: Paper) -> list[str]:
    """The level columns: targets of a threshold rubric, else the levels themselves, as seed 002 prints them."""
    own = {level.score: level for level in criterion.levels.all()}
    if criterion.kind != "thresholds":
        return [paper(plain(step)) for step in steps]
    return [paper(_step(own[step])) if step in own else "-" for step in steps]


def _step(level: Level) -> str:
    """A target as it stands in a narrow column: of a long wording, which the criteria table has, its figure."""
    if len(level.wording) > LONGEST_STEP and level.target is not None:
        return number_text(level.target)
    return level_text(level)


def _result(sheet: CriterionSheet, hidden: bool) -> str:
    row = sheet.row
    if row.status == CriterionResult.Status.NOT_APPLICABLE:
        return gettext("not applicable")
    if row.status == CriterionResult.Status.NOT_REPORTED:
        return gettext("not reported")
    if row.value is not None:
        return number_text(row.value)
    if row.count is not None:
        return str(row.count)
    return DASH if hidden else short(row.score)


def _formula(sheets: list[CriterionSheet], average: formula.Average, paper: Paper) -> FormulaCard | None:
    scored = [(i, s) for i, s in enumerate(sheets, 1) if s.row.score is not None and s.part.applicable]
    if not scored:
        return None
    numbers = [s.criterion.number or str(i) for i, s in scored]
    whole = len(scored) == len(sheets) > 1
    numerator, denominator = explain.average_sides([s.part for _, s in scored])
    return FormulaCard(
        first_last=paper(f"{numbers[0]}-{numbers[-1]}" if whole else ",".join(numbers)),
        numerator=paper(numerator),
        denominator=paper(denominator),
        sum_weighted=paper(score_text(average.sum_weighted)),
        sum_weights=paper(plain(average.sum_weights)),
        score=paper(score_text(average.score)),
    )


def _indicator_lines(
    paged: Printed, own: ResultSheet | None, paper: Paper, hidden: bool
) -> tuple[ScoreLine, Figures | None]:
    """The indicator's own line, and what its self-assessment puts there, with the share W × S / T of the agreement
    (seed 001: 4 × 5 / 100 = 0.2000). The result is that of a single criterion (seed 004: 84.40), else the score."""
    name, weight = paper(str(paged.result.indicator)), paper(DASH if paged.weight is None else plain(paged.weight))
    final = paged.marks.final
    line = ScoreLine(name, weight, **asdict(_side(final, _score(final), paged.share, paper, hidden)))
    if own is None:
        return line, None
    return line, _side(own, _score(own), paged.share_of(_score(own)), paper, hidden)


def _score(sheet: ResultSheet) -> Decimal | None:
    return sheet.average.score if sheet.average else None


def _side(sheet: ResultSheet, score: Decimal | None, share: Decimal | None, paper: Paper, hidden: bool) -> Figures:
    shown = _result(sheet.criteria[0], hidden) if len(sheet.criteria) == 1 else DASH if hidden else short(score)
    return Figures(
        result=paper(shown),
        score=DASH if hidden else paper(short(score)),
        weighted=DASH if hidden else paper(score_text(share)),
    )
