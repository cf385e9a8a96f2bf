"""Reads what students handed in, as data: nothing of it is run here."""
