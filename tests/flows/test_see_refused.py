"""Records that could not be taken: said at home, looked at, and then said no more (R9)."""

from __future__ import annotations

from pathlib import Path

from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import logged_in

from pos_terminal.services.intake.taking import Intake
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.feed.source import of_text


async def find_in_menu(clerk: SimClerk) -> None:
    clerk.press("menu")
    await clerk.wait("menu")
    await clerk.at("menu: 3", "menu.to_do: 5", "feed.refused")


@logged_in()
async def test_they_are_counted_until_somebody_has_seen_them(
    clerk: SimClerk, tmp_path: Path
) -> None:
    ledger = clerk.site.ledger
    lines = [of_text(1, "nonsense"), of_text(2, '{"sale_id": "S9", "colour": "red"}')]
    await Intake(ledger, tmp_path).lines(
        lines, source="till.jsonl", form=Format.JSONL, allow_pan=False
    )
    clerk.press("menu")
    await clerk.wait("menu")
    await clerk.go("cancel", to="home")
    assert "Sales not taken: 2 (MENU 3 5)" in clerk.text
    await find_in_menu(clerk)
    for fact in ("till.jsonl", "2", "not valid JSON"):
        assert fact in clerk.text
    await clerk.go("cancel", to="home")
    assert ledger.feed.refused() == 2
    await find_in_menu(clerk)
    await clerk.go("enter", to="home")
    assert ledger.feed.refused() == 2, "an Enter alone forgets nothing"
    await find_in_menu(clerk)
    await clerk.go("menu", to="home")
    assert "Sales not taken" not in clerk.text
    assert ledger.feed.refused() == 0
