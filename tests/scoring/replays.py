"""Forms that are sent twice or thrice: the whole way of a report, over and over, each step a form of its own."""
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import cycle, islice
from threading import Barrier
from typing import NamedTuple

from django.db import connection
from django.test import Client
from django.urls import reverse

from kpiportal.audit.models import AuditEvent
from scoring.models import Result
from tests.cast import browser_of, person
from tests.definitions import criterion, trial_result
from tests.scoring.test_entry import save



class Form(NamedTuple):
    """Who sends it where with what, and the one entry that it leaves."""

    who: str
    name: str
    typed: dict
    entry: str


ASK = Form("collector", "not_applicable", {"reason": "flooded"}, "not_applicable.requested")
SUBMIT = Form("collector", "result_submit", {}, "result.submit")
WAY = (
    ASK,
    Form("collector", "not_applicable_withdraw", {}, "not_applicable.withdrawn"),
    ASK,
    Form("office", "not_applicable_decide", {"decision": "refuse", "answer": "no"}, "not_applicable.refused"),
    SUBMIT,
    Form("collector", "result_withdraw", {}, "result.withdraw"),
    SUBMIT,
    Form("supervisor", "result_decide", {"decision": "return", "reason": "why"}, "result.return"),
    SUBMIT,
    Form("supervisor", "result_decide", {"decision": "approve"}, "result.approve"),
    Form("office", "result_decide", {"decision": "return", "reason": "why"}, "result.return"),
)


def report(**head) -> Result:
    """A report that can be handed in."""
    made = trial_result(criterion("x", "70"), criterion("y", "30"), **head)
    save(made, person("collector"), x={"value": Decimal(4)}, y={"value": Decimal(3)})
    return made


def forms(number: int) -> Iterator[Form]:
    """So many forms of the way, again and again."""
    return islice(cycle(WAY), number)


def address(made: Result, form: Form) -> tuple[str, dict]:
    """Where a form is sent now, and what stands in it."""
    given = [made.pk]
    if form.name in ("not_applicable_withdraw", "not_applicable_decide"):
        given.append(made.not_applicable_requests.get(state="pending").pk)
    typed = {"version": Result.objects.values_list("version", flat=True).get(pk=made.pk)}
    if form is ASK:
        typed["criterion"] = made.indicator.criteria.last().pk
    return reverse(form.name, args=given), typed | form.typed


def one_after_the_other(who: str, path: str, typed: dict, times: int) -> list[int]:
    """The same form again and again from one browser; the status of each answer."""
    browser = browser_of(person(who))
    return [browser.post(path, typed).status_code for _ in range(times)]


def at_once(who: str, path: str, typed: dict, times: int) -> list[int]:
    """The same form from as many threads together."""
    browsers = [Client() for _ in range(times)]
    for browser in browsers:
        browser.force_login(person(who))
    barrier = Barrier(times)

    def send(browser: Client) -> int:
        try:
            barrier.wait(timeout=20)
            return browser.post(path, typed).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(send, browsers))


def have_one_effect_each(number: int, send: Callable[..., list[int]]) -> None:
    """Send so many forms, every other one thrice, the others twice: the trail tells what was sent, and the report
    stands where it stands when each form was sent once."""
    made, control = report(), report(code="control")
    entries = AuditEvent.objects.exclude(action__startswith="user.").order_by("pk")
    last = entries.last().pk
    for count, form in enumerate(forms(number)):
        path, typed = address(made, form)
        statuses = send(form.who, path, typed | {"once": f"token {count}"}, 2 + count % 2)
        assert set(statuses) == {302}, (count, form, statuses)
        found = entries.filter(pk__gt=last)
        assert [entry.action for entry in found] == [form.entry], (count, form)
        path, typed = address(control, form)
        assert one_after_the_other(form.who, path, typed, 1) == [302]
        last = entries.last().pk
    assert standing(made) == standing(control)


def standing(made: Result) -> dict:
    """What all the forms left."""
    row = Result.objects.get(pk=made.pk)
    asked = list(made.not_applicable_requests.order_by("pk").values_list("state", flat=True))
    return {"state": row.state, "version": row.version, "submission": row.submission, "asked": asked}
