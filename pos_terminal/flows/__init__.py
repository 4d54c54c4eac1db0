"""One clerk action per file; straight coroutines that read like the clerk's script."""
