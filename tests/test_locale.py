"""The Thai of the portal is complete, agrees with the English, is compiled, and reaches the page."""
import ast
import datetime
import gettext
import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core import mail
from django.forms import fields, models
from django.test import Client
from django.utils import translation
from django.utils.timesince import timesince
from django.utils.translation.template import templatize

ROOT = settings.BASE_DIR
THAI = ROOT / "locale" / "th" / "LC_MESSAGES"
LETTER = re.compile("[ก-๙]")
HOLE = re.compile(r"%(?:\(\w+\))?[sdr]|\{\w+\}")
ENTRY = re.compile(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?) (".*")')
APPS = ("evidence", "indicators", "kpiportal", "reports", "scoring")
MARK = re.compile(r"_|n?p?gettext(?:_lazy|_noop)?")
LITERAL = re.compile(r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
MARKED = re.compile(rf"\b(_|n?p?gettext)\(((?:{LITERAL.pattern}[, ]*)+)")
PASSWORD = "good-enough-2569"
# The same in Thai.
NOT_THAI = {"{actor}: {action} – {target}", "%(truncated_text)s…", "PDF"}

Entry = dict[str, str]


def read_po(path: Path) -> list[Entry]:
    """The entries of a catalogue in the order of the file, each with its comments under '#'."""
    entries, comments, name = [], "", ""
    for line in path.read_text(encoding="utf-8").splitlines():
        found = ENTRY.fullmatch(line)
        if line.startswith("#"):
            comments += line
        elif found:
            name = found[1]
            if name == "msgctxt" or (name == "msgid" and (not entries or "msgid" in entries[-1])):
                entries.append({"#": comments})
                comments = ""
            entries[-1][name] = ast.literal_eval(found[2])
        elif line.startswith('"'):
            entries[-1][name] += ast.literal_eval(line)
    return entries


def key(entry: Entry) -> str:
    """How a compiled catalogue names the entry."""
    context = entry.get("msgctxt")
    return f"{context}\x04{entry['msgid']}" if context else entry["msgid"]


def thai(entry: Entry) -> str:
    return entry.get("msgstr", entry.get("msgstr[0]", ""))


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return [entry for entry in read_po(THAI / "django.po") if entry["msgid"]]


@pytest.fixture(scope="module")
def in_the_source() -> set[str]:
    """Every text that templates and modules mark for translation; found without gettext, which few machines have."""
    found = set()
    for path in sorted((ROOT / "templates").rglob("*.*")):
        for name, arguments in MARKED.findall(templatize(path.read_text(encoding="utf-8"))):
            found.add(marked(name, [ast.literal_eval(text) for text in LITERAL.findall(arguments)]))
    for path in (path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and MARK.fullmatch(call.func.id):
                texts = [part.value for part in call.args if isinstance(part, ast.Constant)]
                if texts:
                    found.add(marked(call.func.id, texts))
    return found


def marked(name: str, texts: list[str]) -> str:
    """The catalogue's name of a marked text: pgettext gives its context first."""
    return f"{texts[0]}\x04{texts[1]}" if "pgettext" in name else texts[0]


def test_every_text_has_a_thai_translation(entries: list[Entry]) -> None:
    lacking = [entry["msgid"] for entry in entries if not LETTER.search(thai(entry))]
    assert set(lacking) <= NOT_THAI
    assert not [entry["msgid"] for entry in entries if "fuzzy" in entry["#"]]


def test_no_text_of_the_source_is_missing(entries: list[Entry], in_the_source: set[str]) -> None:
    known = {key(entry) for entry in entries}
    assert in_the_source - known == set(), "Run makemessages and translate what is new."
    assert known - in_the_source == set(), "Run makemessages: the source no longer has these."


def test_holes_agree(entries: list[Entry]) -> None:
    """A translation may leave no value out and ask for none that isn't there."""
    for entry in entries:
        said = set(HOLE.findall(thai(entry)))
        assert said == set(HOLE.findall(entry.get("msgid_plural", entry["msgid"]))), entry["msgid"]


def test_compiled_catalogue_says_the_same(entries: list[Entry]) -> None:
    with (THAI / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    said = {name[0] if isinstance(name, tuple) else name: text for name, text in compiled.items() if name}
    assert said == {key(entry): thai(entry) for entry in entries}, "Run compilemessages."


def test_supplement_names_texts_that_the_libraries_have() -> None:
    """kpiportal/django_messages.py follows Django's and allauth's wording; an upgrade that rewords one shows here."""
    packages = Path(forms.__file__).parents[2]
    have = set()
    for place in ("django/conf/locale/en", "django/contrib/auth/locale/en", "allauth/locale/th"):
        have |= {entry["msgid"] for entry in read_po(packages / place / "LC_MESSAGES" / "django.po")}
    tree = ast.parse((ROOT / "kpiportal" / "django_messages.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = {call.args[1 if call.func.id == "pgettext_lazy" else 0].value for call in calls}
    assert len(named) > 90
    assert named - have == set()


def test_every_error_of_a_form_field_is_thai() -> None:
    classes = [
        kind for module in (fields, models) for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, forms.Field)
    ]
    assert len(classes) > 20
    with translation.override("th"):
        texts = {str(text) for kind in classes for text in getattr(kind, "default_error_messages", {}).values()}
        assert sorted(text for text in texts if text and not LETTER.search(text)) == []


def test_password_rules_and_periods_are_thai(settings) -> None:
    with translation.override("th"):
        rules = password_validators_help_texts()
        period = timesince(datetime.datetime(2026, 1, 1), datetime.datetime(2026, 1, 4))
    assert len(rules) == len(settings.AUTH_PASSWORD_VALIDATORS)
    assert all(LETTER.search(rule) and not re.search("[A-Za-z]", rule) for rule in rules)
    assert period == "3\xa0วัน"


@pytest.fixture
def person(db):
    """Someone with an account and no role."""
    return get_user_model().objects.create_user(
        "somchai", email="somchai@example.go.th", password=PASSWORD, name="ผู้จัดเก็บข้อมูล"
    )


@pytest.fixture
def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_refused_sign_in_is_thai(person) -> None:
    page = Client().post("/accounts/login/", {"login": "somchai", "password": "wrong"}).content.decode()
    assert "ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง โปรดลองอีกครั้ง" in page


def test_required_field_is_thai(db) -> None:
    page = Client().post("/accounts/login/", {"login": "", "password": ""}).content.decode()
    assert page.count("โปรดกรอกช่องนี้") == 2
    assert "This field" not in page


def test_weak_password_is_refused_in_thai(signed_in: Client) -> None:
    typed = {"oldpassword": PASSWORD, "password1": "12345", "password2": "12345"}
    page = signed_in.post("/accounts/password/change/", typed).content.decode()
    assert "รหัสผ่านสั้นเกินไป ต้องมีอย่างน้อย 10 ตัวอักษร" in page
    assert "รหัสผ่านมีแต่ตัวเลข" in page
    assert "This password" not in page


def test_mail_for_a_forgotten_password_is_thai(person, settings) -> None:
    """allauth's own translation of this mail is half English and prints '%(site_name)s'."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    Client().post("/accounts/password/reset/", {"email": person.email})
    [sent] = mail.outbox
    assert sent.subject == "KPI Portal: ตั้งรหัสผ่านใหม่"
    assert "มีผู้ขอตั้งรหัสผ่านใหม่สำหรับชื่อผู้ใช้" in sent.body and person.username in sent.body
    assert "/accounts/password/reset/key/" in sent.body
    assert "%(" not in sent.body
    assert "ing " not in sent.body


def test_the_same_page_in_english_has_no_thai_message(person) -> None:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.post("/accounts/login/", {"login": "", "password": ""}).content.decode()
    assert "This field is required." in page
    assert LETTER.search(page.replace("ไทย", "")) is None
