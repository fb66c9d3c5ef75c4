"""The keys in links by which people set a password."""
from allauth.account.forms import EmailAwarePasswordResetTokenGenerator

from kpiportal.accounts.models import User


class OpenAccountTokens(EmailAwarePasswordResetTokenGenerator):
    """Keys that open nothing while the account is deactivated, though they were made before."""

    def check_token(self, user: User | None, token: str | None) -> bool:
        return bool(user and user.is_active and super().check_token(user, token))
