"""50,000 steps of the workflow's state machine."""

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.scoring.machine import Workflow

RUNS, STEPS = 20, 50_000


@pytest.mark.usefixtures("seeds", "db")
class TestLongWorkflow(Workflow.TestCase):
    def runTest(self):
        before = Workflow.steps
        while Workflow.steps - before < STEPS:
            super().runTest()

    settings = settings(
        max_examples=RUNS, stateful_step_count=100, deadline=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # a failing seed is short enough to follow
    )
