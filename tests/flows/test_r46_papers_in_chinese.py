"""Papers of a case as a Chinese shop's customer, acquirer and supplier read them (R46, R47a)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import logged_in

from pos_terminal.texts import Language

SETTING = Setting(
    language=Language.ZH_CN, policy={"payouts": {"per_case": 5_000, "per_day": 50_000}}
)
SAID = {
    "recovery": (
        ("case.kind: 2", "case.opened: enter"),
        ("case.facts: 2", "case.remedy: 1", "recovery.amount: 400 enter", "recovery.done: enter"),
        "多退追回单 请到收银台按新交易付款 不作负数退款 已退金额 ￥10.00 多退金额 ￥4.00 "
        "本人确认多退金额并同意支付 顾客签名:",
        ("追回单 #1", "¥4.00", "尚未付款", "已 0 天"),
    ),
    "correction": (
        ("case.kind: 3", "case.opened: enter"),
        ("case.facts: 2", "case.remedy: 1", "case.form: enter", "case.form_done: enter"),
        "退款差错更正单 退款已受理 不能撤回 须经收单机构更正 款项退入错误账户,请追回并退至正确账户 "
        "应退账号: 姓名: 电话: 收单机构答复 是否追回: 参考号: 经办/日期: 持卡人签名:",
        ("更正单 #1",),
    ),
    "enquiry": (
        ("case.kind: 5", "case.opened: enter"),
        ("case.facts: 2", "case.remedy: 1", "case.form: enter", "case.form_done: enter"),
        "退款查询单 退款金额 ￥10.00 查询码 收单机构答复",
        ("查询单 #1",),
    ),
    "complaint": (
        ("case.kind: 6",),
        ("case.opened: enter",),
        "投诉回执 投诉已登记 差错号 1 已退金额 ￥10.00 查询码 预计结果 下一步 "
        "请凭查询码到店或致电查询处理进度",
        ("投诉",),
    ),
}  # fmt: skip
"""How it is opened, what is pressed, what the paper says in this order, and the case's screen."""


def without_gaps(text: str) -> str:
    """A paper breaks its lines where it must."""
    return "".join(text.split())


def stands_in(paper: str, words: str) -> bool:
    """All of them, one behind the other."""
    at = 0
    for word in words.split():
        at = paper.find(word, at)
        if at < 0:
            return False
        at += len(word)
    return True


@pytest.mark.parametrize("paper", SAID)
def test_what_a_chinese_paper_says(paper: str) -> None:
    opened, pressed, said, shown = SAID[paper]

    @logged_in(SETTING)
    async def story(clerk: SimClerk) -> None:
        await clerk.give_back(clerk.site.shop.sale("visa-older"), 1_000)
        await clerk.at("result: menu", *opened, *pressed, "case.facts")
        assert all(one in clerk.text for one in shown), clerk.text
        await clerk.site.until(
            lambda: any(stands_in(without_gaps(one), said) for one in clerk.papers),
            60,
            said,
        )

    story()


@logged_in(SETTING)
async def test_a_chinese_payout_says_what_for(clerk: SimClerk) -> None:
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 1_000)
    await clerk.at("result: menu", "case.kind: 2", "case.opened: enter", "case.facts: 2")
    await clerk.wait("case.remedy")
    assert "这笔退款银行已经受理" in clerk.text
    clerk.choose("另付运费、补偿")
    await clerk.at("payout.what: 1", "payout.kind: 1", "payout.amount: 1200 enter")
    await clerk.approve()
    await clerk.approve(1)
    await clerk.at("payout.hand_over: enter")
    said = "补付凭证 事由 运费 补付金额 ￥12.00"
    await clerk.site.until(
        lambda: any(stands_in(without_gaps(one), said) for one in clerk.papers), 60, said
    )
