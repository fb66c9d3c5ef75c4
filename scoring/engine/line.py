"""One JSON line in, one answer out: the form of golden/README.md."""

import json
import marshal
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NoReturn

from scoring.engine.explain import average_working, working
from scoring.engine.fields import as_list, as_mapping, as_number, fail, only_keys, required
from scoring.engine.formula import Part, weighted_average
from scoring.engine.rubric import Rubric, parse_result, parse_rubric, score
from scoring.engine.text import EngineError, Message, parse_number, plain, quoted, score_text

_KEYS = dict.fromkeys(("id", "source", "expect", "rubric", "result", "parts"))
# Rubrics repeat from line to line. The key holds every value with its type, so equal keys mean equal rubrics.
_MOST_RUBRICS, _LONGEST_KEY = 500, 8000
_JSON_SPACE = " \t\r\n"
_rubrics: dict[bytes, tuple[Rubric, int]] = {}
_new_part, _NOTHING = tuple.__new__, Decimal(0)  # Part(…) without the call
# Weights repeat too. What can't be read raises, and isn't remembered, so the texts are short.
_weight = lru_cache(maxsize=2000)(parse_number)
_NO_AVERAGE = Message(
    "ไม่มีส่วนใดที่นำมาประเมิน จึงไม่มีคะแนน", "No part is applicable, so there is no score")


def answer(line: bytes, number: int, lang: str) -> dict:
    """The answer to the line `number`: score, working, reason; or id and error. Bad input never raises."""
    case, text = None, ""
    try:
        text = line.decode().strip(_JSON_SPACE)
        case, end = _decoder.raw_decode(text)
        if end != len(text):
            raise json.JSONDecodeError("extra data", text, end)
        if not isinstance(case, dict):
            _fail_line(number, "ต้องเป็นออบเจ็กต์ JSON หนึ่งรายการ", "must be one JSON object")
        return _answer_case(case, text, 1 if lang == "en" else 0)
    except EngineError as error:
        message = _twice_message(text) or error.message
    except UnicodeDecodeError:
        message = _line_message(number, "ไม่ใช่ UTF-8 ให้บันทึกเป็น UTF-8", "is not UTF-8: save it as UTF-8")
    except json.JSONDecodeError as error:
        message = _line_message(number, f"ไม่ใช่ JSON ที่ถูกต้อง ให้แก้ที่ตัวอักษรที่ {error.pos + 1}",
                                f"is not valid JSON: mend it at character {error.pos + 1}")
    except ValueError:  # the one other refusal of the json module: a whole number of thousands of digits
        message = _line_message(number, "มีตัวเลขที่ยาวเกินไป ให้ใช้ไม่เกิน 15 หลัก",
                                "has a number that is too long: use at most 15 digits")
    except RecursionError:
        message = _line_message(number, "ซ้อนวงเล็บลึกเกินไป ให้ลดชั้นลง", "nests brackets too deep: flatten it")
    return {"id": _id_of(case, line), "error": message.text(lang)}


def _answer_case(case: dict, text: str, lang: int) -> dict:
    for key in case:
        if key not in _KEYS:
            only_keys(case, _KEYS, "line")
    if "parts" in case:
        if "rubric" in case or "result" in case:
            fail(
                "ให้ระบุ parts หรือ rubric กับ result อย่างใดอย่างหนึ่ง",
                "give parts, or rubric and result, not both",
                "parts",
            )
        return _answer_parts(case, text, lang)
    if "rubric" not in case:
        fail(
            "ไม่มี rubric หรือ parts ให้ระบุอย่างใดอย่างหนึ่ง",
            "there is no rubric and no parts: give one of them",
            "rubric",
        )
    rubric, keys = _rubric(case["rubric"])
    _refuse_twice(case, keys, text)
    result = parse_result(case.get("result"), rubric)
    scored = score(rubric, result)
    steps = [message[lang] for message in working(rubric, result, scored)]
    out = {"id": case.get("id"), "score": None if scored.value is None else score_text(scored.value)}
    if scored.reason is not None:
        out["reason"] = scored.reason[lang]
    out["working"] = steps
    return out


def _rubric(data: object) -> tuple[Rubric, int]:
    """The rubric and how many keys its JSON has, remembered from line to line."""
    try:
        key = marshal.dumps(data, 2)
    except ValueError:  # a Decimal, or nested too deep: read it without remembering
        return parse_rubric(data), _number_of_keys(data)
    found = _rubrics.get(key)
    if found is None:
        found = parse_rubric(data), _number_of_keys(data)
        if len(_rubrics) >= _MOST_RUBRICS:
            _rubrics.clear()
        if len(key) <= _LONGEST_KEY:
            _rubrics[key] = found
    return found


def _number_of_keys(data: object) -> int:
    if isinstance(data, dict):
        return len(data) + sum(map(_number_of_keys, data.values()))
    return sum(map(_number_of_keys, data)) if isinstance(data, list) else 0


def _refuse_twice(case: dict, inner_keys: int, text: str) -> None:
    """Refuse a key that stands twice, of which the json module silently keeps the last.

    Each key has its colon, so a line with no more colons than keys kept has lost none. Where there are more
    (in some text, or of a key lost) the strict decoder decides. `inner_keys`: those of rubric or parts.
    """
    keys = len(case) + inner_keys
    for name in ("result", "expect"):
        value = case.get(name)
        if type(value) is dict:
            keys += len(value)
    source = case.get("source")
    if type(source) is str and "\\" not in text:
        keys += source.count(":")
    if text.count(":") != keys:
        _strict_decoder.decode(text)


def _answer_parts(case: dict, text: str, lang: int) -> dict:
    rows = as_list(case["parts"], "parts")
    parts = _usual_parts(rows) or [_odd_part(row, f"parts[{number}]") for number, row in enumerate(rows, 1)]
    _refuse_twice(case, sum(map(len, rows)), text)
    average = weighted_average(parts)
    out = {"id": case.get("id"), "score": None if average.score is None else score_text(average.score)}
    if average.score is None:
        out["reason"] = _NO_AVERAGE[lang]
    out["sum_weights"] = plain(average.sum_weights)
    out["sum_weighted"] = score_text(average.sum_weighted)
    out["weighted"] = _column(average.weighted)
    out["share"] = _column(average.share)
    out["working"] = [message[lang] for message in average_working(parts, average)]
    return out


def _column(rounded: tuple[Decimal | None, ...]) -> list[str | None]:
    """Numbers of four places as text; a rounded -0.0000 without its sign."""
    return [None if number is None else str(number) if number else "0.0000" for number in rounded]


def _usual_parts(rows: list) -> list[Part] | None:
    """Parts of two texts each; None if one needs the longer way, which also says what is wrong."""
    try:
        parts = [
            _new_part(Part, (_weight(row["weight"]), parse_number(row["score"]), True, _NOTHING)) for row in rows]
        return parts if sum(map(len, rows)) == 2 * len(rows) else None
    except (EngineError, AttributeError, KeyError, TypeError):
        return None


def _odd_part(row: object, path: str) -> Part:
    row = as_mapping(row, path)
    only_keys(row, ("weight", "score"), path)
    weight = as_number(required(row, "weight", path), f"{path}.weight")
    if "score" not in row:
        fail(f"'{path}' ไม่มี 'score' ให้ระบุ หรือใส่ null ถ้าไม่นำมาประเมิน",
             f"'{path}' lacks 'score': give it, or null where it is not applicable", f"{path}.score")
    if row["score"] is None:
        return Part(weight, None, applicable=False)
    return Part(weight, as_number(row["score"], f"{path}.score"))


def _pairs(pairs: list[tuple[str, object]]) -> dict:
    """A JSON object without a key twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        times = Counter(key for key, _ in pairs)
        twice = next(key for key, number in times.items() if number > 1)
        fail(f"คีย์ {quoted(twice)} ซ้ำ ให้ระบุครั้งเดียว", f"the key {quoted(twice)} stands twice: give it once")
    return found


def _decimal(literal: str) -> Decimal:
    try:
        return Decimal(literal)
    except InvalidOperation:
        fail(f"ตัวเลข {quoted(literal)} ใหญ่เกินไป", f"the number {quoted(literal)} is too large: mend it")


def _constant(literal: str) -> NoReturn:
    fail(
        f"{literal} ไม่ใช่ตัวเลขที่ใช้ได้ ให้กรอกเลขฐานสิบ",
        f"{literal} is no number that can be used: enter a decimal number",
    )


_decoder = json.JSONDecoder(parse_float=_decimal, parse_constant=_constant)
_strict_decoder = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=_decimal, parse_constant=_constant)


def _twice_message(text: str) -> Message | None:
    """The sentence about a key that stands twice, which comes before any other about the line."""
    try:
        _strict_decoder.decode(text)
    except EngineError as error:
        return error.message
    except (ValueError, RecursionError):  # the line's own error says it
        return None
    return None


def _line_message(number: int, th: str, en: str) -> Message:
    return Message(f"บรรทัดที่ {number} {th}", f"line {number} {en}")


def _fail_line(number: int, th: str, en: str) -> NoReturn:
    raise EngineError(_line_message(number, th, en))


def _id_of(case: object, line: bytes) -> object:
    """The line's id, read leniently where the line itself could not be taken; None where there is none."""
    if not isinstance(case, Mapping):
        try:
            case = json.loads(line, parse_int=lambda digits: int(digits) if len(digits) < 400 else None)
        except (ValueError, RecursionError):
            return None
    return case.get("id") if isinstance(case, Mapping) else None


def too_long(number: int, limit: int, lang: str) -> dict:
    """The answer to a line of more than `limit` bytes, of which the rest was skipped."""
    message = _line_message(
        number, f"ยาวเกิน {limit} ไบต์ ให้แบ่งเป็นหลายบรรทัด", f"is longer than {limit} bytes: split it"
    )
    return {"id": None, "error": message.text(lang)}
