"""Safe formulas over base data (ข้อมูลพื้นฐาน), such as `A / B * 100`; exact, as quotients of two decimals.

Names, decimal numbers, + - * /, unary minus and brackets; nothing else is understood (golden/README.md).
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from scoring.engine.cleaning import one_spelling
from scoring.engine.fields import fail
from scoring.engine.text import CUT, EXACT, arabic_digits, number_text, parse_number, quoted

MAX_LENGTH, MAX_DEPTH = 500, 20
_LETTERS = "A-Za-z_\u0e01-\u0e3a\u0e40-\u0e4e"
_TOKEN = re.compile(
    rf"\s*(?:(?P<number>[0-9๐-๙]+(?:\.[0-9๐-๙]+)?)(?![{_LETTERS}0-9๐-๙.])"
    rf"|(?P<name>[{_LETTERS}][{_LETTERS}0-9๐-๙]*)|(?P<sign>[-+*/()]))")
_NAME = re.compile(rf"[{_LETTERS}][{_LETTERS}0-9๐-๙]*").fullmatch
_ONE = Decimal(1)

Quotient = tuple[Decimal, Decimal]


class Token(NamedTuple):
    """A piece of a formula: kind 'number', 'name' or 'sign', its text, and where it ends."""

    kind: str
    text: str
    start: int
    end: int


class Formula:
    """A formula that was read and found safe."""

    __slots__ = ("_program", "_tokens", "names", "text")

    def __init__(self, text: str, tokens: tuple[Token, ...], program: tuple[Token, ...]) -> None:
        self.text = text
        self.names: tuple[str, ...] = tuple(
            dict.fromkeys(token.text for token in tokens if token.kind == "name")
        )
        self._tokens = tokens
        self._program = program

    def quotient(self, values: Mapping[str, Decimal]) -> Quotient | None:
        """The exact result as (numerator, denominator > 0); None when something is divided by zero.

        EngineError when `values` lacks a name of the formula.
        """
        self._refuse_missing(values)
        stack: list[Quotient] = []
        for kind, text, _, _ in self._program:
            if kind == "name":
                stack.append((values[text], _ONE))
            elif kind == "number":
                stack.append((Decimal(text), _ONE))
            elif kind == "minus":
                numerator, denominator = stack[-1]
                stack[-1] = numerator.copy_negate(), denominator
            else:
                right, left = stack.pop(), stack.pop()
                result = _OPERATIONS[text](left, right)
                if result is None:
                    return None
                stack.append(result)
        return stack[0]

    def is_linear_in(self, name: str) -> bool:
        """Whether the result is a × name + b as long as the other values stay: `name` is never multiplied by itself
        and divides nothing. False where that can't be read off the formula."""
        stack: list[int] = []  # how often the name is multiplied with itself in each part; 2 stands for more too
        for kind, text, _, _ in self._program:
            if kind in ("name", "number"):
                stack.append(int(kind == "name" and text == name))
            elif kind != "minus":
                right, left = stack.pop(), stack.pop()
                if text == "/":
                    stack.append(2 if right else left)
                else:
                    stack.append(min(2, left + right) if text == "*" else max(left, right))
        return stack == [1]

    def with_numbers(self, values: Mapping[str, Decimal]) -> str:
        """The formula with the numbers put in: 'A / B * 100' becomes '42 / 50 * 100'."""
        self._refuse_missing(values)
        pieces, end = [], 0
        for kind, text, start, stop in self._tokens:
            if kind == "name":
                number = number_text(values[text])
                pieces += self.text[end:start], f"({number})" if number.startswith("-") else number
                end = stop
        return "".join(pieces) + self.text[end:]

    def _refuse_missing(self, values: Mapping[str, Decimal]) -> None:
        for name in self.names:
            if values.get(name) is None:
                fail(f"ไม่มีค่าของ {quoted(name)} ที่สูตรใช้ ให้กรอกข้อมูลพื้นฐานนี้",
                     f"the formula's name {quoted(name)} has no number: give this base datum", f"data.{name}")


def decimal_of(quotient: Quotient) -> Decimal:
    """The quotient as a decimal: exact where 60 digits hold it, else cut there and not rounded, so that rounding it to
    four places afterwards is still right."""
    numerator, denominator = quotient
    return EXACT.plus(numerator) if denominator == 1 else CUT.divide(numerator, denominator)


def _add(left: Quotient, right: Quotient) -> Quotient:
    (a, b), (c, d) = left, right
    if b == d:
        return EXACT.add(a, c), b
    return EXACT.fma(a, d, EXACT.multiply(c, b)), EXACT.multiply(b, d)


def _subtract(left: Quotient, right: Quotient) -> Quotient:
    return _add(left, (right[0].copy_negate(), right[1]))


def _multiply(left: Quotient, right: Quotient) -> Quotient:
    return EXACT.multiply(left[0], right[0]), EXACT.multiply(left[1], right[1])


def _divide(left: Quotient, right: Quotient) -> Quotient | None:
    (a, b), (c, d) = left, right
    if not c:
        return None
    if c < 0:
        c, d = c.copy_abs(), d.copy_negate()
    return EXACT.multiply(a, d), EXACT.multiply(b, c)


_OPERATIONS = {"+": _add, "-": _subtract, "*": _multiply, "/": _divide}


def parse_formula(text: str) -> Formula:
    """Read a formula; EngineError, with the place, for anything but names, numbers, + - * / and brackets."""
    text = (
        " ".join(one_spelling(text).split())
        if isinstance(text, str) and len(text) <= 2 * MAX_LENGTH
        else text
    )
    if not isinstance(text, str) or not text:
        fail(
            "สูตรต้องเป็นข้อความที่ไม่ว่าง เช่น A / B * 100",
            "the formula must be a text such as A / B * 100",
            "formula",
        )
    if len(text) > MAX_LENGTH:
        fail(
            f"สูตรยาวเกิน {MAX_LENGTH} ตัวอักษร ให้ย่อลง",
            f"the formula is longer than {MAX_LENGTH} characters: shorten it",
            "formula",
        )
    tokens = _tokens(text)
    parser = _Parser(text, tokens)
    formula = Formula(text, tokens, parser.program())
    if not formula.names:
        fail(f"สูตร {quoted(text)} ไม่มีชื่อข้อมูลพื้นฐาน ให้ใส่อย่างน้อยหนึ่งชื่อ",
             f"the formula {quoted(text)} names no base datum: use at least one name", "formula")
    return formula


def is_name(text: object) -> bool:
    """Whether `text` can name a base datum: Latin or Thai letters, digits and _, no digit first."""
    return isinstance(text, str) and _NAME(text) is not None


def _tokens(text: str) -> tuple[Token, ...]:
    tokens, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            _fail_at(text, at + (text[at] == " "))
        kind, at = match.lastgroup, match.end()
        piece = match.group(kind)
        if kind == "number":
            piece = str(parse_number(arabic_digits(piece), "formula"))
        tokens.append(Token(kind, piece, match.start(kind), at))
    return tuple(tokens)


def _fail_at(text: str, at: int) -> None:
    rest = text[at:at + 12]
    fail(
        f"สูตรผิดที่ตำแหน่ง {at + 1} ({quoted(rest)}) ให้ใช้เฉพาะชื่อ ตัวเลข + - * / เครื่องหมายลบ และวงเล็บ"
        if rest
        else "สูตรจบก่อนครบ ให้เติมชื่อ ตัวเลข หรือวงเล็บปิดที่ขาด",
        f"the formula is wrong at place {at + 1} ({quoted(rest)}):"
        " use only names, numbers, + - * /, minus and brackets"
        if rest
        else "the formula ends too early: add the missing name, number or closing bracket",
        "formula",
    )


class _Parser:
    """Recursive descent to a postfix program; depth is bounded."""

    def __init__(self, text: str, tokens: tuple[Token, ...]) -> None:
        self._text, self._tokens, self._at, self._depth = text, tokens, 0, 0
        self._program: list[Token] = []

    def program(self) -> tuple[Token, ...]:
        self._chain("+-", lambda: self._chain("*/", self._factor))
        if self._at < len(self._tokens):
            self._fail()
        return tuple(self._program)

    def _next_sign(self) -> str:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        return token.text if token and token.kind == "sign" else ""

    def _chain(self, signs: str, operand) -> None:
        """operand (sign operand)*, from left to right."""
        operand()
        while (sign := self._next_sign()) and sign in signs:
            token = self._tokens[self._at]
            self._at += 1
            operand()
            self._program.append(token)

    def _factor(self) -> None:
        if self._at >= len(self._tokens):
            self._fail()
        token = self._tokens[self._at]
        if token.kind == "sign" and token.text not in "-(":
            self._fail()
        self._at += 1
        if token.kind != "sign":
            self._program.append(token)
            return
        self._depth += 1
        if self._depth > MAX_DEPTH:
            fail(
                f"สูตรซ้อนวงเล็บหรือเครื่องหมายลบเกิน {MAX_DEPTH} ชั้น ให้ลดลง",
                f"the formula nests brackets or minus signs more than {MAX_DEPTH} deep: simplify it",
                "formula",
            )
        if token.text == "-":
            self._factor()
            self._program.append(token._replace(kind="minus"))
        else:
            self._chain("+-", lambda: self._chain("*/", self._factor))
            if self._next_sign() != ")":
                self._fail()
            self._at += 1
        self._depth -= 1

    def _fail(self) -> None:
        at = self._tokens[self._at].start if self._at < len(self._tokens) else len(self._text)
        _fail_at(self._text, at)


def sum_values(
    rows: Iterable[Mapping[str, Decimal | None]], names: Iterable[str]
) -> dict[str, Decimal | None]:
    """ΣA, ΣB … over the units' rows, exact; None for a name that no unit reported.

    The agency's figure is the formula over the sums, not the mean of the units' (domain.md, rubric 6).
    """
    totals: dict[str, Decimal | None] = dict.fromkeys(names)
    for row in rows:
        for name in totals:
            value = row.get(name)
            if value is not None:
                total = totals[name]
                totals[name] = value if total is None else EXACT.add(total, value)
    return totals
