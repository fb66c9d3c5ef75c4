"""Every address × method × person × object × state, asked for: the addresses from the resolver, what must come of it
from the one table in tests/access/policies.py."""
import pytest

from tests.access.asking import NO_STATE, address, parameters, patterns, target_of
from tests.access.fixtures import asker
from tests.access.matrix import NAMES, cells, pages, wrong_in
from tests.access.policies import POLICIES, SIGNED_OUT
from tests.access.world import ACTORS, OWN

__all__ = ["asker"]


# The mark has the database made (pytest-django looks for it); all else runs in the module's own transaction.
@pytest.mark.django_db
def test_every_address_has_its_policy():
    assert None not in [pattern.name for pattern in patterns()], "every address needs a name"
    assert set(NAMES) == set(POLICIES), "one line for each address in tests/access/policies.py"


def test_an_object_in_an_address_is_never_public_or_plain():
    """Only allauth's links of a mail carry something, and that is a key."""
    with_object = {name for name in NAMES if parameters(name)} - {"account_reset_password_from_key"}
    assert with_object == {name for name, policy in POLICIES.items() if policy.about not in ("", "public")}


@pytest.mark.parametrize("name", [name for name in NAMES if getattr(POLICIES.get(name), "about", "") != "public"])
def test_every_cell(asker, name, record_property):
    asked = list(cells(name))
    wrong = [each for cell, act in asked for each in wrong_in(asker, cell, act)]
    record_property("cells", len(asked))
    assert not wrong, f"{len(wrong)} cells of {name}:\n" + "\n".join(wrong[:40])


@pytest.mark.parametrize("name", [name for name in NAMES if getattr(POLICIES.get(name), "about", "") == "public"])
def test_public_addresses_answer_everybody_and_change_nothing(asker, name, record_property):
    target = target_of(asker.world, OWN, NO_STATE)
    for actor in ACTORS:
        for method in ("get", "post"):
            answer = asker.ask(actor, method, address(name, target))
            assert answer.status in (200, 302, 405, 429), f"{method} {name} as {actor}: {answer.status}"
            signed_out = answer.recorded == ("user.signed_out",)
            assert not answer.changed or signed_out, f"{method} {name} as {actor} changed something"
    record_property("cells", 2 * len(ACTORS))


@pytest.mark.parametrize("actor", sorted(set(ACTORS) - SIGNED_OUT))
def test_a_report_offers_nothing_that_its_reader_may_not_do(asker, actor):
    assert [each for cell in pages(actor) for each in wrong_in(asker, cell, None)] == []
