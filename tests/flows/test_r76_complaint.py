"""A complaint has a day, a check code and the public hotline, and a page of it goes out (R76)."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import logged_in, one_line

from pos_terminal.cli import export_case
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.kinds.complaint import Complaint

HOTLINE = "12315"
SAID = {
    Language.ZH_CN: {"complaint": "投诉", "slip": "投诉回执", "hotline": "投诉热线"},
    Language.EN: {"complaint": "Complaint", "slip": "COMPLAINT", "hotline": "Hotline"},
}


async def complaint(clerk: SimClerk) -> tuple[str, str]:
    """Of a card's refund, which customer's slip was scanned: the check code, and the paper."""
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 1_000)
    await clerk.at("result: enter", "home: menu", "menu: 4 4")
    clerk.scan(clerk.site.ledger.slips.of_refund(1)[0].slip.head.barcode)
    before = len(clerk.papers)
    await clerk.at("case.kind: 6", "case.opened: enter", "case.facts: cancel", "home")
    await clerk.site.until(lambda: len(clerk.papers) > before, 60, "its slip")
    (job,) = clerk.site.ledger.slips.of_case(1)
    assert isinstance(job.slip.body, Complaint)
    return job.slip.body.check_code, one_line_of(clerk.papers[-1])


def one_line_of(paper: str) -> str:
    return " ".join(paper.split())


@pytest.mark.parametrize(
    ("language", "due_days"), [(Language.ZH_CN, {}), (Language.EN, {"complaint": 10})]
)
def test_its_slip_has_a_day_a_code_that_leads_to_it_and_the_hotline(
    language: Language, due_days: dict[str, int]
) -> None:
    """In a week, unless the shop says otherwise."""
    said = SAID[language]

    @logged_in(Setting(language=language, hotline=HOTLINE, cases={"due_days": due_days}))
    async def story(clerk: SimClerk) -> None:
        check_code, paper = await complaint(clerk)
        assert check_code[0] == "9"
        due = clerk.site.time.now().date() + timedelta(days=due_days.get("complaint", 7))
        for fact in (check_code, due.isoformat(), said["slip"], f"{said['hotline']} {HOTLINE}"):
            assert fact in paper, paper
        clerk.scan(check_code)
        await clerk.wait("case.facts")
        assert said["complaint"] in one_line(clerk)
        await clerk.at("case.facts: cancel", "home: menu", "menu: 4 4")
        clerk.scan(check_code)
        await clerk.at("case.facts: cancel", "home")
        found = overview(clerk.site.ledger.db)["cases"]
        clerk.site.ledger.db.execute("COMMIT")  # it looks at one state of the ledger
        assert [(one["kind"], one["due_on"]) for one in found] == [("complaint", due.isoformat())]
        verify_store(clerk.site.ledger)

    story()


@logged_in(Setting(language=Language.EN))
async def test_a_shop_without_a_hotline_names_none(clerk: SimClerk) -> None:
    _, paper = await complaint(clerk)
    assert "Hotline" not in paper


@pytest.mark.parametrize("language", Language)
def test_what_was_said_of_it_goes_out_as_a_page(language: Language, tmp_path: Path) -> None:
    """From the running shop's ledger: what was complained of, by whom it is seen to, its slip."""

    @logged_in(Setting(language=language, hotline=HOTLINE))
    async def story(clerk: SimClerk) -> None:
        check_code, _ = await complaint(clerk)
        clerk.scan(check_code)
        await clerk.at("case.facts: 1", "case.step: 1", "case.text: 4711 enter")
        await clerk.at("evidence.kind: 1", "evidence.reference: 8811 enter", "evidence.kind: menu")
        await clerk.at("case.next: 5 enter", "case.noted: enter", "case.facts: cancel", "home")
        out = tmp_path / "case.html"
        parser = argparse.ArgumentParser()
        export_case.add_arguments(parser)
        words = ["1", "--out", str(out), "--config", "-", "--language", language.value]
        with patch("pos_terminal.cli.export_case.load", lambda _: clerk.site.terminal.config):
            assert export_case.run(parser.parse_args(words)) == 0
        page = out.read_text(encoding="utf-8")
        for fact in (SAID[language]["complaint"], SAID[language]["slip"], "4711", "8811", HOTLINE):
            assert fact in page
        assert f"<title>{check_code}</title>" in page, "its bars"
        verify_store(clerk.site.ledger)

    story()
