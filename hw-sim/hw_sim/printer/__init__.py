"""A receipt printer behind a pty and a TCP port."""
