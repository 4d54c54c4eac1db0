"""What is said of a step: a phrase of the shop's, digits or a scan; no secret (R45, R54)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import explained, logged_in, one_line

from pos_terminal.core.people import Role
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

PHRASES = [
    {"zh": "顾客要求答复", "en": "Customer wants an answer"},
    {"zh": "已联系银行", "en": "Bank was called"},
]


async def to_the_step(clerk: SimClerk) -> None:
    """A call about a complaint of a sale."""
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    await clerk.at("sale: menu", "sale.more: 8", "case.kind: 6", "case.opened: enter")
    await clerk.at("case.facts: 1", "case.step: 1")


def texts(clerk: SimClerk) -> list[Any]:
    ledger = clerk.site.ledger
    (case,) = overview(ledger.db)["cases"]
    ledger.db.execute("COMMIT")  # it looks at one state of the ledger
    return [step["text"] for step in case["steps"]]


@pytest.mark.parametrize("language", Language)
def test_a_phrase_of_the_shops_is_one_digit(language: Language) -> None:
    said = "已联系银行" if language is Language.ZH_CN else "Bank was called"

    @logged_in(Setting(language=language, cases={"phrases": PHRASES}))
    async def story(clerk: SimClerk) -> None:
        await to_the_step(clerk)
        await clerk.wait("case.phrase")
        assert said in clerk.text
        await clerk.at("case.phrase: 2", "evidence.kind: menu", "case.next: enter")
        await clerk.at("case.noted: enter", "case.facts")
        assert texts(clerk) == [said]
        verify_store(clerk.site.ledger)

    story()


@logged_in(Setting(language=Language.EN, cases={"phrases": PHRASES}))
async def test_beside_the_phrases_digits_can_be_typed(clerk: SimClerk) -> None:
    await to_the_step(clerk)
    await clerk.at("case.phrase: menu", "case.text: 4711 enter", "evidence.kind: menu")
    await clerk.at("case.next: enter", "case.noted: enter", "case.facts")
    assert texts(clerk) == ["4711"]


@logged_in(Setting(language=Language.EN))
async def test_no_card_number_badge_or_voucher_is_taken(clerk: SimClerk) -> None:
    """Typed or scanned, of the sale's own card or another's; what is kept is the text behind it."""
    await to_the_step(clerk)
    await clerk.wait("case.text")
    for secret in ("4761739001010010", "4012888888881881"):
        clerk.press(*secret, "enter")
        await clerk.wait_text("card")
        assert secret not in one_line(clerk)
    clerk.scan(clerk.site.shop.person(Role.SUPERVISOR).badge)
    await clerk.wait_text("badge")
    await clerk.at("case.text: 4711 enter", "evidence.kind: menu", "case.next: enter")
    await clerk.at("case.noted: enter", "case.facts")
    assert texts(clerk) == ["4711"]
    verify_store(clerk.site.ledger)


@pytest.mark.parametrize("language", Language)
def test_explain_names_the_case_and_what_was_done(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    @logged_in(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
        await clerk.at("result: menu", "case.kind: 5", "case.opened: enter", "case.facts: 1")
        await clerk.at("case.step: 1", "case.text: 4711 enter", "evidence.kind: menu")
        await clerk.at("case.next: enter", "case.noted: enter", "case.facts: cancel", "home")
        said = explained(clerk, 1, language, capsys)
        assert ("差错 1: 迟到或未到" if language is Language.ZH_CN else "case 1: Late") in said
        (step,) = (line for line in said.splitlines() if line.endswith("101 4711"))
        assert step.strip().startswith("1. ")

    story()
