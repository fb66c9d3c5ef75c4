"""`python -m tests.access.taken_out`: each permission check is taken out by itself, and the matrix of access asked.

One JSON line for each check: how many questions reach it, which one was answered otherwise without it, or that none
was. First all questions are asked of the whole code, which answers all as the table says, and it is written down
which checks each reaches: taken out, a check can change the answer to no other.
"""
import builtins
import json
import os
import random
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path

import django

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "kpiportal.settings"
    os.environ["VAR_DIR"] = VAR = tempfile.mkdtemp(prefix="kpi-taken-out-")
    os.environ.pop("DATABASE_URL", None)
    django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from tests.access.asking import Asker, rolled_back  # noqa: E402
from tests.access.checks import ROOT, Check, checks, seen  # noqa: E402
from tests.access.fixtures import quiet  # noqa: E402
from tests.access.forks import in_children  # noqa: E402
from tests.access.matrix import NAMES, OFFERS, Cell, cells, expected, pages, wrong_in  # noqa: E402
from tests.access.policies import POLICIES, SIGNED_OUT, Act  # noqa: E402
from tests.access.swap import Functions, caches, loaded, swap  # noqa: E402
from tests.access.world import ACTORS, build, close_doors  # noqa: E402

SEED = 2569
CONTROL = "nothing taken out"
REFUSED = ("missing", "refused")
Question = tuple[Cell, Act | None]


def questions() -> list[Question]:
    """What a check can change: what the table refuses, and what is shown; whoever may do a thing may still do it."""
    asked = [
        (cell, act) for name in NAMES if POLICIES[name].about != "public" for cell, act in cells(name)
        if cell.method in ("get", "post") and expected(cell, POLICIES[name], act) in (*REFUSED, "shown")
    ]
    return asked + [(cell, None) for actor in sorted(set(ACTORS) - SIGNED_OUT) for cell in pages(actor)]


def is_refused(question: Question) -> bool:
    cell, act = question
    return cell.method != OFFERS and expected(cell, POLICIES[cell.name], act) in REFUSED


def settle() -> Asker:
    """The world in a database of its own, everybody signed in, then the doors closed."""
    setup_test_environment()
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STATIC_ROOT.mkdir()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    world = build()
    asker = Asker(world)
    close_doors(world)
    asker.begin()
    return asker


class Trial:
    """The world, all questions and all checks, with the functions that stand in the checks' files."""

    def __init__(self, asker: Asker) -> None:
        self.asker, self.questions, self.checks = asker, questions(), list(checks())
        self.functions: Functions = loaded({check.path for check in self.checks})
        self.caches = caches()

    def reaching(self, share: int, of: int) -> dict[int, list[int]]:
        """Which questions reach which check, of each so-many-th; every answer must be as the table says."""
        asked: set[int] = set()
        builtins.check_is_asked = asked.add
        for path, functions in self.functions.items():
            numbers = {check: number for number, check in enumerate(self.checks) if check.path == path}
            swap(path, compile(seen(path, numbers), str(ROOT / path), "exec"), functions)
        self.forget()
        found: dict[int, list[int]] = {}
        with rolled_back():
            for number in range(share, len(self.questions), of):
                asked.clear()
                if wrong := wrong_in(self.asker, *self.questions[number]):
                    raise AssertionError(f"the whole code: {wrong}")
                for check in asked:
                    found.setdefault(check, []).append(number)
        return found

    def without(self, check: Check, numbers: list[int]) -> dict:
        """The first of these questions that is answered otherwise without a check: what is refused is asked first."""
        started = time.process_time()
        text = compile(check.taken_out(), str(ROOT / check.path), "exec")
        swapped = swap(check.path, text, self.functions[check.path])
        self.forget()
        said = {"place": check.place, "line": check.line, "reached": len(numbers)}
        if not swapped and check.place != CONTROL:
            return said | {"outcome": "not swapped", "by": "", "seconds": 0}
        numbers = random.Random(SEED).sample(numbers, len(numbers))
        numbers.sort(key=lambda number: not is_refused(self.questions[number]))
        with rolled_back():
            outcome, by = self.first_wrong(numbers)
        return said | {"outcome": outcome, "by": by, "seconds": round(time.process_time() - started, 1)}

    def first_wrong(self, numbers: list[int]) -> tuple[str, str]:
        """How the first wrong answer is wrong; else which question raised something; else nothing."""
        raised = ""
        for number in numbers:
            cell, act = self.questions[number]
            try:
                wrong = wrong_in(self.asker, cell, act)
            except Exception as error:
                raised = raised or f"{cell.name}: {cell.method} as {cell.actor}: {error!r}"
                continue
            if wrong:
                return "found", f"{cell.name}: {wrong[0]}"
        return ("raised", raised) if raised else ("survived", "")

    def forget(self) -> None:
        """What was computed with other code."""
        for each in self.caches:
            each.cache_clear()


def main() -> None:
    with quiet():
        trial, cores, folder = Trial(settle()), os.cpu_count() or 1, Path(VAR) / "children"
        say({"questions": len(trial.questions), "checks": len(trial.checks), "seed": SEED, "processes": cores})
        reached: dict[int, list[int]] = {}
        shares = [partial(trial.reaching, share, 4 * cores) for share in range(4 * cores)]
        for _, found in in_children(shares, folder):
            for check, numbers in found.items():
                reached.setdefault(int(check), []).extend(numbers)
        say({"reached": len(reached), "seconds": round(time.monotonic() - STARTED)})
        works = [partial(trial.without, check, sorted(reached.get(n, []))) for n, check in enumerate(trial.checks)]
        works.append(control(trial, reached))
        for _, said in in_children(works, folder):
            say(said)


def control(trial: Trial, reached: dict[int, list[int]]) -> partial:
    """A check that stays where it is: what finds something then would find it anyway."""
    number = min(reached, key=lambda number: len(reached[number]))
    check = trial.checks[number]
    kept = "\n".join((ROOT / check.path).read_text().split("\n")[check.line - 1: check.end_line])
    return partial(trial.without, check._replace(
        column=0, end_column=len(kept.split("\n")[-1].encode()), instead=kept, place=CONTROL
    ), sorted(reached[number]))


def say(line: dict) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    STARTED = time.monotonic()
    try:
        main()
    finally:
        shutil.rmtree(VAR)
