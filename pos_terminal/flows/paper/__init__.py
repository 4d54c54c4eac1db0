"""Slips again, and slips in doubt."""
