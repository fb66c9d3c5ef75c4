"""Who is late: the board of units and indicators."""
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kpiportal.accounts.queries import roles_of
from kpiportal.accounts.roles import VIEW_RESULTS, roles_with
from scoring.board_pages import Filter, board_cells, tables, units_of
from scoring.models import Result
from scoring.queries.board import load_board
from scoring.queries.reminders import undeliverable

STATES = ("late", *Result.State.values)
MONTHS = (6, 9, 12)


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Where every report stands that the reader may see: how late, what is missing, whose turn it is."""
    if not roles_of(request.user) & set(roles_with(VIEW_RESULTS)):
        raise Http404("reads no results")
    agreement, months, unit = (_number(request, name) for name in ("agreement", "round", "unit"))
    state = request.GET.get("state", "")
    loaded = load_board(request.user, agreement, months)
    if agreement is not None and agreement not in {round_.agreement for round_ in loaded.rounds}:
        raise Http404("no such agreement")
    if months not in (None, *MONTHS) or state not in ("", *STATES):
        raise Http404("no such round or state")
    cells = board_cells(loaded)
    everything = [cell for of_round in cells.values() for cell in of_round]
    context = {
        "tables": tables(loaded, cells, Filter(state, unit)), "chosen": loaded.chosen, "any": everything,
        "agreements": {round_.agreement: round_ for round_ in loaded.rounds}.values(), "units": units_of(everything),
        "states": STATES, "months": sorted({round_.months for round_ in loaded.rounds}),
        "agreement": agreement, "round": months, "unit": unit, "state": state,
        "undeliverable": undeliverable(request.user),
    }
    return render(request, "scoring/board.html", context)


def _number(request: HttpRequest, name: str) -> int | None:
    typed = request.GET.get(name, "")
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Http404("no number")
    return int(typed) if typed else None
