"""One's own reminders: language, by mail or not, and what today's mail says."""
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from kpiportal.audit.once import once
from scoring.engine.digest import compose, news
from scoring.models import ReminderSent, ReminderSetting
from scoring.queries.reminders import last_mails, setting_of
from scoring.services.reminders import notices_of, save_reminder_setting


@require_http_methods(["GET", "HEAD", "POST"])
@once
def reminders(request: HttpRequest) -> HttpResponse:
    """Shows and saves what a person chose, with a preview of today's mail."""
    if request.method == "POST":
        return _save(request)
    setting, notices = setting_of(request.user), notices_of([request.user])[request.user.pk]
    site = settings.PORTAL_URL or request.build_absolute_uri("/").rstrip("/")
    last, told = last_mails(request.user)
    context = {
        "setting": setting, "languages": ReminderSetting.Language.choices, "last": last,
        "mail": compose(str(request.user), notices, setting.language, timezone.localdate(), site) if notices else None,
        "has_news": bool(news(notices, told)), "sent_today": bool(last and last.day == timezone.localdate()),
        "is_undeliverable": bool(last and last.state == ReminderSent.State.UNDELIVERABLE),
        "switched_on": settings.REMINDERS, "times": settings.REMINDER_TIMES,
    }
    return render(request, "scoring/reminders.html", context)


def _save(request: HttpRequest) -> HttpResponse:
    try:
        save_reminder_setting(
            request.user, language=request.POST.get("language", ""), digest="digest" in request.POST, by=request.user
        )
    except ValidationError as error:
        raise BadRequest("no such language") from error
    messages.success(request, gettext("Saved."))
    return redirect("reminders")
