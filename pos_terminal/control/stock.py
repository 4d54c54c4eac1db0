"""Movements of goods and points, page by page, for tills and stock systems (R48)."""

from __future__ import annotations

from typing import Any

from pos_terminal.control.server import BadRequest, Verb
from pos_terminal.ports import Ledger
from pos_terminal.ports.stock_page import MOST_OF_A_PAGE, as_told


def stock_verbs(ledger: Ledger) -> dict[str, Verb]:
    """``stock``, as ``docs/stock.md`` has it; nothing changes. Failure ``stock.ahead``."""

    async def stock(request: dict[str, Any]) -> dict[str, Any]:
        page = ledger.stock.page(_since(request), _most(request))
        return {
            "movements": [as_told(one) for one in page.movements],
            "next": page.next,
            "last": page.last,
            "oldest": page.oldest,
            "erased": page.erased,
        }

    return {"stock": stock}


def _since(request: dict[str, Any]) -> int:
    since = request.get("since")
    if isinstance(since, bool) or not isinstance(since, int) or not 0 <= since < 2**63:
        raise BadRequest("stock needs since, the number of the last movement that is known, or 0")
    return since


def _most(request: dict[str, Any]) -> int:
    most = request.get("most", MOST_OF_A_PAGE)
    if isinstance(most, bool) or not isinstance(most, int) or not 0 < most <= MOST_OF_A_PAGE:
        raise BadRequest(f"most is how many movements at once, 1 to {MOST_OF_A_PAGE}")
    return most
