"""50,000 steps of the workflow's state machine, half of them in either of two processes."""

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.scoring.machine import Workflow

RUNS, STEPS = 20, 25_000


@pytest.mark.usefixtures("seeds", "db")
class TestLongWorkflow(Workflow.TestCase):
    def runTest(self):
        before = Workflow.steps
        while Workflow.steps - before < STEPS:
            super().runTest()

    settings = settings(
        # A run begins with a report and nine people, which takes as long as twenty-five steps.
        max_examples=RUNS, stateful_step_count=200, deadline=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate], derandomize=False,  # a failing seed is short enough to follow
    )


class TestTheOtherHalf(TestLongWorkflow):
    """With other seeds, which are drawn anew for each run."""
