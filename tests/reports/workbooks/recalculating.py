"""Workbooks recalculated by LibreOffice, from formulas alone."""

import re
import shutil
import subprocess
import zipfile
from decimal import Decimal
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

SOFFICE = shutil.which("soffice")
SECONDS = 300
_BESIDE = re.compile(r"(<f>[^<]*</f>)<v[^>]*>[^<]*</v>")


def without_values(source: Path, target: Path) -> None:
    """The same workbook without what its formulas are said to give."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/"):
                content = _BESIDE.sub(r"\1", content.decode()).replace(' t="str"><f>', "><f>").encode()
            new.writestr(name, content)


def recalculated(folder: Path, books: dict[str, bytes]) -> dict[str, Workbook]:
    """Workbooks by their names, as LibreOffice writes them after computing every formula."""
    bare, finished = folder / "bare", folder / "finished"
    bare.mkdir(), finished.mkdir()
    for name, content in books.items():
        given = folder / f"{name}.xlsx"
        given.write_bytes(content)
        without_values(given, bare / given.name)
    command = [SOFFICE, f"-env:UserInstallation=file://{folder / 'profile'}", "--headless", "--convert-to", "xlsx"]
    command += ["--outdir", str(finished), *map(str, sorted(bare.glob("*.xlsx")))]
    subprocess.run(command, check=True, timeout=SECONDS, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {name: load_workbook(finished / f"{name}.xlsx", data_only=True) for name in books}


def differences(ours: Workbook, theirs: Workbook) -> tuple[int, list[str]]:
    """How many numbers our workbook holds or says that its formulas give, and the cells that LibreOffice has otherwise
    to four places, or as another text."""
    count, found = 0, []
    for sheet in ours:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            other = theirs[sheet.title][cell.coordinate].value
            if isinstance(cell.value, str):
                same = other == cell.value
            else:
                count += 1
                same = not isinstance(other, str | None) and four(other) == four(cell.value)
            if not same:
                found.append(f"{sheet.title}!{cell.coordinate}: {cell.value!r} is {other!r} in LibreOffice")
    return count, found


def four(number: float) -> Decimal:
    return Decimal(repr(number)).quantize(Decimal("0.0001"))
