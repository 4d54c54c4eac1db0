"""The words that clerks know from other terminals, to the letter, and where they stand."""

from __future__ import annotations

import pytest

from pos_terminal.core.rules.book import ALL
from pos_terminal.core.words import Words
from pos_terminal.ports import Finding
from pos_terminal.texts import Language, catalogue, render

#: requirement -> (text, key)
KNOWN = [
    ("R1", "原交易不存在", "flows.no_sale"),
    ("R1", "该交易已经被撤销", "rules.voided"),
    ("R1", "原交易不符条件", "flows.nothing_left"),
    ("R2", "位数不足 请重新输入", "flows.too_short"),
    ("R2", "日期格式错", "flows.bad_date"),
    ("R3", "非本商户小票", "flows.foreign_receipt"),
    ("R4", "未找到该卡交易", "flows.no_card_sale"),
    ("R8", "原交易未确认", "rules.unconfirmed"),
    ("R10", "已结算,请用退货", "eligibility.batch_closed"),
    ("R11", "累计退货金额大于原交易金额", "rules.balance"),
    ("R11", "退货金额必须大于零", "rules.zero"),
    ("R12", "超出退货期限,请联系收单机构", "rules.too_old"),
    ("R13", "退货金额超限!", "rules.ceiling"),
    ("R14", "该商品不可退", "rules.not_returnable"),
    ("R18", "疑似重复退款,确认?", "rules.duplicate"),
    ("R23", "不能自行授权", "flows.own_refund"),
    ("R27", "同账户换卡", "flows.same_account"),
    ("R27", "卡号与原交易不符", "rules.wrong_card"),
    ("R32", "结果未知,勿重复退款", "host.unknown"),
    ("R38", "请在原收款渠道退款", "flows.original_channel"),
]
#: what at least two other terminals say, and what stood here before
TRADE = [
    ("商户编号", "receipt.merchant", "商户号"),
    ("终端编号", "receipt.terminal", "终端号"),
    ("操作员号", "receipt.operator", "工号"),
    ("日期/时间", "receipt.at", ""),
    ("持卡人存根", "receipt.cardholder_copy", "顾客"),
    ("持卡人签名", "receipt.cardholder_signature", "顾客"),
    ("本人确认以上交易,同意将其记入本卡账户", "receipt.agreed", ""),
    ("签购单", "receipt.refund", "凭证"),
    ("交易类型", "receipt.type", ""),
    ("退货", "receipt.type_refund", ""),
    ("消费撤销", "receipt.type_void", ""),
    ("操作员签到", "flows.login", "登录"),
    ("请输入操作员号", "flows.your_number", "工号"),
    ("回响测试", "flows.menu_echo", "线路测试"),
    ("操作员签退", "flows.menu_log_out", "退出登录"),
    ("原交易日期(月月日日)", "flows.ask_date", "MMDD"),
    ("消费撤销", "flows.kind_void", ""),
    ("重打任意一笔", "flows.menu_reprint", ""),
    ("交易成功,请向发卡行确认", "response.approved_with_remarks", "有缺陷"),
]


@pytest.mark.parametrize(("text", "key", "before"), TRADE)
def test_the_trade_s_word_is_said(text: str, key: str, before: str) -> None:
    assert text in catalogue()[key]["zh"]
    if before:
        told = {name: entry["zh"] for name, entry in catalogue().items()}
        told.pop("response.terminal_unknown")  # 97, in the national words
        apart = before in ("顾客", "凭证")
        assert before not in (
            told[key] if apart else "".join(told.values()).replace("操作员号", "")
        )


class _Any(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return f"<{key}>"


@pytest.mark.parametrize(("requirement", "text", "key"), KNOWN)
def test_the_text_is_the_required_one(requirement: str, text: str, key: str) -> None:
    shown = catalogue()[key]["zh"].format_map(_Any())
    assert text in shown, f"{requirement}: {shown}"
    assert catalogue()[key]["en"].isascii()


def test_every_text_takes_the_same_figures_in_both_languages() -> None:
    """A figure that the shop calls by two names: each text takes that of its language."""
    import string

    for key, entry in catalogue().items():
        figures = [
            {
                name.removesuffix(f"_{column}")
                for _, name, _, _ in string.Formatter().parse(entry[column])
                if name
            }
            for column in ("zh", "en")
        ]
        assert figures[0] == figures[1], key


@pytest.mark.parametrize("rule", [*(rule.name for rule in ALL), "policy", Finding.RULE])
def test_every_rule_has_a_name_for_people(rule: str) -> None:
    entry = catalogue()[f"rules.name_{rule}"]
    assert rule not in (entry["zh"], entry["en"])


def test_a_key_that_no_file_has_is_an_error() -> None:
    with pytest.raises(KeyError):
        render(Words("flows.nonsense"), Language.EN)
