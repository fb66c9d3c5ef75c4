"""How long the second download of an issued card takes, in one run beside a plain FileResponse of the same bytes.

'plain' stands behind the same sign-in and the same right: it finds the report as card.pdf does, and nothing else.
'sign-in only' asks for no right. Bound: the issued card takes at most 1.3 times as long as 'plain'. They take turns, so
that a drifting machine shifts all alike; nothing may be rendered.
"""
import sys
import time

from _portal import percentile, settle, signed_in

settle(__name__)

from django.http import FileResponse, HttpRequest  # noqa: E402
from django.shortcuts import get_object_or_404  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.utils import timezone  # noqa: E402

from kpiportal.accounts.models import User  # noqa: E402
from reports.issuing import rendering  # noqa: E402
from reports.issuing.services import issue, storage  # noqa: E402
from reports.models import IssuedCard  # noqa: E402
from scoring.models import Result  # noqa: E402
from scoring.services import certify  # noqa: E402

ROUNDS = 300
BOUND = 1.3
BASE = "plain"


def found(request: HttpRequest, pk: int) -> Result:
    """The report, by the same query as card.pdf's."""
    related = ("indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit")
    return get_object_or_404(Result.objects.visible_to(request.user).select_related(*related), pk=pk)


def plain(request: HttpRequest, pk: int) -> FileResponse:
    """The file, for whoever may see the report."""
    found(request, pk)
    return FileResponse(open(FILE[0], "rb"), content_type="application/pdf")


def bare(request: HttpRequest, pk: int) -> FileResponse:
    """The file, for whoever is signed in."""
    assert request.user.is_authenticated
    return FileResponse(open(FILE[0], "rb"), content_type="application/pdf")


FILE: list[str] = []
urlpatterns = [
    path("plain/<int:pk>/", plain), path("bare/<int:pk>/", bare), path("", include("kpiportal.urls")),
]


def certified() -> Result:
    """Seed 002's report, certified, with its card issued."""
    office, now = User.objects.get(username="office"), timezone.now()
    report = Result.objects.get(indicator__agreement__code="moi-2559", round__months=12)
    decided = {"submitted_at": now, "submitted_by": office, "decided_at": now, "decided_by": office}
    Result.objects.filter(pk=report.pk).update(state="approved", **decided)
    report = certify(report, by=office)
    card: IssuedCard = issue(report.snapshots.get(), by=office, portal="https://kpi.example.go.th")
    FILE[:] = [str(storage().root / card.key[:2] / card.key)]
    return report


def refuse(*args, **kwargs):
    """In place of the renderer."""
    raise AssertionError("a second download was rendered")


def one(client: Client, address: str) -> tuple[float, bytes]:
    """The seconds until the last byte, and the bytes."""
    started = time.perf_counter()
    response = client.get(address)
    body = response.getvalue()
    took = time.perf_counter() - started
    assert response.status_code == 200, f"{address}: {response.status_code}"
    return took, body


def main() -> int:
    report = certified()
    rendering.print_pdf = refuse
    client = signed_in("auditor")
    addresses = {
        "sign-in only": f"/bare/{report.pk}/",
        BASE: f"/plain/{report.pk}/",
        "issued card": f"/results/{report.pk}/card.pdf",
    }
    times: dict[str, list[float]] = {name: [] for name in addresses}
    bodies = set()
    for turn in range(ROUNDS + 10):
        for name, address in addresses.items():
            took, body = one(client, address)
            bodies.add(body)
            if turn >= 10:
                times[name].append(took)
    assert len(bodies) == 1, "the three are not the same file"
    base = percentile(times[BASE], 0.5)
    print(f"{'file of ' + str(len(body)) + ' bytes':<24}{'median ms':>10}{'p95 ms':>10}{'ratio':>8}{'bound':>8}")
    for name, found_times in times.items():
        median, p95 = (percentile(found_times, share) * 1000 for share in (0.5, 0.95))
        bound = BOUND if name == "issued card" else ""
        print(f"{name:<24}{median:>10.2f}{p95:>10.2f}{median / base / 1000:>8.2f}{bound:>8}")
    return int(percentile(times["issued card"], 0.5) > BOUND * base)


if __name__ == "__main__":
    sys.exit(main())
