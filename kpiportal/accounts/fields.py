"""Form fields that read and write as the portal does everywhere."""
import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from scoring.engine.text import EngineError, Message, clean_text, date_text, parse_date


def say(message: Message) -> str:
    """A bilingual sentence in the reader's language."""
    return message.text(get_language() or "th")


class DayField(forms.Field):
    """A date as people type it: Thai digits, Buddhist years and names of months too."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": 60})
    default_error_messages = {"required": _("Type the date.")}

    def prepare_value(self, value: object) -> object:
        return date_text(value, get_language() or "th") if isinstance(value, datetime.date) else value

    def to_python(self, value: str | None) -> datetime.date | None:
        if not (value or "").strip():
            return None
        try:
            return parse_date(value)
        except EngineError as error:
            raise ValidationError(say(error.message)) from error


class LineField(forms.CharField):
    """One line of text, cleaned of what a paste brings along."""

    def to_python(self, value: str | None) -> str:
        return " ".join(clean_text(super().to_python(value)).split())


class TextField(forms.CharField):
    """Some lines of text, cleaned of what a paste brings along."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: str | None) -> str:
        return clean_text(super().to_python(value)).strip()
