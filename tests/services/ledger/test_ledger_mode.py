"""The ledger's files are their owner's alone."""

from __future__ import annotations

from worlds.ledger import World


def test_nobody_else_reads_the_ledger(world: World) -> None:
    world.sell()
    for suffix in ("", "-wal", "-shm"):
        file = world.path.with_name(world.path.name + suffix)
        assert file.stat().st_mode & 0o077 == 0, file.name
