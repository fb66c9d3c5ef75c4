"""50,000 steps of the workflow's state machine."""

import pytest
from hypothesis import HealthCheck, settings

from tests.scoring.machine import Workflow

RUNS, STEPS = 500, 100


@pytest.mark.usefixtures("seeds", "db")
class TestLongWorkflow(Workflow.TestCase):
    settings = settings(
        max_examples=RUNS, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
    )
