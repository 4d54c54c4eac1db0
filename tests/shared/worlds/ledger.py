"""A ledger in a folder of its own, on an inline writer and a clock that stands still."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import tempfile
import zlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from hw_sim.virtual import run_inline
from worlds.config import FILE

from pos_terminal.core.items import Item
from pos_terminal.core.pan import Pan
from pos_terminal.core.refund import CardMatch, Kind, Refund, State
from pos_terminal.core.sale import Funding, Sale
from pos_terminal.core.voucher import Voucher
from pos_terminal.ports import (
    AnswerFacts,
    Application,
    CardFacts,
    Conclusion,
    Drawn,
    Interface,
    Sealed,
)
from pos_terminal.ports.books.feed import ImportReport
from pos_terminal.services.ledger.connect import open_writer
from pos_terminal.services.ledger.migrations import migrate
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.proof.opening import open_ledger
from pos_terminal.services.security.tokens import KeyedTokens
from pos_terminal.services.security.vault import Vault, open_vault
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.receipt.all_kinds import Kinds
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.kinds.refund import Refunded
from pos_terminal.wire.receipt.slip import Slip

T = TypeVar("T")
SHOP = timezone(timedelta(hours=8))
MERCHANT, TERMINAL = "898310012340001", "12345678"
REFUNDED = Refunded()
VISA = Pan("4761739001010010")


def rrn_of(sale_id: str) -> str:
    """Each sale has its own: one transaction is one sale."""
    if sale_id == "S1":
        return "600510000017"
    return f"6005{zlib.crc32(sale_id.encode()) % 10**8:08d}"


class StandingClock:
    """Wall time that moves only when it is told to."""

    def __init__(self, moment: datetime = datetime(2026, 1, 5, 10, 0, tzinfo=SHOP)) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()


@cache
def _new_schema() -> bytes:
    """A ledger's file whose schema was made, by the ledger itself, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        with closing(open_writer(path)) as db:
            migrate(db, str(path))
        return path.read_bytes()


class World:
    """One terminal's ledger, its vault and its keys, and what a clerk would do with them."""

    merchant, terminal, visa = MERCHANT, TERMINAL, VISA

    def __init__(self, folder: Path, slots: int = 8) -> None:
        self.folder = folder
        self.clock = StandingClock()
        self.tokens = KeyedTokens(secrets.token_bytes(32))
        self.audit_key = secrets.token_bytes(32)
        self.binding = secrets.token_bytes(32)
        self.slots = slots
        self.vault: Vault = open_vault(folder, binding=self.binding, slots=slots)
        if not self.path.exists():  # making the schema is most of opening a new ledger
            self.path.touch(0o600)
            self.path.write_bytes(_new_schema())
        self.store = self.open()

    @property
    def path(self) -> Path:
        return self.folder / "ledger.db"

    def open(self, path: Path | None = None, **changes: Any) -> LedgerStore:
        facts: dict[str, Any] = {
            "clock": self.clock,
            "runner": run_inline,
            "vault": self.vault,
            "tokens": self.tokens,
            "merchant_id": MERCHANT,
            "terminal_id": TERMINAL,
            "zone": SHOP,
            "audit_key": self.audit_key,
        }
        return open_ledger(path or self.path, **(facts | changes))

    def reopen(self) -> LedgerStore:
        self.store.close()
        self.store = self.open()
        return self.store

    def write_config(self) -> Path:
        """A ``terminal.toml`` of this ledger, for commands."""
        config = self.folder / "terminal.toml"
        text = FILE.replace('"data"', '"."\nlanguage = "en"').replace('"Shop"', '"商店"')
        config.write_text(text, "utf-8")
        return config

    def copy(self, name: str) -> Path:
        """The files as a power cut would leave them: nothing is closed first."""
        target = self.folder / name
        target.mkdir()
        for suffix in ("", "-wal"):
            file = self.path.with_name(self.path.name + suffix)
            if file.exists():
                shutil.copy(file, target / file.name)
        return target / self.path.name

    def do(self, work: Awaitable[T]) -> T:
        async def done() -> T:
            return await work

        return asyncio.run(done())

    def record(self, sale_id: str = "S1", **changes: Any) -> dict[str, Any]:
        """A sale by card as the feed writes it; ``pan`` as the VISA test card."""
        amount = changes.get("amount", 10_000)
        record = {
            "kind": "sale",
            "sale_id": sale_id,
            "merchant_id": MERCHANT,
            "terminal_id": TERMINAL,
            "batch": "000001",
            "trace": "000017",
            "rrn": rrn_of(sale_id),
            "auth_code": "A00017",
            "sold_at": "2026-01-05T09:00:00+08:00",
            "currency": "156",
            "amount": amount,
            "receipt_no": f"R-{sale_id}",
            "tenders": [{"kind": "card", "amount": amount, "pan": VISA.reveal(), "scheme": "VISA"}],
            "lines": [{"sku": "9", "name": "Tea", "quantity": "1", "unit_price": amount}],
        }
        return record | changes

    def masked(self, sale_id: str = "S1", **changes: Any) -> dict[str, Any]:
        """A sale whose card number the till does not tell."""
        card = {"kind": "card", "amount": 10_000, "masked": VISA.masked}
        return self.record(sale_id, tenders=[card], **changes)

    def take_in(self, *records: dict[str, Any] | str, pan: bool = True) -> ImportReport:
        lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records]
        return self.do(
            self.store.feed.take_in(lines, source="test", form=Format.JSONL, allow_pan=pan)
        )

    def sell(self, sale_id: str = "S1", **changes: Any) -> None:
        report = self.take_in(self.record(sale_id, **changes))
        assert report.added == 1, report

    def asked(
        self, amount: int, sale_id: str = "S1", kind: Kind = Kind.REFUND, leg: int = 1, **more: Any
    ) -> dict[str, Any]:
        """What an application is opened with."""
        facts: dict[str, Any] = {
            "sale_key": self.sale(sale_id).key,
            "leg": leg,
            "kind": kind,
            "amount": amount,
        }
        facts |= {"reason": "1", "note": "", "operator": "101", "decisions": (), "refused": False}
        return facts | more

    def apply_for(self, amount: int, sale_id: str = "S1", *more: Any, **facts: Any) -> Application:
        asked = self.asked(amount, sale_id, *more, **facts)
        return self.do(self.store.applications.open(**asked))

    def card(self, pan: Pan = VISA) -> CardFacts:
        return CardFacts(
            pan=pan,
            expiry="2912",
            sequence="001",
            interface=Interface.TAP,
            scheme="VISA",
            funding=Funding.CREDIT,
            token=self.tokens.token(pan),
            match=CardMatch.EXACT,
        )

    def request(self, amount: int, **more: str) -> Callable[[Drawn], Message]:
        def build(drawn: Drawn) -> Message:
            fields = {2: VISA.reveal(), 4: f"{amount:012d}", 11: drawn.stan, 14: "2912"}
            return Message("0220", fields | {int(k[1:]): v for k, v in more.items()})

        return build

    def seal(
        self, amount: int, sale_id: str = "S1", kind: Kind = Kind.REFUND, **more: Any
    ) -> Sealed:
        application = self.apply_for(amount, sale_id, kind, **more)
        return self.seal_again(application.number, amount)

    def seal_again(self, application: int, amount: int) -> Sealed:
        return self.do(self.store.seal(application, self.card(), self.request(amount)))

    def conclude(self, refund_id: int, state: State, done: int = 0, **more: Any) -> Refund:
        return self.do(self.store.conclude(refund_id, Conclusion(state, done, **more)))

    def refunded(
        self,
        amount: int,
        state: State,
        done: int = 0,
        *,
        sale_id: str = "S1",
        kind: Kind = Kind.REFUND,
        items: Sequence[Item] = (),
        **ends: Any,
    ) -> Refund:
        """A refund of so much, sealed and brought to this state; ``ends`` are the conclusion's."""
        sealed = self.seal(amount, sale_id, kind, items=items)
        return self.conclude(sealed.refund.refund_id, state, done, **ends)

    def answer(self, code: str = "00") -> AnswerFacts:
        return AnswerFacts(code, "600510000099", "B00099", None, "0105100000", {"39": code})

    def slip(self, copy: Copy = Copy.CUSTOMER, body: Kinds = REFUNDED, **changes: Any) -> Slip:
        """``changes`` are the head's."""
        facts: dict[str, Any] = {
            "merchant_name": "商店",
            "merchant_id": MERCHANT,
            "terminal_id": TERMINAL,
            "operator": "101",
            "application": 1,
            "at": "2026-01-05T10:00:00+08:00",
            "currency": "156",
            "amount": 4000,
        }
        return Slip(Head(copy, **(facts | changes)), body)

    def sale(self, sale_id: str = "S1") -> Sale:
        """A sale that is there."""
        sale = self.store.sales.by_id(sale_id)
        assert sale is not None
        return sale

    def refund(self, refund_id: int) -> Refund:
        """A refund that is there."""
        refund = self.store.refunds.by_id(refund_id)
        assert refund is not None
        return refund

    def application(self, number: int) -> Application:
        """An application that is there."""
        application = self.store.applications.by_number(number)
        assert application is not None
        return application

    def voucher(self, number: str) -> Voucher:
        """A voucher that is there."""
        voucher = self.store.vouchers.by_number(number)
        assert voucher is not None
        return voucher

    def tender(self, sale_id: str = "S1", leg: int = 1) -> tuple[int, int]:
        """(done, held)."""
        tender = self.sale(sale_id).tender(leg)
        return tender.done, tender.held

    def line(self, line: int = 1, sale_id: str = "S1") -> tuple[int, int]:
        """(returned, held), thousandths."""
        sold = self.sale(sale_id).line(line)
        return sold.returned, sold.held

    def kinds(self) -> list[str]:
        """Kinds of the audit entries, oldest first."""
        return [row[0] for row in self.store.db.execute("SELECT kind FROM audit ORDER BY seq")]

    def close(self) -> None:
        self.store.close()
        self.vault.close()
