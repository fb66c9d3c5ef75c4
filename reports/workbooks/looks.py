"""How cells of a workbook look: the Thai fonts of the paper, plain lines, grey heads that print well."""
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side

FONT = "TH Sarabun New"
SIZE = 14
_THIN = Side(style="thin", color="808080")
_LINES = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD, _GROUP = (PatternFill("solid", fgColor=colour) for colour in ("D9D9D9", "F2F2F2"))


def _look(
    name: str, *, bold: bool = False, size: int = SIZE, across: str = "left", fill: PatternFill | None = None,
    lines: bool = True, middle: bool = False,
) -> NamedStyle:
    style = NamedStyle(
        name=f"kpi {name}",
        font=Font(name=FONT, size=size, bold=bold),
        alignment=Alignment(horizontal=across, vertical="center" if middle else "top", wrap_text=True),
        border=_LINES if lines else Border(),
    )
    if fill:
        style.fill = fill
    return style


LOOKS = {
    "title": _look("title", bold=True, size=18, across="center", lines=False),
    "subtitle": _look("subtitle", across="center", lines=False),
    "note": _look("note", bold=True, lines=False),
    "plain": _look("plain", lines=False),
    "section": _look("section", bold=True, lines=False),
    "head": _look("head", bold=True, across="center", fill=_HEAD, middle=True),
    "cell": _look("cell"),
    "centre": _look("centre", across="center"),
    "number": _look("number", across="right"),
    "group": _look("group", bold=True, fill=_GROUP),
    "group number": _look("group number", bold=True, across="right", fill=_GROUP),
    "total": _look("total", bold=True, fill=_HEAD),
    "total number": _look("total number", bold=True, across="right", fill=_HEAD),
}


def register_looks(book: Workbook) -> None:
    """Let a new workbook know the looks, and write what has none in the same font."""
    book._named_styles["Normal"].font = Font(name=FONT, size=SIZE)
    for style in LOOKS.values():
        book.add_named_style(_copy(style))


def _copy(style: NamedStyle) -> NamedStyle:
    """A style belongs to one workbook."""
    return NamedStyle(
        name=style.name, font=style.font, alignment=style.alignment, border=style.border, fill=style.fill
    )
