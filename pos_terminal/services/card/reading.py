"""A card in a reader, read through its port within a time that a customer will stand."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Final

from pos_terminal.core.words import Failure
from pos_terminal.ports import CardGone, CardLink, CardMute, CardReaders
from pos_terminal.wire.card_dialogue import CardRead, Judge, identify

LIMIT_SECONDS: Final = 10.0
"""For the whole dialogue. Slow contact cards take two seconds; more than this is no answer."""


async def read_card(
    link: CardLink,
    judge: Judge,
    *,
    today: date,
    unpredictable: bytes,
    currency: str,
) -> tuple[CardRead, ...]:
    """Who the card is, as ``identify`` says it by ``judge``. Failure ``card.…``, also for one that
    was pulled or never answers.

    ``unpredictable`` is four random bytes for this reading alone.
    """
    dialogue = identify(
        link.interface,
        link.atr,
        judge,
        today=today,
        unpredictable=unpredictable,
        currency=currency,
    )
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            command = next(dialogue)
            while True:
                command = dialogue.send(await link.transmit(command))
    except StopIteration as end:
        found: tuple[CardRead, ...] = end.value
        return found
    except CardGone:
        raise Failure("card.gone") from None
    except (CardMute, TimeoutError):
        raise Failure("card.mute") from None
    finally:
        dialogue.close()


async def read_present(
    readers: CardReaders,
    reader: str,
    judge: Judge,
    *,
    today: date,
    unpredictable: bytes,
    currency: str,
) -> tuple[CardRead, ...]:
    """Connect to the card in this reader, read it, let go of it. Failure ``card.…``."""
    try:
        link = await readers.connect(reader)
    except CardGone:
        raise Failure("card.gone") from None
    try:
        return await read_card(
            link,
            judge,
            today=today,
            unpredictable=unpredictable,
            currency=currency,
        )
    finally:
        await link.close()
