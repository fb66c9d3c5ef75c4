"""A file's code exchanged for another text's in the running process: every function, whoever holds it, runs the new."""
import gc
from collections import Counter
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from importlib import import_module
from types import CodeType, FunctionType

from tests.access.checks import APPS, ROOT

Functions = dict[str, list[FunctionType]]


def loaded(paths: set[str]) -> Functions:
    """All functions that these files have made, by path: of modules and classes, behind decorators, closures."""
    for path in paths:
        import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    by_file = {str(ROOT / path): path for path in paths}
    found: Functions = {path: [] for path in paths}
    gc.unfreeze()  # what is frozen (tests/conftest.py) isn't among the objects
    for each in gc.get_objects():
        if type(each) is FunctionType and each.__code__.co_filename in by_file:
            found[by_file[each.__code__.co_filename]].append(each)
    return found


def caches() -> list[_lru_cache_wrapper]:
    """The caches of the portal's own functions."""
    found = (each for each in gc.get_objects() if type(each) is _lru_cache_wrapper)
    return [each for each in found if each.__module__.split(".")[0] in APPS]


def swap(path: str, new: CodeType, functions: list[FunctionType]) -> bool:
    """Whether each place in which `new` differs from the file now stands in a loaded function's code; where it
    stands beside functions, in a module's or a class's own code, it would have to be run again."""
    file = ROOT / path
    before, after = (_by_name(code) for code in (compile(file.read_bytes(), str(file), "exec"), new))
    changed = [name for name in after if _own(before.get(name)) != _own(after[name])]
    swapped = set()
    for function in functions:
        name = next((name for name, code in before.items() if _is_made_of(function, code)), None)
        if name in after and function.__code__.co_freevars == after[name].co_freevars:
            function.__code__ = after[name]
            swapped.add(name)
    holders = {inner: name for name in swapped for inner in _by_name(after[name]).values()}
    return bool(changed) and all(after[name] in holders for name in changed)


def _is_made_of(function: FunctionType, code: CodeType) -> bool:
    """A code that ran isn't equal to one that is fresh."""
    own = function.__code__
    return (own.co_qualname, own.co_firstlineno) == (code.co_qualname, code.co_firstlineno)


def _by_name(code: CodeType) -> dict[tuple[str, int], CodeType]:
    """A code and all codes in it, by their qualified names; of several with one name each with its number."""
    seen: Counter[str] = Counter()
    found = {}
    for each in _all(code):
        seen[each.co_qualname] += 1
        found[each.co_qualname, seen[each.co_qualname]] = each
    return found


def _all(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _all(constant)


def _own(code: CodeType | None) -> tuple | None:
    """What a code does, without the codes inside it and without its lines."""
    if code is None:
        return None
    constants = [(type(each), each) for each in code.co_consts if not isinstance(each, CodeType)]
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, repr(constants)
