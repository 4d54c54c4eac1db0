"""An application that fails before its seal ends with its cause, and not at the next start."""

from __future__ import annotations

from collections.abc import Callable

from hw_sim.proofs.simulation.clerk import SimClerk

from pos_terminal.ports import Style

Counter = Callable[..., None]


def why(clerk: SimClerk) -> tuple[str, str]:
    row = clerk.site.ledger.db.execute(
        "SELECT state, why FROM applications ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return row["state"], row["why"]


async def try_one(clerk: SimClerk) -> None:
    assert await clerk.give_back(clerk.site.shop.sale("visa-older"), 123) == "failure"
    await clerk.home()


def test_what_can_not_be_sealed_is_cancelled_with_its_cause(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        db = clerk.site.ledger.writer.db
        db.execute("UPDATE key_slots SET state = 'used' WHERE state = 'free'")
        await try_one(clerk)
        assert why(clerk) == ("cancelled", "ledger.no_keys")
        assert clerk.site.ledger.refunds.open_ones() == []
        db.execute("UPDATE key_slots SET state = 'free' WHERE state = 'used'")
        assert await clerk.give_back(clerk.site.shop.sale("visa-older"), 123) == "result"
        assert why(clerk)[0] == "done"

    at_the_counter(story)


def test_without_a_line_it_is_cancelled_too(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        clerk.site.acquirer.set_mode("refuse")
        await try_one(clerk)
        assert why(clerk) == ("cancelled", "host.not_sent")

    at_the_counter(story)


def test_an_approval_is_said_once(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        assert await clerk.give_back(clerk.site.shop.sale("visa-older"), 5_000) == "result"
        rows = clerk.site.terminal.screen.text.splitlines()
        assert rows[0].startswith("Refund approved")
        assert rows[1].split() == ["Amount", "¥50.00"]
        assert "Approved" not in rows[1:]
        assert rows[2].strip() == "Slips printed"

    at_the_counter(story)


def test_a_part_shows_what_was_asked_beside_what_was_paid(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        clerk.site.acquirer.set_mode("partial:3000")
        assert await clerk.give_back(clerk.site.shop.sale("visa-older"), 5_000) == "result"
        frame = clerk.site.terminal.screen.frame
        assert frame is not None
        assert frame.rows[0].style is Style.ALERT
        rows = [" ".join(row.text.split()) for row in frame.rows]
        assert rows[:5] == [
            "Refunded in part",
            "Approved in part",
            "Requested ¥50.00",
            "Refunded ¥30.00",
            "Only part was refunded",
        ]

    at_the_counter(story)
