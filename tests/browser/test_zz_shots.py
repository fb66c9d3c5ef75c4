import io
from django.conf import settings
from tests import cast
from tests.browser.entry import open_entry, wait_until_saved
from tests.browser.checks import assert_accessible, assert_fits, assert_nothing_inline
from tests.evidence import files
from evidence.services import receive
from scoring.services import attach_file, attach_version, save_draft
from scoring.values import ResultEntry

def test_shots(signed_in, portal):
    r = cast.result("moi-2559"); by = cast.person("collector")
    c4 = list(r.indicator.criteria.order_by("order"))[3]
    sla, plan, sec = c4.items.all()
    e = attach_file(r, receive(io.BytesIO(files.pdf()), name="รายงาน SLA.pdf"), items=[sla], by=by)
    attach_version(r, e, receive(io.BytesIO(files.pdf()), name="รายงาน SLA ฉบับแก้.pdf"), by=by)
    attach_file(r, receive(io.BytesIO(files.png()), name="ภาพ.png"), items=[plan], by=by)
    page = signed_in("collector")
    for lang in ("th", "en"):
        page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": lang, "url": portal}])
        for w in (1366, 360):
            page.set_viewport_size({"width": w, "height": 900})
            keys = open_entry(page, r)
            page.wait_for_timeout(300)
            page.locator(f"#c{c4.pk} .attach summary").first.click()
            page.locator(f"#preview-i{sla.pk}-{e.versions.last().pk} summary").click()
            page.locator(f"#documents-{plan.pk} .preview summary").click()
            page.wait_for_timeout(1500)
            page.locator(f"#c{c4.pk}").screenshot(path=f"/tmp/evui/c4-{lang}-{w}.png")
            page.evaluate("document.querySelectorAll('#evidence > details, #evidence-list > li:first-child details, #evidence-list > li:last-child details').forEach(d => d.open = true)")
            page.locator("#evidence").screenshot(path=f"/tmp/evui/list-{lang}-{w}.png")
            assert_accessible(page)
            assert_fits(page, w)
            assert_nothing_inline(page)
