"""What stands in the library of the tests, and asking it for things as a browser does."""

import io
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

import pikepdf
from django.urls import reverse
from django.utils import timezone

from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import create_user, grant
from reports.models import Bundle, IssuedCard
from scoring.models import Result, Snapshot
from scoring.services import certify, reopen, save_draft
from scoring.values import ResultEntry
from tests.cast import browser_of, person
from tests.certified import decided
from tests.definitions import indicator, opened
from tests.scoring.test_reminder_delivery import work

NAMES = {"a": "ร้อยละความสำเร็จ", "b": "จำนวนระบบ ๕ ระบบ"}


class Shelf(NamedTuple):
    """The certified snapshots."""

    a: Snapshot
    b: Snapshot
    c: Snapshot


def filled() -> Shelf:
    """Certify a and b of the ministry, and c of EGA."""
    opened(*(indicator("50", key=key, name=NAMES[key]) for key in "ab"), code="shelf-moi")
    theirs = indicator(key="c", lead_unit="ega", name="ตัวชี้วัดของ EGA", collectors=[{"person": "collector2"}])
    opened(theirs, code="shelf-ega", unit="ega")
    return Shelf(*(certified(key) for key in "abc"))


def report(key: str, months: int = 12) -> Result:
    whole = ("indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit")
    found = Result.objects.select_related(*whole).filter(indicator__agreement__code__startswith="shelf-")
    return found.get(indicator__number=key, round__months=months)


def certified(key: str) -> Snapshot:
    one = report(key)
    if one.state == Result.State.DRAFT:
        level = ResultEntry(criteria={one.indicator.criteria.get().pk: {"value": Decimal("4")}})
        save_draft(one, level, by=one.indicator.assignments.filter(role="collector").first().person)
    decided(report(key))
    return certify(report(key), by=person("office")).snapshots.latest("number")


def auditor_of(code: str) -> User:
    """An auditor of one agency only."""
    name = f"auditor-{code}"
    user = create_user(username=name, name=f"The auditor of {code}", email=f"{name}@example.go.th", by=None)
    grant(user=user, unit=Unit.objects.get(code=code), role=Role.AUDITOR, since=timezone.localdate(), by=None)
    return user


def small_pdf(text: str) -> bytes:
    """A page with a link and a signature's field."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        notes = [
            pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=kind, Rect=[0, 0, 0, 0]))
            for kind in (pikepdf.Name.Link, pikepdf.Name.Widget)
        ]
        page.obj.Annots = pikepdf.Array(notes)
        notes[1].FT, notes[1].T = pikepdf.Name.Sig, pikepdf.String("Certification")
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[notes[1]])
        page.obj.StructParents = 0
        pdf.docinfo["/Title"] = text
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def found(who: str, query: str = "") -> list[str]:
    """The numbers of the indicators that the library shows, in order."""
    page = browser_of(person(who)).get(f"{reverse('library')}?{query}")
    return [row.result.indicator.number for row in page.context["found"].rows]


def ask(who: str, kind: str = "zip", query: str = "", **posted: object):
    """Ask for a file; what the page answers."""
    path = f"{reverse('library_ask')}?{query}"
    return browser_of(person(who)).post(path, {"scope": "found", "kind": kind} | posted)


def made(who: str, kind: str = "zip", query: str = "", **posted: object) -> Bundle:
    """Ask for a file and let the task worker make it."""
    assert ask(who, kind, query, **posted).status_code == 302
    work()
    return Bundle.objects.get()


def fetched(who: str, bundle: Bundle, **headers: str):
    return browser_of(person(who)).get(reverse("bundle_file", args=[bundle.pk]), headers=headers)


def stand_in_the_library() -> None:
    """Cards and the auditor's files in every state, without a worker or a printer: for looking at the pages."""
    a, b, _ = filled()
    now, who = timezone.now(), person("auditor")
    given = {"size": 1, "is_signed": False, "issued_at": now, "issued_by": who, "replaces": None}
    for number, snapshot in enumerate((a, b)):
        name = f"2569-{number:06d}"
        IssuedCard.objects.create(
            snapshot=snapshot, number=name, code=name.replace("-", "x"), sha256=str(number) * 64, **given
        )
    reopen(b.result, reason="again", by=person("office"))
    kept = {"asked": {"snapshots": [a.pk]}, "asked_by": who, "asked_at": now, "touched_at": now}
    kept["expires_at"] = now + timedelta(days=7)
    for state in Bundle.State.values:
        more = {"done": 1, "total": 4} if state == "working" else {}
        if state == "failed":
            more = {"problem_th": "ไม่สำเร็จ", "problem_en": "It failed."}
        if state == "ready":
            more = {"name": "cards.zip", "key": "c" * 32, "sha256": "0" * 64, "size": 9, "ready_at": now}
        Bundle.objects.create(kind="zip", title=f"The file that is {state}", state=state, **kept, **more)
