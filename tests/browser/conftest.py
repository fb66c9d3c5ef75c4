"""The browser that the tests drive: Debian's Chromium, cut off from everything but this machine."""
import os
import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, expect

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-software-rasterizer",
    "--in-process-gpu",
    "--force-prefers-reduced-motion",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
PATIENCE = 15_000  # ms: both cores may be busy
ELSEWHERE = re.compile(r"^(?!(https?|wss?)://(127\.0\.0\.1|localhost)(:\d+)?(/|$))(https?|wss?|ftp|file):")


@pytest.fixture(scope="session", autouse=True)
def _django_beside_playwright() -> Iterator[None]:
    """Synchronous Playwright keeps an event loop running, which Django takes for asynchronous code."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Debian's Chromium instead of one that Playwright would download."""
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": QUIET}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    """An office PC of a Thai agency; no service worker may slip past the guard."""
    screen = {"width": 1366, "height": 768}
    return {
        **browser_context_args,
        "viewport": screen,
        "locale": "th-TH",
        "timezone_id": "Asia/Bangkok",
        "service_workers": "block",
    }


@pytest.fixture(scope="session")
def base_url(live_server) -> str:
    """`page.goto("/")` opens the portal."""
    return live_server.url


@pytest.fixture(autouse=True)
def portal(live_server, committed_seeds: None) -> str:
    """A running portal with the seed documents, for every browser test; its address."""
    return live_server.url


@pytest.fixture
def signed_in(page: Page, portal: str) -> Callable[[str], Page]:
    """`signed_in("collector")`: the page as that demo person (the sign-in form has a test of its own)."""

    def _signed_in(username: str) -> Page:
        client = Client()
        client.force_login(get_user_model().objects.get(username=username))
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": portal}])
        return page

    return _signed_in


@pytest.fixture
def requests_elsewhere() -> list[str]:
    """The addresses outside this machine that the pages of the test asked for."""
    return []


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console reported: errors of scripts, and what the security policy blocked."""
    return []


@pytest.fixture
def context(
    context: BrowserContext, requests_elsewhere: list[str], complaints: list[str]
) -> Iterator[BrowserContext]:
    """A browser context whose test fails for every request leaving 127.0.0.1, which finds no such host, and for
    complaints. Nothing is intercepted: the browser would keep no file for the next page then."""

    def note(request: Request) -> None:
        if ELSEWHERE.match(request.url):
            requests_elsewhere.append(request.url)

    def complain(message: ConsoleMessage) -> None:
        # A refusal (404, 409, 422) is an answer like any other, though Chromium calls it an error.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    context.on("request", note)
    context.on("console", complain)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield context
    assert not requests_elsewhere, f"The pages asked for addresses outside this machine: {requests_elsewhere}"
    assert not complaints, f"The browser's console: {complaints}"
