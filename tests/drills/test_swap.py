"""Code that is exchanged in the running process is what everybody runs; what can't be exchanged is told."""
import gc
import importlib.util
from types import FunctionType, ModuleType

import pytest

from tests.access.swap import swap

TEXT = '''
from functools import wraps

def may():
    return False

def told(function):
    @wraps(function)
    def inner(*args):
        return function(*args)
    return inner

@told
def decorated():
    return may() or len([one for one in "ab" if one])  # decorated

class Thing:
    @property
    def held(self):
        return may()  # property

    @classmethod
    def of_class(cls):
        return any(may() for _ in "a")  # of a class, in a generator

def made():
    return lambda: may()  # closure

closure = made()
ALWAYS = may()  # module
'''


@pytest.fixture
def module(tmp_path) -> ModuleType:
    file = tmp_path / "swapped.py"
    file.write_text(TEXT)
    spec = importlib.util.spec_from_file_location("swapped", file)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def without(module: ModuleType, place: str) -> bool:
    """Take the call out of the line that ends with these words; whether that could be done."""
    lines = [line.replace("may()", "True") if line.endswith(f"# {place}") else line for line in TEXT.split("\n")]
    every = [one for one in gc.get_objects() if type(one) is FunctionType]
    functions = [one for one in every if one.__code__.co_filename == module.__file__]
    return swap(module.__file__, compile("\n".join(lines), module.__file__, "exec"), functions)


@pytest.mark.parametrize(("place", "asked"), [
    ("decorated", lambda module: module.decorated),
    ("property", lambda module: lambda: module.Thing().held),
    ("of a class, in a generator", lambda module: module.Thing.of_class),
    ("closure", lambda module: module.closure),
])
def test_whoever_holds_a_function_runs_the_new_code(module, place, asked):
    held = asked(module)
    assert held() is not True
    assert without(module, place) and held() is True


def test_a_modules_own_code_is_not_run_again_and_says_so(module):
    assert not without(module, "module") and module.ALWAYS is False


def test_the_same_text_changes_nothing(module):
    assert not without(module, "no such line") and module.closure() is False
