"""Something went wrong: a case from the first doubt to the closed record (R45, R75, R77)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import in_each_language, one_line

from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language


async def refund(clerk: SimClerk, amount: str = "1000") -> str:
    """Part of a card's payment went back; the receipt."""
    receipt = clerk.site.shop.sale("visa-older").receipt_no
    clerk.scan(receipt)
    await clerk.at("sale: enter", f"refund.amount: {amount} enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.wait("result")
    return receipt


def case_of(clerk: SimClerk) -> dict[str, Any]:
    (case,) = overview(clerk.site.ledger.db)["cases"]
    return dict(case)


SAID = {
    Language.ZH_CN: ("出了什么错", "少退了", "已登记差错 1", "发现人"),
    Language.EN: ("What went wrong", "Too little went back", "Case 1 opened", "Found by"),
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("way", ["result", "sale", "menu"])
@in_each_language()
async def test_it_is_opened_from_wherever_somebody_sees_it(
    clerk: SimClerk, language: Language, way: str
) -> None:
    asked, kind, opened, found_by = SAID[language]
    await clerk.log_in()
    receipt = await refund(clerk)
    if way == "result":
        await clerk.at("result: menu", "case.kind: 1")
    else:
        await clerk.at("result: enter", "home")
        if way == "sale":
            clerk.scan(receipt)
            await clerk.at("sale: menu", "sale.more: 8")
        else:
            await clerk.at(": menu", "menu: 4 4")
            clerk.scan(receipt)
        await clerk.wait("case.kind")
        assert asked in one_line(clerk)
        assert f"1 {kind}" in one_line(clerk)
        await clerk.at("case.kind: 1")
    await clerk.wait("case.opened")
    assert opened in one_line(clerk)
    await clerk.at("case.opened: enter", "case.facts")
    assert f"{kind} 1 " in one_line(clerk)
    assert found_by in one_line(clerk)
    await clerk.at("case.facts: cancel", "home")
    case = case_of(clerk)
    assert (case["kind"], case["state"], case["refund_id"]) == ("amount_little", "open", 1)
    tomorrow = clerk.site.time.now().date() + timedelta(days=1)
    assert case["due_on"] == tomorrow.isoformat()


ASKED = {
    Language.ZH_CN: {
        "case.step": "记一步 退错账户 1 1 电话 2 到店 3 信函 4 消息 5 小票",
        "evidence.kind": "银行证明",
        "case.next": "下次查看",
        "case.reference": "处理结果参考号(4–20位)",
        "case.close": "差错原因",
        "case.loss": "损失由谁承担 1 商户 ¥0.00 2 顾客 ¥0.00 3 收单机构 ¥0.00",
        "case.confirm_closing": "输入错误",
        "case.closed": "差错 1 已结案",
    },
    Language.EN: {
        "case.step": "One step more To the wrong account 1 1 Telephone call 2 Visit 3 Letter",
        "evidence.kind": "Bank's letter",
        "case.next": "Look again",
        "case.reference": "Reference (4–20 digits)",
        "case.close": "What it came from",
        "case.loss": "Who bears it 1 Shop ¥0.00 2 Customer ¥0.00 3 Acquirer ¥0.00",
        "case.confirm_closing": "Typing",
        "case.closed": "Case 1 is closed",
    },
}
"""By the prompt, what it says."""


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_steps_are_kept_and_it_is_closed_with_cause_and_loss(
    clerk: SimClerk, language: Language
) -> None:
    async def answer(prompt: str, keys: str) -> None:
        await clerk.wait(prompt)
        assert ASKED[language][prompt] in one_line(clerk)
        await clerk.at(f": {keys}")

    await clerk.log_in()
    await refund(clerk)
    await clerk.at("result: menu", "case.kind: 3", "case.opened: enter", "case.facts: 1")
    await answer("case.step", "1")
    await clerk.at("case.text: 4711 enter")
    await answer("evidence.kind", "1")
    await clerk.at("evidence.reference: 8811 enter", "evidence.kind: menu")
    await answer("case.next", "5 enter")
    await clerk.at("case.noted: enter", "case.facts: enter")
    await answer("case.reference", "2026 enter")
    await answer("case.close", "1")
    await answer("case.loss", "1")
    await clerk.at("case.loss_amount: 250 enter", "case.loss: enter")
    await clerk.approve()
    await answer("case.confirm_closing", "enter")
    await answer("case.closed", "enter")
    await clerk.wait("home")
    case = case_of(clerk)
    (step,) = case["steps"]
    assert (step["kind"], step["text"], step["by"]) == ("call", "4711", "101")
    assert step["evidence"] == [{"kind": "bank_letter", "reference": "8811"}]
    assert (case["state"], case["cause"]) == ("closed", "typing")
    assert case["loss"] == {"shop": 250, "customer": 0, "acquirer": 0}
    verify_store(clerk.site.ledger)
