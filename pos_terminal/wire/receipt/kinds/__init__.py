"""Kinds of slips, one a file; ``all_kinds`` beside them has the list."""
