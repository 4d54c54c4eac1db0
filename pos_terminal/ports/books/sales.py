"""Sales, as the feed and their refunds have made them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol

from pos_terminal.core.blind import SoldBefore
from pos_terminal.core.came_back import CameBack
from pos_terminal.core.listed import ListedSale
from pos_terminal.core.sale import Sale, SaleLeg
from pos_terminal.core.sought import Hits, Sought
from pos_terminal.core.typed import Typed


class SaleReads(Protocol):
    """Ways to find a sale; each gives at most 50, as a list shows them."""

    def by_key(self, sale_key: int | None) -> Sale | None:
        """By the ledger's own key; None for what has no sale."""

    def by_id(self, sale_id: str) -> Sale | None:
        """By the till's name."""

    def by_receipt(self, text: str) -> Sequence[ListedSale]:
        """By the feed's ``receipt_no``, exactly; tills may begin anew. Newest first."""

    def by_gift(self, text: str) -> Sequence[ListedSale]:
        """By the number of the receipt without prices, exactly. Newest first."""

    def by_recovery(self, code: str) -> Sequence[ListedSale]:
        """Those that paid this recovery slip, exactly (R46); the first that was told first."""

    def sought(self, what: Sought) -> Hits:
        """Those that have all of it. ValueError with less than two facts."""

    def sold_before(self, whole: Iterable[str], since: datetime) -> SoldBefore | None:
        """Goods by any of these codes (``core/goods_code.py``, ``Codes``): as they were sold last,
        and the least that was paid for a piece since then. None: they never were."""

    def came_back(self, sale_key: int, leg: int) -> Sequence[CameBack]:
        """What came back from the account that this leg was given back to, and is not given again;
        the first first."""

    def given_again(self, sale_key: int, leg: int, number: int) -> Sequence[CameBack]:
        """What of it this application gives: nothing for goods that it takes back."""

    def by_trace(self, trace: str) -> Sequence[ListedSale]:
        """Six digits; the current batch first, then newest first."""

    def by_rrn(self, rrn: str, on: date) -> Sequence[ListedSale]:
        """Newest first."""

    def by_reference(self, rrn: str) -> Sequence[ListedSale]:
        """Those with a payment of this reference, of whatever day; newest first."""

    def by_typed(self, typed: Typed) -> Sequence[ListedSale]:
        """That have the payment that was typed, its day being perhaps another clock's; newest
        first."""

    def perhaps(self, typed: Typed) -> Sequence[SaleLeg]:
        """Payments of tills that may be what was typed: without a reference, of that amount and
        day, or a day beside it, and nothing that both know is otherwise (R7). Newest first."""

    def perhaps_another(self, sale_key: int, leg: int) -> Sequence[SaleLeg]:
        """What may be the payment of this leg once more: of a typed sale the till's, of a till's
        the typed ones; those of the same reference with another day first."""

    def by_token(self, tokens: Iterable[str], pars: Iterable[str] = ()) -> Sequence[ListedSale]:
        """Sales of these numbers and accounts, newest first."""

    def know_accounts(self) -> bool:
        """Whether any sale has the account's reference (PAR) of its card."""
