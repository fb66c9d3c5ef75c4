"""2,000 steps of the workflow's state machine; 50,000 in the drills."""

import pytest
from hypothesis import HealthCheck, settings

from tests.scoring.machine import Workflow

RUNS, STEPS = 40, 50


@pytest.mark.usefixtures("seeds", "db")
class TestWorkflow(Workflow.TestCase):
    settings = settings(
        max_examples=RUNS, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
    )
