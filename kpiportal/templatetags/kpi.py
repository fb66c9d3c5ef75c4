"""Numbers, digits and dates in templates: thin wraps of scoring/engine/text.py, the only formatting of them."""
import datetime
import secrets
from collections.abc import Iterable
from decimal import Decimal
from functools import cache

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy

from kpiportal.accounts.roles import Role
from kpiportal.audit.once import FIELD
from kpiportal.ways import Link, ways_of
from scoring.engine import text
from scoring.help import HELP
from scoring.values import OthersChange

register = template.Library()


@register.filter
def score(value: Decimal | None) -> str:
    """A score with four places; '–' where there is none."""
    return text.score_text(value)


@register.filter
def of_unit(value: object, unit: str) -> str:
    """A number with its unit of measure, in the order of Thai."""
    return text.with_unit(str(value), unit)


@register.filter
def weight(value: Decimal | None) -> str:
    """A weight without needless zeros; '–' where there is none."""
    return "–" if value is None else text.plain(value)


@register.filter
def digits(value: object, kind: str) -> str:
    """Text in the digits of the paper ('thai' or 'arabic'); addresses and file names stay."""
    return text.thai_digits(str(value)) if kind == "thai" else str(value)


@register.filter
def file_size(size: int) -> str:
    """The size of a file: '1.2 MB'."""
    return text.size_text(size)


@register.filter
def day(value: datetime.date | datetime.datetime | None) -> str:
    """'21 พ.ย. 2569' or '21 Nov 2026', in Bangkok."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        value = timezone.localtime(value).date()
    return text.date_text(value, get_language() or "th")


@register.filter
def clock(value: datetime.datetime | None) -> str:
    """'14:02 น.' or '14:02', in Bangkok."""
    return "" if value is None else text.time_text(timezone.localtime(value), get_language() or "th")


@register.filter
def moment(value: datetime.datetime) -> str:
    """A time to the microsecond with its zone, as machines write it, in Bangkok."""
    return timezone.localtime(value).isoformat(" ")


@register.filter
def fiscal(year: int) -> str:
    """A fiscal year in the reader's era: 2559 or 2016."""
    return text.fiscal_year_text(int(year), get_language() or "th")


@register.filter
def months(value: int) -> str:
    """'12 เดือน' or '12 months'."""
    return gettext("%(months)s months") % {"months": value}


MOST_KEPT = 5_000
_kept: dict[tuple, str] = {}

# A state is a word and a shape, then a colour.
_STATES = {
    "draft": ("○", gettext_lazy("Draft")),
    "submitted": ("➤", gettext_lazy("Submitted")),
    "returned": ("↩", gettext_lazy("Returned")),
    "approved": ("✓", gettext_lazy("Approved")),
    "certified": ("✓✓", gettext_lazy("Certified")),
    "late": ("!", gettext_lazy("Overdue")),
}


@register.filter
def superseded_numbers(made: int, in_force: object) -> range:
    """The numbers of the snapshots that are superseded: all that were made, but the last while that is in force."""
    return range(1, made + 1 - bool(in_force))


@register.simple_tag
def state_tag(state: str, late: bool = False) -> str:
    """The badge of a result's state, and of being overdue; nothing for no state."""
    return _state_badge(state, bool(late), get_language() or "th")


@cache
def _state_badge(state: str, late: bool, _language: str) -> str:
    return format_html_join(
        " ",
        '<span class="state state-{}"><span aria-hidden="true">{}</span> {}</span>',
        [(name, *_STATES[name]) for name, shown in ((state, state), ("late", late)) if shown],
    )


@register.simple_tag
def state_word(state: str) -> str:
    """The word of a result's state, as in a list to choose from."""
    return str(_STATES[state][1])


# Where an operating unit stands with its base data: a shape and a word.
_UNIT_STATES = {
    "missing": ("○", gettext_lazy("Missing")),
    "begun": ("◐", gettext_lazy("Not complete")),
    "reported": ("✓", gettext_lazy("Reported")),
    "not_reported": ("–", gettext_lazy("Not reported")),
}


@register.simple_tag
def unit_state(state: str) -> str:
    """The badge of a unit's base data."""
    shape, word = _UNIT_STATES[state]
    return format_html('<span class="state state-{}"><span aria-hidden="true">{}</span> {}</span>', state, shape, word)


@register.simple_tag
def panel_rows(rows: Iterable[tuple[str, ...]]) -> str:
    """The lines (anchor, number, W, SM, W × SM) of the table beside the entry form, which is drawn anew with every
    save: a loop in the template would take a tenth of it."""
    line = '<tr><th scope="row"><a href="#{}">{}</a></th>' + '<td class="num">{}</td>' * 3 + "</tr>"
    return format_html_join("", line, rows)


@register.simple_tag
def field_error(errors: dict[str, text.Message | OthersChange], *name: str, swap: bool = False) -> str:
    """The place of a field's sentence, filled when the field (its name in parts) has one, with two answers when it is
    a conflict; `swap` puts it into a page that stands already."""
    key = "".join(name)
    sentence = errors[key].text(get_language() or "th") if key in errors else ""
    if key in errors and isinstance(errors[key], OthersChange):
        sentence = render_to_string("scoring/_conflict.html", {"conflict": errors[key], "sentence": sentence})
    out_of_band = mark_safe(' hx-swap-oob="true"') if swap else ""
    return format_html('<span class="field-error" id="{}-error"{}>{}</span>', key, out_of_band, sentence)


@register.simple_tag
def help_at(field: str) -> str:
    """The help at a field of this kind, as a part that opens."""
    return _help(field, get_language() or "th")


@cache
def _help(field: str, language: str) -> str:
    # A page of 40 criteria has a hundred of them.
    return mark_safe(render_to_string("_components/help.html", {"help": HELP[field]}))


@register.simple_tag
def kept(template: str, *key: object, **values: object) -> str:
    """A part of a page that is the same as long as its `key` is, drawn once from `values` and kept: a definition's
    part under its stamp. On the entry page there are dozens of them."""
    name = (template, get_language(), *key)
    part = _kept.get(name)
    if part is None:
        part = mark_safe(render_to_string(template, values))
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[name] = part
    return part


@register.simple_tag
def once() -> str:
    """The token by which a form has its effect once (kpiportal/audit/once.py); never inside a part that is `kept`."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, secrets.token_urlsafe(16))


@register.simple_tag(takes_context=True)
def typed(context: Context, field: str, stored: object) -> object:
    """What a field (by its id) shows: as it was typed where that was refused, else as it is stored."""
    return context["typed"].get(field, stored)


@register.filter
def say(message: text.Message) -> str:
    """A bilingual sentence of the engine in the reader's language."""
    return message.text(get_language() or "th")


@register.simple_tag(takes_context=True)
def ways(context: Context) -> list[Link]:
    """The links of the navigation for whoever is signed in."""
    request = context.get("request")
    signed_in = getattr(request, "user", None) is not None and request.user.is_authenticated
    return ways_of(request.user, request.path) if signed_in else []


@register.simple_tag
def account_state(active: bool) -> str:
    """The badge of an account: open or closed."""
    if active:
        word, shape, kind = gettext("Active"), "✓", "approved"
    else:
        word, shape, kind = gettext("Deactivated"), "✕", "returned"
    return format_html('<span class="state state-{}"><span aria-hidden="true">{}</span> {}</span>', kind, shape, word)


@register.simple_tag
def role_name(role: str) -> str:
    """A role as people call it."""
    return str(Role(role).label) if role in Role.values else role
