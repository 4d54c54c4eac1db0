"""What the clerk wants done, put together before anything is decided."""

from __future__ import annotations

from msgspec import Struct

from pos_terminal.core.blind import NoReceipt
from pos_terminal.core.eligibility import TO_HOLDER, Choice
from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.items import Item, has_goods
from pos_terminal.core.rules.facts import Together
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.tenders import Another, Basis, Exceptional
from pos_terminal.policy_options import Reason


class Wanted(Struct, frozen=True):
    """``amount`` minor units of this leg of this sale, for this reason."""

    sale: Sale
    tender: Tender
    amount: int
    choice: Choice
    reason: Reason
    note: str
    items: tuple[Item, ...] = ()
    """The goods that come back with it."""
    owed: int = 0
    """Minor units that these goods bring besides, and that no leg of the plan has."""
    by_gift: bool = False
    """Asked for with a gift receipt (``Found``): nothing goes to the buyer's card unasked."""
    goods: tuple[Item, ...] = ()
    """Those that come back of its sale, where another leg of the plan names them."""
    together: Together = Together()
    """The rest of its ticket."""
    another: Another | None = None
    """The way that was chosen for it, where that is not its tender's (R34)."""
    no_receipt: NoReceipt | None = None
    """Of goods that came back without one."""
    about: frozenset[int] = frozenset()
    """Lines of its goods, where an earlier leg of the plan has brought them back."""
    answered: GoodsBack | None = None
    """Whether goods come back, as the clerk said; None where the reason's proposal stands."""
    invoice: InvoiceBack | None = None
    """What became of its invoice; None where nobody was asked."""

    out: tuple[GivenOut, ...] = ()
    """What goes out for its goods."""

    @property
    def names_goods(self) -> bool:
        """Which somebody can look at."""
        return any(one.looked is not None for one in self.items)

    @property
    def goods_back(self) -> GoodsBack | None:
        """What is stored of it; None of a sale that has no goods left."""
        named = [one.looked for one in (*self.items, *self.goods)]
        if any(one is not None and one.disposition is not None for one in named):
            return GoodsBack.NAMED
        if not has_goods(self.sale):
            return None
        if named:  # a fee alone, or goods that did not come back
            return GoodsBack.NONE
        return self.answered or GoodsBack(self.reason.goods)

    @property
    def basis(self) -> Basis | None:
        """Why it goes another way."""
        return None if self.another is None else self.another.basis

    @property
    def to_holder(self) -> bool:
        """For who has the gift receipt: as store credit, or as the shop lists it for a gift."""
        if self.another is not None:
            return self.another.way.exception is Exceptional.GIFT
        return self.choice == TO_HOLDER
