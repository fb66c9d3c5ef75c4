"""Every action that the code records has a sentence; a sentence names who, what and why, in words."""
import ast
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from kpiportal.audit.changes import changes_of, difference
from kpiportal.audit.models import AuditEvent
from kpiportal.audit.sentences import KIND_OF, KINDS, SENTENCES, say_entry
from scoring.engine.workflow import TRANSITIONS
from scoring.models import NotApplicableRequest, Objection

APPS = ("kpiportal", "indicators", "evidence", "scoring", "reports")
# What a name that is put together can become.
BUILT = {
    # Saving, marking, asking and objecting have names of their own.
    "result.*": {f"result.{row.action}" for row in TRANSITIONS if row.action not in ("save", "mark", "ask", "object")},
    "objection.*": {f"objection.{state}" for state in set(Objection.State.values) - {"open"}},
    "not_applicable.*": {f"not_applicable.{state}" for state in set(NotApplicableRequest.State.values) - {"pending"}},
}


def recorded() -> set[str]:
    """The action names in the calls of `record`; of one that is put together, its pattern with *."""
    paths = [path for app in APPS for path in (Path(settings.BASE_DIR) / app).rglob("*.py")]
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    calls = [(ast.unparse(node.func).split(".")[-1], node.args) for node in nodes if isinstance(node, ast.Call)]
    found = {name for called, args in calls if called == "record" and args for name in names_in(args[0])}
    if "action" not in found:
        return found
    # Functions that are told which action to record: what their callers and defaults say.
    told = [node for node in nodes if isinstance(node, ast.FunctionDef) and records_what_it_is_told(node)]
    said = [arg for called, args in calls if called in {node.name for node in told} for arg in args]
    said += [default for node in told for default in node.args.defaults]
    texts = {node.value for node in said if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return found - {"action"} | {text for text in texts if re.fullmatch(r"[a-z_]+\.[a-z_]+", text)}


def records_what_it_is_told(node: ast.FunctionDef) -> bool:
    """Whether a function passes its argument `action` on to `record`."""
    return "action" in [arg.arg for arg in node.args.args] and "record(action" in ast.unparse(node)


def names_in(node: ast.expr):
    """The names that the first argument of `record` can be."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from (*names_in(node.body), *names_in(node.orelse))
    else:
        yield node.value if isinstance(node, ast.Constant) else ast.unparse(node)


def entry(action: str = "result.return", **more) -> AuditEvent:
    """An entry that nobody wrote."""
    values = {"actor_id": 1, "actor_name": "สมหญิง", "target_name": "ตัวชี้วัดที่ 5 · 12 · มท."}
    return AuditEvent(action=action, **(values | more))


def test_every_action_in_the_code_has_its_sentence():
    names = recorded()
    assert len(names) > 25 and {"result.saved", "request.refused", "result.marked", "assignment.added"} <= names
    built = {name for name in names if "*" in name}
    assert built <= BUILT.keys()
    assert all(BUILT[name] for name in built)
    assert all(fnmatchcase(full, name) for name in built for full in BUILT[name])
    assert names - built | {full for name in built for full in BUILT[name]} <= SENTENCES.keys()


def test_every_action_is_of_a_kind():
    assert KIND_OF.keys() == SENTENCES.keys() and set(KIND_OF.values()) == KINDS.keys()


@pytest.mark.parametrize("action", SENTENCES)
def test_no_sentence_stumbles_over_an_entry_that_holds_little(action):
    said = str(say_entry(entry(action, before=None, after=["odd"])))
    assert "{" not in said and "}" not in said


def test_a_return_with_its_reason():
    with translation.override("en"):
        said = say_entry(entry(reason="No evidence of item 3"))
        assert str(said) == (
            "สมหญิง returned the result ตัวชี้วัดที่ 5 · 12 · มท., because: No evidence of item 3"
        )


def test_what_people_typed_is_no_pattern():
    said = str(say_entry(entry(actor_name="{target.__class__}", reason="{actor}")))
    assert "{target.__class__}" in said and "{actor}" in said


def test_the_portal_itself_and_an_unknown_action_can_be_read_too():
    with translation.override("en"):
        assert str(say_entry(entry("round.opened", actor_id=None, actor_name="", target_name="12"))) == (
            "The portal opened the 12-month round"
        )
        assert str(say_entry(entry("old.thing", target_name="X"))) == "สมหญิง: old.thing – X"


class TestChanges:
    def test_only_what_differs_field_by_field(self):
        before = {"state": "draft", "criterion 20": {"done": [], "score": None, "text": "same"}}
        after = {"state": "submitted", "criterion 20": {"done": ["a", "b"], "score": "3.5", "text": "same"}}
        with translation.override("en"):
            found = changes_of(entry(before=before, after=after), names={"criterion 20": "4 Intranet"})
        assert [(each.label, each.before, each.after) for each in found] == [
            ("State", "Draft", "Submitted"), ("4 Intranet · Done", "–", "a, b"), ("4 Intranet · Score", "–", "3.5"),
        ]

    def test_what_a_reader_may_not_see_is_left_out(self):
        found = changes_of(entry(before=None, after={"c": {"score": "3", "value": "7"}}), without=frozenset({"score"}))
        assert [each.after for each in found] == ["7"]

    def test_dates_are_written_as_people_read_them(self):
        with translation.override("th"):
            found = changes_of(entry(before={"until": None}, after={"until": "2026-11-21"}))
        assert found[0].after == "21 พ.ย. 2569"

    @pytest.mark.parametrize("text", ["2026-99-99", "2026-13-01T99:99", "x" * 5000, "ก" * 5000])
    def test_nothing_odd_stumbles(self, text):
        assert changes_of(entry(before={"a": {"b": 1}}, after={"a": text}))[0].after

    def test_a_long_text_shows_what_is_gone_and_what_is_new(self):
        start = "ดำเนินการตามแผนการพัฒนาระบบสารสนเทศของกระทรวงทุกประการ " * 5
        pieces = difference(f"{start}ร้อยละ 80 ของเป้าหมาย", f"{start}ร้อยละ 95 ของเป้าหมาย")
        assert [(piece.kind, piece.text) for piece in pieces if piece.kind != "same"] == [("gone", "80"), ("new", "95")]
        assert max(len(piece.text) for piece in pieces) < 100

    def test_the_difference_holds_both_texts(self):
        old, new = "กข คำเดิม 1", "กข คำใหม่ 1 และ 2"
        pieces = difference(old, new)
        assert "".join(p.text for p in pieces if p.kind != "new") == old
        assert "".join(p.text for p in pieces if p.kind != "gone") == new
