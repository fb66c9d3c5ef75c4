"""What the library can be asked for."""
from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kpiportal.accounts.fields import LineField
from kpiportal.accounts.forms import UnitField
from reports.library.queries import CERTIFIED, IN_WORK, ISSUED, SUPERSEDED, Choices, Wanted
from scoring.engine.text import fiscal_year_text


def whole(text: str) -> int | None:
    """A whole number of the choices, None for all of them."""
    return int(text) if text else None


class LibraryFilter(forms.Form):
    """Unit, fiscal year, round, indicator or number, and state."""

    STATES = [
        ("", _("All cards")), (ISSUED, _("Issued and in force")), (CERTIFIED, _("Certified, card not issued yet")),
        (SUPERSEDED, _("Superseded")), (IN_WORK, _("Reports in work")),
    ]
    unit = UnitField(label=_("Unit"), required=False, empty_label=_("All units"))
    year = forms.TypedChoiceField(label=_("Fiscal year"), required=False, coerce=whole, empty_value=None)
    round = forms.TypedChoiceField(label=_("Round"), required=False, coerce=whole, empty_value=None)
    q = LineField(label=_("Indicator or card: number or name"), max_length=100, required=False)
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)

    def __init__(self, *args, choices: Choices, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "th"
        self.fields["unit"].queryset = choices.units
        years = [(str(year), fiscal_year_text(year, language)) for year in choices.years]
        self.fields["year"].choices = [("", _("All years")), *years]
        months = [(str(one), _("%(months)s months") % {"months": one}) for one in choices.months]
        self.fields["round"].choices = [("", _("All rounds")), *months]

    def wanted(self) -> Wanted:
        """What was asked for; of a valid form."""
        data = self.cleaned_data
        return Wanted(data["unit"], data["year"], data["round"], data["q"], data["state"])

    def said(self) -> str:
        """The search in a few words, for the title of a file."""
        data = self.cleaned_data
        chosen = {name: dict(self.fields[name].choices).get(str(data[name] or ""), "") for name in ("year", "round")}
        parts = [data["unit"].name if data["unit"] else "", *(str(chosen[n]) if data[n] else "" for n in chosen)]
        return ", ".join(part for part in [*parts, data["q"]] if part)
