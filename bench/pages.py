"""How long the pages take, in one run beside a plain signed-in Django page of 9 queries and 40 rows.

Bounds on the 95th percentiles: 'my indicators' and the summary at most 1.5 times the plain page, the entry page at
most 3 times; the same once all of EGA's results are certified, and again once their round is closed and sealed. The
pages take turns within each round, so that a drifting machine shifts all of them alike.
"""
import sys
import time

from _portal import percentile, settle, signed_in

settle(__name__)

from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.template import Context, engines  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.utils import timezone  # noqa: E402

from kpiportal.accounts.models import Membership, Unit, User  # noqa: E402
from kpiportal.audit.models import AuditEvent  # noqa: E402
from scoring.models import CriterionResult, Result  # noqa: E402
from scoring.services import certify, close_round  # noqa: E402

ROUNDS = 200

PLAIN_PAGE = """{% extends "base.html" %}{% block content %}<h1>{{ people }} {{ units }} {{ grants }}</h1>
<table><thead><tr><th>At</th><th>Who</th><th>What</th><th>Object</th><th>Kind</th><th>Id</th></tr></thead><tbody>
{% for row in rows %}<tr><td>{{ row.at|date:"Y-m-d H:i" }}</td><td>{{ row.actor_name }}</td><td>{{ row.action }}</td>
<td><a href="/{{ row.pk }}/">{{ row.target_name }}</a></td><td>{{ row.target_type }}</td>
<td>{{ row.target_id }}</td></tr>{% endfor %}
</tbody></table><ul>{% for unit in branch %}<li>{{ unit.name }}</li>{% endfor %}</ul>
{% for event in latest %}{{ event }}{% endfor %}{% for grant in mine %}{{ grant.role }}{% endfor %}{% endblock %}"""


def plain(request: HttpRequest) -> HttpResponse:
    """Session, user and seven queries of its own; forty rows in a table."""
    context = {
        "request": request,
        "user": request.user,
        "rows": list(AuditEvent.objects.order_by("-pk")[:40]),
        "latest": list(AuditEvent.objects.filter(action="result.saved").order_by("pk")[:5]),
        "branch": list(Unit.objects.filter(path__startswith="/rtp/")[:5]),
        "mine": list(Membership.objects.filter(user=request.user)),
        "people": User.objects.count(),
        "units": Unit.objects.count(),
        "grants": Membership.objects.count(),
    }
    template = engines["django"].engine.from_string(PLAIN_PAGE) if not TEMPLATE else TEMPLATE[0]
    TEMPLATE[:] = [template]
    return HttpResponse(template.render(Context(context)))


TEMPLATE: list = []
urlpatterns = [path("plain/", plain), path("", include("kpiportal.urls"))]


def prepare() -> tuple[Client, dict[str, str]]:
    """A signed-in collector of EGA (14 indicators) and the addresses to measure."""
    ega = Result.objects.filter(indicator__agreement__code="ega-2557").first()
    moi = Result.objects.get(indicator__agreement__code="moi-2559", round__months=12)
    return {"collector2": signed_in("collector2"), "collector": signed_in("collector")}, {
        "plain page": ("collector2", "/plain/", None),
        "my indicators": ("collector2", "/", 1.5),
        "summary": ("collector2", f"/agreements/{ega.indicator.agreement_id}/", 1.5),
        "entry page": ("collector", f"/results/{moi.pk}/", 3.0),
    }


def certify_all() -> None:
    """Every result of EGA, whatever it lacks."""
    office, now = User.objects.get(username="office"), timezone.now()
    found = Result.objects.filter(indicator__agreement__code="ega-2557")
    rows = CriterionResult.objects.filter(mark__result__in=found, score__isnull=True)
    rows.exclude(status="not_applicable").update(status="reported", score=1)
    decided = {"submitted_at": now, "submitted_by": office, "decided_at": now, "decided_by": office}
    for result in found:
        Result.objects.filter(pk=result.pk).update(state="approved", **decided)
        certify(result, by=office)


def close() -> None:
    """And their round."""
    result = Result.objects.filter(indicator__agreement__code="ega-2557").first()
    close_round(result.round, by=User.objects.get(username="office"))


def main() -> int:
    missed = False
    for state, change in (("as loaded", None), ("certified", certify_all), ("closed", close)):
        if change:
            change()
        print(f"— {state}")
        missed |= measured()
    return 1 if missed else 0


def measured() -> bool:
    """Print the times; gives whether one is beyond its bound."""
    clients, pages = prepare()
    times: dict[str, list[float]] = {name: [] for name in pages}
    for turn in range(ROUNDS + 10):
        for name, (user, address, _) in pages.items():
            started = time.perf_counter()
            response = clients[user].get(address)
            took = time.perf_counter() - started
            if response.status_code != 200:
                print(f"{name}: status {response.status_code}")
                return True
            if turn >= 10:
                times[name].append(took)
    base = percentile(times["plain page"], 0.95)
    missed = False
    print(f"{'page':<16}{'median ms':>10}{'p95 ms':>10}{'ratio':>8}{'bound':>8}")
    for name, (_, _, bound) in pages.items():
        p95 = percentile(times[name], 0.95)
        late = bound is not None and p95 > bound * base
        missed |= late
        print(
            f"{name:<16}{percentile(times[name], 0.5) * 1000:>10.1f}{p95 * 1000:>10.1f}{p95 / base:>8.2f}"
            f"{bound or '':>8}{'  MISSED' if late else ''}"
        )
    return missed


if __name__ == "__main__":
    sys.exit(main())
