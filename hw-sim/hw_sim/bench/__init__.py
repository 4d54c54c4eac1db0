"""Everything together, and its shell."""
