"""Of every paper everybody reads no more than of the other pages: no word of what is another unit's, in no round."""

from collections.abc import Iterator

import pytest

from reports.papers import PAPERS
from tests.access.asking import Answer, Asker, address, states_of, target_of
from tests.access.fixtures import asker
from tests.access.policies import POLICIES
from tests.access.words import may_read, words_in
from tests.access.world import ACTORS, MISSING, OWN, SAID

__all__ = ["asker"]
pytestmark = pytest.mark.django_db
QUERIES = ({}, {"round": "12", "digits": "thai"}, {"sides": "one"})


def pages(asker: Asker, actor: str, name: str) -> Iterator[tuple[str, dict, Answer]]:
    """The answers to a person who asks for a paper of every agreement."""
    for relation, state in states_of(POLICIES["paper"].about):
        if relation != MISSING:
            path = address("paper", target_of(asker.world, relation, state)).replace("summary", name)
            for query in QUERIES:
                yield relation, query, asker.ask(actor, "get", path, query)


@pytest.mark.parametrize("actor", ACTORS)
def test_words_of_others_stand_in_no_paper(asker, actor):
    seen = {
        f"{name} {relation} {query}: {word}"
        for name in PAPERS
        for relation, query, answer in pages(asker, actor, name)
        for word in words_in(answer) - may_read(actor)
    }
    assert seen == set()


def test_what_one_may_read_stands_there(asker):
    """Else its absence elsewhere says nothing."""
    answer = next(answer for relation, _, answer in pages(asker, "auditor", "evidence-index") if relation == OWN)
    assert answer.status == 200 and SAID["north"] in words_in(answer)
