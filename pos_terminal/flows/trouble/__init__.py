"""Unknown outcomes, cases, and a line that is in doubt."""
