"""Every amount of a shop has the decimals of its currency: typed, shown and printed (ISO 4217)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, sell, tell

from pos_terminal.texts import Language


@pytest.mark.parametrize(
    ("currency", "typed", "shown", "paper"),
    [
        ("414", "1.5", ("KWD 123.456", "KWD 1.500", "KWD 121.956"), "KWD 1.500"),
        ("392", "500", ("¥123456", "¥500", "¥122956"), "JPY 500"),
        ("978", "1.5", ("€1234.56", "€1.50", "€1233.06"), "EUR 1.50"),
    ],
)
def test_a_cash_refund(currency: str, typed: str, shown: tuple[str, str, str], paper: str) -> None:
    whole, taken, left = shown

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        cash = {"kind": "cash", "amount": 123_456}
        await sell(clerk, "FAR-1", cash, currency=currency, **CASH)
        clerk.scan("FAR-1")
        await clerk.wait("sale")
        assert whole in clerk.text
        await clerk.at(": enter", "refund.amount")
        clerk.press(typed, "enter")
        await clerk.at("refund.reason: 1")
        await clerk.wait("supervisor.number")
        assert taken in clerk.text
        await clerk.approve()
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter")
        await clerk.accept()
        await clerk.home()
        assert all(paper in slip for slip in clerk.papers[-2:])
        clerk.scan("FAR-1")
        await clerk.wait("sale")
        assert left in clerk.text

    tell(story, Setting(language=Language.EN, currency=currency))
