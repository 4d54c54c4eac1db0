"""What several kinds of slips have in common: facts, and the rows that they make."""
