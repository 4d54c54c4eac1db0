"""The unchanged terminal on virtual time, with a clerk who reads its screen."""

from __future__ import annotations

import argparse
import json
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final
from unittest.mock import patch

import pytest
from hw_sim.bench import identity
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting, Site, run_site
from worlds.stories import Story, Test, as_test

from pos_terminal.cli import explain
from pos_terminal.core.refund import Refund
from pos_terminal.texts import Language
from pos_terminal.wire.feed.lines import Format

ENGLISH: Final = Setting(language=Language.EN)
NEVER: Final = Setting(repeat="never", language=Language.EN)
"""A refund without an answer stays unknown."""


def tell(story: Callable[[SimClerk], Awaitable[None]], setting: Setting = ENGLISH) -> None:
    """The terminal has started and nobody is logged in."""

    async def whole(site: Site) -> None:
        site.start()
        clerk = SimClerk(site)
        await clerk.wait_for_life()
        await story(clerk)
        assert site.crashes == []

    run_site(whole, setting)


def at_the_counter(setting: Setting = ENGLISH) -> Callable[[Story[SimClerk]], Test]:
    """A test whose hero is the clerk."""
    return lambda story: as_test(story, lambda told: tell(told, setting))


def logged_in(setting: Setting = ENGLISH) -> Callable[[Story[SimClerk]], Test]:
    """A test whose hero is a clerk who has logged in."""

    async def begin(told: Callable[[SimClerk], Awaitable[None]], clerk: SimClerk) -> None:
        await clerk.log_in()
        await told(clerk)

    return lambda story: as_test(story, lambda told: tell(partial(begin, told), setting))


def in_each_language(**setting: Any) -> Callable[[Story[SimClerk]], Test]:
    """A test with a parameter ``language``, which the screen speaks."""

    def run(told: Callable[[SimClerk], Awaitable[None]], language: Language) -> None:
        tell(told, Setting(language=language, **setting))

    return lambda story: as_test(story, run, needs=("language",))


def one_line(clerk: SimClerk) -> str:
    """What the screen says, however it is laid out."""
    return " ".join(clerk.text.split())


async def a_refund(clerk: SimClerk, fault: str = "normal") -> Refund:
    """123 of an older sale by VISA while the acquirer does this once; then back at home."""
    clerk.site.acquirer.set_mode(fault, 1)
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 123)
    await clerk.home()
    return clerk.site.ledger.refunds.recent(1)[0]


async def state_of(clerk: SimClerk) -> dict[str, Any]:
    """What the terminal's ``state`` answers."""
    terminal = clerk.site.terminal
    answer = await terminal.ask(lambda: terminal.verbs["state"]({}))
    assert answer is not None
    return answer


CASH: Final = dict.fromkeys(("batch", "trace", "rrn"), "")
"""What a sale in cash has not."""


def sold(receipt_no: str, *tenders: Mapping[str, object], **changes: object) -> str:
    """A sale as the till's feed has it; ``receipt_no`` is its number too."""
    record = {
        "sale_id": receipt_no,
        "merchant_id": identity.MERCHANT_ID,
        "terminal_id": identity.TERMINAL_ID,
        "batch": "000001",
        "trace": "000917",
        "rrn": "632413000917",
        "auth_code": "",
        "sold_at": "2026-11-20T10:00:00+08:00",
        "currency": "156",
        "amount": sum(int(str(tender["amount"])) for tender in tenders),
        "receipt_no": receipt_no,
        "tenders": tenders,
        "lines": [],
    }
    return json.dumps(record | changes)


async def report(clerk: SimClerk, *sales: str) -> None:
    """The till reports them in one file."""
    taken = await clerk.site.ledger.feed.take_in(
        sales, source="till", form=Format.JSONL, allow_pan=False
    )
    assert taken.imported, taken.problems


async def begin_ticket(clerk: SimClerk, receipt: str) -> None:
    """All of this sale, to the plan at which the next receipt is scanned."""
    clerk.scan(receipt)
    await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.amount: enter")
    await clerk.at("refund.reason: 1", "ticket.plan")


async def sell(
    clerk: SimClerk, receipt_no: str, *tenders: Mapping[str, object], **changes: object
) -> None:
    """The till reports one sale."""
    await report(clerk, sold(receipt_no, *tenders, **changes))


def explained(
    clerk: SimClerk, number: int, language: Language, capsys: pytest.CaptureFixture[str], *more: str
) -> str:
    """What ``explain`` prints of this application; ``more``: further words of the command."""
    parser = argparse.ArgumentParser()
    explain.add_arguments(parser)
    words = [str(number), "--config", "-", "--language", language.value, *more]
    capsys.readouterr()
    with patch("pos_terminal.config.load", lambda _: clerk.site.terminal.config):
        assert explain.run(parser.parse_args(words)) == 0
    return capsys.readouterr().out
