"""What the formulas of our workbooks give, in exact fractions: the few functions and operators that they use."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from openpyxl.worksheet.worksheet import Worksheet

TOKEN = re.compile(
    r'\s*("[^"]*"|\$?[A-Z]+\$?\d+:\$?[A-Z]+\$?\d+|\$?[A-Z]+\$?\d+(?![(\w])|[A-Z]+(?=\()'
    r"|\d+(?:\.\d+)?|<>|<=|>=|[-+*/()=<>,])"
)
OPERATORS = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    "=": lambda a, b: a == b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
}
LEVELS = (("=", "<>", "<", ">"), ("+", "-"), ("*", "/"))


def half_up(number: Fraction, places: int) -> Fraction:
    exact = Context(prec=200, rounding=ROUND_HALF_UP)
    shown = exact.divide(Decimal(number.numerator), Decimal(number.denominator))
    return Fraction(exact.quantize(shown, Decimal(1).scaleb(-places)))


def is_number(value) -> bool:
    return isinstance(value, Fraction) and not isinstance(value, bool)


def numbers(values) -> list[Fraction]:
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return [one for one in flat if is_number(one)]


def sumproduct(*columns) -> Fraction:
    """Texts in a column count as 0, as programs do; comparisons count in products only."""
    total = Fraction(0)
    for row in zip(*columns, strict=True):
        product = Fraction(1)
        for value in row:
            product *= value if is_number(value) else 0
        total += product
    return total


FUNCTIONS = {
    "SUM": lambda *values: sum(numbers(values), Fraction(0)),
    "COUNT": lambda *values: Fraction(len(numbers(values))),
    "OR": lambda *values: any(values),
    "ROUND": lambda number, places: half_up(number, int(places)),
    "SUMPRODUCT": sumproduct,
    "ISNUMBER": lambda value: [is_number(one) for one in value] if isinstance(value, list) else is_number(value),
}


class Evaluator:
    """A sheet as a program that computes sees it."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet

    def value(self, cell: str):
        """A cell's value: a Fraction, a text, or None."""
        held = self.sheet[cell.replace("$", "")]
        if held.data_type == "f":
            return Reading(self, held.value[1:]).whole()
        return Fraction(str(held.value)) if held.data_type == "n" and held.value is not None else held.value

    def range(self, text: str) -> list:
        return [self.value(cell.coordinate) for row in self.sheet[text.replace("$", "")] for cell in row]


class Reading:
    """One formula, read from the left."""

    def __init__(self, cells: Evaluator, text: str) -> None:
        self.cells, self.tokens = cells, TOKEN.findall(text)
        assert "".join(self.tokens) == text.replace(" ", ""), text

    def whole(self):
        value = self.level(0)
        assert not self.tokens
        return value

    def level(self, depth: int):
        if depth == len(LEVELS):
            return self.single()
        left = self.level(depth + 1)
        while self.tokens and self.tokens[0] in LEVELS[depth]:
            operator = OPERATORS[self.tokens.pop(0)]
            left = combined(operator, left, self.level(depth + 1))
        return left

    def single(self):
        token = self.tokens.pop(0)
        if token == "(":
            value = self.level(0)
            assert self.tokens.pop(0) == ")"
            return value
        if token.startswith('"'):
            return token[1:-1]
        if ":" in token:
            return self.cells.range(token)
        if token[0].isdigit():
            return Fraction(token)
        return self.call(token) if self.tokens[:1] == ["("] else self.cells.value(token)

    def call(self, name: str):
        self.tokens.pop(0)
        if name == "IF":
            return self.choice()
        arguments = [self.level(0)]
        while self.tokens.pop(0) == ",":
            arguments.append(self.level(0))
        return FUNCTIONS[name](*arguments)

    def choice(self):
        """IF looks at one branch only: the other may divide by zero."""
        condition = self.level(0)
        branches = []
        for end in (",", ")"):
            assert self.tokens.pop(0) == ","
            branches.append(self.skipped(end))
        assert self.tokens.pop(0) == ")"
        tail, self.tokens = self.tokens, branches[0 if condition else 1]
        value = self.level(0)
        self.tokens = tail
        return value

    def skipped(self, end: str) -> list[str]:
        taken, depth = [], 0
        while depth or self.tokens[0] != end:
            depth += {"(": 1, ")": -1}.get(self.tokens[0], 0)
            taken.append(self.tokens.pop(0))
        return taken


def combined(operator, left, right):
    """An operator on two values, cell by cell where one is a column; true counts 1 in sums and products."""
    if isinstance(left, list) or isinstance(right, list):
        size = len(left if isinstance(left, list) else right)
        pairs = zip(*(side if isinstance(side, list) else [side] * size for side in (left, right)), strict=True)
        return [combined(operator, one, other) for one, other in pairs]
    if operator not in (OPERATORS["="], OPERATORS["<>"]):
        left, right = (Fraction(side) if isinstance(side, bool) else side for side in (left, right))
    return operator(left, right)
