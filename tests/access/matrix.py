"""The matrix of access: every question to the portal, what the table says of it, and what comes of it."""
import re
from collections.abc import Iterator
from typing import NamedTuple

from django.urls import resolve, reverse

from scoring.engine.workflow import DRAFT, SUBMITTED
from tests.access.asking import NO_STATE, Answer, Asker, address, patterns, rolled_back, states_of, target_of
from tests.access.policies import POLICIES, SIGNED_OUT, Act, Policy, standing
from tests.access.words import may_read, words_in
from tests.access.world import ACTORS, BELOW, MISSING, OTHER, OWN

METHODS = ("get", "head", "post", "put", "patch", "delete")
OFFERS = "offers"
NAMES = sorted({pattern.name or str(pattern.pattern) for pattern in patterns()})
# Where a refusal is told on the page that one is led back to.
TOLD_AFTERWARDS = {"certify_many"}
FORM = re.compile(r"<form\b(?P<form>.*?)</form>", re.DOTALL)
ADDRESS = re.compile(r'(?:form)?action="(?P<path>/[^"#?]*)|hx-post="(?P<hx>/[^"#?]*)')
# Forms that every reader of a page has: language, signing out, and the what-if, which saves nothing.
FOR_EVERYBODY = {"set_language", "account_logout", "what_if"}


class Cell(NamedTuple):
    """One question to the portal; method OFFERS: which forms a report's page holds."""

    name: str
    method: str
    act: str
    actor: str
    relation: str
    state: str


def cells(name: str) -> Iterator[tuple[Cell, Act | None]]:
    """All questions about an address. A method that isn't allowed is refused before the object is looked for, so that
    it is asked for one object, as is HEAD, which is GET without its body: there, and where there is no object at all,
    one of each standing asks. Of a report at the unit and of one that was handed in everybody asks for one; in the
    other states one of each standing."""
    policy = POLICIES[name]
    allowed = policy.methods.split()
    asked: set[tuple[str, ...]] = set()
    for actor in ACTORS:
        for method in METHODS:
            places = states_of(policy.about)
            if method not in allowed or method == "head":
                places = places[:1]
            for relation, state in places:
                same = (method, standing(actor, relation), relation, state)
                is_plain = relation == MISSING or method not in allowed or method == "head"
                if same in asked and (is_plain or state not in (NO_STATE, DRAFT, SUBMITTED)):
                    continue
                asked.add(same)
                for act in _acts_of(policy, Cell(name, method, "", actor, relation, state)):
                    cell = Cell(name, method, act.name if act else "", actor, relation, state)
                    if not (policy.drawn and _is_one_of_many(cell, policy)):
                        yield cell, act


def _acts_of(policy: Policy, cell: Cell) -> tuple[Act | None, ...]:
    """All kinds of POST where the object is found; who doesn't find it gets no further than the first."""
    if cell.method != "post" or not policy.acts:
        return (None,)
    return policy.acts if finds(cell, policy) and cell.actor not in SIGNED_OUT else policy.acts[:1]


def _is_one_of_many(cell: Cell, policy: Policy) -> bool:
    is_drawn = cell.method == "get" and finds(cell, policy)
    return is_drawn and (cell.actor, cell.relation, cell.state) not in FEW


FEW = {("collector", OWN, "draft"), ("auditor", BELOW, "approved"), ("collector of the south", OTHER, "certified")}


def finds(cell: Cell, policy: Policy) -> bool:
    """Whether the table says that the person finds the object."""
    states = policy.finds.get(standing(cell.actor, cell.relation), ())
    return bool(states) if cell.state == NO_STATE else cell.state in states


def expected(cell: Cell, policy: Policy, act: Act | None) -> str:
    """What the table says of a question: sign in, method, missing, refused, done, or shown."""
    if cell.actor in SIGNED_OUT:
        return "sign in"
    if cell.method not in policy.methods.split():
        return "method"
    if not finds(cell, policy):
        return "missing"
    if cell.method != "post" or act is None:
        return "shown"
    states = act.who.get(standing(cell.actor, cell.relation), ())
    return "done" if (DRAFT if cell.state == NO_STATE else cell.state) in states else "refused"


def happened(answer: Answer, cell: Cell) -> str:
    """What came of a question, in the same words; what none of them says is told as it is."""
    status = answer.status
    if status == 302 and answer.response.url.startswith(f"{reverse('account_login')}?next="):
        return "sign in" if answer.is_untouched else "sign in, but something changed"
    known = {401: "sign in", 404: "missing", 405: "method", 409: "refused"}
    if cell.method == "post":
        known |= {422: "refused"} | ({302: "refused"} if cell.name in TOLD_AFTERWARDS and answer.is_untouched else {})
    if status in known:
        return known[status] if answer.is_untouched else f"{known[status]}, but changed: {answer.recorded}"
    if status in (200, 204, 302) and (answer.changed or answer.recorded):
        return "done"
    return "shown" if status in (200, 422) else f"status {status}"


def ask(asker: Asker, cell: Cell, act: Act | None) -> Answer:
    """The answer to a question."""
    target = target_of(asker.world, cell.relation, cell.state)
    with rolled_back():
        path = address(cell.name, target, missing=cell.relation == MISSING)
        return asker.ask(cell.actor, cell.method, path, act.form(target) if act else None)


def wrong_in(asker: Asker, cell: Cell, act: Act | None) -> list[str]:
    """What came otherwise than the table says, and the words that the person may not read."""
    if cell.method == OFFERS:
        return wrongly_offered(asker, cell)
    wrong, answer = [], ask(asker, cell, act)
    came, said = happened(answer, cell), expected(cell, POLICIES[cell.name], act)
    if cell.method == "get" and came == "done" and said == "shown" and not answer.changed:
        came = "shown"  # a download that is written down
    if cell.method in ("get", "post") and (read := words_in(answer) - may_read(cell.actor)):
        wrong.append(f"{cell.method} as {cell.actor}, {cell.relation} {cell.state} shows {read}")
    if came != said:
        wrong.append(f"{cell.method} {cell.act} as {cell.actor}, {cell.relation} {cell.state}: {came}, not {said}")
    return wrong


def pages(actor: str) -> Iterator[Cell]:
    """Every report's page that a person finds, looked through for what it offers."""
    for relation, state in states_of("result"):
        if relation != MISSING and state in POLICIES["result"].finds.get(standing(actor, relation), ()):
            yield Cell("result", OFFERS, "", actor, relation, state)


def wrongly_offered(asker: Asker, cell: Cell) -> list[str]:
    """What a report's page offers although its reader may not do it."""
    target = target_of(asker.world, cell.relation, cell.state)
    with rolled_back():
        target.waiting()
        page = asker.ask(cell.actor, "get", reverse("result", args=[target.result.pk])).body.decode()
    wrong = []
    for name, value in sorted(offered(page)):
        acts = [act for act in POLICIES[name].acts if not value or act.name in (value, "post")]
        if not any(cell.state in act.who.get(standing(cell.actor, cell.relation), ()) for act in acts):
            wrong.append(f"{cell.actor}, {cell.relation} {cell.state}: offers {name} {value}")
    return wrong


def offered(page: str) -> set[tuple[str, str]]:
    """The names of the addresses that a page's forms are sent to, each with the decision on its button if it has one;
    a form whose fields are disabled shows only."""
    found = set()
    for form in FORM.finditer(page):
        if "<fieldset disabled" in form["form"]:
            continue
        decisions = re.findall(r'name="decision" value="(\w+)"', form["form"]) or [""]
        for at in ADDRESS.finditer(form["form"]):
            name = resolve(at["path"] or at["hx"]).url_name
            found |= {(name, value) for value in decisions if name not in FOR_EVERYBODY}
    return found
