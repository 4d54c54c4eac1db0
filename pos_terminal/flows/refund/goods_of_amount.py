"""Whether goods come back with an amount that was typed: none, these, or nobody knows (R11)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.items import has_goods, named_by
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.scan_goods import Chosen
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found_goods import back_lines
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.refund.ask_amount import Asked, left_of, of_goods
from pos_terminal.flows.refund.choose_lines import choose_lines
from pos_terminal.flows.refund.how_much import take_off, why_less
from pos_terminal.flows.refund.inspect_goods import look_at
from pos_terminal.flows.refund.inspected import Inspected
from pos_terminal.policy_options import Reason
from pos_terminal.texts import render
from pos_terminal.ui.ask import choose, heading
from pos_terminal.ui.page import Line, Page


class TypedAmount:
    """Of one sale, to these legs. What is answered stands in ``asked``, and goods that are named in
    ``inspected`` as well."""

    def __init__(
        self, desk: Desk, sale: Sale, legs: Sequence[Tender], asked: Asked, inspected: Inspected
    ) -> None:
        self._desk = desk
        self._sale = sale
        self._left = left_of(legs)
        self._asked = asked
        self._inspected = inspected
        self._chosen = Chosen()
        """As they were named last: what brings too little is added to, not begun again."""

    @property
    def asks(self) -> bool:
        """It names no goods, and there are some left."""
        asked = self._asked
        named = asked.chosen or named_by(self._sale, asked.amount)
        return not named and has_goods(self._sale)

    def lines(self) -> tuple[Line, ...]:
        """What stands until somebody says otherwise, or a reason does."""
        return back_lines(self._asked.answered or GoodsBack.UNKNOWN)

    def proposal(self, reason: Reason) -> str:
        """Of a reason that means another answer than the one that stands there."""
        if self._asked.answered is not None or reason.goods == "unknown":
            return ""
        return render(say(f"goods.back_{reason.goods}"), self._desk.ui.language)

    async def ask(self) -> None:
        """These goods must be worth what was typed, which stays: it is asked why they bring less,
        and said where they bring no more."""
        wrong: tuple[Line, ...] = ()
        answers = (GoodsBack.NONE, GoodsBack.NAMED, GoodsBack.UNKNOWN)
        options = [Line(say(f"goods.back_{one.value}")) for one in answers]
        while True:
            page = Page("goods.back", say("goods.do_any"), wrong, hint=say("ui.by_digit"))
            answer = answers[await choose(self._desk.ui, page, options, first=None)]
            if answer is not GoodsBack.NAMED:
                self._asked.answered = answer
                return
            with BackHere():
                objection = await self._name()
                if objection is None:
                    return
                self._desk.ui.beep()
                wrong = (heading(objection),)

    async def _name(self) -> Words | None:
        """What is against those that were chosen; None where they stand."""
        desk, sale, asked = self._desk, self._sale, self._asked
        chosen = await choose_lines(desk, sale, self._left, self._chosen, by_gift=asked.by_gift)
        self._chosen = chosen
        if not chosen.quantities:
            return say("goods.none_chosen")
        quantities, defective = chosen.quantities, chosen.defective
        objection = of_goods(asked.amount, sale, self._left, quantities, defective)
        if objection is not None:
            return objection
        less = await why_less(desk, sale, self._left, quantities, asked.amount)
        await look_at(desk, self._inspected, chosen)
        take_off(self._inspected, asked, less)
        asked.chosen, asked.serials, asked.answered = chosen.quantities, chosen.serials, None
        asked.defective, asked.sorts = chosen.defective, chosen.sorts
        return None
