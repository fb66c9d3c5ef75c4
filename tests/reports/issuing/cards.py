"""Issued cards to look at: seed 002's, rendered once for all tests that only read its bytes."""

import datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.test import override_settings

from reports.card_data import CardData
from reports.cards import build
from reports.issuing.rendering import Issue, render
from reports.issuing.signing import sign, trial_certificate
from scoring.models import Snapshot
from scoring.services import certify
from tests.cast import person, result
from tests.certified import decided

AT = datetime.datetime(2026, 11, 21, 7, 30, tzinfo=datetime.UTC)
ISSUE = Issue("2559-000042", "abcdefghijklmnop2345", AT, "2559-000007", "https://kpi.example.go.th")
PASSPHRASE = "kept-in-a-drawer"


def certified_moi() -> Snapshot:
    """Seed 002's result, certified."""
    decided(result("moi-2559"))
    return certify(result("moi-2559"), by=person("office")).snapshots.get()


@cache
def moi() -> tuple[bytes, CardData, str]:
    """The PDF of seed 002's card, what it prints, and the certified text; the database is left as it was."""
    with transaction.atomic():
        snapshot = certified_moi()
        made = render(snapshot, ISSUE), build(snapshot, user=None), snapshot.content
        transaction.set_rollback(True)
    return made


@cache
def certificate() -> Path:
    """A certificate to sign with, made once."""
    path = Path(settings.VAR_DIR) / "trial.p12"
    path.write_bytes(trial_certificate(PASSPHRASE))
    return path


@cache
def signed_moi() -> bytes:
    """The same card, signed."""
    with override_settings(CARD_CERTIFICATE=str(certificate()), CARD_PASSPHRASE=PASSPHRASE):
        return sign(moi()[0], at=AT)
