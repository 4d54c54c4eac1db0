"""The goods of a plan changed line by line, and the plan that comes of it (R16, R74)."""

from __future__ import annotations

from msgspec.structs import replace

from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.refund.ask_invoice import ask_since
from pos_terminal.flows.refund.change_by_line import change_by_line
from pos_terminal.flows.refund.inspected import inspected_of
from pos_terminal.flows.refund.plan import Plan, Request, make_plan


async def change_goods(desk: Desk, plan: Plan) -> Plan:
    """The same amounts where nothing is taken off that was not; else they fill the payments anew in
    their order, each by the way that was chosen for it."""
    looked = []
    for one in plan.requests:
        inspected = inspected_of(one.sale, one.goods, in_hand=one.instead is not None)
        inspected.said |= one.said
        inspected.reason = one.reason
        looked.append(inspected)
    await change_by_line(desk, [one for one in looked if one.lines])
    requests = [
        replace(one, said=inspected.said, invoice=await _invoice_of(desk, one))
        for one, inspected in zip(plan.requests, looked, strict=True)
    ]
    same = [one.amount for one in requests] == [one.amount for one in plan.requests]
    return make_plan(
        desk,
        requests,
        {leg.key: leg.amount for leg in plan.legs} if same else None,
        moved=plan.moved and same,
        another=plan.another,
    )


async def _invoice_of(desk: Desk, one: Request) -> InvoiceBack | None:
    return await ask_since(desk, one.sale.key, one.invoice, holder=one.to_holder)
