"""Whether the acquirer can be reached: name, connection, TLS and pin, without a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pos_terminal.config import Config
from pos_terminal.services.host.link import Link
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.framing import FrameReader
from pos_terminal.wire.iso8583.profile import Profile

if TYPE_CHECKING:
    from pos_terminal.services.host.ports import Connect


async def reach(config: Config, profile: Profile, connect: Connect) -> None:
    """Open one connection and close it. Failure ``host.not_sent`` or ``host.identity``."""
    acquirer = config.acquirer
    timing = profile.with_options(connect_seconds=acquirer.connect_seconds).timing
    link = Link(
        addresses=acquirer.address,
        connect=connect,
        frames=lambda: FrameReader(profile),
        decode=Codec(profile).decode,
        per_message=False,
        connect_seconds=timing.connect_seconds,
    )
    try:
        await link.acquire()
    finally:
        link.close()
