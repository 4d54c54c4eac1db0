"""Power cuts and failing disks: what the terminal's files may be then, and how it bears it."""
