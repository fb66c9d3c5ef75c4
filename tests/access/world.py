"""The world of the access matrix: two agencies with reports in every state, and everyone who may come to them.

North is an agency with a bureau below it, south is another. What belongs to a unit holds its canaries, words that
appear nowhere else: one in names (NAMED), one in what its people write (SAID): texts, titles, files' names, reasons.
"""
import datetime
import io
from decimal import Decimal
from typing import NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from evidence.models import Evidence, FileVersion
from evidence.services import receive
from indicators.models import Agreement, Criterion, Indicator
from indicators.services import create_agreement, put_in_force
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import create_unit, create_user, grant, revoke
from reports.bundles.services import storage
from reports.models import Bundle
from scoring.engine.workflow import APPROVED, CERTIFIED, DRAFT, RETURNED, STATES, SUBMITTED
from scoring.models import (
    CriterionResult, Mark, Marking, NotApplicableRequest, Objection, Question, Result, Snapshot,
)
from scoring.services import (
    answer_question, ask_question, attach_file, mark_criterion, open_round, save_base_data, save_draft, submit,
    use_evidence,
)
from scoring.values import ResultEntry, UnitEntry
from tests.definitions import COMPLETE_COUNT, FORMULA, ITEMS, criterion

OWN, BELOW, OTHER, MISSING = RELATIONS = "own", "below", "other", "missing"
NO_OBJECT = "no object"
NAMED = {"north": "กระรอกน้ำเงิน", "bureau": "ค้างคาวขาว", "south": "นกฮูกแดง"}
SAID = {"north": "ปลาหมึกทอง", "bureau": "ผึ้งหลวงดำ", "south": "จระเข้หยก"}
# In a report that the bureau hasn't handed in yet.
UNFINISHED = "แมงมุมแก้ว"
UNITS = {"north": None, "bureau": "north", "south": None, "operating": None}
# Who leads the reports of a relation, and the agreement that they stand in.
LEADS = {OWN: ("north", "north"), BELOW: ("bureau", "north"), OTHER: ("south", "south")}
# Everyone, with the right that each was granted. A standing is what someone is to an object (see `standing`).
ACTORS = {
    "anonymous": None,
    "collector": ("north", Role.COLLECTOR),
    "colleague": ("north", Role.COLLECTOR),
    "collector of the bureau": ("bureau", Role.COLLECTOR),
    "collector of the south": ("south", Role.COLLECTOR),
    "reporter": ("operating", Role.COLLECTOR),
    "supervisor": ("north", Role.SUPERVISOR),
    "supervisor of another indicator": ("north", Role.SUPERVISOR),
    "supervisor of the south": ("south", Role.SUPERVISOR),
    "office": ("north", Role.OFFICE),
    "maker in the office": ("north", Role.OFFICE),
    "auditor": ("north", Role.AUDITOR),
    "admin": ("north", Role.ADMIN),
    "admin of the south": ("south", Role.ADMIN),
    "deactivated": ("north", Role.COLLECTOR),
    "right just removed": ("north", Role.COLLECTOR),
}
POINTS = [{"number": "1.1", "name": "the plan"}, {"number": "1.2", "name": "the minutes"}]


def username(actor: str) -> str:
    """An actor's user name, which no seed has."""
    return "x-" + actor.replace(" ", "-")


class Target(NamedTuple):
    """What an address is asked for: an object's relation to the north, a report with all that hangs on it, and a
    person of the same unit."""

    relation: str
    state: str
    result: Result
    earlier: Result
    version: FileVersion
    person: User
    canary: str

    def waiting(self) -> NotApplicableRequest:
        """A request about the last criterion; a row of its own, for a report that waits for one isn't handed in."""
        asked = {"reason": f"น้ำท่วม {self.canary}", "requested_by": self.collector}
        return NotApplicableRequest.objects.get_or_create(
            result=self.result, criterion=self.indicator.criteria.last(), state="pending", defaults=asked
        )[0]

    def question(self) -> Question:
        """An open question about the report."""
        asked = {"text": f"ทำไม {self.canary}", "asked_by": self.supervisor, "asked_at": timezone.now()}
        return Question.objects.get_or_create(result=self.result, answer="", defaults=asked)[0]

    def objection(self) -> Objection:
        """An open objection to the report's marks."""
        made = {"text": f"ไม่เห็นด้วย {self.canary}", "made_by": self.collector, "made_at": timezone.now()}
        return Objection.objects.get_or_create(result=self.result, state="open", defaults=made)[0]

    def bundle(self, state: str = Bundle.State.READY) -> Bundle:
        """A file that the report's collector had made, of the report's card; as far as this."""
        now, who = timezone.now(), self.collector
        sealed = {"content": "{}", "sha256": "0" * 64, "line": "{}", "sealed_at": now, "sealed_by": who}
        snapshot, _ = Snapshot.objects.get_or_create(result=self.result, number=1, defaults=sealed)
        key = f"{self.result.pk:032x}"
        if storage().size(key) is None:
            storage().put(key, io.BytesIO(b"PK"), limit=9)
        asked = {"snapshots": [snapshot.pk], "language": "th", "portal": ""}
        ready = {"key": key, "size": 2, "sha256": "0" * 64, "ready_at": now}
        values = {"state": state} | (ready if state == Bundle.State.READY else dict.fromkeys(ready) | {"sha256": ""})
        return Bundle.objects.update_or_create(asked_by=who, kind="zip", name=f"{self.canary}.zip", defaults={
            "asked": asked, "title": f"ไฟล์ {self.canary}", "asked_at": now, "touched_at": now,
            "expires_at": now + datetime.timedelta(days=7), **values,
        })[0]

    def marked_by_the_office(self) -> None:
        """Where the office marks now, it did so before."""
        if self.state == APPROVED:
            mark, _ = Mark.objects.get_or_create(result=self.result, stage=Mark.Stage.OFFICE)
            row = CriterionResult.objects.create(
                mark=mark, criterion=self.criteria["level"], status=CriterionResult.Status.REPORTED, score=1
            )
            Marking.objects.create(
                row=row, reason=f"หนึ่ง {self.canary}", submission=self.result.submission, marked_by=self.supervisor,
                marked_at=timezone.now(),
            )

    @property
    def collector(self) -> User:
        """Of those who made the report the first."""
        return self.result.makers.order_by("pk").first()

    @property
    def supervisor(self) -> User:
        """Whoever is assigned to decide."""
        return self.indicator.assignments.get(round=self.result.round, role="supervisor").person

    @property
    def indicator(self) -> Indicator:
        return self.result.indicator

    @property
    def agreement(self) -> Agreement:
        return self.result.indicator.agreement

    @property
    def evidence(self) -> Evidence:
        return self.version.evidence

    @property
    def criteria(self) -> dict[str, Criterion]:
        """By name."""
        return {one.name.split()[0]: one for one in self.indicator.criteria.all()}


class World(NamedTuple):
    """Everyone by actor, and the targets by relation and state."""

    people: dict[str, User]
    targets: dict[tuple[str, str], Target]


def build() -> World:
    """Make the world through the services."""
    units = {}
    for code, parent in UNITS.items():
        name = f"หน่วย {code} {NAMED.get(code, '')}".strip()
        units[code] = create_unit(code=f"x-{code}", name=name, kind="department", parent=units.get(parent), by=None)
    people = {actor: _person(actor, units[right[0]], right[1]) for actor, right in ACTORS.items() if right}
    for agency in ("north", "south"):
        agreement = put_in_force(create_agreement(_definition(agency), by=None), by=None)
        for round_ in agreement.rounds.all():
            open_round(round_, by=None)
    targets = {
        (relation, state): _target(relation, state, people) for relation in LEADS for state in STATES
    }
    return World(people, targets)


def close_doors(world: World) -> None:
    """What happened since everybody signed in: an account was closed, and a right removed."""
    User.objects.filter(pk=world.people["deactivated"].pk).update(is_active=False)
    for right in world.people["right just removed"].memberships.all():
        revoke(right, by=world.people["admin"])


def _person(actor: str, unit: Unit, role: Role) -> User:
    canary = NAMED.get(unit.code.removeprefix("x-"), "")
    name = username(actor)
    user = create_user(
        username=name, name=f"{actor} {canary}", email=f"{name}@example.go.th", password="kept-in-a-drawer", by=None
    )
    grant(user=user, unit=unit, role=role, since=timezone.localdate() - datetime.timedelta(days=9), by=None)
    return user


def _definition(agency: str) -> dict:
    """An agreement with an indicator for each state of each unit, and one of another supervisor."""
    head = {"code": f"x-{agency}", "unit": f"x-{agency}", "year": 2569, "name": f"คำรับรอง {NAMED[agency]}"}
    head |= {"rounds": [{"months": 6}, {"months": 12}], "excerpt": True}
    led = [(lead, state) for lead, of in LEADS.values() if of == agency for state in STATES]
    rows = [_indicator(lead, state) for lead, state in led]
    if agency == "north":
        another = {"person": username("supervisor of another indicator")}
        rows.append(_indicator("north", "another") | {"supervisor": another})
    return {"agreement": head, "indicators": rows}


def _indicator(lead: str, state: str) -> dict:
    item = ITEMS[0] | {"requirements": POINTS, "name": f"item a {NAMED[lead]}"}
    collector = {"north": "collector", "bureau": "collector of the bureau", "south": "collector of the south"}[lead]
    of_south = " of the south" if lead == "south" else ""
    gone = ("deactivated", "right just removed") if lead == "north" else ()
    return {
        "key": f"{lead}-{state}", "number": f"{lead}-{state}", "name": f"ตัวชี้วัด {NAMED[lead]} {state}",
        "weight": "3", "lead_unit": f"x-{lead}",
        "supervisor": {"person": username(f"supervisor{of_south}")},
        "collectors": [{"person": username(actor)} for actor in (collector, *gone)],
        "responsibilities": [{"role": "operating", "as_written": "operating", "units": ["x-operating"]}],
        "criteria": [
            criterion(f"items {NAMED[lead]}", "1", COMPLETE_COUNT, [item, *ITEMS[1:]]),
            criterion(f"figure {NAMED[lead]}", "1", FORMULA), criterion(f"level {NAMED[lead]}", "1"),
        ],
    }


def report_of(lead: str, state: str, months: int = 12) -> Result:
    """The report on the indicator that a unit leads for this state."""
    found = Result.objects.select_related(
        "indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit"
    )
    return found.get(indicator__number=f"{lead}-{state}", unit__code=f"x-{lead}", round__months=months)


def said_in(lead: str, state: str) -> str:
    """The canary of what stands in a report."""
    return UNFINISHED if lead == "bureau" and state in (DRAFT, RETURNED) else SAID[lead]


def _target(relation: str, state: str, people: dict[str, User]) -> Target:
    lead = LEADS[relation][0]
    result, earlier = report_of(lead, state), report_of(lead, state, 6)
    collector = people[{OWN: "collector", BELOW: "collector of the bureau", OTHER: "collector of the south"}[relation]]
    said = said_in(lead, state)
    save_draft(earlier, ResultEntry(texts={"measures": f"ครึ่งปี {said}"}), by=collector)
    version = _fill(result, collector, people["reporter"], said, SAID[lead])
    result.makers.add(people["maker in the office"])
    _bring_to(result, state, collector, people, said)
    person = people["collector of the south"] if relation == OTHER else people["colleague"]
    result.refresh_from_db()
    return Target(relation, state, result, earlier, version, person, said)


def _fill(result: Result, collector: User, reporter: User, canary: str, title: str) -> FileVersion:
    """Everything that a submission needs, with a file on a point of the first item."""
    items, figure, level = result.indicator.criteria.all()
    entries = {
        items.pk: {"done": frozenset("ab"), "complete": frozenset("b"), "item_reasons": {"b": f"เห็น {canary}"}},
        level.pk: {"value": Decimal(4), "text": f"ผล {canary}"},
    }
    texts = {name: f"{name} {canary}" for name in ("measures", "supporting_factors", "obstacles", "suggestions")}
    save_draft(result, ResultEntry(texts=texts, criteria=entries), by=collector)
    unit = Unit.objects.get(code="x-operating")
    given = UnitEntry({"A": Decimal(3), "B": Decimal(4)}, False, "")
    save_base_data(result, unit, figure, entry=given, by=reporter)
    return _file(result, items.items.get(code="a"), collector, title)


def _file(result: Result, item, collector: User, canary: str) -> FileVersion:
    """A file of the unit: examined and stored once, then used by each of its reports."""
    point = item.requirements.first()
    known = FileVersion.objects.filter(evidence__unit=result.unit).first()
    if known is None:
        upload = SimpleUploadedFile(f"{canary}.txt", f"ไฟล์ {canary}".encode())
        evidence = attach_file(result, receive(upload, name=upload.name), requirements=[point], by=collector)
        return evidence.versions.get()
    use_evidence(result, known.evidence, items=[], requirements=[point], by=collector)
    return known


def _bring_to(result: Result, state: str, collector: User, people: dict[str, User], canary: str) -> None:
    """Submitted by the service; what comes after it as rows, for the way there is tested elsewhere."""
    if state == DRAFT:
        return
    submit(result, by=collector)
    of_south = collector == people["collector of the south"]
    decided = people["supervisor of the south" if of_south else "supervisor"]
    _review(result, collector, decided, canary)
    when = {"decided_at": timezone.now(), "decided_by": decided}
    fields = {
        SUBMITTED: {}, RETURNED: when | {"return_reason": f"แก้ {canary}"}, APPROVED: when,
        CERTIFIED: when | {"certified_at": timezone.now(), "certified_by": decided},
    }[state]
    Result.objects.filter(pk=result.pk).update(state=state, **fields)



def _review(result: Result, collector: User, supervisor: User, canary: str) -> None:
    """A mark of the supervisor's, a question with its answer, and an objection that was refused."""
    level = result.indicator.criteria.last()
    mark_criterion(result, level, score=Decimal(2), reason=f"ลด {canary}", by=supervisor)
    question = ask_question(result, criterion=level, text=f"ถาม {canary}", by=supervisor)
    answer_question(question, answer=f"ตอบ {canary}", by=collector)
    Objection.objects.create(
        result=result, criterion=level, text=f"แย้ง {canary}", made_by=collector, made_at=timezone.now(),
        state=Objection.State.REFUSED, answer=f"วินิจฉัย {canary}", answered_by=supervisor, answered_at=timezone.now(),
    )
