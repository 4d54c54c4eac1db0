"""A shop's dates are its own: on screens, on slips, in field 61 and for a void (R95).

The till tells the time of Shanghai, the shop is in New York: noon there is still last night here.
The simulated day begins at 2026-11-20 00:00 in New York.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hw_sim.acquirer.records import parse_sales
from hw_sim.bench.feed import acquirer_record, feed_record
from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, a_refund, sell, tell

from pos_terminal.core.refund import Kind, State
from pos_terminal.services.security.tokens import KeyedTokens
from pos_terminal.texts import Language
from pos_terminal.wire.feed.lines import Format

NEW_YORK = Setting(language=Language.EN, timezone="America/New_York")


async def sold(clerk: SimClerk, of: str, told: str, here: str) -> SampleSale:
    """As the sample sale, at another time: ``told`` by the till, ``here`` at the acquirer's, which
    wants the shop's date in field 61."""
    site = clerk.site
    sale = replace(
        site.shop.sale(of), number=901, trace="000901", sold_at=datetime.fromisoformat(told)
    )
    tokens = KeyedTokens(site.shop.keys.token_key)
    record = feed_record(sale, site.shop.keys.token, tokens.key_id)
    report = await site.ledger.feed.take_in(
        [json.dumps(record)], source="till", form=Format.JSONL, allow_pan=False
    )
    assert report.added == 1, report.problems
    known = [one | {"sold_at": here} for one in acquirer_record(sale)]
    site.acquirer.add_sales(parse_sales(known))
    return sale


@pytest.mark.usefixtures("machine_zone")
def test_an_older_sale_has_the_offset_of_its_own_day() -> None:
    """In October New York was four hours behind: with today's five it would be the day before."""

    async def story(clerk: SimClerk) -> None:
        sale = await sold(
            clerk, "visa-older", "2026-10-20T12:30:00+08:00", "2026-10-20T00:30:00-04:00"
        )
        await clerk.log_in()
        clerk.scan(sale.receipt_no)
        await clerk.wait("sale")
        assert "2026-10-20 00:30" in clerk.text
        clerk.press("cancel")
        await clerk.home()
        await clerk.give_back(sale, 123)
        await clerk.home()
        (refund,) = clerk.site.refunds_of(sale.sale_id)
        assert (refund.kind, refund.state) == (Kind.REFUND, State.ACCEPTED)
        assert clerk.site.ledger.messages.request(refund.refund_id).fields[61].endswith("1020")
        merchants, customers = clerk.papers[-2:]
        for slip in (merchants, customers):
            assert "2026-10-20 00:30:00" in slip
            assert "2026-11-20 00:0" in slip
        await find_by_date(clerk, sale, "1020")

    tell(story, NEW_YORK)


async def find_by_date(clerk: SimClerk, sale: SampleSale, mmdd: str) -> None:
    await clerk.from_menu("Find by reference")
    await clerk.wait("find.rrn")
    clerk.press(sale.rrn, "enter")
    await clerk.wait("find.date")
    clerk.press(mmdd, "enter")
    await clerk.wait("sale")
    assert sale.trace in clerk.text


@pytest.mark.parametrize(
    ("told", "here", "kind"),
    [
        ("2026-11-20T13:00:00+08:00", "2026-11-20T00:00:00-05:00", Kind.VOID),
        ("2026-11-20T12:59:59+08:00", "2026-11-19T23:59:59-05:00", Kind.REFUND),
    ],
)
def test_the_shops_day_decides_between_void_and_refund(told: str, here: str, kind: Kind) -> None:
    """The acquirer's day is Shanghai's: both are of today there, and it would void either."""

    async def story(clerk: SimClerk) -> None:
        sale = await sold(clerk, "visa-today", told, here)
        await clerk.log_in()
        await clerk.give_back(sale)
        await clerk.home()
        (refund,) = clerk.site.refunds_of(sale.sale_id)
        assert (refund.kind, refund.cause) == (kind, None)
        assert refund.done == sale.amount

    tell(story, NEW_YORK)


def test_the_acquirers_day_ends_on_the_acquirers_clock() -> None:
    """23:00 in Shanghai is 10:00 here; the sign-on's time is the acquirer's, too."""

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await a_refund(clerk, "drop-answer")
        await clerk.at(": menu", "menu: 3 1", "pending: 1", "unknown.facts")
        assert "11-20 10:00" in clerk.text

    tell(story, replace(NEW_YORK, repeat="never"))


def test_until_when_a_void_is_possible_is_said_in_the_shops_time() -> None:
    async def story(clerk: SimClerk) -> None:
        told, here = "2026-11-20T13:10:00+08:00", "2026-11-20T00:10:00-05:00"
        await asyncio.sleep(8.5 * 3600)
        await clerk.log_in()
        await clerk.find(await sold(clerk, "visa-today", told, here))
        assert "Void until settlement at 10:00" in clerk.text

    tell(story, NEW_YORK)


@pytest.mark.parametrize(("ahead", "refused"), [(9, False), (11, True)])
def test_a_sale_of_the_future_is_none_yet(ahead: int, refused: bool) -> None:
    """The till's clock is fast by some minutes, or wrong. It was imported while our own clock was
    in doubt, by which nothing can be judged."""

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        sold_at = clerk.site.time.now() + timedelta(minutes=ahead)
        cash = {"kind": "cash", "amount": 500}
        clerk.site.parts.wall.set(clerk.site.time.now() - timedelta(days=2))
        await sell(clerk, "FAR-1", cash, sold_at=sold_at.isoformat(timespec="seconds"), **CASH)
        clerk.site.parts.wall.set(clerk.site.time.now())
        clerk.scan("FAR-1")
        await clerk.wait("sale")
        said = "dated in the future: 2026-11-20 00:11" in clerk.text.replace("\n", " ")
        assert said is refused

    tell(story, NEW_YORK)


def test_what_was_written_in_another_zone_is_shown_in_the_shops() -> None:
    """Somebody set the zone right after the terminal had worked in another one."""

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await a_refund(clerk, "drop-answer")
        clerk.site.terminal.kill()
        clerk.site.setting = replace(clerk.site.setting, timezone="America/New_York")
        await clerk.site.revive()
        await clerk.home()
        await clerk.at(": menu", "menu: 3 1", "pending")
        assert "11-20 00:0" in clerk.text
        await clerk.go("1", to="unknown.facts")
        assert "2026-11-20 00:0" in clerk.text

    tell(story, replace(NEW_YORK, repeat="never", timezone="Asia/Shanghai"))
