"""The entry page through Django's client: what is typed, what comes back, and what a POST can never reach."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.models import Criterion
from kpiportal.audit.models import AuditEvent
from scoring.models import CriterionResult, ItemResult, Result
from tests.cast import assign, browser_of, person
from tests.definitions import every_kind, sheets
from tests.refused import assert_only_refused, last_entry
from tests.scoring.test_decisions import TYPED
from tests.scoring.test_entry import rows_of, save

HTMX = {"HX-Request": "true"}
BAD_NUMBER = {
    "th": "&#x27;ก&#x27; ไม่ใช่ตัวเลข ให้กรอกเลขฐานสิบ เช่น 84.40",
    "en": "&#x27;ก&#x27; is not a number: enter a decimal number such as 84.40",
}


@pytest.fixture
def report(seeds, db) -> Result:
    """An empty report with one criterion of every kind."""
    return every_kind()


@pytest.fixture
def post(report, collector):
    """Post the fields of criteria, given as name__field, as the collector's browser does."""
    browser = browser_of(collector)
    pks = dict(Criterion.objects.filter(indicator=report.indicator).values_list("name", "pk"))

    def _post(htmx: bool = False, language: str = "th", origin=None, **fields):
        browser.cookies["django_language"] = language
        data = {"criterion": sorted({pks[name.split("__")[0]] for name in fields})}
        data |= (origin or {}) | {
            f"c{pks[name.split('__')[0]]}-{name.split('__')[1].replace('DATA', 'data-')}": v
            for name, v in fields.items()
        }
        return browser.post(reverse("result", args=[report.pk]), data, headers=HTMX if htmx else {})

    return _post


def row(report: Result, name: str) -> CriterionResult:
    return sheets(report)[name].row


@pytest.mark.parametrize("language", ["th", "en"])
def test_no_two_fields_of_a_criterion_have_the_same_label(report, collector, language):
    browser = browser_of(collector)
    browser.cookies["django_language"] = language
    page = browser.get(reverse("result", args=[report.pk])).content.decode()
    labels = re.findall(r'<label for="(c\d+)-[^"]*">(.+?)</label>', page)
    assert {"Result (number)", "ผลการดำเนินงาน (ตัวเลข)"} & {label for _, label in labels}
    assert len(labels) == len(set(labels))


class TestTyping:
    @pytest.mark.parametrize(
        ("fields", "name", "score"),
        [
            ({"thresholds__value": "84.40"}, "thresholds", "3.8800"),
            ({"thresholds__value": " ๘๔.๔๐ "}, "thresholds", "3.8800"),
            ({"level__value": "๔.๘"}, "level", "4.8000"),
            ({"number__count": "๑๐"}, "number", "5.0000"),
            ({"formula__DATAA": "๒๑๑", "formula__DATAB": "๒๕๐"}, "formula", "3.8800"),
            ({"formula__DATAA": "2,110", "formula__DATAB": "2,500"}, "formula", "3.8800"),
            ({"milestones__done": ["a", "b"]}, "milestones", "3.0000"),
            (
                {"complete_count__done": ["a", "b"], "complete_count__complete": ["a"]},
                "complete_count",
                "3.0000",
            ),
            ({"count__nothing": "on"}, "count", "1.0000"),
            ({"level__not_reported": "on", "level__reason": "none"}, "level", "1.0000"),
        ],
    )
    def test_is_saved_with_its_score(self, report, post, fields, name, score):
        assert post(**fields).status_code == 302
        assert str(row(report, name).score) == score

    def test_thai_digits_are_kept_as_the_number_they_are(self, report, post):
        post(thresholds__value="๘๔.๔๐")
        assert str(row(report, "thresholds").value) == "84.40"

    def test_an_htmx_save_gives_the_new_scores_without_the_page(self, report, post):
        page = post(htmx=True, thresholds__value="84.40").content.decode()
        assert "<html" not in page
        assert "3.8800" in page and 'id="panel"' in page
        other = row(report, "level").criterion_id
        assert f'id="c{other}-score"' not in page

    def test_a_page_without_javascript_leads_back_to_itself(self, report, post):
        response = post(thresholds__value="84.40")
        assert (response.status_code, response.url) == (302, reverse("result", args=[report.pk]))

    def test_texts_are_saved_by_name(self, report, collector):
        texts = {
            name: f"text of {name}" for name in ("measures", "supporting_factors", "obstacles", "suggestions")
        }
        browser_of(collector).post(reverse("result", args=[report.pk]), texts)
        assert Result.objects.filter(pk=report.pk).values(*texts).get() == texts

    def test_the_page_shows_what_was_saved(self, report, post, collector):
        post(thresholds__value="84.40", thresholds__text="survey of May", milestones__done=["a"])
        page = browser_of(collector).get(reverse("result", args=[report.pk])).content.decode()
        assert 'value="84.40"' in page and "survey of May" in page and "3.8800" in page
        assert page.count(" checked") == 1


class TestBadNumbers:
    @pytest.mark.parametrize("language", ["th", "en"])
    @pytest.mark.parametrize("htmx", [False, True])
    @pytest.mark.parametrize(
        "field", ["thresholds__value", "level__value", "number__count", "formula__DATAA"]
    )
    def test_give_the_sentence_at_the_field_and_422(self, report, post, language, htmx, field):
        response = post(htmx=htmx, language=language, **{field: "ก"})
        criterion, part = field.split("__")
        name = f"c{row(report, criterion).criterion_id}-{part.replace('DATA', 'data-')}"
        page = response.content.decode()
        assert response.status_code == 422
        assert BAD_NUMBER[language] in page
        assert f'id="{name}-error"' in page

    def test_keep_what_was_typed_on_the_page_and_save_the_rest(self, report, post):
        page = post(thresholds__value="84,4", thresholds__text="survey of May").content.decode()
        assert 'value="84,4"' in page and "survey of May" in page
        stored = row(report, "thresholds")
        assert (stored.value, stored.text, stored.score) == (None, "survey of May", None)

    def test_leave_the_number_that_was_there(self, report, post):
        post(thresholds__value="80")
        assert post(thresholds__value="eighty").status_code == 422
        assert (row(report, "thresholds").value, row(report, "thresholds").score) == (80, 3)

    @pytest.mark.parametrize("language", ["th", "en"])
    @pytest.mark.parametrize("htmx", [False, True])
    def test_a_level_outside_the_scale_is_refused_with_the_scale(self, report, post, language, htmx):
        response = post(htmx=htmx, language=language, level__value="5.5", level__text="too good")
        page = response.content.decode()
        assert response.status_code == 422
        assert {"th": "กรอกระหว่าง 1 ถึง 5", "en": "enter one from 1 to 5"}[language] in page
        assert f'id="c{row(report, "level").criterion_id}-value-error"' in page
        assert htmx or ('value="5.5"' in page and "too good" in page)
        # What could be read is kept, the level is not.
        assert (row(report, "level").value, row(report, "level").text) == (None, "too good")

    @pytest.mark.parametrize("typed", ["4.5", "-1", "1000001", "๑.๕"])
    def test_a_number_of_items_is_a_whole_number(self, report, post, typed):
        response = post(language="en", number__count=typed)
        assert response.status_code == 422 and "is not a whole number" in response.content.decode()
        assert row(report, "number").count is None

    @pytest.mark.parametrize("typed", ["NaN", "inf", "1e9", "0x10", "1" * 16, "0." + "1" * 11, "1" * 5000])
    def test_what_is_no_number_of_ours_is_refused(self, report, post, typed):
        assert post(thresholds__value=typed).status_code == 422
        assert row(report, "thresholds").value is None

    def test_a_text_beyond_all_measure_is_refused_with_its_length(self, report, post):
        response = post(language="en", level__text="x" * 20_001)
        assert response.status_code == 422 and "20,001 characters" in response.content.decode()
        assert "x" * 20_001 in response.content.decode()
        assert row(report, "level").text == ""

    @pytest.mark.parametrize("field", ["level__reason", "complete_count__why-a"])
    def test_a_reason_beyond_its_measure_too_and_it_stays_on_the_page(self, report, post, field):
        name, part = field.split("__")
        response = post(language="en", **{field: "y" * 2_001})
        page = response.content.decode()
        assert response.status_code == 422 and "2,001 characters: shorten it to at most 2,000" in page
        assert f'id="c{row(report, name).criterion_id}-{part}-error">The text' in page
        assert f'value="{"y" * 2_001}"' in page
        assert post(**{field: "y" * 2_000}).status_code == 302

    def test_a_text_beside_a_refused_level_is_saved_all_the_same(self, report, post):
        assert post(origin={"measures": "we met"}, level__value="7").status_code == 422
        report.refresh_from_db()
        assert (report.measures, row(report, "level").value) == ("we met", None)

    def test_a_level_outside_the_scale_beside_not_reported(self, report, post):
        typed = {"level__value": "7", "level__not_reported": "on", "level__reason": "no survey"}
        page = post(language="en", **typed).content.decode()
        assert f'id="c{row(report, "level").criterion_id}-value-error">the level 7 is outside' in page
        assert 'value="7"' in page and "no survey" in page and page.count(" checked") == 1
        assert (row(report, "level").value, row(report, "level").status) == (None, "open")

    def test_half_a_formula_is_saved_and_waits(self, report, post):
        assert post(htmx=True, formula__DATAA="211", formula__DATAB="").status_code == 200
        assert (sheets(report)["formula"].data["A"], row(report, "formula").score) == (211, None)

    def test_division_by_zero_is_no_error_page(self, report, post, collector):
        assert post(formula__DATAA="211", formula__DATAB="0").status_code == 302
        page = browser_of(collector).get(reverse("result", args=[report.pk]))
        assert page.status_code == 200
        assert row(report, "formula").score is None


class TestTwoPages:
    """A page that was drawn before a colleague saved."""

    @pytest.fixture
    def fields(self, report, post):
        """The version of the page, and the colleague's save over it."""
        post(level__text="base", level__value="2")
        drawn = Result.objects.get(pk=report.pk).version
        save(report, assign("colleague", report), level={"text": "theirs, quite <long> " + "x" * 60})
        return {"version": drawn, "page": "mypage"}

    def test_every_form_says_its_version_page_and_person(self, report, post, collector):
        page = browser_of(collector).get(reverse("result", args=[report.pk])).content.decode()
        forms = page.count("hx-post")
        assert forms == 8
        for name in ("person", "page", "version"):
            assert page.count(f'name="{name}"') == forms
        assert f'name="person" value="{collector.pk}"' in page

    def test_a_conflict_by_htmx_comes_to_its_field_with_two_answers(self, report, post, fields):
        page = post(htmx=True, language="en", origin=fields, level__text="mine", level__value="3").content.decode()
        name = f"c{row(report, 'level').criterion_id}-text"
        assert f'id="{name}-error" hx-swap-oob="true">The colleague changed this at' in page
        assert f'name="keep" value="{name}:{fields["version"] + 2}"' in page
        assert f'name="take" value="{name}"' in page and "&lt;long&gt;" in page
        assert 'name="version"' not in page  # the form has not seen what is there now
        assert (row(report, "level").value, row(report, "level").text[:6]) == (3, "theirs")

    def test_without_scripts_the_page_shows_mine_theirs_and_the_old_version(self, report, post, fields):
        response = post(language="en", origin=fields, level__text="mine", level__value="3")
        page = response.content.decode()
        name = f"c{row(report, 'level').criterion_id}"
        assert response.status_code == 422 and ">mine</textarea>" in page and 'class="theirs"' in page
        assert f'href="#{name}-text"' in page.partition("error-summary")[2].split("</ul>")[0]
        assert f'id="{name}-version" value="{fields["version"]}"' in page
        assert f'id="texts-version" value="{fields["version"] + 2}"' in page
        assert page.count('name="page"') == page.count('value="mypage"')

    @pytest.mark.parametrize("htmx", [False, True])
    def test_what_was_shown_meanwhile_can_be_taken_back_while_a_conflict_stands(self, report, post, fields, htmx):
        save(report, person("colleague"), level={"value": Decimal(4)})
        name = f"c{row(report, 'level').criterion_id}"
        seen = f"{name}-value:{fields['version'] + 2}"
        page = post(htmx=htmx, origin=fields, level__text="mine", level__value="2").content.decode()
        assert f'name="keep" value="{seen}"' in page
        post(htmx=htmx, origin=fields | {"keep": seen}, level__text="mine", level__value="2")
        assert (row(report, "level").value, row(report, "level").text[:6]) == (2, "theirs")

    @pytest.mark.parametrize("htmx", [False, True])
    @pytest.mark.parametrize(("answer", "text"), [("keep", "mine"), ("take", "theirs")])
    def test_is_answered(self, report, post, fields, htmx, answer, text):
        name = f"c{row(report, 'level').criterion_id}-text"
        value = f"{name}:{fields['version'] + 1}" if answer == "keep" else name
        response = post(htmx=htmx, origin=fields | {answer: value}, level__text="mine", level__value="2")
        assert response.status_code == (200 if htmx else 302)
        assert row(report, "level").text.split(",")[0] == text

    def test_what_stayed_as_theirs_is_told_field_by_field(self, report, post, fields, collector):
        page = post(htmx=True, language="en", origin=fields, level__text="base", level__value="3").content.decode()
        name = f"c{row(report, 'level').criterion_id}"
        assert f'data-field="{name}-text" data-value="theirs, quite &lt;long&gt;' in page
        assert f'id="{name}-version" value="{fields["version"] + 2}" hx-swap-oob="true"' in page
        assert f'data-field="{name}-value"' not in page

    def test_and_on_the_page_that_is_drawn_anew_without_scripts(self, report, post, fields, collector):
        browser = browser_of(collector)
        pk = row(report, "level").criterion_id
        data = fields | {"criterion": pk, f"c{pk}-text": "base", f"c{pk}-value": "3"}
        browser.cookies["django_language"] = "en"
        page = browser.post(reverse("result", args=[report.pk]), data, follow=True).content.decode()
        assert "The colleague changed “" in page and "shown here now" in page

    @pytest.mark.parametrize("bad", ["", "-1", "x", "9" * 40, "๑", "1.5"])
    def test_a_version_that_is_none_is_no_error(self, report, post, bad):
        name = f"c{row(report, 'level').criterion_id}-text"
        for answers in ({}, {"keep": f"{name}:{bad}"}, {"keep": bad, "take": bad}):
            assert post(origin={"version": bad, **answers}, level__text=f"mine {answers}").status_code == 302
        assert "mine" in row(report, "level").text

    def test_a_page_that_someone_else_typed_in_is_not_saved(self, report, post, supervisor):
        response = post(htmx=True, origin={"person": supervisor.pk}, level__text="not mine")
        assert (response.status_code, row(report, "level").text) == (401, "")

    def test_what_is_sent_on_leaving_leaves_no_message(self, report, collector):
        browser, path = browser_of(collector), reverse("result", args=[report.pk])
        assert browser.post(path, {"measures": "last words", "silent": "1"}).status_code == 204
        assert "notice-done" not in browser.get(path).content.decode()
        assert Result.objects.get(pk=report.pk).measures == "last words"


class TestWhatAPostCanNotReach:
    def test_criteria_of_another_report(self, report, moi_result, collector):
        foreign = sheets(moi_result)
        before, items = rows_of(moi_result), ItemResult.objects.count()
        data = {"criterion": [sheet.criterion.pk for sheet in foreign.values()]}
        for sheet in foreign.values():
            prefix = f"c{sheet.criterion.pk}-"
            data |= {f"{prefix}text": "mine now", f"{prefix}nothing": "on", f"{prefix}value": "5"}
        response = browser_of(collector).post(reverse("result", args=[report.pk]), data)
        assert response.status_code == 302
        assert (rows_of(moi_result), ItemResult.objects.count()) == (before, items)

    def test_fields_of_criteria_that_are_not_named(self, report, collector):
        pk = row(report, "level").criterion_id
        browser_of(collector).post(
            reverse("result", args=[report.pk]), {f"c{pk}-value": "5", f"c{pk}-text": "x"}
        )
        assert (row(report, "level").value, row(report, "level").text) == (None, "")

    @pytest.mark.parametrize(
        "name", ["state", "version", "unit", "saved_by", "submitted_by", "return_reason", "makers"]
    )
    def test_columns_that_are_no_texts(self, report, collector, name):
        before = rows_of(report)
        browser_of(collector).post(reverse("result", args=[report.pk]), {name: "1"})
        assert rows_of(report) == before

    @pytest.mark.parametrize("field", ["score", "status"])
    def test_the_score_itself(self, report, post, field):
        post(**{f"level__{field}": "5"})
        assert (row(report, "level").score, row(report, "level").status) == (None, "open")

    @pytest.mark.parametrize("criterion", ["", "0", "abc", "-1", "9" * 40])
    def test_criteria_that_there_are_not(self, report, collector, criterion):
        before = rows_of(report)
        response = browser_of(collector).post(
            reverse("result", args=[report.pk]), {"criterion": criterion, "c-value": "x"}
        )
        assert response.status_code == 302
        assert rows_of(report) == before

    def test_an_item_that_the_rubric_does_not_have_is_a_sentence(self, report, post):
        response = post(language="en", milestones__done=["a", "zzz"])
        assert response.status_code == 422
        assert "This criterion has no item zzz" in response.content.decode()
        assert row(report, "milestones").status == "open"

    def test_null_characters_and_markup_are_only_text(self, report, post, collector):
        post(level__text="a\x00b <script>alert(1)</script> <b>")
        page = browser_of(collector).get(reverse("result", args=[report.pk])).content.decode()
        assert "<script>alert(1)" not in page
        assert "\x00" not in row(report, "level").text


class TestSubmitting:
    def test_lists_everything_that_is_missing_at_once_with_links_to_the_fields(self, report, collector):
        response = browser_of(collector).post(reverse("result_submit", args=[report.pk]))
        page = response.content.decode()
        assert response.status_code == 422
        assert [problem.code for problem in response.context["problems"]] == ["open"] * 7
        for sheet in sheets(report).values():
            assert f'href="#c{sheet.criterion.pk}' in page
        assert Result.objects.get(pk=report.pk).state == "draft"

    def test_every_link_of_the_error_summary_leads_somewhere(self, report, collector):
        save(
            report,
            collector,
            **TYPED
            | {
                "complete_count": {"done": frozenset("ab"), "complete": frozenset("ab")},
                "level": {"not_reported": True},
                "thresholds": {"value": None},
            },
        )
        page = browser_of(collector).post(reverse("result_submit", args=[report.pk])).content.decode()
        targets = [part.split('"')[0] for part in page.split('href="#')[1:]]
        assert len(targets) >= 4
        assert [target for target in targets if f'id="{target}"' not in page] == []

    def test_then_the_supervisor_decides(self, report, collector, supervisor):
        save(report, collector, **TYPED)
        assert browser_of(collector).post(reverse("result_submit", args=[report.pk])).status_code == 302
        decide = reverse("result_decide", args=[report.pk])
        browser = browser_of(supervisor)
        assert browser.post(decide, {"decision": "return", "reason": ""}).status_code == 409
        assert browser.post(decide, {"decision": "return", "reason": "no source"}).status_code == 302
        assert (
            "no source"
            in browser_of(person("collector")).get(reverse("result", args=[report.pk])).content.decode()
        )
        assert (
            browser_of(person("collector")).post(reverse("result_submit", args=[report.pk])).status_code
            == 302
        )
        assert browser.post(decide, {"decision": "approve"}).status_code == 302
        assert Result.objects.get(pk=report.pk).state == "approved"

    def test_a_post_without_a_decision_decides_nothing(self, report, collector, supervisor):
        save(report, collector, **TYPED)
        browser_of(collector).post(reverse("result_submit", args=[report.pk]))
        response = browser_of(supervisor).post(
            reverse("result_decide", args=[report.pk]), {"reason": "just a note"}
        )
        assert response.status_code == 400
        assert Result.objects.get(pk=report.pk).state == "submitted"

    def test_after_submission_the_page_can_only_be_read(self, report, collector):
        save(report, collector, **TYPED)
        browser = browser_of(collector)
        browser.post(reverse("result_submit", args=[report.pk]))
        before, last = rows_of(report), last_entry()
        for headers in ({}, HTMX):
            response = browser.post(
                reverse("result", args=[report.pk]), {"measures": "late"}, headers=headers
            )
            assert response.status_code == 409
        assert rows_of(report) == before
        assert_only_refused(last, times=2)
        assert browser.get(reverse("result", args=[report.pk])).context["editable"] is False

    def test_what_was_typed_for_a_return_that_is_refused_is_kept(self, report, supervisor):
        response = browser_of(supervisor).post(
            reverse("result_decide", args=[report.pk]),
            {"decision": "return", "reason": "three lines of reason"},
        )
        assert response.status_code == 409 and "three lines of reason" in response.content.decode()


class TestSeed002:
    def test_the_collector_sees_3_1000(self, moi_result, collector):
        page = browser_of(collector).get(reverse("result", args=[moi_result.pk])).content.decode()
        assert "3.1000" in page and "15.5000" in page

    def test_one_checkbox_more_changes_sm_product_and_total(self, moi_result, collector):
        third = list(sheets(moi_result).values())[2].criterion
        data = {"criterion": third.pk, f"c{third.pk}-done": ["understanding", "plan", "one-system"]}
        page = (
            browser_of(collector)
            .post(reverse("result", args=[moi_result.pk]), data, headers=HTMX)
            .content.decode()
        )
        assert "5.0000" in page and "17.5000" in page and "3.5000" in page

    def test_the_first_visit_of_a_second_reader_writes_nothing(self, moi_result, auditor):
        before = AuditEvent.objects.count()
        browser_of(auditor).get(reverse("result", args=[moi_result.pk]))
        assert AuditEvent.objects.count() == before


def test_the_score_so_far_says_how_much_weight_is_open(report, post, collector):
    post(level__value="4")
    page = browser_of(collector).get(reverse("result", args=[report.pk]))
    assert (page.context["panel"].score, page.context["panel"].open_weight) == ("4.0000", "6")
    assert Decimal(page.context["panel"].sum_weighted) == 4
