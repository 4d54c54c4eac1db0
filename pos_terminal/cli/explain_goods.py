"""``pos-terminal explain``: the goods that came back, how they were found, and where they went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec import to_builtins

from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.looked import Disposition, Looked
from pos_terminal.core.money import format_amount
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.sale import Sale
from pos_terminal.core.serials import unread
from pos_terminal.core.stock import Moved
from pos_terminal.core.words import Value, Words, say
from pos_terminal.policy_options import name_of
from pos_terminal.ports import Application, Movement
from pos_terminal.ports.stock_page import as_told
from pos_terminal.texts import Language, render

if TYPE_CHECKING:
    from pos_terminal.config import Config


def told_whole(movement: Movement) -> dict[str, Any]:
    """As stock systems are told, and who corrected it."""
    operator, supervisor = movement.operator or None, movement.supervisor or None
    return {**as_told(movement), "operator": operator, "supervisor": supervisor}


_NOBODY_LOOKED: Final = dict.fromkeys(Looked.__struct_fields__)


def goods_named(sale: Sale | None, application: Application) -> list[dict[str, Any]]:
    """What it names of its sale; nothing where an amount was typed."""
    if sale is None:
        return []
    names = {line.line: line.name for line in sale.lines}
    return [
        {
            "line": item.line,
            "name": names[item.line],
            "quantity": format_quantity(item.quantity),
            "amount": item.amount,
            "worth": item.worth,
            **(_NOBODY_LOOKED if item.looked is None else _looked_shown(item.looked)),
        }
        for item in application.items
    ]


def _looked_shown(looked: Looked) -> dict[str, Any]:
    sorts = [
        {"sku": one.sku, "code": one.code, "quantity": format_quantity(one.quantity),
         "serials": one.serials}
        for one in looked.sorts
    ]  # fmt: skip
    return {**to_builtins(looked), "sorts": sorts}


def out_shown(one: GivenOut) -> dict[str, Any]:
    facts: dict[str, Any] = to_builtins(one)
    return facts | {"quantity": format_quantity(one.quantity)}


class GoodsTeller:
    """Lines of what is stored of goods, all in one language."""

    def __init__(self, language: Language, config: Config) -> None:
        self._language = language
        self._currency, self._policy = config.terminal.currency, config.policy

    def movement(self, movement: Movement, sale: Sale | None) -> str:
        if movement.what is Moved.POINTS:
            amount = self._money(movement.amount)
            return "  " + self._text(say("explain.points", number=movement.n, amount=amount))
        facts: dict[str, Value] = {"number": movement.n, "line": movement.line or 0}
        out = movement.disposition is None
        facts["quantity"] = format_quantity(-movement.quantity if out else movement.quantity)
        code = movement.barcode or movement.sku
        of_it = (
            say("explain.stock_out", code=code, **facts) if out else say("explain.stock", **facts)
        )
        told = [self._text(of_it)]
        if movement.serial:
            told.append(self._text(say("explain.serials", serials=movement.serial)))
        elif sale is not None and unread(sale.line(movement.line or 0), abs(movement.quantity), ()):
            told.append(self._text(say("explain.serial_unread")))
        if movement.counters is not None:
            told.append(self._text(say("explain.stock_counters", number=movement.counters)))
        elif movement.supervisor and movement.disposition is not None:
            told.append(self._found(movement.condition, movement.disposition))
            who = say("explain.stock_corrected", supervisor=movement.supervisor)
            told.append(self._text(who))
        return f"  {', '.join(told)}"

    def price_typed(self, one: GivenOut) -> str:
        """Of what went out, and what as many were sold for the last time."""
        facts: dict[str, Value] = {"code": one.code, "price": self._money(one.price or 0)}
        told = [self._text(say("explain.price_typed", **facts))]
        if one.last_sold_for is not None:
            last = self._money(one.last_sold_for)
            told.append(self._text(say("explain.sold_last_for", price=last)))
        return f"  {', '.join(told)}"

    def goods(self, item: Mapping[str, Any], reason: str) -> str:
        """What they brought, what was deducted and why, their reason where it is not that of the
        others, and how they were found."""
        amounts = {name: self._money(item[name]) for name in ("amount", "worth")}
        less = item["amount"] < item["worth"]
        code = "explain.goods_for_less" if less else "explain.goods"
        told = [self._text(say(code, name=item["name"], quantity=item["quantity"], **amounts))]
        if item["deduction"]:
            kind = self._text(say(f"goods.for_{item['deducted_for']}"))
            off = self._money(item["deduction"])
            told.append(self._text(say("explain.deducted", amount=off, kind=kind)))
        if item["reason"] and item["reason"] != reason:
            told.append(name_of(self._policy.reasons, item["reason"], self._language))
        if item["reason"] and item["disposition"] is None:
            told.append(self._text(say("explain.not_back")))
        elif item["disposition"]:
            told.append(self._found(item["condition"], item["disposition"]))
        for sort in item["sorts"] or ():
            facts = {"code": sort["code"], "quantity": sort["quantity"]}
            told.append(self._text(say("explain.sort", **facts)))
        if item["serials"]:
            told.append(self._text(say("explain.serials", serials=" ".join(item["serials"]))))
        return ", ".join(told)

    def _found(self, code: str, disposition: Disposition | str) -> str:
        """In which condition, as the shop calls it today, and where it went."""
        if not code:
            return self._text(say("goods.nobody_looked"))
        condition = name_of(self._policy.conditions, code, self._language)
        return self._text(say(f"goods.found_{disposition}", condition=condition))

    def goods_back(self, application: Application) -> Iterator[str]:
        """Where goods are named they stand there themselves."""
        answer = application.goods_back
        if answer is not None and answer is not GoodsBack.NAMED:
            yield self._text(say(f"goods.said_{answer.value}"))

    def _money(self, amount: int) -> str:
        return format_amount(amount, self._currency)

    def _text(self, words: Words) -> str:
        return render(words, self._language)
