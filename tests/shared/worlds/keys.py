"""The commonest stories through the whole terminal, each key of them counted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting, Site
from worlds.counter import ENGLISH, tell

from pos_terminal.texts import Language

WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    Language.EN: {"enter": "ENTER", "menu": "MENU"},
    Language.ZH_CN: {
        "enter": "确认",
        "menu": "菜单",
        "PIN": "密码",
        "receipt": "小票",
        "badge": "主管工牌",
        "number": "操作员号",
        "goods": "商品",
        "card": "卡",
        "amount": "金额",
        "trace": "凭证号",
    },
}


class CountingClerk(SimClerk):
    """Writes down what the hands do, by what it is for."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.keys = 0
        self.done: list[str] = []
        """``[receipt]`` is scanned or shown, ``PIN`` typed; anything else is a key."""
        boss = site.shop.staff[2]
        self._names = {boss.number: "number", boss.badge: "badge"}
        self._names |= {one.pin: "PIN" for one in site.shop.staff}

    def press(self, *keys: str) -> None:
        for key in keys:
            named = key in ("enter", "menu", "cancel", "clear", "up", "down")
            self.keys += 1 if named else len(key)
            self.done.append(self._names.get(key, key))
        super().press(*keys)

    def typed(self, keys: str, name: str) -> None:
        """Press these, which are called so."""
        self._names[keys] = name
        self.press(keys)

    def scan_goods(self, code: str) -> None:
        self._names[code] = "goods"
        self.scan(code)

    def scan(self, text: str) -> None:
        self.done.append(f"[{self._names.get(text, 'receipt')}]")
        super().scan(text)

    def tap(self, card: str) -> None:
        self.done.append("[card]")
        super().tap(card)

    def insert(self, card: str) -> None:
        self.done.append("[card]")
        super().insert(card)

    def sale(self, name: str) -> SampleSale:
        return self.site.shop.sale(name)


Tell = Callable[[CountingClerk], Awaitable[None]]


@dataclass(frozen=True)
class Story:
    en: str
    zh: str
    tell: Tell
    """From the home screen to the outcome."""
    by_rule: bool = False
    """A supervisor is asked only where a rule says so."""

    def title(self, language: Language) -> str:
        return self.zh if language is Language.ZH_CN else self.en


@dataclass(frozen=True)
class Count:
    story: Story
    keys: int
    done: Sequence[str]


def counted() -> list[Count]:
    """Each until its slips are cut, without the key that leaves the outcome."""
    return [_count(story) for story in STORIES]


def _count(story: Story) -> Count:
    found: list[Count] = []
    policy = {"supervisor": "by-rule"} if story.by_rule else {}

    async def whole(plain: SimClerk) -> None:
        await plain.log_in()
        clerk = CountingClerk(plain.site)
        await story.tell(clerk)
        await clerk.wait("result")
        roll = clerk.site.parts.printer.printer.roll
        await clerk.site.until(lambda: len(roll.all()) == 2, 60, "slips")
        assert all(receipt.complete for receipt in roll.all()), "cut"
        found.append(Count(story, clerk.keys, tuple(clerk.done)))

    tell(whole, Setting(language=ENGLISH.language, policy=policy))
    return found[0]


def table(counts: Sequence[Count], language: Language) -> str:
    """As the page has it."""
    zh = language is Language.ZH_CN
    head = ("做什么", "键数", "怎么按") if zh else ("story", "keys", "how")
    rows = [head, ("---", "---", "---")]
    rows += [(one.story.title(language), str(one.keys), _how(one, language)) for one in counts]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _how(count: Count, language: Language) -> str:
    words = WORDS[language]
    shown = []
    for step in count.done:
        name = step.strip("[]")
        shown.append(step.replace(name, words.get(name, name)))
    return " ".join(shown)


# --- the stories -------------------------------------------------------------------------------


async def _to_reason(clerk: CountingClerk, sale: str, amount: str = "") -> None:
    """By its receipt, all of it or so much."""
    clerk.scan(clerk.sale(sale).receipt_no)
    await clerk.at("sale: enter", "refund.amount")
    if amount:
        clerk.typed(amount, "amount")
    await clerk.at(": enter", "refund.reason: 1")


async def _badge_and_card(clerk: CountingClerk, card: str = "visa") -> None:
    await clerk.approve_by_badge()
    await clerk.show_card(card)


async def _full(clerk: CountingClerk) -> None:
    await _to_reason(clerk, "visa-older")
    await _badge_and_card(clerk)


async def _full_by_number(clerk: CountingClerk) -> None:
    await _to_reason(clerk, "visa-older")
    await clerk.approve()
    await clerk.show_card("visa")


async def _full_alone(clerk: CountingClerk) -> None:
    await _to_reason(clerk, "visa-older")
    await clerk.show_card("visa")


async def _part(clerk: CountingClerk) -> None:
    await _to_reason(clerk, "visa-older", "1234")
    await _badge_and_card(clerk)


async def _goods(clerk: CountingClerk) -> None:
    clerk.scan(clerk.sale("promotion-older").receipt_no)
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 1")
    await clerk.at("refund.quantity: enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: 1")
    await _badge_and_card(clerk)


async def _void(clerk: CountingClerk) -> None:
    await _to_reason(clerk, "visa-today")
    await clerk.approve_by_badge()
    await clerk.show_card("visa", tapped=False)


async def _by_trace(clerk: CountingClerk) -> None:
    clerk.typed(clerk.sale("visa-older").trace.lstrip("0"), "trace")
    await clerk.at("find.trace: enter", "sale: enter", "refund.amount: enter", "refund.reason: 1")
    await _badge_and_card(clerk)


async def _no_receipt(clerk: CountingClerk) -> None:
    clerk.tap("jcb")
    await clerk.wait("find.choose")
    clerk.take_away()
    await clerk.at(": 2", "sale: enter", "refund.amount: enter", "refund.reason: 1")
    await _badge_and_card(clerk, "jcb")


async def _one_of_two(clerk: CountingClerk) -> None:
    clerk.scan(clerk.sale("two-cards-older").receipt_no)
    await clerk.at("sale: enter", "refund.leg: 2", "refund.amount: enter", "refund.reason: 1")
    await _badge_and_card(clerk, "unionpay-debit")


async def _cash(clerk: CountingClerk) -> None:
    await _to_reason(clerk, "cash-today")
    await clerk.approve_by_badge()
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter")


async def _to_goods_out(clerk: CountingClerk) -> None:
    clerk.scan(clerk.sale("visa-older").receipt_no)
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 1", "goods.scan")


async def _scan_the_same(clerk: CountingClerk) -> None:
    await _to_goods_out(clerk)
    clerk.scan_goods(clerk.sale("visa-older").lines[0].sku)


async def _exchange(clerk: CountingClerk) -> None:
    await _scan_the_same(clerk)
    await clerk.approve_by_badge()


async def _exchange_alone(clerk: CountingClerk) -> None:
    await _scan_the_same(clerk)
    await clerk.at("exchange.even: enter")


async def _credit(clerk: CountingClerk) -> None:
    await _to_goods_out(clerk)
    await clerk.at("goods.scan: menu", "exchange.as_credit: enter")
    await clerk.approve_by_badge()


FULL: Final = Story("all of a sale, supervisor's badge", "全额退款,扫主管工牌授权", _full)
ALONE: Final = Story(
    "all of a sale, no supervisor asked", "全额退款,规则不要求主管", _full_alone, True
)
STORIES: Final = (
    FULL,
    ALONE,
    Story("all of a sale, supervisor's number", "全额退款,主管输操作员号", _full_by_number),
    Story("a part, typed", "退一部分,输入金额", _part),
    Story("one of the goods", "退一件商品", _goods),
    Story("a void of today, card inserted", "当日撤销,插卡", _void),
    Story("found by its trace number", "输入凭证号查找", _by_trace),
    Story("no receipt, found by the card", "无小票,出示卡查找", _no_receipt),
    Story("one of two payments", "两笔付款退其中一笔", _one_of_two),
    Story("cash", "退现金", _cash),
    Story("the same goods in return", "换同样的商品", _exchange),
    Story("the same, no supervisor asked", "换同样的商品,规则不要求主管", _exchange_alone, True),
    Story("an exchange credit", "办换货券", _credit),
)
