"""KPI Portal: the project package, and the two things that every app stands on (accounts and audit)."""
import sys

import pysqlite3
import pysqlite3.dbapi2

# Debian 12's SQLite 3.40 can corrupt a WAL database written by several processes; this must come before Django.
sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
