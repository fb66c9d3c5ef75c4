"""Recompute a printed summary table (.xlsx, .csv, text). Exit status: 0 right, 1 something wrong, 2 unreadable."""
import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import translation
from django.utils.translation import gettext as _

from reports.checking.report import Report, Unreadable, Wrong, check_file

RIGHT, WRONG, UNREADABLE = range(3)


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("file", help="an .xlsx workbook, a CSV file or a text; - for standard input")
        parser.add_argument("--json", action="store_true", help="the findings as JSON")
        parser.add_argument("--lang", choices=("th", "en"), default="th", help="language of the findings")

    def handle(self, *args, **options):
        with translation.override(options["lang"]):
            try:
                report = check_file(_content(options["file"]))
            except Unreadable as refusal:
                said, status = {"error": str(refusal.message)}, UNREADABLE
                lines = [said["error"]]
            else:
                said, lines, status = _said(report), _lines(report), _status(report)
        out = [json.dumps(said, ensure_ascii=False, indent=2)] if options["json"] else lines
        (self.stderr if "error" in said and not options["json"] else self.stdout).write("\n".join(out))
        if status:
            sys.exit(status)


def _content(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise Unreadable(_("The file %(name)s can't be opened: check the name.") % {"name": name}) from error


def _status(report: Report) -> int:
    if report.wrong:
        return WRONG
    return RIGHT if report.is_right else UNREADABLE


def _said(report: Report) -> dict:
    """The report as plain data; numbers are texts, as everywhere."""
    return {
        "wrong": [_wrong(report, each) for each in report.wrong],
        "unread": [problem.text for problem in report.problems],
        "notes": list(report.notes),
        "rows": report.rows,
        "cells": report.cells,
    }


def _wrong(report: Report, each: Wrong) -> dict:
    names = ("place", "row", "cell", "heading", "printed", "right", "working", "follows")
    line = report.grid.lines[each.line].number
    return {"line": line, "column": each.column + 1} | {name: getattr(each, name) for name in names}


def _lines(report: Report) -> list[str]:
    lines = []
    for each in report.wrong:
        values = {"printed": each.printed, "right": each.right}
        lines.append(f"✗ {each.row} · {each.heading} ({each.place})")
        lines.append("  " + _("prints %(printed)s, should be %(right)s") % values)
        lines += [f"  {step}" for step in each.working]
        if each.follows:
            lines.append("  " + _("This follows from other wrong numbers."))
    lines += [f"? {problem.text}" for problem in report.problems]
    if report.is_right:
        lines.append(_("✓ Nothing is wrong: %(cells)s cells were recomputed.") % {"cells": report.cells})
    elif not (report.wrong or report.problems):
        lines.append(_("? There is nothing to recompute: the table needs weights with scores or weighted scores."))
    return lines + list(report.notes)
