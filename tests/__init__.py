"""The tests; helpers are imported from here by name, for instance `tests.postgres`."""
