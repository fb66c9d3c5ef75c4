"""How long a save takes as one types, with 40 criteria on the page, in one run beside a plain view that signs in,
saves one row and one audit row.

Bounds: at most 3 times the plain view (95th percentiles), at most 12 queries, as many with 4 criteria as with 40.
"""
import sys
import time

from _portal import percentile, settle, signed_in

settle(__name__)

from django.db import connection, transaction  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import include, path  # noqa: E402

from indicators.services import create_agreement, put_in_force  # noqa: E402
from kpiportal.audit.services import record  # noqa: E402
from scoring.models import CriterionResult, Result  # noqa: E402
from scoring.services import open_round  # noqa: E402

ROUNDS, MOST_QUERIES, LIMIT = 150, 12, 3.0
LEVELS = [{"score": str(n), "target": str(65 + 5 * n)} for n in range(1, 6)]
ITEMS = [{"key": key, "name": f"item {key}"} for key in "abc"]
KINDS = (
    {"rubric": {"kind": "thresholds", "levels": LEVELS}},
    {"rubric": {"kind": "count", "levels": [{"score": str(n), "items_needed": n} for n in (1, 2, 3)]}, "items": ITEMS},
    {
        "rubric": {
            "kind": "thresholds", "levels": LEVELS, "formula": "A / B * 100",
            "variables": [{"name": name, "label": name} for name in "AB"],
        }
    },
    {"rubric": {"kind": "level"}},
)


def plain_save(request: HttpRequest) -> HttpResponse:
    """Session, user, one row and its audit row."""
    with transaction.atomic():
        row = CriterionResult.objects.get(pk=request.POST["row"])
        before, row.text = row.text, request.POST["text"]
        row.save(update_fields=["text"])
        record("plain.saved", by=request.user, target=row, before={"text": before}, after={"text": row.text})
    return HttpResponse(f"<p>{row.text}</p>")


urlpatterns = [path("plain-save/", plain_save), path("", include("kpiportal.urls"))]


def report_with(criteria: int) -> Result:
    """The draft of an indicator with as many criteria, of four kinds in turn."""
    rows = [{"name": f"criterion {n}", "weight": "1", **KINDS[n % len(KINDS)]} for n in range(criteria)]
    indicator = {
        "key": "i1", "name": "indicator", "weight": str(criteria), "lead_unit": "moi", "criteria": rows,
        "supervisor": {"person": "supervisor"}, "collectors": [{"person": "collector"}],
    }
    head = {"code": f"bench-{criteria}", "unit": "moi", "year": 2569, "name": "bench", "excerpt": True}
    agreement = create_agreement({"agreement": head | {"rounds": [{"months": 12}]}, "indicators": [indicator]}, by=None)
    put_in_force(agreement, by=None)
    open_round(agreement.rounds.get(), by=None)
    return Result.objects.get(round__agreement=agreement)


class Typist:
    """A collector who types into one field after the other, as the page does by htmx."""

    def __init__(self, client: Client, report: Result) -> None:
        self.client, self.path, self.version = client, f"/results/{report.pk}/", report.version
        self.criteria = list(report.indicator.criteria.order_by("order")[:4])

    def type(self, turn: int) -> HttpResponse:
        """One save: a number, a tick, a base datum, a text in turn."""
        number, ticks, data, level = (f"c{criterion.pk}-" for criterion in self.criteria)
        typed = (
            {f"{number}value": str(70 + turn % 20)},
            {f"{ticks}done": ["a", "b"][: 1 + turn // 4 % 2]},
            {f"{data}data-A": str(turn), f"{data}data-B": "200"},
            {f"{level}text": f"done {turn}"},
        )[turn % 4]
        form = {"criterion": self.criteria[turn % 4].pk, "version": self.version, **typed}
        response = self.client.post(self.path, form, headers={"HX-Request": "true"})
        self.version += 1
        return response


def most_queries(typist: Typist) -> int:
    """The most queries that one of the four kinds of save takes, after the first of each."""
    counts = []
    for turn in range(12):
        with CaptureQueriesContext(connection) as captured:
            assert typist.type(turn).status_code == 200
        counts.append(len(captured))
    return max(counts[4:])


def main() -> int:
    client = signed_in("collector")
    few, many = (Typist(client, report_with(number)) for number in (4, 40))
    queries = {4: most_queries(few), 40: most_queries(many)}
    row = CriterionResult.objects.first().pk
    plain, typed = [], []
    for turn in range(ROUNDS + 10):
        started = time.perf_counter()
        assert client.post("/plain-save/", {"row": row, "text": f"done {turn}"}).status_code == 200
        middle = time.perf_counter()
        assert many.type(turn).status_code == 200
        if turn >= 10:
            plain.append(middle - started)
            typed.append(time.perf_counter() - middle)
    ratio = percentile(typed, 0.95) / percentile(plain, 0.95)
    late, asks = ratio > LIMIT, max(queries.values()) > MOST_QUERIES or queries[4] != queries[40]
    for name, times in (("plain save", plain), ("typing in one field", typed)):
        print(f"{name:<22}{percentile(times, 0.5) * 1000:>8.1f} ms median{percentile(times, 0.95) * 1000:>8.1f} ms p95")
    print(f"ratio of p95 {ratio:.2f} (bound {LIMIT}){'  MISSED' if late else ''}")
    print(f"queries {queries[4]} with 4 criteria, {queries[40]} with 40 (bound {MOST_QUERIES})"
          f"{'  MISSED' if asks else ''}")
    return 1 if late or asks else 0


if __name__ == "__main__":
    sys.exit(main())
