"""What the page of the trail can be asked for."""
import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kpiportal.accounts.fields import DayField, LineField
from kpiportal.accounts.forms import UnitField
from kpiportal.accounts.models import Unit
from kpiportal.audit.sentences import KINDS, actions_of
from kpiportal.trail.queries import Reader, Wanted


def midnight(day: datetime.date) -> datetime.datetime:
    """The first moment of a day in Bangkok."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


class TrailFilter(forms.Form):
    """Period, unit, person, kind of action, object and address."""

    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)
    unit = UnitField(label=_("Unit"), required=False, empty_label=_("All units"))
    person = LineField(label=_("Person"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("Kind of action"), required=False, choices=[("", _("All kinds")), *KINDS.items()])
    text = LineField(label=_("Words in the object's name"), max_length=100, required=False)
    address = LineField(label=_("Network address"), max_length=64, required=False)
    about = forms.RegexField(r"^[a-z_]+\.[a-z_]+:[0-9]{1,18}$", required=False, widget=forms.HiddenInput)

    def __init__(self, *args, scope: Reader, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(pk__in=scope.units).order_by("path")

    def clean(self) -> dict:
        data = super().clean()
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("The last day is before the first day: choose a later one."))
        return data

    def wanted(self) -> Wanted:
        """What was asked for; of a valid form."""
        data = self.cleaned_data
        since, until = data["since"], data["until"]
        return Wanted(
            since=midnight(since) if since else None,
            until=midnight(until + datetime.timedelta(days=1)) if until else None,
            unit=data["unit"].pk if data["unit"] else None,
            actions=tuple(actions_of(data["kind"])) if data["kind"] else (),
            person=data["person"], address=data["address"], text=data["text"], about=self.object_asked(),
        )

    def object_asked(self) -> tuple[str, str] | None:
        """The object whose story is asked for: its kind and key."""
        kind, _colon, key = (self.cleaned_data.get("about") or "").partition(":")
        return (kind, str(int(key))) if key else None

    def said(self) -> dict[str, str]:
        """The filters that were set, for the entry of an export."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}
