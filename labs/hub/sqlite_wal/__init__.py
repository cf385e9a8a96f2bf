"""Django's SQLite with a write-ahead log: a hub that is killed loses nothing that it had answered for."""
