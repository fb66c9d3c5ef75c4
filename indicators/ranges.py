"""Units as a document writes them short: 'บก.ตม.1 – 6', 'บก.ตม.1 ,3-6', 'ทุกหน่วยในสังกัด สตม. ยกเว้น บก.ตม.2'."""
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from kpiportal.accounts.models import Unit
from scoring.engine.text import Message, arabic_digits, clean_text, quoted

MOST_IN_A_RANGE = 200
Shape = tuple[str, str] | None
MOST_NAMED = 3  # more that a range lacks are counted, not listed
_DASHES = re.compile(r"\s*(?:[-‐‑‒–—―−~]|ถึง|\bto\b)\s*")
_EXCEPT = re.compile(r"ยกเว้น|เว้นแต่|\bexcept\b", re.IGNORECASE)
_ALL = re.compile(r"(?:ทุกหน่วยงาน|ทุกหน่วย|all units)(?:ในสังกัด| below| of)?\s*", re.IGNORECASE)
# Full names hold และ without a space before it.
_BETWEEN = re.compile(r"[,;\n()]|(?<=[\s\d])และ|\band\b")
_NUMBERED = re.compile(r"(?P<head>.*?)(?P<first>\d{1,4})(?:-(?P<again>\D*?)(?P<last>\d{1,4}))?(?P<tail>\D*)")


@dataclass
class Written:
    """What a text about units means: the units in its order, those that it names twice, and what to mend in it."""

    units: list[Unit] = field(default_factory=list)
    twice: list[Unit] = field(default_factory=list)
    problems: list[Message] = field(default_factory=list)

    def take(self, units: Iterable[Unit]) -> None:
        """Add units, each once."""
        for unit in units:
            (self.twice if unit in self.units else self.units).append(unit)


def read_units(text: str, known: Iterable[Unit], home: Unit) -> Written:
    """Read a text about units of `known`; 'all units' without a name are those directly below `home`.

    A line break separates units, or continues a name that isn't known alone ('กก.3' above 'บก.สส.สตม.'). What
    follows ยกเว้น on its line is left out of everything named."""
    return _read(text, _Reader(list(known), home))


def _read(text: str, reader: "_Reader") -> Written:
    named, left_out, said = Written(), Written(), ""
    for line in arabic_digits(clean_text(text)).split("\n"):
        wanted, *excepted = _EXCEPT.split(line)
        said += f"\n{wanted}"
        if excepted:
            shape, said = reader.read(said, named), ""
            reader.read("\n".join(excepted), left_out, shape)
    reader.read(said, named)
    for unit in left_out.units:
        if unit not in named.units:
            left_out.problems.append(_not_among(unit))
    kept = [unit for unit in named.units if unit not in left_out.units]
    if not kept and not (named.problems or left_out.problems):
        named.problems.append(_NOBODY)
    return Written(kept, named.twice, named.problems + left_out.problems)


_NOBODY = Message(
    "ข้อความนี้ไม่ได้ระบุหน่วยใด: เขียนชื่อย่อของหน่วย เช่น บก.ตม.1 – 6",
    "This names no unit: write the short names of units, such as บก.ตม.1 – 6.",
)


def _not_among(unit: Unit) -> Message:
    return Message(
        f"ยกเว้น {unit} ไว้ แต่ไม่ได้ระบุหน่วยนี้: ตัดออกจากข้อยกเว้น หรือเพิ่มในรายชื่อหน่วย",
        f"{unit} is excepted but not named: take it out of the exceptions, or name it.",
    )


def _unknown(piece: str) -> Message:
    return Message(
        f"ไม่พบหน่วย {quoted(piece)}: เขียนชื่อย่อ ชื่อเต็ม หรือรหัสของหน่วยในสังกัด",
        f"There is no unit {quoted(piece)}: write the short name, the full name or the code of a unit of the agency.",
    )


def _gaps(written: str, missing: list[str]) -> Message:
    return Message(
        f"ไม่พบ {len(missing)} หน่วยในช่วง {quoted(written)} เริ่มที่ {quoted(missing[0])}: เขียนเฉพาะหน่วยในสังกัด",
        f"{len(missing)} units of the range {quoted(written)} do not exist, the first {quoted(missing[0])}:"
        " write only units of the agency.",
    )


def _bare(text: str) -> str:
    """A name for comparing: no spaces, no difference of letters' size."""
    return re.sub(r"\s+", "", text).casefold()


class _Reader:
    """The names of the units, and how pieces of a text are found among them."""

    def __init__(self, known: list[Unit], home: Unit) -> None:
        self.known, self.home = known, home
        self.by_name: dict[str, set[Unit]] = {}
        for unit in known:
            for name in {_bare(arabic_digits(name)) for name in (unit.short_name, unit.name, unit.code) if name}:
                self.by_name.setdefault(name, set()).add(unit)

    def read(self, text: str, into: Written, shape: Shape = None) -> Shape:
        """Read a text without exceptions. `shape`: what stood before and after the last number before it; gives that
        of its own last one."""
        pieces = [piece.strip() for piece in _BETWEEN.split(_DASHES.sub("-", text)) if piece.strip()]
        while pieces:
            piece = pieces.pop(0)
            if match := _ALL.match(piece):
                self._all(piece[match.end():], pieces, into)
            elif units := self._named(piece, into):
                into.take(units)
                shape = _shape(piece)
            elif pieces and self._named(f"{piece}{pieces[0]}", into):
                into.take(self._named(f"{piece}{pieces.pop(0)}", into))
            elif words := self._words(piece):
                into.take(words)
            elif (numbers := _NUMBERED.fullmatch(piece)) and (numbers["head"].strip() or shape):
                shape = (numbers["head"], numbers["tail"]) if numbers["head"].strip() else shape
                self._numbered(numbers, shape, into)
            else:
                into.problems.append(_unknown(piece))
        return shape

    def _named(self, piece: str, into: Written) -> list[Unit]:
        found = sorted(self.by_name.get(_bare(piece), ()), key=lambda unit: unit.path)
        if len(found) > 1:
            message = Message(
                f"{quoted(piece)} มีมากกว่าหนึ่งหน่วย: เขียนชื่อเต็มหรือรหัสของหน่วย",
                f"{quoted(piece)} is more than one unit: write its full name or its code.",
            )
            if message not in into.problems:
                into.problems.append(message)
        return found[:1]

    def _all(self, name: str, pieces: list[str], into: Written) -> None:
        above = self._named(name, into) if name.strip() else [self.home]
        if not name.strip() and pieces and (found := self._named(pieces[0], into)):
            above = found
            pieces.pop(0)
        if not above:
            into.problems.append(_unknown(name))
            return
        below = [unit for unit in self.known if unit.parent_id == above[0].pk]
        if not below:
            into.problems.append(Message(
                f"{above[0]} ไม่มีหน่วยในสังกัด: ระบุชื่อหน่วยแทน",
                f"{above[0]} has no units below it: name units instead.",
            ))
        into.take(below)

    def _numbered(self, numbers: re.Match, shape: tuple[str, str], into: Written) -> None:
        first, last = int(numbers["first"]), int(numbers["last"] or numbers["first"])
        again = numbers["again"]
        if again and _bare(again) != _bare(shape[0]):
            into.problems.append(_unknown(numbers[0]))
        elif not first <= last < first + MOST_IN_A_RANGE:
            into.problems.append(Message(
                f"ช่วง {quoted(numbers[0])} ใช้ไม่ได้: เขียนจากเลขน้อยไปเลขมาก ไม่เกิน {MOST_IN_A_RANGE} หน่วย",
                f"The range {quoted(numbers[0])} can't be read: write it from low to high, {MOST_IN_A_RANGE} at most.",
            ))
        else:
            missing = []
            for name in (f"{shape[0]}{number}{shape[1]}" for number in range(first, last + 1)):
                units = self._named(name, into)
                into.take(units)
                missing += [] if units else [name]
            into.problems += map(_unknown, missing) if len(missing) <= MOST_NAMED else [_gaps(numbers[0], missing)]

    def _words(self, piece: str) -> list[Unit]:
        """The units of names that only spaces separate; none unless all of them are known."""
        found = [self.by_name.get(_bare(word), set()) for word in piece.split()]
        return [unit for units in found for unit in units] if all(len(units) == 1 for units in found) else []


def _shape(piece: str) -> Shape:
    match = _NUMBERED.fullmatch(piece)
    return (match["head"], match["tail"]) if match and not match["last"] else None


class Folding:
    """Units written as short as documents write them, so that read_units finds the same units again."""

    def __init__(self, known: Iterable[Unit], home: Unit) -> None:
        self.reader = _Reader(list(known), home)

    def means(self, text: str, units: Iterable[Unit]) -> bool:
        """Whether a text is read as these very units, whatever their order."""
        found = _read(text, self.reader)
        return not found.problems and set(found.units) == set(units)

    def fold(self, units: Collection[Unit]) -> str:
        """All units below `home` in one phrase, numbered ones as ranges ('บก.ตม.1, 3 – 6'), each other on its line; ''
        for none. Whatever would be read otherwise is named in full."""
        home = self.reader.home
        below = [unit for unit in self.reader.known if unit.parent_id == home.pk]
        rest = list(dict.fromkeys(units))
        said = []
        if len(below) > 1 and set(below) <= set(rest):
            said.append(f"ทุกหน่วยในสังกัด {self._name(home)}")
            rest = [unit for unit in rest if unit not in below]
        names = {unit: self._name(unit) for unit in rest}
        short = "\n".join([*said, *_folded(names.values())])
        return short if not rest or self.means(short, units) else "\n".join([*said, *names.values()])

    def _name(self, unit: Unit) -> str:
        """The shortest of a unit's names that no other has and that is read as one."""
        names = [name for name in (unit.short_name, unit.name, unit.code) if name]
        return next((name for name in names if self.means(name, [unit])), names[0])


def _folded(names: Iterable[str]) -> list[str]:
    """Names with what numbers only tell apart in one line, in the order in which each first stands."""
    lines: dict[tuple[str, str], list[int] | None] = {}
    for name in names:
        numbers = _NUMBERED.fullmatch(arabic_digits(name))
        plainly = numbers and not numbers["last"] and numbers["head"].strip() and numbers["first"][0] != "0"
        if plainly:
            lines.setdefault((numbers["head"], numbers["tail"]), []).append(int(numbers["first"]))
        else:
            lines[name, ""] = None
    return [head if numbers is None else _ranges(head, tail, numbers) for (head, tail), numbers in lines.items()]


def _ranges(head: str, tail: str, numbers: list[int]) -> str:
    """'บก.ตม.1, 3 – 6'; with words behind the number each range has them ('ฝอ.3 – 4 บก.อก.')."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1 and len(runs[-1]) < MOST_IN_A_RANGE:
            runs[-1].append(number)
        else:
            runs.append([number])
    said = [str(run[0]) if len(run) == 1 else f"{run[0]} – {run[-1]}" for run in runs]
    return ", ".join(f"{head}{one}{tail}" for one in said) if tail else head + ", ".join(said)
