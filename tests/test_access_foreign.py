"""What isn't somebody's: ids of others in a body or a query, fields that no form has, words of other units."""
import subprocess
from collections.abc import Iterator

import pytest

from scoring.engine.workflow import APPROVED, DRAFT, SUBMITTED
from tests.access.asking import NO_STATE, Asker, address, dump, recorded, rolled_back, states_of, target_of
from tests.access.fixtures import asker
from tests.access.policies import POLICIES, REPORT, Act, standing
from tests.access.posted import OBJECTS, VALUES, every_field, names_read, settled
from tests.access.words import ALL_WORDS, MAY_READ, SOUTH, may_read, words_in
from tests.access.world import ACTORS, BELOW, MISSING, OTHER, OWN, SAID, UNFINISHED

__all__ = ["asker"]
NOWHERE = 987_654_321
ACTS = [(name, act) for name, policy in POLICIES.items() for act in policy.acts if act.who]
BY_NAME = pytest.mark.parametrize(("name", "act"), ACTS, ids=[f"{name}-{act.name}" for name, act in ACTS])


@pytest.mark.django_db
def test_every_name_that_is_read_is_known_here():
    """One that says which object is meant belongs into OBJECTS, where another's is tried; all others into VALUES."""
    assert names_read() - OBJECTS - VALUES == set()


def foreign(asker: Asker) -> Iterator[tuple[str, dict[str, object]]]:
    """Ids by the name that would carry them: of another indicator of the agreement, the bureau, the south, no one."""
    for relation, state in ((OWN, SUBMITTED), (BELOW, DRAFT), (OTHER, DRAFT)):
        target = asker.world.targets[relation, state]
        item = target.criteria["items"].items.get(code="a")
        point = item.requirements.first()
        yield f"{relation} {state}", {
            "criterion": target.criteria["items"].pk, "figure": target.criteria["figure"].pk, "item": item.pk,
            "point": point.pk, "place": f"i{item.pk}", "point place": f"p{point.pk}",
            "evidence": None if relation == OWN else target.evidence.pk, "person": target.person.pk,
        }
    missing = dict.fromkeys(("criterion", "figure", "item", "point", "evidence", "person"), NOWHERE)
    yield "nobody's", missing | {"place": f"i{NOWHERE}", "point place": f"p{NOWHERE}"}


class TestIds:
    """A collector of the north, on the own draft."""

    @pytest.fixture
    def refused(self, asker):
        """Post as the collector; wrong unless it is refused and nothing changes."""
        own = asker.world.targets[OWN, DRAFT]

        def post(name: str, data: dict, also: tuple[int, ...] = (400, 404, 409, 422)) -> str:
            with rolled_back():
                answer = asker.ask("collector", "post", address(name, own), data)
            fine = answer.status in also and answer.is_untouched
            return "" if fine else f"{name} {data}: {answer.status}, {answer.recorded}"

        return post

    def test_in_bodies(self, asker, refused):
        own = asker.world.targets[OWN, DRAFT]
        wrong = []
        for _whose, ids in foreign(asker):
            for data in ({"item": ids["item"]}, {"point": ids["point"]}, {"place": ids["place"]},
                         {"place": ids["point place"]}):
                wrong += [refused(name, data) for name in ("evidence_add", "evidence_use", "evidence_drop")]
                wrong.append(refused("evidence_add", data | {"evidence": own.evidence.pk}))
                link = {"kind": "link", "title": "a", "url": "https://a.example/"}
                wrong.append(refused("evidence_add", data | link))
            if ids["evidence"]:
                wrong.append(refused("evidence_add", {"evidence": ids["evidence"]}))
            wrong.append(refused("not_applicable", {"criterion": ids["criterion"], "reason": "flooded"}))
            wrong.append(refused("result", {"person": ids["person"], "measures": "typed"}, also=(401,)))
        assert [one for one in wrong if one] == []

    def test_criteria_of_others_on_the_entry_page_and_in_a_what_if(self, asker, refused):
        """The form names the criteria that it holds; one that isn't the indicator's is left alone."""
        wrong = []
        for _whose, ids in foreign(asker):
            pk, figure = ids["criterion"], ids["figure"]
            data = {"criterion": [pk, figure], f"c{pk}-done": ["a", "b", "c"], f"c{pk}-text": "typed",
                    f"c{figure}-data-A": "1", f"c{figure}-data-B": "1", f"c{pk}-not_reported": "on"}
            wrong += [refused(name, data, also=(200, 302, 422)) for name in ("result", "what_if")]
        assert [one for one in wrong if one] == []

    def test_base_data_for_a_criterion_of_another(self, asker):
        own = asker.world.targets[OWN, DRAFT]
        for whose, ids in foreign(asker):
            data = {"criterion": ids["figure"], f"c{ids['figure']}-data-A": "1", f"c{ids['figure']}-data-B": "1"}
            answer = asker.ask("reporter", "post", address("base_data", own), data)
            assert answer.status == 404 and answer.is_untouched, whose

    @pytest.mark.parametrize("unit", ["x-north", "x-bureau", "x-south", "moi", "no-such-unit"])
    @pytest.mark.parametrize("actor", ["reporter", "collector", "collector of the south"])
    def test_base_data_of_a_unit_that_is_not_asked(self, asker, actor, unit):
        own = asker.world.targets[OWN, DRAFT]
        path = address("base_data", own).replace("x-operating", unit)
        for method in ("get", "post"):
            assert asker.ask(actor, method, path).status == 404

    @pytest.mark.parametrize("name", sorted(POLICIES.keys() & {
        "evidence_version", "evidence_use", "evidence_drop", "evidence_file", "evidence_take_down",
        "not_applicable_withdraw", "not_applicable_decide", "question_answer", "objection_answer",
    }))
    def test_in_addresses(self, asker, name):
        """A document, a file or a request of another report under the address of the own one."""
        own = asker.world.targets[OWN, DRAFT]
        for relation, state in ((BELOW, DRAFT), (BELOW, SUBMITTED), (OTHER, DRAFT)):
            with rolled_back():
                rest = address(name, asker.world.targets[relation, state]).split("/", 3)[3]
                path = f"/results/{own.result.pk}/{rest}"
                for actor in ("collector", "office", "auditor"):
                    for method in POLICIES[name].methods.split():
                        answer = asker.ask(actor, method, path, {"reason": "x", "decision": "grant", "answer": "x"})
                        assert answer.status == 404 and answer.is_untouched, (path, actor)


class TestIdsOfReviewers:
    """The supervisor of the north on a report that was handed in, and its office."""

    def test_in_bodies_of_the_review(self, asker):
        own, wrong = asker.world.targets[OWN, SUBMITTED], []
        version = {"version": own.result.version}
        for whose, ids in foreign(asker):
            if whose.startswith(OWN):
                continue
            about = {"criterion": ids["criterion"]}
            forms = {
                "review_items": {"item": [ids["item"]], "verdict": "accepted"} | version,
                "review_mark": about | {"do": "mark", "score": "3", "reason": "why"} | version,
                "question_ask": about | {"text": "why?"}, "objection_make": about | {"text": "why?"},
            }
            for name, data in forms.items():
                answer = asker.ask("supervisor", "post", address(name, own), data)
                if answer.status != 404 or not answer.is_untouched:
                    wrong.append(f"{name} {whose}: {answer.status}, {answer.recorded}")
        assert wrong == []

    def test_results_of_another_indicator_or_agency_among_the_ticked(self, asker):
        """Under the address of the own one they are left out, whoever may decide about them elsewhere."""
        own = asker.world.targets[OWN, DRAFT]
        for relation in (OWN, BELOW, OTHER):
            theirs = asker.world.targets[relation, SUBMITTED].result
            data = {"result": theirs.pk, f"v{theirs.pk}": theirs.version}
            for actor in ("supervisor", "supervisor of the south"):
                answer = asker.ask(actor, "post", address("across_decide", own), data)
                assert answer.status in (404, 422) and answer.is_untouched, (relation, actor)
        theirs = asker.world.targets[OTHER, APPROVED].result
        data = {"result": f"{theirs.pk}:{theirs.version}"}
        answer = asker.ask("office", "post", address("certify_many", own), data)
        assert answer.status == 302 and answer.is_untouched

    def test_rows_of_another_agreement_in_its_rounds(self, asker):
        own, theirs = (asker.world.targets[relation, DRAFT] for relation in (OWN, OTHER))
        there = theirs.indicator.assignments.filter(role="collector").first()
        forms = {
            "round_people_remove": {"assignment": there.pk}, "round_weights": {f"w{theirs.indicator.pk}": "2"},
            "round_assign": {"indicator": theirs.indicator.pk, "role": "collector"},
        }
        for name, data in forms.items():
            assert asker.ask("office", "post", address(name, own), data).is_untouched, name
        path = address("indicator_rounds", own).replace(f"/{own.indicator.pk}/", f"/{theirs.indicator.pk}/")
        answer = asker.ask("office", "post", path, {"cancelled_from": "12", "reason": "why"})
        assert answer.status == 404 and answer.is_untouched


class TestIdsOfPeople:
    """An administrator of the north."""

    def test_rights_in_units_of_others(self, asker):
        own = asker.world.targets[OWN, DRAFT]
        for unit in ("x-south", "x-operating", "moi", "no-such-unit"):
            for name, data in (("person_add", {"unit": unit}), ("grant_add", {"grant-unit": unit})):
                answer = asker.ask("admin", "post", address(name, own), POLICIES[name].acts[0].form(own) | data)
                assert answer.status in (409, 422) and answer.is_untouched, (name, unit)

    def test_rights_of_others(self, asker):
        own, other = asker.world.targets[OWN, DRAFT], asker.world.targets[OTHER, DRAFT]
        theirs = other.person.memberships.get().pk
        for right in (theirs, asker.world.people["collector"].memberships.get().pk, NOWHERE):
            path = f"{address('person', own)}grants/{right}/"
            answer = asker.ask("admin", "post", path, {"action": "end"})
            assert answer.status == 404 and answer.is_untouched
        for right in (theirs, asker.world.people["office"].memberships.get().pk, NOWHERE):
            answer = asker.ask("office", "post", address("grants", own), {"grant": right})
            assert answer.status == 409 and answer.is_untouched


def _who_acts(act: Act) -> tuple[str, str]:
    """Somebody who may do it on an object of the north, and in which state."""
    for actor in ACTORS:
        states = act.who.get(standing(actor, OWN))
        if states:
            return actor, states[0]
    raise AssertionError("nobody may do this")


# What a form of this address really has, and what a field of some model is called too.
READ_BY = {
    "result": {"measures", "supporting_factors", "obstacles", "suggestions", "version", "person", "criterion"},
    "base_data": {"criterion"},
    "certify_many": {"result", "round"},
    "across_decide": {"result", "round", "criterion", "score", "reason"},
    "reminders": {"language", "digest"},
    "agreement_rounds": {"months", "opens_on", "due_on"},
    "round_close": {"reason"},
    "round_assign": {"indicator", "role", "units", "is_substitute"},
    "indicator_rounds": {"first_round", "cancelled_from", "reason"},
    "review_items": {"item", "verdict", "comment", "version"},
    "review_mark": {"criterion", "value", "count", "score", "done", "complete", "reason", "version"},
    "question_ask": {"criterion", "text"},
    "question_answer": {"answer"},
    "objection_make": {"criterion", "text"},
    "objection_answer": {"answer"},
    "result_withdraw": {"version"},
    "result_decide": {"version", "reason", "decision"},
    "not_applicable": {"criterion", "reason"},
    "not_applicable_decide": {"answer"},
    "evidence_add": {"kind", "title", "url", "letter_number", "letter_date", "issuer", "item", "evidence", "place"},
    "evidence_use": {"item", "place"},
    "evidence_drop": {"item", "place"},
    "evidence_take_down": {"reason"},
    "person": {"name", "position", "phone", "email"},
    "person_add": {"position", "phone", "email", "until"},
    "grants": {"grant"},
}


@BY_NAME
def test_fields_of_any_model_in_a_post_change_nothing(asker, name, act):
    actor, state = _who_acts(act)
    target = target_of(asker.world, OWN, state if (OWN, state) in states_of(POLICIES[name].about) else NO_STATE)
    with rolled_back():
        read = {*act.form(target), *READ_BY.get(name, ())}
    extra = {key: value for key, value in every_field().items() if key not in read}
    extra |= {f"c{target.criteria['items'].pk}-{key}": value for key, value in extra.items() if key not in (
        "text", "reason", "value", "count", "nothing", "not_reported")}
    outcomes = []
    for more in ({}, extra):
        with rolled_back():
            path, data = address(name, target), act.form(target) | more
            response = asker.browsers[actor].post(path, data)
            outcomes.append((response.status_code, settled(dump()), settled(recorded())))
    plain, stuffed = outcomes
    assert plain[0] in (200, 302), plain[0]
    assert plain[0] == stuffed[0]
    assert plain[2] == stuffed[2]
    assert plain[1] == stuffed[1]


VARIANTS = ({"round": "6", "q": "จระเข้"}, {"round": "12", "inline": "1", "q": "นกฮูก"})


@pytest.mark.parametrize("actor", ACTORS)
def test_words_of_others_appear_for_no_query_and_in_no_part(asker, actor):
    """The plain pages are looked through where they are asked for (tests/test_access_matrix.py)."""
    seen: dict[str, set[str]] = {}
    for name, policy in POLICIES.items():
        if policy.about == "public" or "get" not in policy.methods.split() or policy.drawn:
            continue
        for relation, state in states_of(policy.about):
            if relation == MISSING or state not in (NO_STATE, DRAFT, SUBMITTED):
                continue
            target = target_of(asker.world, relation, state)
            plain = asker.ask(actor, "get", address(name, target))
            asked = [(query, {}) for query in _queries(asker) if plain.read_its_query and state != SUBMITTED]
            asked += [({}, {"HX-Request": "true"})] if plain.status == 200 else []
            for query, headers in asked:
                answer = asker.ask(actor, "get", address(name, target), query, headers=headers)
                for word in words_in(answer) - may_read(actor):
                    seen.setdefault(word, set()).add(f"{name} {relation} {state} {query}")
    assert seen == {}


def _queries(asker: Asker) -> list[dict]:
    """What a query may say, another's id included."""
    theirs = asker.world.targets[OTHER, DRAFT]
    ids = {"indicator": theirs.indicator.pk, "unit": theirs.result.unit.code, "person": theirs.person.pk}
    return [*VARIANTS, ids, {"unit": ids["unit"]}]


PRINTED = [("collector", OWN), ("collector of the south", OTHER), ("auditor", BELOW)]


@pytest.mark.parametrize(("actor", "relation"), PRINTED)
def test_words_of_others_are_in_no_pdf(asker, actor, relation, tmp_path):
    answer = asker.ask(actor, "get", address("card_pdf", asker.world.targets[relation, SUBMITTED]))
    assert answer.status == 200
    (tmp_path / "card.pdf").write_bytes(answer.body)
    printed = subprocess.run(["pdftotext", tmp_path / "card.pdf", "-"], capture_output=True, check=True).stdout.decode()
    found = {word for word in ALL_WORDS if word in printed}
    assert found and found <= may_read(actor)


def test_the_words_are_there_for_those_who_may_read_them(asker):
    """Else their absence elsewhere says nothing."""
    for relation, state, words in ((OWN, DRAFT, {SAID["north"]}), (BELOW, DRAFT, {UNFINISHED}), (OTHER, DRAFT, SOUTH)):
        actor = "collector of the south" if relation == OTHER else "auditor"
        answer = asker.ask(actor, "get", address("result", asker.world.targets[relation, state]))
        assert words <= words_in(answer)
    assert set(REPORT) <= set(MAY_READ) | {"unit above"}
