"""An application that fails before its seal ends with its cause, and not at the next start."""

from __future__ import annotations

import asyncio

from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import logged_in

from pos_terminal.ports import Style


def why(clerk: SimClerk) -> tuple[str, str]:
    row = clerk.site.ledger.db.execute(
        "SELECT state, why FROM applications ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return row["state"], row["why"]


async def try_one(clerk: SimClerk) -> None:
    assert await clerk.give_back(clerk.site.shop.sale("visa-older"), 123) == "failure"
    await clerk.home()


@logged_in()
async def test_what_can_not_be_sealed_is_cancelled_with_its_cause(clerk: SimClerk) -> None:
    db = clerk.site.ledger.writer.db
    db.execute("UPDATE key_slots SET state = 'used' WHERE state = 'free'")
    await try_one(clerk)
    assert why(clerk) == ("cancelled", "ledger.no_keys")
    assert clerk.site.ledger.refunds.open_ones() == []
    db.execute("UPDATE key_slots SET state = 'free' WHERE state = 'used'")
    assert await clerk.give_back(clerk.site.shop.sale("visa-older"), 123) == "result"
    assert why(clerk)[0] == "done"


@logged_in()
async def test_without_a_line_it_is_cancelled_too(clerk: SimClerk) -> None:
    clerk.site.acquirer.set_mode("refuse")
    await try_one(clerk)
    assert why(clerk) == ("cancelled", "host.not_sent")


@logged_in()
async def test_a_void_that_waited_for_its_card_past_midnight_is_not_sent(clerk: SimClerk) -> None:
    await clerk.to_card(clerk.site.shop.sale("visa-today"))
    await asyncio.sleep(12 * 3600)
    await clerk.at(f"lock.pin: {clerk.me.pin} enter", "card.present")
    assert await clerk.show_card("visa") == "failure"
    assert "Day or batch over: use a refund" in clerk.text
    assert why(clerk) == ("cancelled", "host.void_too_late")
    await clerk.home()
    assert await clerk.give_back(clerk.site.shop.sale("visa-today")) == "result"


@logged_in()
async def test_an_approval_is_said_once(clerk: SimClerk) -> None:
    assert await clerk.give_back(clerk.site.shop.sale("visa-older"), 5_000) == "result"
    rows = clerk.text.splitlines()
    assert rows[0].startswith("Refund approved")
    assert rows[1].split() == ["Amount", "¥50.00"]
    assert "Approved" not in rows[1:]
    assert rows[2].strip() == "Slips printed"


@logged_in()
async def test_a_part_shows_what_was_asked_beside_what_was_paid(clerk: SimClerk) -> None:
    clerk.site.acquirer.set_mode("partial:3000")
    assert await clerk.give_back(clerk.site.shop.sale("visa-older"), 5_000) == "result"
    frame = clerk.site.terminal.screen.frame
    assert frame is not None
    assert frame.rows[0].style is Style.ALERT
    rows = [" ".join(text.split()) for text in frame.texts()]
    assert rows[:5] == [
        "Refunded in part",
        "Approved in part",
        "Requested ¥50.00",
        "Refunded ¥30.00",
        "Only part was refunded",
    ]
