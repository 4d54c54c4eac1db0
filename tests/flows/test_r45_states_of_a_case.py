"""A case is new, waits until a day, is due, is closed: so the screen and its record say (R45)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import a_refund, in_each_language, logged_in, one_line

from pos_terminal.core.case_step import NewStep, StepKind
from pos_terminal.core.refund import State
from pos_terminal.core.words import Failure
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

SAID = {
    Language.ZH_CN: {
        "kind": "商品弄错", "new": "新登记", "until": "待 ", "due": "到期", "closed": "已结案",
        "letter": "银行证明", "photo": "照片", "cause": "培训不足", "bears": "商户",
    },
    Language.EN: {
        "kind": "Wrong goods", "new": "New", "until": "Until ", "due": "Due", "closed": "Closed",
        "letter": "Bank's letter", "photo": "Photo", "cause": "Training", "bears": "Shop",
    },
}  # fmt: skip
EVIDENCE = {1: "L-88110001", 5: "P-88110002", 4: "S-88110003", 6: "X-88110004", 3: "R-88110005"}
"""By the key of its kind; the fifth ends the step's list."""


@pytest.mark.parametrize("language", Language)
def test_each_state_in_its_words_and_the_record_has_the_evidence(language: Language) -> None:
    said = SAID[language]

    @logged_in(Setting(language=language, cases={"due_days": {"goods": 9}}))
    async def story(clerk: SimClerk) -> None:
        await clerk.give_back(clerk.site.shop.sale("visa-older"), 1_000)
        await clerk.at("result: menu", "case.kind: 4", "case.opened: enter", "case.facts")
        in_nine = clerk.site.time.now().date() + timedelta(days=9)
        assert said["new"] in one_line(clerk)
        assert in_nine.isoformat() in one_line(clerk), "as the shop says of wrong goods"
        await clerk.at("case.facts: cancel", "home: menu", "menu: 4 1", "case.list")
        assert f"#1 {said['kind']} {said['new']}" in one_line(clerk)
        await clerk.at("case.list: 1", "case.facts: 1", "case.step: 1", "case.text: 4711 enter")
        for kind, reference in EVIDENCE.items():
            await clerk.at(f"evidence.kind: {kind}", "evidence.reference")
            clerk.scan(reference)
            await clerk.wait_text(reference)
            clerk.press("enter")
        await clerk.at("case.next: 5 enter", "case.noted: enter", "case.facts")
        in_five = clerk.site.time.now().date() + timedelta(days=5)
        assert f"{said['until']}{in_five:%m-%d}" in one_line(clerk)
        await clerk.at("case.facts: 1", "case.step: 2", "case.text: enter", "evidence.kind: menu")
        await clerk.at("case.next: 0 enter", "case.noted: enter", "case.facts")
        assert said["due"] in one_line(clerk)
        await clerk.at("case.facts: enter", "case.reference: 2026 enter", "case.close: 5")
        await clerk.at("case.loss: 1", "case.loss_amount: 250 enter", "case.loss: enter")
        await clerk.approve()
        await clerk.wait("case.confirm_closing")
        assert said["kind"] in one_line(clerk)
        assert said["cause"] in one_line(clerk)
        there = len(clerk.papers)
        await clerk.at(": enter", "case.closed: menu", "case.printing: enter", "home")
        await clerk.site.until(lambda: len(clerk.papers) > there, 60, "the record")
        record = " ".join(clerk.papers[-1].split())
        for fact in (*EVIDENCE.values(), said["letter"], said["photo"], "4711"):
            assert fact in record
        for fact in (said["kind"], said["closed"], said["cause"], said["bears"], "2.50", "2026"):
            assert fact in record
        clerk.scan(clerk.site.ledger.slips.of_case(1)[-1].slip.head.barcode)
        await clerk.wait("case.facts")
        assert said["closed"] in one_line(clerk)
        verify_store(clerk.site.ledger)

    story()


AWAITS = {
    Language.ZH_CN: ("等待结果", "迟到或未到账"),
    Language.EN: ("Awaits outcome", "Late, or not there"),
}


@pytest.mark.parametrize("language", Language)
@in_each_language(repeat="never")
async def test_one_whose_refund_is_open_waits_for_its_outcome(
    clerk: SimClerk, language: Language
) -> None:
    """Whatever was noted, and whenever it is due."""
    awaits, late = AWAITS[language]
    await clerk.log_in()
    refund = await a_refund(clerk, "drop-answer")
    assert refund.state is State.UNKNOWN
    await clerk.at("home: menu", "menu: 4 4")
    clerk.scan(clerk.site.ledger.slips.of_refund(refund.refund_id)[0].slip.head.barcode)
    await clerk.at("case.kind: 5", "case.opened: enter", "case.facts: 1", "case.step: 1")
    await clerk.at("case.text: 4711 enter", "evidence.kind: menu", "case.next: 0 enter")
    await clerk.at("case.noted: enter", "case.facts")
    assert awaits in one_line(clerk)
    await clerk.at("case.facts: cancel", "home: menu", "menu: 4 1", "case.list")
    assert f"{late} {awaits}" in one_line(clerk)


@pytest.mark.parametrize(("kind", "days"), [(3, 3), (4, 9), (6, 0)])
@logged_in(Setting(language=Language.EN, cases={"due_days": {"goods": 9, "complaint": 0}}))
async def test_a_new_one_is_due_when_the_shop_says_of_its_kind(
    clerk: SimClerk, kind: int, days: int
) -> None:
    """And of a kind of which it says nothing, as ever."""
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 1_000)
    await clerk.at("result: menu", f"case.kind: {kind}", "case.opened: enter", "case.facts")
    due_on = clerk.site.time.now().date() + timedelta(days=days)
    assert clerk.site.ledger.cases.open_ones()[0].due_on == due_on
    assert due_on.isoformat() in one_line(clerk)


@pytest.mark.parametrize("days", [-1, 100])
def test_nobody_puts_one_off_for_years_or_into_the_past(days: int) -> None:
    @logged_in(Setting(language=Language.EN))
    async def story(clerk: SimClerk) -> None:
        await clerk.give_back(clerk.site.shop.sale("visa-older"), 500)
        await clerk.at("result: menu", "case.kind: 5", "case.opened: enter", "case.facts")
        day = clerk.site.time.now().date() + timedelta(days=days)
        step = NewStep(StepKind.CALL, "uid 0", "said", next_on=day)
        with pytest.raises(Failure, match=r"cases\.next_day"):
            await clerk.site.ledger.cases.add_step(1, step)
        assert clerk.site.ledger.cases.steps(1) == []

    story()
