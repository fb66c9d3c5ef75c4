# Two commands set everything up: `make run` serves the portal, `make test` runs every test.
# PORT=8123 serves elsewhere than on 8000; DEMO_PASSWORD=… gives the demo accounts another password.
PYTHON := .venv/bin/python
# Thai is printed whatever the terminal's locale says.
export PYTHONUTF8 := 1

.PHONY: run test drills bench

run:
	@bash deploy/setup.sh run
	@exec setpriv --pdeathsig TERM $(PYTHON) deploy/serve.py

test:
	@bash deploy/setup.sh test
	@exec setpriv --pdeathsig TERM $(PYTHON) deploy/check.py test

# The long tests: minutes each, under 40 minutes together.
drills:
	@bash deploy/setup.sh drills
	@exec setpriv --pdeathsig TERM $(PYTHON) deploy/check.py drills

# The figures: every bench/*.py, one after the other.
bench:
	@bash deploy/setup.sh test
	@exec setpriv --pdeathsig TERM $(PYTHON) deploy/check.py bench
