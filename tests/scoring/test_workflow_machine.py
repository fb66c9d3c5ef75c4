"""2,000 steps of the workflow's state machine; 50,000 in the drills."""

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.scoring.machine import Workflow

RUNS, STEPS = 22, 2_000  # a run of 100 begins with what is no step, and one run has none: 20 would be a few too few


@pytest.mark.usefixtures("seeds", "db")
class TestWorkflow(Workflow.TestCase):
    def runTest(self):
        before = Workflow.steps
        while Workflow.steps - before < STEPS:
            super().runTest()

    settings = settings(
        max_examples=RUNS, stateful_step_count=100, deadline=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # a failing seed is short enough to follow
    )
