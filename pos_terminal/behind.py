"""What runs behind the counter and no start waits for: each imports its own when it first runs."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from pos_terminal.config import Config
from pos_terminal.core.words import Words
from pos_terminal.ports import CardReaders, Clock
from pos_terminal.ports.runner import Runner
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.process.trusted_clock import TrustedClock
from pos_terminal.wiring import watch_files

if TYPE_CHECKING:
    from pos_terminal.services.intake.outcome_inbox import OutcomeInbox
    from pos_terminal.services.intake.taking import Intake
    from pos_terminal.wire.card_dialogue import CardRead, Judge


def inboxes(
    config: Config, ledger: LedgerStore, intake: Callable[[], Intake]
) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
    if config.sales.inbox is not None:
        from pos_terminal.services.intake.inbox import Inbox

        folder = config.path(config.sales.inbox)
        allow_pan = config.sales.allow_full_pan
        inbox = Inbox(folder, ledger, intake(), allow_pan=allow_pan, watch=watch_files)
        yield "inbox", inbox.run


async def take_outcomes(outcomes: Callable[[], OutcomeInbox]) -> None:
    """The acquirer's files."""
    await outcomes().run()


async def audit(ledger: LedgerStore, runner: Runner, changed: Callable[[Words], None]) -> None:
    from pos_terminal.services.proof.auditing import Auditor

    await Auditor(ledger, runner, changed).run()


async def purge(
    config: Config,
    ledger: LedgerStore,
    clock: TrustedClock,
    *,
    ntp: Callable[[], bool],
    forget_token_keys: Callable[[int], Sequence[bytes]],
) -> None:
    """What is older than ``[retention]`` goes, behind everything else."""
    await ledger.tidy.rest()
    from pos_terminal.services.retention import purging

    purger = purging.Purger.of(config, ledger, clock, ntp=ntp, forget_token_keys=forget_token_keys)
    await purger.run()


async def read_card(
    readers: CardReaders, clock: Clock, currency: str, reader: str, judge: Judge
) -> tuple[CardRead, ...]:
    """Failure ``card.…``."""
    from pos_terminal.services.card.reading import read_present

    return await read_present(
        readers,
        reader,
        judge,
        today=clock.now().date(),
        unpredictable=secrets.token_bytes(4),
        currency=currency,
    )
