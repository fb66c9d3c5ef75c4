"""The five seed documents, loaded: every number that they print, and loading them again changes nothing."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from evidence.models import Evidence
from indicators.models import Agreement, ChecklistItem, Criterion, EvidenceRequirement, Indicator
from indicators.services import put_in_force
from indicators.services.agreements import DefinitionUnfinished
from kpiportal.accounts.models import User
from kpiportal.accounts.services import set_password
from scoring.engine.text import score_text
from scoring.models import Mark, Result
from scoring.queries import load_sheet, load_summary
from scoring.queries.summary import GroupLine
from scoring.summary_pages import summary_page
from tests.cast import agreement, result

pytestmark = pytest.mark.usefixtures("seeds", "db")


def all_rows() -> dict[str, list[str]]:
    """Every row of every table, the audit trail included."""
    with connection.cursor() as cursor:
        rows = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows[table] = sorted(map(repr, cursor.fetchall()))
        return rows


def load_again() -> str:
    out = StringIO()
    call_command("load_seeds", stdout=out)
    return out.getvalue()


class TestLoadingTwice:
    def test_changes_no_row(self, monkeypatch):
        monkeypatch.delenv("DEMO_PASSWORD", raising=False)
        before = all_rows()
        load_again()
        assert all_rows() == before
        assert len(before["audit_auditevent"]) > 100

    def test_keeps_what_people_changed_since(self, monkeypatch):
        monkeypatch.delenv("DEMO_PASSWORD", raising=False)
        set_password(User.objects.get(username="collector"), "a password of its own", by=None)
        Result.objects.filter(pk=result("moi-2559").pk).update(obstacles="flood")
        before = all_rows()
        printed = load_again()
        assert all_rows() == before
        assert "as it was set" in printed
        assert "a password of its own" not in printed and "kpi-portal-2569" not in printed

    def test_prints_the_six_demo_accounts_with_the_password(self, monkeypatch):
        monkeypatch.delenv("DEMO_PASSWORD", raising=False)
        *accounts, password = load_again().splitlines()
        names = ["collector", "collector2", "supervisor", "office", "auditor", "admin"]
        assert [line.split()[0] for line in accounts] == names
        assert password.endswith("password: kpi-portal-2569")

    def test_demo_password_overrides(self, monkeypatch):
        monkeypatch.setenv("DEMO_PASSWORD", "tamarind-season-41")
        printed = load_again()
        assert printed.count("tamarind-season-41") == 1
        assert all(user.check_password("tamarind-season-41") for user in User.objects.filter(is_demo=True))
        assert not User.objects.get(username="moi-collector-2").has_usable_password()

    def test_a_weak_demo_password_is_refused_with_a_sentence(self, monkeypatch):
        monkeypatch.setenv("DEMO_PASSWORD", "1234")
        with pytest.raises(CommandError, match="DEMO_PASSWORD can't be used: .+"):
            load_again()


class TestMinistryOfInterior:
    """Seed 002: the report card of indicator 5."""

    def test_every_issue_has_its_weight_score_and_product(self):
        rows = [
            (
                str(s.criterion.weight.normalize()),
                score_text(s.row.score),
                score_text(s.criterion.weight * s.row.score),
            )
            for s in load_sheet(result("moi-2559")).criteria
        ]
        assert rows == [
            ("1", "3.0000", "3.0000"),
            ("0.5", "3.0000", "1.5000"),
            ("1", "3.0000", "3.0000"),
            ("0.5", "5.0000", "2.5000"),
            ("0.5", "5.0000", "2.5000"),
            ("0.5", "4.0000", "2.0000"),
            ("1", "1.0000", "1.0000"),
        ]

    def test_the_indicator_scores_3_1000(self):
        average = load_sheet(result("moi-2559")).average
        assert (average.score, average.sum_weighted, average.sum_weights) == (
            Decimal("3.1000"),
            Decimal("15.5"),
            5,
        )
        assert average.open_weight == 0

    def test_nothing_done_in_issue_7_is_said_and_not_left_open(self):
        seventh = load_sheet(result("moi-2559")).criteria[6]
        assert seventh.row.status == "reported"
        assert not any(item.done for item in seventh.items.values())

    def test_fourteen_pieces_of_evidence_in_order_all_named_and_kept_elsewhere(self):
        uses = result("moi-2559").evidence_uses.select_related("evidence")
        listed = {use.order: use.evidence for use in uses}
        assert list(listed) == list(range(1, 15))
        assert {evidence.kind for evidence in listed.values()} == {Evidence.Kind.NAMED}
        assert listed[1].title == "คำสั่งแต่งตั้ง CIO"
        assert listed[14].title.startswith("มาตรการรักษาความปลอดภัยและแผนระงับ")
        assert [evidence.url for evidence in listed.values() if evidence.url] == [
            "http://www.moi.go.th",
            "http://103.28.101.10/moc/",
        ]

    def test_every_item_says_what_to_show(self):
        items = ChecklistItem.objects.filter(criterion__indicator__agreement__code="moi-2559")
        assert items.count() == 5 + 5 + 3 + 3 + 3 + 3 + 5
        assert all(item.requirements.count() == 1 for item in items)

    def test_all_four_texts_are_there_but_only_as_the_document_has_them(self):
        report = result("moi-2559")
        assert report.measures.startswith("1. ศึกษาแนวทาง") and report.measures.endswith("3. รวบรวมหลักฐาน")
        assert report.measures.count("\n") == 2
        assert (report.obstacles, report.suggestions) == ("- ยังไม่มีในขั้นนี้", "-")
        assert report.supporting_factors.startswith("ความร่วมมือของบุคลากรทุกคน")

    def test_it_is_an_excerpt_without_a_score_of_its_own(self):
        loaded = load_summary(agreement("moi-2559"), user=None)
        assert (loaded.agreement.is_excerpt, loaded.score, loaded.total) == (True, None, 100)
        assert loaded.indicators[0].share == Decimal("0.1550")

    def test_the_report_over_six_months_is_empty(self):
        sheet = load_sheet(result("moi-2559", months=6))
        assert {s.row.status for s in sheet.criteria} == {"open"}
        assert (sheet.average.score, sheet.average.open_weight) == (None, 5)


class TestUnnamedAgency:
    """Seed 001: indicator 14 of weight 4; scores are hidden from the unit."""

    def test_its_line_has_the_share_0_2000(self):
        loaded = load_summary(agreement("ict-2550"), user=None)
        (line,) = loaded.indicators
        assert (line.weight, line.score, line.share) == (4, Decimal("5.0000"), Decimal("0.2000"))
        assert loaded.score is None

    def test_the_weight_that_is_missing_follows_from_the_sum_4_and_is_said(self):
        criteria = Criterion.objects.filter(indicator__agreement__code="ict-2550")
        assert [criterion.weight for criterion in criteria] == [1, Decimal("0.5"), 1, Decimal("1.5")]
        assert [bool(criterion.note) for criterion in criteria] == [False, False, True, True]
        assert [criterion.items.count() for criterion in criteria] == [10, 10, 0, 0]

    def test_what_the_document_lacks_is_left_empty(self):
        report = result("ict-2550")
        assert report.suggestions == ""
        assert report.state == Result.State.SUBMITTED


class TestEga:
    """Seed 004: 14 indicators in four dimensions, 4.7740."""

    def test_dimensions_and_groups(self):
        lines = [
            line
            for line in load_summary(agreement("ega-2557"), user=None).lines
            if isinstance(line, GroupLine)
        ]
        assert [(line.group.kind, line.depth, score_text(line.average.score)) for line in lines] == [
            ("dimension", 0, "4.8333"),
            ("group", 1, "5.0000"),
            ("group", 1, "4.7500"),
            ("dimension", 0, "4.4400"),
            ("dimension", 0, "5.0000"),
            ("dimension", 0, "4.5333"),
        ]

    def test_the_agreement_scores_4_7740(self):
        loaded = load_summary(agreement("ega-2557"), user=None)
        assert (loaded.score, loaded.total) == (Decimal("4.7740"), 100)

    def test_the_shares_add_up_to_it_and_show_the_misprint_of_1_7(self):
        lines = load_summary(agreement("ega-2557"), user=None).indicators
        shares = {line.indicator.number: score_text(line.share) for line in lines}
        assert shares == {
            "1.1": "0.5000",
            "1.2": "0.5000",
            "1.3": "0.5000",
            "1.4": "0.5000",
            "1.5": "0.5000",
            "1.6": "0.1500",
            "1.7": "0.2500",
            "2.1": "0.2500",
            "2.2": "0.1940",
            "3.1": "0.1500",
            "3.2": "0.3000",
            "3.3": "0.3000",
            "4.1": "0.4800",
            "4.2": "0.2000",
        }
        assert sum(map(Decimal, shares.values())) == Decimal("4.7740")

    def test_scores_of_the_indicators_that_lie_between_levels(self):
        lines = load_summary(agreement("ega-2557"), user=None).indicators
        scores = {line.indicator.number: line.score for line in lines}
        between = {number: score_text(score) for number, score in scores.items() if score != 5}
        assert between == {"1.6": "3.0000", "2.2": "3.8800", "4.1": "4.8000", "4.2": "4.0000"}

    def test_the_table_prints_levels_results_scores_and_total(self):
        table = summary_page(load_summary(agreement("ega-2557"), user=None), "th")
        rows = {row.name.split()[0]: row for row in table.rows if row.kind == "indicator"}
        assert table.levels == ("1", "2", "3", "4", "5")
        assert rows["1.6"].targets == ("4", "-", "5", "-", "6")
        assert rows["2.2"].targets == ("70", "75", "80", "85", "90")
        assert (rows["2.2"].result, rows["2.2"].score, rows["2.2"].weighted) == ("84.40", "3.8800", "0.1940")
        assert (table.total_weight, table.score, table.sum_weighted, table.open_weight) == (
            "100",
            "4.7740",
            "4.7740",
            "",
        )

    def test_states_of_the_demo(self):
        states = list(
            Result.objects.filter(indicator__agreement__code="ega-2557").values_list("state", flat=True)
        )
        assert {state: states.count(state) for state in set(states)} == {
            "approved": 9,
            "submitted": 3,
            "draft": 1,
            "returned": 1,
        }


class TestEvidencePlan:
    """Seed 000: ten evidence points."""

    NUMBERS = {
        "1": [f"1.{n}" for n in range(1, 11)],
        "2": [""] * 4,
        "3": ["1", "2", "3"],
        "4": ["1", "2"],
        "5": [""],
        "6": ["1", "2"],
        "7": ["1", "2"],
        "8": ["1", "2"],
        "9": ["1", "2", "3", "4"],
        "10": ["1", "2", "3", "4"],
    }

    def test_ten_points_with_their_numbered_requirements(self):
        items = ChecklistItem.objects.filter(criterion__indicator__agreement__code="imm-2556")
        assert {i.number: [need.number for need in i.requirements.all()] for i in items} == self.NUMBERS
        assert [i.number for i in items] == list(self.NUMBERS)

    def test_the_swapped_columns_are_put_right(self):
        first = ChecklistItem.objects.get(criterion__indicator__agreement__code="imm-2556", number="1")
        assert first.explanation.startswith("สำนักงานตรวจคนเข้าเมืองได้ทำการปรับปรุงระบบสารสนเทศ")
        assert first.requirements.first().name == "ภาพหน้าจอระบบตรวจการเดินทางเข้า-ออกราชอาณาจักร"
        assert all(i.explanation for i in ChecklistItem.objects.filter(criterion=first.criterion))
        assert EvidenceRequirement.objects.filter(item__criterion=first.criterion, name="").count() == 0

    def test_it_stays_a_draft(self):
        assert agreement("imm-2556").state == Agreement.State.DRAFT


class TestResponsibilityMatrix:
    """Seed 003: twelve indicators, no weights, ranges and 'all units' resolved."""

    RANGE = [f"imm-{n}" for n in range(1, 7)]
    ALL = ["imm-admin", *RANGE, "imm-inv", "imm-ict"]

    def operating(self) -> dict[int, tuple[str, list[str]]]:
        cells = {}
        for indicator in Indicator.objects.filter(agreement__code="imm-2559"):
            cell = indicator.responsibilities.get(role="operating")
            cells[indicator.order] = (cell.as_written, [unit.code for unit in cell.units.all()])
        return cells

    def test_order_identifies_and_duplicates_are_kept(self):
        indicators = Indicator.objects.filter(agreement__code="imm-2559")
        assert [i.number for i in indicators] == [
            "1.1",
            "1.2",
            "1.3",
            "1.2",
            "1.4.3",
            "2",
            "3.1",
            "3.2",
            "4",
            "5",
            "6",
            "7",
        ]
        headings = [group.name for group in agreement("imm-2559").groups.all()]
        assert headings.count("ด้านการประเมินประสิทธิภาพ") == 2
        assert [i.group.order for i in indicators][-2:] == [
            headings.index("ด้านการประเมินประสิทธิภาพ") + 1,
            len(headings),
        ]

    def test_ranges_lists_and_all_units_are_resolved(self):
        found = self.operating()
        meant = {
            1: [*self.RANGE, "imm-inv"],
            2: ["imm-inv-3"],
            3: ["imm-ict"],
            4: self.RANGE[2:],
            5: ["imm-inv-inquiry"],
            6: ["imm-1", *self.RANGE[2:]],
            7: self.RANGE,
            **dict.fromkeys(range(8, 13), self.ALL),
        }
        assert {order: sorted(units) for order, (_, units) in found.items()} == {
            o: sorted(u) for o, u in meant.items()
        }
        assert found[1][0] == "บก.ตม.1 – 6\nบก.สส.สตม."
        assert found[6][0] == "บก.ตม.1 ,3-6"
        assert found[8][0] == "ทุกหน่วยในสังกัด\nสตม."

    def test_all_units_are_those_directly_below_the_bureau(self):
        unit = agreement("imm-2559").unit
        assert sorted(unit.children.values_list("code", flat=True)) == sorted(self.ALL)

    def test_every_cell_of_the_matrix_is_there(self):
        indicators = Indicator.objects.filter(agreement__code="imm-2559")
        assert {tuple(i.responsibilities.values_list("role", flat=True)) for i in indicators} == {
            ("lead_hq", "lead_bureau", "operating")
        }
        lead = indicators[3].responsibilities.get(role="lead_hq")
        assert [unit.code for unit in lead.units.all()] == ["rtp-strategy", "rtp-strategy-ys"]

    def test_weights_of_the_two_dimensions_only(self):
        groups = agreement("imm-2559").groups.all()
        assert [group.weight for group in groups if group.weight] == [60, 40]
        assert all(i.weight is None for i in Indicator.objects.filter(agreement__code="imm-2559"))

    def test_it_is_a_draft_without_scores_or_results(self):
        loaded = load_summary(agreement("imm-2559"), user=None)
        assert loaded.agreement.state == Agreement.State.DRAFT
        assert (loaded.score, loaded.average, loaded.round) == (None, None, None)
        assert not Result.objects.filter(indicator__agreement__code="imm-2559").exists()

    def test_putting_it_in_force_is_refused_with_every_missing_weight(self):
        with pytest.raises(DefinitionUnfinished) as refused:
            put_in_force(agreement("imm-2559"), by=None)
        codes = [problem.code for problem in refused.value.problems]
        assert codes.count("weight_missing") == codes.count("no_criteria") == 12
        total = next(p for p in refused.value.problems if p.code == "indicator_sum")
        assert [word in total.message.en for word in ("0", "100")] == [True, True]
        assert agreement("imm-2559").state == Agreement.State.DRAFT


class TestScoreCommand:
    def tree(self, code: str, **options) -> dict:
        out = StringIO()
        call_command("score", agreement=code, json=True, stdout=out, **options)
        return json.loads(out.getvalue())

    def test_prints_the_whole_tree_of_seed_002(self):
        tree = self.tree("moi-2559")
        (line,) = tree["lines"]
        assert (tree["excerpt"], tree["score"], tree["round"], tree["total_weight"]) == (
            True,
            None,
            12,
            "100",
        )
        assert (line["score"], line["weighted"], line["state"]) == ("3.1000", "0.1550", "draft")
        assert line["working"][0].endswith("= 15.5000 / 5 = 3.1000")
        assert [c["score"] for c in line["criteria"]] == [
            "3.0000",
            "3.0000",
            "3.0000",
            "5.0000",
            "5.0000",
            "4.0000",
            "1.0000",
        ]
        assert [c["weighted"] for c in line["criteria"]] == [
            "3.0000",
            "1.5000",
            "3.0000",
            "2.5000",
            "2.5000",
            "2.0000",
            "1.0000",
        ]
        assert all(c["working"] for c in line["criteria"])

    def test_prints_the_whole_tree_of_seed_004(self):
        tree = self.tree("ega-2557", lang="en")
        assert tree["score"] == "4.7740"
        assert [line["score"] for line in tree["lines"] if line["kind"] == "dimension"] == [
            "4.8333",
            "4.4400",
            "5.0000",
            "4.5333",
        ]
        assert len([line for line in tree["lines"] if line["kind"] == "indicator"]) == 14
        line = next(line for line in tree["lines"] if line.get("number") == "2.2")
        assert line["criteria"][0]["working"] == [
            "84.40 lies between 80 (3) and 85 (4): 3 + (84.40 − 80) / (85 − 80) × (4 − 3) = 3.8800"
        ]

    def test_the_working_is_thai_unless_english_is_asked_for(self):
        thai, english = (
            self.tree("ega-2557", lang=lang)["lines"][-1]["criteria"][0]["working"] for lang in ("th", "en")
        )
        assert "ระดับ" in thai[0] and "level" in english[0]
        assert self.tree("ega-2557")["lines"][-1]["criteria"][0]["working"] == thai

    def test_another_round_and_an_unfinished_definition(self):
        empty = self.tree("moi-2559", round=6)
        assert (empty["round"], empty["open_weight"]) == (6, "5")
        assert {criterion["score"] for criterion in empty["lines"][0]["criteria"]} == {None}
        draft = self.tree("imm-2559")
        assert (draft["score"], draft["state"], len(draft["lines"])) == (None, "draft", 12 + 8)

    def test_the_outline_has_the_same_scores(self):
        out = StringIO()
        call_command("score", agreement="moi-2559", lang="en", stdout=out)
        assert "[5]  3.1000" in out.getvalue()

    def test_an_unknown_code_is_an_error_that_names_the_known_ones(self):
        with pytest.raises(CommandError, match="There is no agreement 'nope'. Known: .*moi-2559.*"):
            self.tree("nope")


def test_only_collectors_have_marked_anything_so_far():
    assert set(Mark.objects.values_list("stage", flat=True)) == {Mark.Stage.SELF}


def test_definitions_only_leaves_the_results_out():
    """What a new installation without the demo's results gets: the same agreements, every criterion open."""
    from scoring.seeds import agreement_files, load_agreement, read

    data = read(next(path for path in agreement_files() if path.name == "ega_2557.yaml"))
    data["agreement"]["code"] = "ega-again"
    again = load_agreement(data, with_results=False)
    loaded = load_summary(again, user=None)
    assert (loaded.score, loaded.average.open_weight) == (None, 100)
