"""What is asked of a sale: amount, goods, payments, several receipts in one ticket."""

from __future__ import annotations

from functools import partial

from hw_sim.proofs.simulation.people.customer import Customer, numbers_of
from hw_sim.proofs.simulation.people.hands import Choices, Hands, Screens
from hw_sim.proofs.simulation.people.scanning import ScansGoods


class AtTheSale:
    """From the sale on the screen to the last screen before somebody approves, and a ticket's
    end."""

    def __init__(self, hands: Hands, customer: Customer, scans: ScansGoods) -> None:
        self._hands = hands
        self._customer = customer
        self._scans = scans
        self._looked = 0
        """The customer for whom another way was looked for last."""

    def screens(self) -> Screens:
        return {
            "sale": self._sale_shown,
            "sale.more": self._more,
            "refund.leg": self._leg,
            "refund.amount": self._amount_of_sale,
            "refund.lines": self._lines,
            "refund.quantity": self._quantity,
            "refund.reason": self._reason,
            "refund.note": self._note,
            "refund.confirm": self._hands.agree,
            "ticket.plan": self._plan,
            "ticket.add": self._adds,
            "ticket.amount": self._leg_amount,
            "ticket.left": self._left_to_do,
            "ticket.failed": self._not_done,
            "voucher.amount": self._amount,
        }

    def _sale_shown(self) -> Choices:
        return [
            *self._hands.agree(),
            (
                6 if self._hands.site.setting.policy.get("tenders") else 3,
                "looks what else can be done",
                self._hands.keys("menu"),
            ),
            *((40, "", self._hands.keys("menu")) for _ in range(self._customer.doubted)),
            *((60, "", self._hands.keys("menu")) for _ in range(self._customer.exchanges)),
        ]

    def _more(self) -> Choices:
        return [
            (6, "several receipts in one ticket", self._hands.keys("1")),
            (2, "", self._hands.keys("2")),
            (
                20 if self._hands.site.setting.policy.get("tenders") else 2,
                "looks for another way back",
                self._hands.keys("3"),
            ),
            *(
                (
                    60 if self._customer.doubted else 4,
                    "takes back what was typed",
                    self._hands.keys("4"),
                )
                for _ in range(self._typed())
            ),
            *((60, "exchanges", self._hands.keys("5")) for _ in range(self._customer.exchanges)),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _typed(self) -> bool:
        """Whether the list has it that a sale was typed wrong."""
        rows = self._hands.clerk.text.splitlines()
        return any(row.lstrip("> ").startswith("4 ") for row in rows)

    def _not_done(self) -> Choices:
        """The menu key leads on where it is the form that is left."""
        return [
            (3, "", self._hands.keys("enter")),
            (1, "asks for the form", self._hands.keys("menu")),
        ]

    def _adds(self) -> Choices:
        sale = self._customer.next_sale()
        trace = numbers_of(sale)[0].trace.lstrip("0")
        return [
            (5, "adds a receipt", partial(self._hands.clerk.scan, sale.receipt_no)),
            (5, "adds a receipt by its trace", self._hands.keys(*trace, "enter")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _leg(self) -> Choices:
        """Which payment of a sale that several were made for, or all of them."""
        legs = [
            (10, "", self._hands.keys(str(n)))
            for n in range(1, len(self._customer.sale.payments) + 1)
        ]
        every = (12, "all payments in one ticket", self._hands.keys(str(len(legs) + 1)))
        return [*legs, every, (1, "cancels", self._hands.keys("cancel"))]

    def _plan(self) -> Choices:
        """Most often as the terminal made it. Only where several receipts are wanted a scan adds
        one."""
        leg = str(self._hands.chance.randint(1, 3))
        return [
            (
                4,
                "scans at the plan",
                partial(self._hands.clerk.scan, self._customer.next_sale().receipt_no),
            ),
            (4, "asks for another receipt", self._hands.keys("menu")),
            (12, "", self._hands.keys("enter")),
            (
                self._leg_often(),
                "chooses a leg of the plan",
                self._hands.keys(leg),
            ),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _leg_often(self) -> int:
        """Where the shop has other ways, most often until one was looked for."""
        if not self._hands.site.setting.policy.get("tenders"):
            return 4
        return 2 if self._looked == self._customer.served else 80

    def _left_to_do(self) -> Choices:
        """Said at the end of a ticket; from the menu the same ticket goes on."""
        return [
            (12, "", self._hands.keys("enter")),
            (1, "withdraws what is left", self._hands.keys("menu")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _amount(self) -> Choices:
        most = max(1, self._customer.sale.amount)
        return [
            (35, "", self._hands.keys("enter")),
            (
                25,
                "",
                self._hands.keys(str(self._hands.chance.randint(1, most)), "enter"),
            ),
            (30, "chooses goods", self._hands.keys("menu")),
            (5, "too much", self._hands.keys(str(most * 10), "enter")),
            (2, "nothing", self._hands.keys("0", "enter")),
            (3, "cancels", self._hands.keys("cancel")),
        ]

    def _amount_of_sale(self) -> Choices:
        """Of what was typed often less than all of it: the customer comes again."""
        if not self._customer.typed:
            return [*self._amount(), *self._scans.at_amount()]
        part = str(max(1, self._customer.sale.amount // self._hands.chance.randint(3, 9)))
        return [*self._amount(), (160, "", self._hands.keys(part, "enter"))]

    def _leg_amount(self) -> Choices:
        """The menu key leads to another way where the shop has one; else it does nothing."""
        if not self._hands.site.setting.policy.get("tenders"):
            return self._amount()

        def looks() -> None:
            self._looked = self._customer.served
            self._hands.clerk.press("menu")

        other = (300, "looks for another way for a leg", looks)
        return [*self._amount(), other]

    def _lines(self) -> Choices:
        return [
            (4, "", self._hands.keys("menu")),
            (8, "", self._hands.keys(str(self._hands.chance.randint(1, 3)))),
            (2, "", self._hands.keys("down", "enter")),
            *self._scans.at_lines(),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _quantity(self) -> Choices:
        """Whole pieces: the shop weighs nothing."""
        return [
            (8, "", self._hands.keys("enter")),
            (8, "", self._hands.keys("1", "enter")),
            (2, "too many goods", self._hands.keys("9", "enter")),
            (2, "takes goods out", self._hands.keys("0", "enter")),
            *self._scans.at_quantity(),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _reason(self) -> Choices:
        reason = str(self._hands.chance.randint(1, 5))
        looks = 8 if "inspection" in self._hands.site.setting.policy else 0
        return [
            (25, "", self._hands.keys(reason)),
            (looks, "looks at goods or adds a note", self._hands.keys("menu")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _note(self) -> Choices:
        return [(20, "", self._hands.keys("enter")), (1, "cancels", self._hands.keys("cancel"))]
