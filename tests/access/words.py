"""Words that appear nowhere but in what belongs to one unit: who may read which, and which stand in an answer."""
from urllib.parse import unquote

from tests.access.policies import OVER_IT, standing
from tests.access.world import NAMED, OWN, SAID, UNFINISHED

# The words that nobody of the north but these standings may read, by the standing to the own agency's things.
NORTH = {NAMED["north"], SAID["north"], NAMED["bureau"], SAID["bureau"]}
MAY_READ = {over_it: NORTH | {UNFINISHED} for over_it in OVER_IT}
MAY_READ |= {"collector": NORTH, "colleague": NORTH, "removed": {NAMED["north"]}, "anonymous": set()}
MAY_READ |= {
    "unit below": {NAMED["north"], NAMED["bureau"], SAID["bureau"], UNFINISHED},
    "reporter": set(NAMED.values()), "admin": {NAMED["north"], NAMED["bureau"]},
}
ALL_WORDS = {*NAMED.values(), *SAID.values(), UNFINISHED}
SOUTH = {NAMED["south"], SAID["south"]}


def may_read(actor: str) -> set[str]:
    return SOUTH if actor.endswith("of the south") else MAY_READ[standing(actor, OWN)]


def words_in(answer) -> set[str]:
    """The canaries in a body or a header."""
    headers = " ".join(f"{key}: {unquote(value)}" for key, value in answer.response.headers.items())
    text = answer.body.decode("utf-8", "replace") + headers
    return {word for word in ALL_WORDS if word in text}
