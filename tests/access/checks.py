"""Every permission check in the code, found in its syntax, and the code without one of them."""
import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
APPS = ("kpiportal", "indicators", "evidence", "scoring", "reports")
# A condition of a fetch: without it everything is found.
CONDITIONS = {"visible_results", "in_scope"}
# A raise or a 404 for whoever may not.
GUARDS = {"require", "_administrators_only", "_reviewers_only", "_require_in_time", "_require_difference"}
# A yes or a no.
ANSWERS = {
    "holds", "may_decide_request", "may_be_shown_to", "scores_hidden", "shows_source", "made_by", "may_review",
    "may_answer", "may_answer_objection",
}
# What a query begins with; without it, from everything.
_MODELS = "__import__('{app}.models', fromlist=['models']).{name}.objects.all()"
QUERIES = {
    "managed_by": _MODELS.format(app="kpiportal.accounts", name="User"),
    "units_with": _MODELS.format(app="kpiportal.accounts", name="Unit"),
    "run_rounds": _MODELS.format(app="indicators", name="Round"),
    "run_agreements": _MODELS.format(app="indicators", name="Agreement"),
}
SETS = {"may", "rights_on", "roles_on"}


class Check(NamedTuple):
    """A place in the code where a right is asked for, and what stands there when it is taken out."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    name: str
    instead: str
    # Its file, function and name, which stay when lines are added; of several the second and so on with its number.
    place: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.name}"

    def taken_out(self) -> str:
        """The file's text without the check."""
        lines = (ROOT / self.path).read_bytes().split(b"\n")
        before, after = lines[: self.line - 1], lines[self.end_line:]
        first, last = lines[self.line - 1], lines[self.end_line - 1]
        text = first[: self.column] + self.instead.encode() + last[self.end_column:]
        return b"\n".join([*before, text, *after]).decode()


def checks() -> Iterator[Check]:
    """Every check of the apps' code, in the order of the files."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if not {"migrations", "management", "inspection"} & set(path.parts):
                text = path.read_text()
                yield from _numbered(_in(path.relative_to(ROOT).as_posix(), ast.parse(text), text))


def seen(path: str, numbers: dict[Check, int]) -> ast.Module:
    """A file in which each of these checks calls `check_is_asked` with its number before it is asked."""
    at = {(each.line, each.column, each.end_line, each.end_column): numbers[each] for each in numbers}
    tree = _Telling(at).visit(ast.parse((ROOT / path).read_text()))
    return ast.fix_missing_locations(tree)


class _Telling(ast.NodeTransformer):
    """`check` becomes `check_is_asked(7) or check`."""

    def __init__(self, numbers: dict[tuple[int, ...], int]) -> None:
        self.numbers = numbers

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if not isinstance(node, ast.Call | ast.Compare):
            return node
        number = self.numbers.get((node.lineno, node.col_offset, node.end_lineno, node.end_col_offset))
        if number is None:
            return node
        tell = ast.Call(ast.Name("check_is_asked", ast.Load()), [ast.Constant(number)], [])
        return ast.copy_location(ast.BoolOp(ast.Or(), [tell, node]), node)


def _numbered(found: Iterable[Check]) -> Iterator[Check]:
    seen: Counter[str] = Counter()
    for check in found:
        seen[check.place] += 1
        again = seen[check.place]
        yield check if again == 1 else check._replace(place=f"{check.place} {again}")


def _in(path: str, tree: ast.AST, text: str) -> Iterator[Check]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            instead = _without(name, node, text)
        elif isinstance(node, ast.Compare) and _asks_for_a_role(node, text):
            name, instead = "roles", "True"
        else:
            continue
        if instead is not None:
            place = " ".join([path, *_function_around(node, tree), name])
            yield Check(path, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, name, instead, place)


def _function_around(node: ast.expr, tree: ast.AST) -> list[str]:
    """The name of the innermost function; none in a module's own code."""
    around = [
        each.name for each in ast.walk(tree)
        if isinstance(each, ast.FunctionDef) and each.lineno <= node.lineno <= each.end_lineno
    ]
    return around[-1:]


def _asks_for_a_role(node: ast.Compare, text: str) -> bool:
    left = ast.get_source_segment(text, node.left) or ""
    return isinstance(node.ops[0], ast.In) and ("role" in left or left in ("permission", '"report"', '"save"'))


def _without(name: str, node: ast.Call, text: str) -> str | None:
    """What stands in place of a call without its check; None for a call that is none."""
    if name in ("visible_to", "run_by") and isinstance(node.func, ast.Attribute):
        return f"{ast.get_source_segment(text, node.func.value)}.all()"
    if name in QUERIES:
        return QUERIES[name]
    if name in CONDITIONS:
        return "__import__('django.db.models').db.models.Q(pk__isnull=False)"
    if name in GUARDS:
        return "None"
    if name in ANSWERS:
        return "False" if name in ("scores_hidden", "made_by") else "True"
    if name == "may_decide":
        return "True"
    if name in SETS:
        return _EVERYTHING[name]
    return None


_EVERYTHING = {
    "may": "frozenset(__import__('scoring.engine.workflow').engine.workflow.ACTIONS)",
    "rights_on": "frozenset({'report', 'state'})",
    "roles_on": "frozenset(__import__('scoring.engine.workflow').engine.workflow.ROLES)",
}
