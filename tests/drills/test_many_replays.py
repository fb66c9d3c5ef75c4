"""A thousand forms, each sent two or three times."""
from tests.scoring.replays import have_one_effect_each, one_after_the_other


def test_a_thousand_forms_have_a_thousand_effects(seeds, db):
    have_one_effect_each(1_000, one_after_the_other)
