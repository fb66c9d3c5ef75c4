"""House rules that a machine can read in the source: floors, a pure engine, writes in services, sizes."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("kpiportal", "indicators", "evidence", "scoring", "reports")
TOP = {
    "manage.py",
    "kpiportal",
    "indicators",
    "scoring",
    "evidence",
    "reports",
    "templates",
    "fixtures",
    "tests",
    "requirements.txt",
    "README.md",
}
TOOLS = {
    "Makefile",
    "pyproject.toml",
    "requirements-test.txt",
    "package.json",
    ".ci",
    ".git",
    ".gitignore",
    "locale",
    "deploy",
    "bench",
}
# From the ground up; the longest prefix that fits names a module's floor, and an arrow may only go down.
FLOORS = (
    "scoring.engine",
    "kpiportal.audit",
    "kpiportal.accounts",
    "indicators",
    "evidence",
    "scoring",
    "reports",
    "kpiportal",
)
INSIDE = ("models", "queries", "services", "forms", "views", "urls")
WRITES = {
    "save",
    "create",
    "bulk_create",
    "update",
    "bulk_update",
    "delete",
    "get_or_create",
    "update_or_create",
    "_raw_delete",
    "acreate",
    "aupdate",
    "adelete",
    "asave",
    "set_password",
}
RELATION_WRITES = {"add", "set", "remove", "clear"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def sources(*folders: str) -> list[Path]:
    """The Python files of folders, migrations left out."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, wherever in the file; `from a import b` gives a.b."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            parts = [*package, *([node.module] if node.module else [])]
            yield from ((node.lineno, ".".join([*parts, alias.name])) for alias in node.names)


def floor(dotted: str) -> int | None:
    """The number of a module's floor, None for a library."""
    fits = [prefix for prefix in FLOORS if dotted == prefix or dotted.startswith(f"{prefix}.")]
    return FLOORS.index(max(fits, key=len)) if fits else None


def inside(dotted: str) -> int | None:
    """A module's place inside its app, None for those that have no place of their own."""
    parts = dotted.removeprefix("kpiportal.").split(".")
    return next((INSIDE.index(part) for part in parts[1:] if part in INSIDE), None)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def is_service(path: Path) -> bool:
    return path.name == "services.py" or path.parent.name == "services"


class TestFloors:
    def test_no_arrow_runs_back_up(self):
        wrong = [
            f"{name(path)}:{line}: {target}"
            for path in sources(*APPS)
            for line, target in imports(path)
            if (there := floor(target)) is not None and there > floor(module(path))
        ]
        assert wrong == []

    def test_inside_an_app_too(self):
        """models <- queries <- services <- forms <- views <- urls."""
        wrong = [
            f"{name(path)}:{line}: {target}"
            for path in sources(*APPS)
            for line, target in imports(path)
            if floor(target) == floor(module(path))
            and (here := inside(module(path))) is not None
            and (there := inside(target)) is not None
            and there > here
        ]
        assert wrong == []

    def test_only_addresses_import_views(self):
        wrong = [
            f"{name(path)}:{line}"
            for path in sources(*APPS)
            for line, target in imports(path)
            if floor(target) is not None and ".views" in f".{target}" and not path.name.endswith("urls.py")
        ]
        assert wrong == []

    def test_no_app_imports_tests_bench_or_deploy(self):
        wrong = [
            f"{name(path)}:{line}: {target}"
            for path in sources(*APPS)
            for line, target in imports(path)
            if target.split(".")[0] in ("tests", "bench", "deploy")
        ]
        assert wrong == []

    def test_every_module_has_its_floor(self):
        assert [floor(module(path)) for path in sources(*APPS)].count(None) == 0
        assert floor("scoring.engine.text") == 0 < floor("scoring.models") and floor("django.db") is None


def is_float(node: ast.AST) -> bool:
    """A literal with a point, or a call of float() or round()."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("float", "round")
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


class TestEngine:
    def test_needs_the_standard_library_only(self):
        known = sys.stdlib_module_names | {"scoring"}
        wrong = [
            f"{name(path)}:{line}: {target}"
            for path in sources("scoring/engine")
            for line, target in imports(path)
            if target.split(".")[0] not in known or (target.startswith("scoring") and floor(target) != 0)
        ]
        assert wrong == []

    def test_scores_never_pass_through_a_float(self):
        """Floats got 3,165 of 200,000 indicator scores wrong in the fourth place (stack.md)."""
        wrong = [
            f"{name(path)}:{node.lineno}"
            for path in sources("scoring", "indicators")
            for node in ast.walk(tree(path))
            if is_float(node) and path.name != "__main__.py"  # where a line's id may be any JSON number
        ]
        assert wrong == []

    def test_one_place_rounds(self):
        roundings = re.compile(r"\bROUND_[A-Z]")
        found = {name(path) for path in sources(*APPS) if roundings.search(path.read_text())}
        assert found == {"scoring/engine/text.py"}


class TestWrites:
    def test_stand_in_services_only(self):
        """No writing method is called in models, queries, forms, pages, views, tags or commands."""
        wrong = []
        for path in sources(*APPS):
            if is_service(path) or path == ROOT / "kpiportal/audit/models.py" or "engine" in path.parts:
                continue
            for node in ast.walk(tree(path)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_write(node):
                    wrong.append(f"{name(path)}:{node.lineno}: {ast.unparse(node.func)}")
        assert wrong == []

    def test_signals_are_not_used(self):
        wrong = [
            f"{name(path)}:{line}: {target}"
            for path in sources(*APPS)
            for line, target in imports(path)
            if "signals" in target.split(".") or target.startswith("django.dispatch")
        ]
        assert wrong == []

    def test_save_and_delete_are_overridden_by_the_audit_trail_only(self):
        found = {
            name(path)
            for path in sources(*APPS)
            for node in functions(path)
            if node.name in ("save", "delete", "save_base", "full_clean")
        }
        assert found == {"kpiportal/audit/models.py"}

    def test_a_service_that_says_who_is_atomic_and_takes_it_by_keyword(self):
        wrong = []
        for path in filter(is_service, sources(*APPS)):
            for node in tree(path).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and takes_by(node):
                    atomic = "transaction.atomic" in map(ast.unparse, node.decorator_list) or tries_again(node)
                    keyword = "by" in [argument.arg for argument in node.args.kwonlyargs]
                    if not (atomic and keyword) and name(path) not in READS_ONLY:
                        wrong.append(f"{name(path)}:{node.lineno}: {node.name}")
        assert wrong == []


def tries_again(node: ast.FunctionDef) -> bool:
    """Whether all that a function does to the database stands in one transaction inside it, to be begun anew."""
    inside = [ast.unparse(item) for each in ast.walk(node) if isinstance(each, ast.With) for item in each.items]
    return inside == ["transaction.atomic()"]


# `record` stands in its caller's transaction; `require` reads and refuses.
READS_ONLY = {
    "kpiportal/audit/services.py",
    "kpiportal/accounts/services/rules.py",
    "scoring/services/rules.py",
}


def takes_by(node: ast.FunctionDef) -> bool:
    return "by" in [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]


def is_write(call: ast.Call) -> bool:
    """A call of a model or queryset's writing method. A set's `add` stands on a plain name, a dictionary's
    `update` and a document's `save` take something without a keyword, an XML element's `set` takes two values."""
    method = call.func.attr
    if method in RELATION_WRITES:
        return isinstance(call.func.value, ast.Attribute) and len(call.args) < 2
    return method in WRITES and not (method in ("update", "save") and call.args)


# Names that this repository gives itself.
OWN = {*APPS, "tests", "bench", "deploy", "_portal"}


def required(*files: str) -> set[str]:
    """The packages that requirements files pin, by the names that the index writes."""
    lines = [line for file in files for line in (ROOT / file).read_text().splitlines()]
    return {normal(line) for line in lines if re.match(r"[\w.-]+(\[[\w,-]+\])?==", line)}


def normal(text: str) -> str:
    """A package's name as the index writes it, without its version."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", text)[0]).lower()


class TestRequirements:
    @pytest.mark.parametrize(
        ("folders", "files"),
        [
            ((*APPS, "bench", "deploy"), ["requirements.txt"]),
            (("tests",), ["requirements.txt", "requirements-test.txt"]),
        ],
        ids=["the portal", "its tests"],
    )
    def test_name_every_package_that_is_imported(self, folders, files):
        """What another package happens to bring along may be gone with its next version."""
        packages, known = packages_distributions(), required(*files)
        missing = {
            f"{name(path)}:{line}: {top}"
            for path in sources(*folders)
            for line, target in imports(path)
            if (top := target.split(".")[0]) not in sys.stdlib_module_names | OWN
            and not known & {normal(package) for package in packages.get(top, [])}
        }
        assert missing == set()


class TestTopLevel:
    def test_is_the_one_of_the_house(self):
        ignored = {line.strip().rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
        found = {path.name for path in ROOT.iterdir()} - ignored
        assert found - TOP - TOOLS == set()
        assert TOP - found == set()

    def test_nothing_below_names_the_machine_it_was_written_on(self):
        machine = re.compile("/" + "work/|/" + "opt/|/" + "root/")
        folders = (*APPS, "templates", "fixtures", "deploy", "bench")
        kinds = (".py", ".html", ".yaml", ".md", ".js", ".css", ".sh")
        files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in kinds]
        assert [name(path) for path in files if machine.search(path.read_text())] == []


def documented(path: Path) -> Iterator[tuple[str, str | None]]:
    """Each public function, class and method with its docstring."""
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield f"{name(path)}: {node.name}", ast.get_docstring(node)
            for member in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(member, ast.FunctionDef) and not member.name.startswith("_"):
                    yield f"{name(path)}: {node.name}.{member.name}", ast.get_docstring(member)


def raised_in(function: ast.FunctionDef) -> set[str]:
    """The names of the exceptions that a function makes and raises itself."""
    raises = [node.exc for node in ast.walk(function) if isinstance(node, ast.Raise)]
    return {ast.unparse(error.func) for error in raises if isinstance(error, ast.Call)}


class TestWords:
    @pytest.mark.parametrize("where", ["engine", "services"])
    def test_every_public_function_of(self, where):
        paths = sources("scoring/engine") if where == "engine" else list(filter(is_service, sources(*APPS)))
        assert len(paths) >= 6
        assert [what for path in paths for what, words in documented(path) if not words] == []

    def test_services_say_how_they_refuse(self):
        """An exception is named in the docstring of the function that raises it."""
        silent = []
        for path in filter(is_service, sources(*APPS)):
            for node in tree(path).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    words = ast.get_docstring(node) or ""
                    silent += [
                        f"{name(path)}: {node.name}: {error}"
                        for error in raised_in(node)
                        if error not in words
                    ]
        assert silent == []

    def test_every_module_says_what_it_is_for(self):
        plain = ("apps.py", "urls.py", "__init__.py", "__main__.py")
        assert [
            name(p) for p in sources(*APPS) if p.name not in plain and not ast.get_docstring(tree(p))
        ] == []

    def test_nothing_is_left_for_later(self):
        left = re.compile("TO" + "DO|FIX" + "ME|XX" + "X|NotImplemented" + "Error")
        folders = (*APPS, "tests", "bench", "deploy")
        assert [name(path) for path in sources(*folders) if left.search(path.read_text())] == []


class TestSizes:
    def test_of_files(self):
        sizes = {
            name(path): len(path.read_text().splitlines())
            for path in sources(*APPS, "tests", "bench", "deploy")
        }
        assert {
            path: size for path, size in sizes.items() if size > (500 if path.startswith("tests/") else 300)
        } == {}

    def test_of_functions(self):
        sizes = {
            f"{name(path)}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
            for path in sources(*APPS, "tests", "bench", "deploy")
            for node in functions(path)
        }
        assert {function: size for function, size in sizes.items() if size > 40} == {}

    def test_of_lines(self):
        paths = [ROOT / "manage.py", *sources(*APPS, "tests", "bench", "deploy")]
        assert [
            f"{name(path)}:{number}"
            for path in paths
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if len(line) > 120
        ] == []

    def test_of_templates(self):
        sizes = {
            name(path): len(path.read_text().splitlines()) for path in (ROOT / "templates").rglob("*.html")
        }
        assert {path: size for path, size in sizes.items() if size > 80} == {}


def test_templates_leave_numbers_and_dates_to_the_one_module():
    formatting = re.compile(r"\|\s*(floatformat|date|time|intcomma|localize|unlocalize|stringformat)\b")
    wrong = [
        name(path) for path in (ROOT / "templates").rglob("*.html") if formatting.search(path.read_text())
    ]
    assert wrong == []


def test_templates_never_mark_what_people_typed_as_safe():
    unsafe = re.compile(r"\|\s*safe\b|autoescape\s+off")
    assert [
        name(path) for path in (ROOT / "templates").rglob("*.html") if unsafe.search(path.read_text())
    ] == []
