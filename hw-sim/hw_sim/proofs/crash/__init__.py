"""The real terminal, stopped at a named step: killed, cut off, or out of disk."""
