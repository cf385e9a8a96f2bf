"""What Django asks a database engine for: SQLite, set up for several threads and for being killed."""

from __future__ import annotations

from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Readers do not wait for the one who writes, and writers wait for each other."""

    def get_new_connection(self, conn_params: Any) -> Any:
        """Called by Django for each thread."""
        connection = super().get_new_connection(conn_params)
        # FULL: a commit is on the disk when the answer is sent. WAL alone would lose the last ones with the machine.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def _start_transaction_under_autocommit(self) -> None:
        # A transaction that begins with reading and goes on to write fails at once if another has written meanwhile;
        # one that says from the start that it writes waits. (Django 5.1 has a setting for this, `transaction_mode`.)
        self.cursor().execute("BEGIN IMMEDIATE")
