"""Small middlewares: security headers, language, and for the audit trail where a request came from and refusals."""
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils import translation
from django.utils.translation import gettext

from kpiportal.accounts.adapter import client_address
from kpiportal.audit.context import coming_from
from kpiportal.trail.services import note_refusal

# Nothing from another host, no inline script or style; fonts, pictures and frames (previews of files) are our own.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "manifest-src 'self'"
)
Handler = Callable[[HttpRequest], HttpResponse]


class SecurityHeadersMiddleware:
    """Sets the content security policy and forbids caches to keep signed-in pages."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "geolocation=(), microphone=(), payment=()")
        if getattr(request, "user", None) and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page needs a sign-in unless it says otherwise; a fragment that htmx asks for gets 401.

    After a form the sign-in leads back to the page that holds it: the form's own address may show nothing by itself.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> HttpResponse:
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=401)
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return super().handle_no_permission(request, view_func)
        if request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":  # what nobody waits for says nothing
            sentence = gettext("You were signed out, so this was not sent. Sign in, then send it again.")
            messages.warning(request, sentence)
        return redirect_to_login(_page_before(request), resolve_url(settings.LOGIN_URL))


def _page_before(request: HttpRequest) -> str:
    """The page of this portal that a request came from; else its own address."""
    before = urlsplit(request.headers.get("Referer", ""))
    if before.netloc != request.get_host():
        return request.get_full_path()
    return f"{before.path}?{before.query}" if before.query else before.path


class NotShownMiddleware:
    """An address that takes only what a form sends says so to whoever opens it, in place of a blank page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "GET" and response.status_code == 405:
            allowed = response.headers["Allow"]
            response = render(request, "405.html", status=405)
            response.headers["Allow"] = allowed
        return response


class LanguageMiddleware:
    """Thai unless the person chose English; a browser's own language does not decide."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.known = {code for code, _ in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in self.known else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class AuditContextMiddleware:
    """Keeps the request's address at hand, so that every audit entry can say where it came from."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with coming_from(client_address(request)):
            return self.get_response(request)


class RefusalMiddleware:
    """Leaves an entry when a signed-in person is refused: a page that isn't theirs or isn't there (403, 404), a method
    that an address doesn't take (405), or what may not be done now (409). An address that there isn't is a slip."""

    STATUSES = {403, 404, 405, 409}

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in self.STATUSES and request.resolver_match and request.user.is_authenticated:
            route = request.resolver_match.view_name
            # The address of a page of one's own account may hold a key.
            path = "" if route.startswith("account_") else request.path
            note_refusal(method=request.method, route=route, path=path, status=response.status_code, by=request.user)
        return response
