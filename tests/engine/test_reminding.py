"""When to remind, and what is said: steps, quiet hours, sentences in both languages, folded lines."""

from datetime import date, datetime

import pytest

from scoring.engine import notices
from scoring.engine.digest import MOST_LISTED, WIDTH, compose, fold, news, width
from scoring.engine.notices import HEADINGS, Kind, Notice
from scoring.engine.reminding import due_step, late_step, parse_times
from scoring.engine.text import Message

TODAY = date(2026, 11, 23)
OFFICE_HOURS = parse_times("08:00-17:00", ["mon", "tue", "wed", "thu", "fri"])


def notice(kind: Kind = Kind.LATE, n: int = 1) -> Notice:
    about = notices.report_named("1.1", "ระดับความสำเร็จ", "กระทรวงมหาดไทย", 12)
    return Notice(kind, f"{kind}:{n}:x", about, notices.late(date(2026, 11, 20), TODAY), f"/results/{n}/")


class TestSteps:
    @pytest.mark.parametrize(
        ("left", "step"), [(15, None), (14, 14), (8, 14), (7, 7), (4, 7), (3, 3), (2, 3), (1, 1), (0, 0)]
    )
    def test_before(self, left, step):
        assert due_step(left) == step

    @pytest.mark.parametrize(
        ("days", "step"), [(0, 0), (1, 1), (2, 1), (3, 3), (6, 3), (7, 7), (13, 7), (14, 14), (20, 14), (21, 21)]
    )
    def test_after(self, days, step):
        assert late_step(days) == step


class TestQuietHours:
    @pytest.mark.parametrize(
        ("moment", "allowed"),
        [
            ("2026-11-23T07:59:59", False),
            ("2026-11-23T08:00:00", True),
            ("2026-11-23T17:00:00", True),
            ("2026-11-23T17:00:01", False),
            ("2026-11-20T12:00:00", True),
            ("2026-11-21T12:00:00", False),
            ("2026-11-22T12:00:00", False),
        ],
    )
    def test_hold_before_eight_after_five_and_at_the_weekend(self, moment, allowed):
        assert OFFICE_HOURS.allow(datetime.fromisoformat(moment)) is allowed

    @pytest.mark.parametrize(
        ("hours", "days"),
        [
            ("", ["mon"]), ("8", ["mon"]), ("17:00-08:00", ["mon"]), ("08:00-08:00", ["mon"]),
            ("25:00-26:00", ["mon"]), ("08:00-12:00-13:00", ["mon"]), ("08:00+07:00-17:00", ["mon"]),
            ("08:00-17:00", []), ("08:00-17:00", [""]), ("08:00-17:00", ["monday"]),
        ],
    )
    def test_nonsense_is_refused(self, hours, days):
        with pytest.raises(ValueError, match="hours|day"):
            parse_times(hours, days)


class TestSentences:
    @pytest.mark.parametrize(
        ("said", "thai", "english"),
        [
            (notices.due(date(2026, 11, 23), TODAY), "ครบกำหนดวันนี้ ภายในเวลา 23.59 น.", "Due today, until 23:59"),
            (notices.due(date(2026, 11, 24), TODAY), "ครบกำหนดพรุ่งนี้ (24 พ.ย. 2569)", "Due tomorrow (24 Nov 2026)"),
            (
                notices.due(date(2026, 11, 26), TODAY),
                "ครบกำหนดในอีก 3 วัน (26 พ.ย. 2569)", "Due in 3 days (26 Nov 2026)",
            ),
            (
                notices.late(date(2026, 11, 22), TODAY),
                "เลยกำหนดวันที่ 22 พ.ย. 2569 มาแล้ว 1 วัน", "Late since 22 Nov 2026 (1 day)",
            ),
            (
                notices.returned(date(2026, 11, 22), TODAY, "แนบ\n แผน"),
                "ส่งคืนเมื่อวานนี้: แนบ แผน", "Returned yesterday: แนบ แผน",
            ),
            (
                notices.returned(date(2026, 11, 20), TODAY, "x"),
                "ส่งคืนเมื่อ 20 พ.ย. 2569: x", "Returned on 20 Nov 2026: x",
            ),
            (notices.handed_in(TODAY, TODAY), "ส่งมาวันนี้", "Handed in today"),
            (notices.questions(2), "มีคำถามรอคำตอบ 2 ข้อ", "2 questions wait"),
        ],
    )
    def test_in_both_languages(self, said, thai, english):
        assert said == Message(thai, english)

    def test_every_kind_has_its_heading(self):
        assert set(HEADINGS) == set(Kind)


class TestDigest:
    def test_says_it_in_the_chosen_language_only(self):
        english = compose("Somchai", [notice()], "en", TODAY, "https://kpi.example.go.th")
        assert english.subject == "KPI Portal: 1 matter for you (23 Nov 2026)"
        assert "Late (1)" in english.body and "https://kpi.example.go.th/results/1/\n" in english.body
        assert "เลยกำหนด" not in english.body
        thai = compose("สมชาย", [notice()], "th", TODAY, "https://kpi.example.go.th")
        assert thai.subject == "KPI Portal: 1 เรื่องสำหรับท่าน (23 พ.ย. 2569)"
        assert "เลยกำหนดแล้ว (1)" in thai.body and "Late" not in thai.body
        assert "https://kpi.example.go.th/reminders/" in thai.body

    def test_a_long_list_is_cut_and_leads_to_the_board(self):
        many = [notice(Kind.CERTIFY, n) for n in range(MOST_LISTED + 3)]
        body = compose("a", many, "en", TODAY, "https://kpi.example.go.th").body
        assert body.count("/results/") == MOST_LISTED
        assert "- and 3 more\n  https://kpi.example.go.th/board/" in body

    def test_lines_are_folded_at_spaces_and_nothing_is_lost(self):
        text = "- " + " ".join(["ระดับความสำเร็จ", "ที่", "กำหนด"] * 20)
        lines = fold(text, "  ").split("\n")
        assert max(map(width, lines)) <= WIDTH and len(lines) > 4
        assert " ".join(" ".join(lines).split()) == text

    def test_a_thai_word_and_an_address_stay_whole(self):
        word = "ก" * 200
        assert word in fold(f"- a {word} b", "  ").split("\n")[1]

    def test_thai_marks_take_no_column(self):
        assert width("ที่") == 1 and width("abc") == 3

    def test_only_what_was_not_told_is_news(self):
        told = notice(n=1)
        assert news([told, notice(n=2)], [told.key]) == [notice(n=2)]
