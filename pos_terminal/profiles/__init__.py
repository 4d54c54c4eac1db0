"""Acquirer profiles as data."""
