"""The ledger as the flows see it: ``ports.Ledger`` on one writer and one reader."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import Refund
from pos_terminal.core.voucher import Voucher
from pos_terminal.ports import (
    Application,
    Approval,
    Clock,
    Conclusion,
    CreditSlips,
    Draft,
    Drawn,
    ExchangeTaking,
    NewNumberSlips,
    Payee,
    Runner,
    Sealed,
    Slips,
    Taking,
    Tokens,
    VoucherSlips,
)
from pos_terminal.ports.time import believed_now
from pos_terminal.services.ledger import (
    concluding,
    issuing,
    sealing,
)
from pos_terminal.services.ledger.faces import Faces
from pos_terminal.services.ledger.lock import Lock
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.tidy import Tidy
from pos_terminal.services.ledger.writer import Writer
from pos_terminal.wire.iso8583.message import Message

if TYPE_CHECKING:
    from pos_terminal.core.blind import NoReceipt
    from pos_terminal.core.exchange import GivenOut
    from pos_terminal.core.exchange_credit import ExchangeCredit
    from pos_terminal.core.sale import Sale
    from pos_terminal.core.typed import Typed
    from pos_terminal.wire.receipt.slip import Slip

T = TypeVar("T")


class LedgerStore(Faces):
    """Fulfils ``ports.Ledger``. Every write goes through ``step`` under its own name."""

    def __init__(
        self,
        writer: Writer,
        reads: sqlite3.Connection,
        *,
        runner: Runner,
        clock: Clock,
        tokens: Tokens | None,
        lock: Lock,
    ) -> None:
        super().__init__(reads, writer.home, writer.vault, tokens)
        self.writer = writer
        self.path = writer.path
        self.tidy = Tidy(writer, self._tidying, self.refunds.open_ones)
        self._runner = runner
        self._clock = clock
        self._lock = lock

    @property
    def believed_now(self) -> datetime | None:
        """The time; None where it is in doubt (R70), which reads the ledger."""
        return believed_now(self._clock)

    async def step(self, name: str, work: Callable[[Step], T]) -> T:
        """One named durable transaction on the writer's thread.

        The one door for every write: a test that wraps it can stop the world before or after
        any of them.
        """
        self.tidy.active()
        return await self._runner(lambda: self.writer.transact(name, work))

    async def blocking(self, work: Callable[[], T]) -> T:
        """Blocking work on the writer's thread that begins no step of its own."""
        return await self._runner(work)

    async def _tidying(self, function: Callable[[], T]) -> T:
        """Through the same door as all else, whoever has wrapped it."""
        return await self.blocking(function)

    async def run(self) -> None:
        """Background: checkpoints and fresh keys once all is at rest. Until cancelled."""
        await self.tidy.run()

    def close(self) -> None:
        """Close both connections and let the lock go; no write may be under way."""
        self.db.close()
        self.writer.db.close()
        self._lock.release()

    # --- money ----------------------------------------------------------------------------

    async def seal(
        self, application: int, card: Payee | None, build: Callable[[Drawn], Message]
    ) -> Sealed:
        return await self.step("seal", lambda step: sealing.seal(step, application, card, build))

    async def reseal(
        self,
        refund_id: int,
        cause: Cause,
        card: Payee | None,
        build: Callable[[Drawn], Message],
    ) -> Sealed:
        return await self.step(
            "reseal", lambda step: concluding.seal_anew(step, refund_id, cause, card, build)
        )

    async def conclude(self, refund_id: int, conclusion: Conclusion) -> Refund:
        return await self.step(
            "conclude", lambda step: concluding.conclude(step, refund_id, conclusion)
        )

    async def commit_cash(self, application: int, slips: Slips) -> Refund:
        return await self.step(
            "commit_cash", lambda step: concluding.commit_cash(step, application, slips)
        )

    async def commit_cash_legs(self, legs: Sequence[tuple[int, Slips]]) -> Sequence[Refund]:
        return await self.step("commit_cash", lambda step: concluding.commit_cash_legs(step, legs))

    async def commit_form(self, application: int, slips: Slips) -> Refund:
        return await self.step(
            "commit_form", lambda step: concluding.commit_form(step, application, slips)
        )

    async def type_sale(self, sale: Sale, operator: str) -> int:
        from pos_terminal.services.ledger import typing_in  # with the first one

        return await self.step("type_sale", lambda step: typing_in.add_sale(step, sale, operator))

    async def type_reference(self, sale_key: int, leg: int, typed: Typed, operator: str) -> None:
        from pos_terminal.services.ledger import typing_in

        await self.step(
            "type_reference",
            lambda step: typing_in.add_reference(step, sale_key, leg, typed, operator),
        )

    async def type_missing(self, sale_key: int, leg: int, typed: Typed, operator: str) -> None:
        from pos_terminal.services.ledger import typing_in

        await self.step(
            "type_missing",
            lambda step: typing_in.add_missing(step, sale_key, leg, typed, operator),
        )

    async def is_one(self, typed: int, sale_key: int, leg: int, operator: str) -> None:
        from pos_terminal.services.ledger import typing_in

        await self.step(
            "typed_is_one", lambda step: typing_in.is_one(step, typed, sale_key, leg, operator)
        )

    async def withdraw_typed(self, sale_key: int, operator: str, supervisor: str) -> None:
        from pos_terminal.services.ledger import typing_in

        await self.step(
            "withdraw_typed",
            lambda step: typing_in.withdraw_sale(step, sale_key, operator, supervisor),
        )

    async def withdraw_reference(
        self, sale_key: int, leg: int, operator: str, supervisor: str
    ) -> None:
        from pos_terminal.services.ledger import typing_in

        await self.step(
            "withdraw_reference",
            lambda step: typing_in.withdraw_reference(step, sale_key, leg, operator, supervisor),
        )

    async def open_blind(self, sale: Sale, draft: Draft, known: NoReceipt) -> Application:
        from pos_terminal.services.ledger.without_receipt import open_blind

        return await self.step("open_blind", lambda step: open_blind(step, sale, draft, known))

    async def issue_credit(self, application: int, slips: VoucherSlips) -> Refund:
        return await self.step("issue_credit", lambda step: issuing.issue(step, application, slips))

    async def book_points(self, application: int, slips: Slips) -> Refund:
        return await self.step(
            "book_points", lambda step: concluding.book_points(step, application, slips)
        )

    async def exchange(self, application: int, out: Sequence[GivenOut], slips: Slips) -> Refund:
        from pos_terminal.services.ledger.exchanging import exchange

        return await self.step("exchange", lambda step: exchange(step, application, out, slips))

    async def make_exchange_credit(
        self, applications: Sequence[int], lasts: timedelta, slips: CreditSlips
    ) -> ExchangeCredit:
        from pos_terminal.services.ledger import exchange_credit

        return await self.step(
            "make_exchange_credit",
            lambda step: exchange_credit.make(step, applications, lasts, slips),
        )

    async def take_exchange_credit(self, taking: Taking) -> ExchangeTaking:
        from pos_terminal.services.ledger import exchange_credit

        return await self.step(
            "take_exchange_credit", lambda step: exchange_credit.take(step, taking)
        )

    async def settle_exchange_credit(
        self, number: str, rest: Sequence[Draft], operator: str, slips: Sequence[Slip] = ()
    ) -> Sequence[Application]:
        from pos_terminal.services.ledger import exchange_credit

        return await self.step(
            "settle_exchange_credit",
            lambda step: exchange_credit.settle(step, number, rest, operator, slips),
        )

    async def end_exchange_credit(
        self, number: str, operator: str, approvals: tuple[Approval, Approval]
    ) -> ExchangeCredit:
        from pos_terminal.services.ledger import exchange_credit

        return await self.step(
            "end_exchange_credit",
            lambda step: exchange_credit.end(step, number, operator, approvals),
        )

    async def reopen_exchange_credit(
        self, application: int, back: Sequence[Draft], slips: Slips
    ) -> tuple[Refund, Sequence[Application]]:
        from pos_terminal.services.ledger.reopening import reopen

        return await self.step(
            "reopen_exchange_credit", lambda step: reopen(step, application, back, slips)
        )

    async def reopen_voided(
        self, case_id: int, application: int, back: Sequence[Draft], slips: Slips
    ) -> tuple[Refund, Sequence[Application]]:
        from pos_terminal.services.ledger.reopening import reopen_voided

        return await self.step(
            "reopen_voided", lambda step: reopen_voided(step, case_id, application, back, slips)
        )

    async def replace_voucher(
        self, number: str, operator: str, supervisor: str, slips: NewNumberSlips
    ) -> Voucher:
        return await self.step(
            "replace_voucher",
            lambda step: issuing.replace_voucher(step, number, operator, supervisor, slips),
        )
