"""All settings, from the environment; nonsense stops the start with a sentence that says what to mend."""
import importlib.util
import os
import re
import secrets
from pathlib import Path
from urllib.parse import quote

import environ
from django.core.exceptions import ImproperlyConfigured

from scoring.engine.reminding import parse_times

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)


def secret_key() -> str:
    """The key from SECRET_KEY, else one made once and kept under var/ (readable by its owner only)."""
    key = env("SECRET_KEY", default="")
    if key and len(key) < 32:
        raise ImproperlyConfigured("SECRET_KEY is shorter than 32 characters: take a longer random one.")
    path = VAR_DIR / "secret_key"
    if not key and not path.exists():
        # Renamed when whole: an interruption must not leave an empty key behind.
        unfinished = VAR_DIR / f"secret_key.{os.getpid()}"
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(50))
        unfinished.rename(path)
    return key or path.read_text()


def package_dir(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    return Path(importlib.util.find_spec(name).origin).parent


def at_least_one(name: str, default: int) -> int:
    """A whole number from the environment, 1 or more."""
    try:
        number = env.int(name, default=default)
    except ValueError:
        number = 0
    if number < 1:
        raise ImproperlyConfigured(f"{name} must be a whole number from 1, not '{env(name)}'.")
    return number


SECRET_KEY = secret_key()
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=False)
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS contains '*': name the hosts that this portal answers to.")
if DEBUG and HTTPS:
    raise ImproperlyConfigured("DEBUG and HTTPS are both on: DEBUG shows secrets, turn it off in service.")

INSTALLED_APPS = [
    "kpiportal",
    "kpiportal.audit",
    "kpiportal.accounts",
    "indicators",
    "evidence",
    "scoring",
    "reports",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_tasks_db",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "kpiportal.middleware.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "kpiportal.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Before the token is looked for in the body: nobody fills the disk with files who isn't signed in.
    "kpiportal.middleware.SignInMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kpiportal.middleware.AuditContextMiddleware",
    "kpiportal.middleware.RefusalMiddleware",
    "kpiportal.middleware.NotShownMiddleware",
]

ROOT_URLCONF = "kpiportal.urls"
WSGI_APPLICATION = "kpiportal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
            "builtins": ["kpiportal.templatetags.kpi", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{quote(str(VAR_DIR / 'kpi.sqlite3'))}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE, WAL and a long wait together are what keeps 50 people saving at once free of 'database is locked'.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits live in the cache, so that several processes must share one.
CACHES = {"default": env.cache_url("CACHE_URL", default="dbcache://portal_cache")}
# The default of 300 entries would forget lock-outs on the day when everyone signs in.
CACHES["default"].setdefault("OPTIONS", {}).setdefault("MAX_ENTRIES", 100_000)
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email", "phone")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "kpiportal.accounts.adapter.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "kpiportal.accounts.tokens.OpenAccountTokens"
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"

# Files of evidence: where they lie (file:/… or s3://…), and how much one file and all files of a unit may take.
EVIDENCE_STORAGE = env("EVIDENCE_STORAGE", default=f"file:{VAR_DIR.resolve() / 'evidence'}")
EVIDENCE_MAX_MB = at_least_one("EVIDENCE_MAX_MB", 50)
EVIDENCE_RESULT_COUNT = at_least_one("EVIDENCE_RESULT_COUNT", 200)
EVIDENCE_RESULT_MB = at_least_one("EVIDENCE_RESULT_MB", 1000)
EVIDENCE_UNIT_GB = at_least_one("EVIDENCE_UNIT_GB", 20)
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "evidence.uploading.BoundedUploadHandler",
]
# The virus scanner: unix:/run/clamav/clamd.ctl or tcp:host:port, empty without one; its limits; how long to wait.
CLAMD_URL = env("CLAMD_URL", default="")
CLAMD_MAX_MB = at_least_one("CLAMD_MAX_MB", 100)
CLAMD_SECONDS = at_least_one("CLAMD_SECONDS", 60)
if CLAMD_URL and EVIDENCE_MAX_MB >= CLAMD_MAX_MB:
    raise ImproperlyConfigured(
        "EVIDENCE_MAX_MB must be below CLAMD_MAX_MB: the scanner does not look at what exceeds its StreamMaxLength, "
        "MaxFileSize and MaxScanSize. Raise these and CLAMD_MAX_MB, or lower EVIDENCE_MAX_MB."
    )

# The audit trail: how long an entry stays before it may be archived (Computer Crime Act s. 26: 90 days at least), the
# key that signs checkpoints (64 hexadecimal digits; else made once under var/), public keys that were used before, the
# file of checkpoints outside the database, and the folder of archives.
AUDIT_KEEP_DAYS, AUDIT_KEEP_LEAST = at_least_one("AUDIT_KEEP_DAYS", 730), 90
if AUDIT_KEEP_DAYS < AUDIT_KEEP_LEAST:
    raise ImproperlyConfigured("AUDIT_KEEP_DAYS must be 90 or more: the Computer Crime Act, section 26, wants it kept.")
AUDIT_KEY = env("AUDIT_KEY", default="")
if AUDIT_KEY and not (len(AUDIT_KEY) == 64 and set(AUDIT_KEY) <= set("0123456789abcdef")):
    raise ImproperlyConfigured("AUDIT_KEY must be 64 hexadecimal digits in small letters: `openssl rand -hex 32`.")
AUDIT_OLD_KEYS = env.list("AUDIT_OLD_KEYS", default=[])
AUDIT_CHECKPOINT_FILE = env("AUDIT_CHECKPOINT_FILE", default=str(VAR_DIR / "audit" / "checkpoints.jsonl"))
AUDIT_ARCHIVE_DIR = env("AUDIT_ARCHIVE_DIR", default=str(VAR_DIR / "audit" / "archive"))

# Whom the page /privacy/ names for questions about personal data: a line of text.
PRIVACY_CONTACT = env("PRIVACY_CONTACT", default="").strip()

EMAIL_CONFIG = env.email_url("EMAIL_URL", default=f"filemail:///{quote(str(VAR_DIR / 'mail'))}")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="KPI Portal <no-reply@kpiportal.example>")
# A mail server that is silent must not hold the task worker.
EMAIL_TIMEOUT = at_least_one("EMAIL_TIMEOUT", 30)

# The daily digest by mail, sent by `manage.py tick`; its links begin with the portal's own address.
PORTAL_URL = env("PORTAL_URL", default="").rstrip("/")
REMINDERS = env.bool("REMINDERS", default=bool(PORTAL_URL))
if REMINDERS and not PORTAL_URL:
    raise ImproperlyConfigured(
        "REMINDERS is on, but PORTAL_URL is empty: give the address under which people open the portal, such as "
        "PORTAL_URL=https://kpi.example.go.th, or every link in a mail would lead nowhere."
    )
if PORTAL_URL and not re.fullmatch(r"https?://[\w.-]+(:\d+)?(/[\w./-]*)?", PORTAL_URL, re.ASCII):
    raise ImproperlyConfigured(f"PORTAL_URL must be an address such as https://kpi.example.go.th, not '{PORTAL_URL}'.")
try:
    REMINDER_TIMES = parse_times(
        env("REMINDER_HOURS", default="08:00-17:00"), env("REMINDER_DAYS", default="mon,tue,wed,thu,fri").split(",")
    )
except ValueError as error:
    raise ImproperlyConfigured(f"REMINDER_HOURS and REMINDER_DAYS: {error}.") from error
# How many days late a report is when its supervisor's digest names it, and when the office's does.
REMINDER_SUPERVISOR_DAYS = at_least_one("REMINDER_SUPERVISOR_DAYS", 3)
REMINDER_OFFICE_DAYS = at_least_one("REMINDER_OFFICE_DAYS", 7)
if REMINDER_OFFICE_DAYS < REMINDER_SUPERVISOR_DAYS:
    raise ImproperlyConfigured(
        "REMINDER_OFFICE_DAYS must not be below REMINDER_SUPERVISOR_DAYS: the supervisor hears of a late report first."
    )

LANGUAGE_CODE = "th"
LANGUAGES = [("th", "ไทย"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Bangkok"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    ("fonts", package_dir("fontpkg_sarabun") / "files"),
    ("bootstrap", package_dir("django_include_bootstrap") / "static"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "kpiportal.staticfiles.HashedStaticFilesStorage"},
}

# What one report card may take to become a PDF; a usual one takes 0.5 s and 70 MB.
RENDER_SECONDS = env.int("RENDER_SECONDS", default=20)
RENDER_MEGABYTES = env.int("RENDER_MEGABYTES", default=300)
if RENDER_SECONDS < 1 or RENDER_MEGABYTES < 128:
    raise ImproperlyConfigured("RENDER_SECONDS must be at least 1 and RENDER_MEGABYTES 128, or no card is printed.")

# How many days after the approval, or the certification, a unit may object to marks that differ from its own.
OBJECTION_DAYS = at_least_one("OBJECTION_DAYS", 15)

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
# One proxy, whose word is the last in X-Forwarded-For; without one, that header is anybody's.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING")},
}
