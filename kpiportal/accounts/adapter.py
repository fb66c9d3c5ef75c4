"""How allauth behaves here: no sign-up, sign-ins recorded, mail sent by the task worker."""
from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse

from kpiportal.accounts.models import User
from kpiportal.accounts.services import (
    note_closed_sign_in_refused,
    note_sign_in,
    note_sign_in_refused,
    note_sign_out,
    set_password,
)
from kpiportal.accounts.tasks import deliver_mail


def client_address(request: HttpRequest) -> str:
    """Where a request came from, for the audit trail as for allauth's rate limits: the connection's address, and with
    BEHIND_PROXY the one that the proxy saw; empty where there is none, as on a socket file."""
    try:
        return get_adapter(request).get_client_ip(request)
    except PermissionDenied:
        return ""


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: User, **kwargs):
        note_sign_in(user, by=user)
        return super().post_login(request, user, **kwargs)

    def logout(self, request: HttpRequest) -> None:
        note_sign_out(request.user, by=request.user)
        super().logout(request)

    def pre_authenticate(self, request: HttpRequest, **credentials) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:  # too many failures: the password is not even looked at
            note_sign_in_refused(str(credentials.get("username") or ""), locked=True)
            raise

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        note_closed_sign_in_refused(user)
        return super().respond_user_inactive(request, user)

    def authentication_failed(self, request: HttpRequest, **credentials) -> None:
        super().authentication_failed(request, **credentials)
        note_sign_in_refused(str(credentials.get("username") or ""))

    def set_password(self, user: User, password: str) -> None:
        # Every road to a new password (changed, forgotten, first) leaves its entry; who holds a link is not known.
        changes_own = self.request.user == user
        set_password(user, password, by_link=not changes_own, by=user if changes_own else None)

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        message = self.render_mail(template_prefix, email, {"email": email, **context})
        deliver_mail.enqueue(subject=message.subject, body=message.body, to=list(message.to))
