"""Numbers, digits, dates and pasted text."""

from datetime import date, datetime
from decimal import Decimal
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.text import (
    EngineError,
    Message,
    arabic_digits,
    cell_text,
    clean_text,
    date_text,
    fiscal_year_text,
    number_text,
    parse_date,
    parse_number,
    plain,
    score_text,
    thai_digits,
    thai_sort_key,
    time_text,
)

D = Decimal


@pytest.mark.parametrize(("score", "shown"), [
    (None, "–"), (D("3.1"), "3.1000"), (D(5), "5.0000"), (D("4.83335"), "4.8334"),
    (D("4.83334999"), "4.8333"),
    (D("-0.00001"), "0.0000"), (D("-2.5"), "-2.5000"), (D("123456789012345"), "123456789012345.0000"),
    (D("1E+3"), "1000.0000")])
def test_scores_have_four_places(score, shown):
    assert score_text(score) == shown


def test_numbers_as_entered_and_at_their_shortest():
    assert [number_text(D(one)) for one in ("84.40", "1E+3", "1E-9", "-0.0", "1234567.50")] == [
        "84.40", "1000", "0.000000001", "0.0", "1234567.50"]
    assert [number_text(D("84.405"), places) for places in (0, 2, 4)] == ["84", "84.41", "84.4050"]
    assert [plain(D(one)) for one in ("5.0", "0.50", "100", "1E+2", "0.000", "-0", "1E-10", "10.10")] == [
        "5", "0.5", "100", "100", "0", "0", "0.0000000001", "10.1"]


@pytest.mark.parametrize(("text", "thai"), [
    ("ร้อยละ 84.40", "ร้อยละ ๘๔.๔๐"),
    ("โทร. 0-2000-0000 / 51501", "โทร. ๐-๒๐๐๐-๐๐๐๐ / ๕๑๕๐๑"),
    ("ข้อ 1.2.3 และ 1.10", "ข้อ ๑.๒.๓ และ ๑.๑๐"),
    ("14:02 น. 21/11/2569", "๑๔:๐๒ น. ๒๑/๑๑/๒๕๖๙"),
    ("(1 × 3) + (0.5 × 3) = 15.5000 / 5", "(๑ × ๓) + (๐.๕ × ๓) = ๑๕.๕๐๐๐ / ๕"),
    ("ดู https://www.moi.go.th/a1?x=2559 หน้า 5", "ดู https://www.moi.go.th/a1?x=2559 หน้า ๕"),
    ("www.kpi2559.go.th/1 ข้อ 1", "www.kpi2559.go.th/1 ข้อ ๑"),
    ("kpi2559@moi2.go.th ต่อ 3", "kpi2559@moi2.go.th ต่อ ๓"),
    ("10.0.12.254 ชั้น 3", "10.0.12.254 ชั้น ๓"),
    ("192.168.1.1:8080 กับ 3.14", "192.168.1.1:8080 กับ ๓.๑๔"),
    ("fe80::1 และ 2001:db8:0:0:0:0:0:1 มี 2", "fe80::1 และ 2001:db8:0:0:0:0:0:1 มี ๒"),
    ("server1.moi.go.th:8080 มี 4", "server1.moi.go.th:8080 มี ๔"),
    ("แฟ้ม report2559.pdf 3 หน้า", "แฟ้ม report2559.pdf ๓ หน้า"),
    ("รายงาน2559.docx, 2559.PDF, 1.2", "รายงาน2559.docx, 2559.PDF, ๑.๒"),
    (r"C:\งาน1\a2.xlsx กับ \\fs1\kpi2 1", r"C:\งาน1\a2.xlsx กับ \\fs1\kpi2 ๑"),
    ("Windows 10. 5 เครื่อง", "Windows ๑๐. ๕ เครื่อง"),
    ("1.Online 2.Open", "๑.Online ๒.Open"),
    ("พ.ศ.2559", "พ.ศ.๒๕๕๙"),
    ("", ""),
])
def test_thai_digits_leave_addresses_and_files(text, thai):
    assert thai_digits(text) == thai
    assert arabic_digits(thai) == text


@pytest.mark.parametrize(("typed", "number"), [
    ("84.40", "84.40"), ("๘๔.๔๐", "84.40"), (" 1,234,567.5 ", "1234567.5"), ("\u00a0๑,๒๓๔\u00a0", "1234"),
    ("+5", "5"),
    ("-5", "-5"), ("\u22125", "-5"), ("-0", "0"), ("-0.00", "0.00"), ("007", "7"), (".5", "0.5"), ("5.", "5"),
    ("999999999999999.9999999999", "999999999999999.9999999999"), ("0000000000000000000012", "12"),
    ("๑2", "12"), ("\ufeff84.40\u200b", "84.40"), ("\u200e \u2068-5\u2069", "-5")])
def test_what_people_type_is_read(typed, number):
    assert str(parse_number(typed)) == number


@pytest.mark.parametrize("typed", [
    "", " ", "-", ".", "+-5", "--5", "5-", "1 2", "1e5", "1E5", "0x10", "NaN", "Infinity", "-inf", "sNaN",
    "1_000", "1,23",
    "12,34", "1,2345", ",123", "1,234,56", "1.2.3", "1.234,5", "1,234.5,6", "1/2", "๑๒%", "ห้า", "²", "５",
    "٣", "½", "–",
    "1" * 16, "1" * 5000, "0." + "1" * 11, "5\n6", "5\x00"])
def test_what_is_no_number_is_refused_with_a_sentence(typed):
    with pytest.raises(EngineError) as refused:
        parse_number(typed, "result.value")
    assert refused.value.field == "result.value"
    assert len(refused.value.message.th) < 200 and len(refused.value.message.en) < 200


@given(st.decimals(-10**14, 10**14, places=10, allow_nan=False))
def test_a_number_survives_writing_and_reading(number):
    shown = number_text(number)
    assert parse_number(shown) == number
    assert parse_number(shown.translate(str.maketrans("0123456789-", "๐๑๒๓๔๕๖๗๘๙−"))) == number
    assert parse_number(f"{number:,f}") == number
    assert parse_number(plain(number)) == number


def test_dates_years_and_times():
    day = date(2026, 11, 21)
    assert date_text(day, "th") == "21 พ.ย. 2569"
    assert date_text(day, "en") == "21 Nov 2026"
    assert date_text(day, "th", short=False) == "21 พฤศจิกายน 2569"
    assert date_text(day, "en-gb", short=False) == "21 November 2026"
    months = [date_text(date(2016, month, 1), "th") for month in range(1, 13)]
    assert (
        months[:4] == ["1 ม.ค. 2559", "1 ก.พ. 2559", "1 มี.ค. 2559", "1 เม.ย. 2559"] and len(set(months)) == 12
    )
    moment = datetime(2026, 11, 21, 14, 2, tzinfo=ZoneInfo("Asia/Bangkok"))
    assert (time_text(moment, "th"), time_text(moment, "en")) == ("14:02 น.", "14:02")
    assert (fiscal_year_text(2559, "th"), fiscal_year_text(2559, "en")) == ("2559", "2016")
    assert Message("ก", "a").text("th") == "ก" and Message("ก", "a").text("en") == "a"


@pytest.mark.parametrize(("pasted", "clean"), [
    ("คํารับรอง", "คำรับรอง"),
    ("น\u0e49\u0e4d\u0e32", "น้ำ"),
    ("น\u0e4d\u0e49\u0e32", "น้ำ"),
    ("น\u0e33\u0e49", "น้ำ"),
    ("เเม่เเละ", "แม่และ"),
    ("น\u0e33\u0e48\u0e48", "น\u0e48\u0e48\u0e33"),
    ("ท\u0e48\u0e35", "ที่"),
    ("ผ\u0e39\u0e49", "ผู้"),
    ("ผ\u0e49\u0e39", "ผู้"),
    ("สิทธ\u0e4c\u0e34", "สิทธิ์"),
    ("หน้า\u00a01\u200b\u00ad \ufeff", "หน้า 1"),
    ("ก\r\nข\rค\x0bง\u2028จ", "ก\nข\nค\nง\nจ"),
    ("ก  \n\tข\t\n\nค", "ก\n\tข\n\nค"),
    ("\uf0b7 หนึ่ง\n\uf0a7 สอง\n\uf0fc เสร็จ", "• หนึ่ง\n• สอง\n✓ เสร็จ"),
    ("ที\uf70a ปู\uf70b", "ที่ ปู้"),
    ("\x93ดี\x94 \x96 a\x00b\x07", "“ดี” – ab"),
    ("cafe\u0301", "café"),
    ("<p class=MsoNormal>ก</p><p>ข<br>ค</p>", "ก\nข\nค"),
    ("<!-- x --><style>p {a:b}</style><b>หนา</b>&nbsp;x", "หนา x"),
    ('<span lang="TH" style=\'font-size:16.0pt\'>ก</span><o:p></o:p>', "ก"),
    ("<table><tr><td>1</td><td>2</td></tr></table>", "1\t2"),
    ("5 < 7 และ 9 > 8", "5 < 7 และ 9 > 8"),
    ("a <b and c> d", "a <b and c> d"),
    ("ค่า <a> กับ <i>", "ค่า <a> กับ <i>"),
    ("<ผล> </ผล> <name@moi.go.th>", "<ผล> </ผล> <name@moi.go.th>"),
    ("\ud800ก\ufffe", "ก"),
    ("", ""),
])
def test_a_paste_from_word_becomes_plain_text(pasted, clean):
    assert clean_text(pasted) == clean
    assert clean_text(clean) == clean


@settings(max_examples=300, deadline=None)
@given(st.text(st.one_of(st.characters(min_codepoint=0xE01, max_codepoint=0xE5B),
    st.sampled_from("ab \n\t\r<>/&;-!\u00a0\uf0b7ํา้่ี์")),
               max_size=30))
def test_cleaning_twice_changes_nothing(text):
    once = clean_text(text)
    assert clean_text(once) == once
    assert not set(once) & set("\r\u00a0\u200b\uf0b7")


def test_thai_words_sort_as_in_the_dictionary():
    words = ["กา", "แก", "เก", "ขา", "ไก่", "โก", "กิน", "ก่อน", "เขา", "ฮา", "เก่ง", "a", "B", "๒", "1"]
    assert sorted(words, key=thai_sort_key) == [
        "1", "๒", "a", "B", "ก่อน", "กา", "กิน", "เก", "เก่ง", "แก", "โก", "ไก่", "ขา", "เขา", "ฮา"]
    assert thai_sort_key("ก่า") == thai_sort_key("กา") == thai_sort_key("ก้า")


@pytest.mark.parametrize("piece", [
    "a", "1", "ก", "a.", "1.", "a-1.", "a@", "f:", "::", "<b ", "<!--", "<style>", "<b x=", "่ี", "&nbsp;",
    "<b>", "</b>", "<b></b>"])
def test_hostile_text_takes_linear_time(piece):
    text = piece * (100_000 // len(piece))
    start = process_time()
    clean_text(text)
    thai_digits(text)
    assert process_time() - start < 2


@pytest.mark.parametrize("typed", [
    "21/11/2569", "21/11/2026", "๒๑/๑๑/๒๕๖๙", "21-11-2569", "21.11.2569", "2026-11-21", "2569-11-21", "21 พ.ย. 2569",
    "๒๑ พฤศจิกายน ๒๕๖๙", "21 พ.ย.2569", " 21  Nov 2026 ", "21 november 2026", "21 / 11 / 2569"])
def test_a_date_is_read_as_it_is_typed(typed):
    assert parse_date(typed) == date(2026, 11, 21)


@pytest.mark.parametrize("typed", [
    "", " ", "x", "21/11/69", "29/2/2568", "31 ก.พ. 2569", "0/1/2569", "1/13/2569", "1/1/9999", "1/1/0001", "²/1/2569",
    "21/11/2569x", "21 11", "2569-11", "1/1/2400", "1" * 300, "21 พ.ย. 2569 2569", "\0"])
def test_what_is_no_date_is_said_so_in_both_languages(typed):
    with pytest.raises(EngineError) as refused:
        parse_date(typed, "until")
    assert refused.value.field == "until" and "21/11/2569" in refused.value.message.th
    assert "four digits" in refused.value.message.en


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(["th", "en"]), st.booleans(), st.booleans())
def test_every_date_that_is_written_is_read_back(day, lang, short, thai):
    written = date_text(day, lang, short)
    assert parse_date(thai_digits(written) if thai else written) == day


@pytest.mark.parametrize(("text", "cell"), [
    ("=1+1", "'=1+1"), (" -1", "' -1"), ("+66", "'+66"), ("@a", "'@a"), ("\t=1", "'\t=1"), ("\nx", "'\nx"),
    ("＝1", "'＝1"), ("a=1", "a=1"), ("", ""), ("ก", "ก"), ("1", "1"), ("'=1", "'=1")])
def test_no_cell_is_taken_for_a_formula(text, cell):
    assert cell_text(text) == cell
