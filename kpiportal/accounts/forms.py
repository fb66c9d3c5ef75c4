"""Forms of people and rights: parse and shape only, what is allowed stands in the services."""
from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kpiportal.accounts.fields import DayField, LineField, TextField, say
from kpiportal.accounts.models import Membership, Unit, User
from kpiportal.accounts.queries import grants_shown, overlapping, units_managed
from kpiportal.accounts.refusals import ENDS_TOO_EARLY, OVERLAPS
from kpiportal.accounts.review import Flag
from kpiportal.accounts.roles import Role

DAY_HELP = _("Such as 21/11/2569 or 21 Nov 2026.")
OPEN_END = _("Leave it empty for an open end.")


class UnitField(forms.ModelChoiceField):
    """A unit by its code, shown with its place in the tree."""

    def __init__(self, **kwargs) -> None:
        super().__init__(queryset=Unit.objects.none(), to_field_name="code", **kwargs)

    def label_from_instance(self, unit: Unit) -> str:
        return "\u2003" * (unit.path.count("/") - 2) + unit.name


class DetailsForm(forms.Form):
    """What the portal says of a person."""

    name = LineField(label=_("Name"), max_length=200)
    position = LineField(label=_("Position"), max_length=200, required=False)
    phone = LineField(label=_("Telephone"), max_length=100, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)


class GrantForm(forms.Form):
    """A right to give: role, unit, first and last day."""

    role = forms.ChoiceField(label=_("Role"), choices=[("", "–"), *Role.choices])
    unit = UnitField(
        label=_("Unit"), empty_label="–", help_text=_("The right counts in this unit and all units below it.")
    )
    since = DayField(label=_("First day"), help_text=DAY_HELP)
    until = DayField(label=_("Last day"), required=False, help_text=OPEN_END)

    def __init__(self, *args, by: User, person: User | None = None, **kwargs) -> None:
        kwargs.setdefault("initial", {"since": timezone.localdate()})
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["unit"].queryset = units_managed(by)

    def clean_since(self):
        """No right is given for days that are over."""
        since = self.cleaned_data["since"]
        if since < timezone.localdate():
            raise forms.ValidationError(_("The first day is over: choose today or a later day."))
        return since

    def clean(self) -> dict:
        data = super().clean()
        if data.get("until") and data.get("since") and data["until"] < data["since"]:
            self.add_error("until", _("The last day is before the first day: choose a later one."))
        elif self.person and all(name in data for name in ("role", "unit", "since", "until")):
            if overlapping(Membership(user=self.person, **data)).exists():
                self.add_error("unit", say(OVERLAPS))
        return data


class AddForm(DetailsForm, GrantForm):
    """A new person with their first right."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text=_("What the person types to sign in; it can't be changed later."),
    )
    field_order = ["username", "name", "position", "phone", "email", "role", "unit", "since", "until"]

    def clean_username(self) -> str:
        """Names that differ in capitals only would be mistaken for each other."""
        username = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("This user name is taken: choose another one."))
        return username

    def account(self) -> dict[str, str]:
        """The fields of the account alone."""
        return {name: self.cleaned_data[name] for name in ("username", *DetailsForm.base_fields)}

    def right(self) -> dict:
        """The fields of the first right alone."""
        return {name: self.cleaned_data[name] for name in ("role", "unit", "since", "until")}


class UntilForm(forms.Form):
    """The last day of a grant."""

    until = DayField(label=_("Last day"), required=False)

    def clean_until(self):
        """What is over can't be the last day, and what isn't sent at all is no open end."""
        if self.add_prefix("until") not in self.data:
            raise forms.ValidationError(DayField.default_error_messages["required"])
        until = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise forms.ValidationError(say(ENDS_TOO_EARLY))
        return until


class ReasonForm(forms.Form):
    """Why an account is deactivated or reactivated."""

    reason = TextField(label=_("Reason"), max_length=1000)


class ReviewFilter(forms.Form):
    """Which rights the review shows."""

    SHOWN = [
        ("", _("All rights")),
        ("current", _("Rights that have not ended")),
        ("flagged", _("Rights that want a look")),
        *Flag.choices,
    ]
    q = LineField(label=_("Name or user name"), max_length=100, required=False)
    show = forms.ChoiceField(label=_("Show"), choices=SHOWN, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("All roles")), *Role.choices], required=False)
    unit = UnitField(label=_("Unit"), required=False, empty_label=_("All units"))

    def __init__(self, *args, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(pk__in=grants_shown(by).values("unit"))


def problems_of(form: forms.Form) -> list[tuple[str, str, str]]:
    """Everything that is wrong with a form: the field's id, its label and the sentence."""
    if not form.is_bound:
        return []
    found = [(field.id_for_label, field.label, error) for field in form for error in field.errors]
    return [("main", "", error) for error in form.non_field_errors()] + found
