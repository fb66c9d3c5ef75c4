"""The forms of rounds, assignments and weights: parse and shape only, the services decide."""
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from indicators.assigning import Choice
from indicators.models import Agreement, Assignment, Indicator
from indicators.queries import measured, units_of
from indicators.ranges import read_units
from indicators.services.refusal import Unfit
from kpiportal.accounts.fields import DayField
from kpiportal.accounts.models import Unit, User
from scoring.engine.text import EngineError, Message, parse_number, plain

MONTHS = (6, 9, 12)


def say(message: Message) -> str:
    """A sentence in the reader's language."""
    return message.text(get_language() or "th")


class RefusableForm(forms.Form):
    """A form that takes a service's refusal to its fields."""

    use_required_attribute = False

    def refuse(self, refusal: Unfit) -> None:
        """Put each sentence beside its field, the others on top."""
        for name, message in refusal.problems.items():
            self.add_error(name if name in self.fields else None, say(message))


class DatesForm(RefusableForm):
    """When a round is to open and when its reports are due."""

    opens_on = DayField(
        label=_("To be opened on"), required=False,
        help_text=_("The round opens by itself on this day; without a day you open it yourself."),
    )
    due_on = DayField(
        label=_("Due date"), required=False,
        help_text=_("Until 23:59:59 in Bangkok. Write it as 30/4/2569 or 30 Apr 2026."),
    )


class RoundForm(DatesForm):
    """A round to add."""

    months = forms.TypedChoiceField(label=_("Round"), coerce=int)
    field_order = ("months", "opens_on", "due_on")

    def __init__(self, *args, taken: Iterable[int], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        left = [months for months in MONTHS if months not in set(taken)]
        self.fields["months"].choices = [
            (months, gettext("%(months)s months") % {"months": months}) for months in left
        ]


class CloseForm(RefusableForm):
    """Closing a round: what is confirmed, and why although something is open."""

    reason = forms.CharField(label=_("Reason"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3}))
    confirm = forms.BooleanField(
        label=_("I have read what is not certified, and close the round."),
        error_messages={"required": _("Tick this to confirm, or go back without closing.")},
    )
    seen = forms.CharField(max_length=32, widget=forms.HiddenInput)


class RunningForm(RefusableForm):
    """In which rounds an indicator is measured."""

    first_round = forms.TypedChoiceField(label=_("First round"), coerce=int, empty_value=None, required=False)
    cancelled_from = forms.TypedChoiceField(
        label=_("Cancelled from this round on"), coerce=int, empty_value=None, required=False
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=_("For example the decision or the letter that allows it. It stands in the audit trail."),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        rounds = [(months, gettext("%(months)s months") % {"months": months}) for months in MONTHS]
        self.fields["first_round"].choices = [("", _("From the first round")), *rounds]
        self.fields["cancelled_from"].choices = [("", _("Not cancelled")), *rounds]


UNITS_LENGTH = 700  # in Thai, with sixty ticked indicators, as long as an address may be (deploy/gunicorn.conf.py)


class AssignForm(RefusableForm):
    """Whom to assign: indicators, role and units; the people are chosen next, by unit."""

    indicator = forms.ModelMultipleChoiceField(
        Indicator.objects.none(), required=True,
        error_messages={
            "required": _("Tick the indicators that are to be assigned."),
            "invalid_choice": _("This indicator isn't of this agreement: choose from the list."),
            "invalid_pk_value": _("This indicator isn't of this agreement: choose from the list."),
        },
    )
    role = forms.ChoiceField(label=_("Role"), choices=Assignment.Role.choices)
    units = forms.CharField(
        label=_("Units"), required=False, max_length=UNITS_LENGTH, widget=forms.Textarea({"rows": 2}),
        help_text=_(
            "As documents write them: บก.ตม.1 – 6, or ทุกหน่วยในสังกัด ยกเว้น บก.ตม.2. "
            "Left empty: the lead unit of each indicator."
        ),
    )
    is_substitute = forms.BooleanField(label=_("As substitutes"), required=False)
    instead = forms.BooleanField(label=_("Instead of those who are assigned now"), required=False)

    def __init__(self, *args, agreement: Agreement, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.agreement, self.twice = agreement, []
        self.fields["indicator"].queryset = measured(agreement)

    def clean_units(self) -> tuple[Unit, ...]:
        """The units that the text means; every problem of it at once."""
        text = self.cleaned_data["units"].strip()
        if not text:
            return ()
        found = read_units(text, units_of(self.agreement), self.agreement.unit)
        self.twice = found.twice
        if found.problems:
            raise forms.ValidationError([say(problem) for problem in found.problems])
        return tuple(found.units)

    def choice(self, people: Mapping[int, tuple[User, ...]]) -> Choice:
        """What was chosen, with the people by unit."""
        data = self.cleaned_data
        return Choice(
            tuple(data["indicator"]), data["role"], data["units"], people, data["is_substitute"], data["instead"]
        )


def read_people(data: QueryDict, units: Iterable[Unit]) -> dict[int, tuple[int, ...]]:
    """The keys of the people chosen for each unit (`p<unit>`), each once; what is no key is left out."""
    chosen = {}
    for unit in units:
        typed = [value for value in data.getlist(f"p{unit.pk}") if value.isascii() and value.isdigit()]
        if typed:
            chosen[unit.pk] = tuple(dict.fromkeys(int(value) for value in typed if len(value) < 16))
    return chosen


def read_weights(data: QueryDict, indicators: Iterable[Indicator]) -> dict[int, Decimal | None]:
    """The weights typed for a round (`w<indicator>`), None for an empty field. Raises Unfit for what is no number."""
    weights: dict[int, Decimal | None] = {}
    problems: dict[str, Message] = {}
    for indicator in indicators:
        name = f"w{indicator.pk}"
        if name not in data:
            continue
        try:
            weights[indicator.pk] = parse_number(data[name]) if data[name].strip() else None
        except EngineError as error:
            problems[name] = error.message
    if problems:
        raise Unfit(problems)
    return weights


def weight_typed(weight: Decimal | None) -> str:
    """A weight as its field shows it."""
    return "" if weight is None else plain(weight)
