"""A data folder with one of everything, written by the product's own code on virtual time.

For the ledgers that lie in the tests, each written by a release: see ``worlds.releases``. The keys
are the constant ones. A year and more of it: what a purge has taken whole, what it has stripped,
what was made under a token key that was replaced, and the day before the simulation's, at the end
of which the terminal loses its power in the midst of work.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from hw_sim.acquirer import records
from hw_sim.acquirer.listener import InProcess
from hw_sim.acquirer.server import Acquirer
from hw_sim.bench import identity, people
from hw_sim.bench.devices import sample_cards
from hw_sim.bench.feed import acquirer_record, feed_record
from hw_sim.bench.keys import BenchKeys
from hw_sim.bench.sample_sales import make_sales
from hw_sim.printer.sample_slip import SLIP
from hw_sim.proofs.simulation.shop import copy_data, make_config
from hw_sim.virtual import VirtualClock, VirtualLoop, run_inline, run_virtual
from msgspec.structs import replace
from worlds import constant_keys
from worlds.constant_keys import made
from worlds.host import World
from worlds.outcome_files import record

from pos_terminal.config import Retention
from pos_terminal.core.application import Withdrawn
from pos_terminal.core.blind import BroughtBack, NoReceipt, sale_of
from pos_terminal.core.case import MISTAKES, CaseKind, FoundBy, supervisors_to_close
from pos_terminal.core.case_end import NOTHING_LOST, CaseCause, Loss
from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.case_step import NewStep, StepKind
from pos_terminal.core.cause import Cause
from pos_terminal.core.decision import Answer, Decision, Objection, Phase, Verdict, allow
from pos_terminal.core.evidence import MOST_EVIDENCE, EvidenceItem, EvidenceKind
from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.invoice import Answered, InvoiceBack
from pos_terminal.core.items import Item, name_items
from pos_terminal.core.looked import Deducted, Disposition, Looked, Sort
from pos_terminal.core.pan import Pan
from pos_terminal.core.payout import PayoutFor, PayoutKind, PayoutLimits
from pos_terminal.core.people import Person, Role, pin_is_trivial
from pos_terminal.core.print_job import JobState, Upset
from pos_terminal.core.receipt_code import remedy_code
from pos_terminal.core.refund import CardMatch, Kind, Refund, State
from pos_terminal.core.said import Said
from pos_terminal.core.sale import Funding, Sale
from pos_terminal.core.tenders import Basis, Exceptional
from pos_terminal.core.typed import Typed
from pos_terminal.core.words import say
from pos_terminal.ports import (
    AnswerFacts,
    Application,
    Approval,
    ByReference,
    CardFacts,
    Case,
    Closing,
    Conclusion,
    Draft,
    Drawn,
    Finding,
    FormConfirmation,
    Grounds,
    Interface,
    NewPaper,
    NewPayout,
    Payee,
    Taking,
)
from pos_terminal.ports.books.feed import Refused
from pos_terminal.ports.records import Clearing, Correction
from pos_terminal.profiles import load
from pos_terminal.services.paper.slips import SlipMaker
from pos_terminal.services.process.trusted_clock import TrustedClock
from pos_terminal.services.proof.opening import open_ledger
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.services.retention.purging import Purger
from pos_terminal.services.security import pin_hash
from pos_terminal.services.security.keystore import OlderKey, TerminalKeys
from pos_terminal.services.security.people_db import PeopleDb
from pos_terminal.services.security.people_rows import NewPerson
from pos_terminal.services.security.pin_hash import PinHasher
from pos_terminal.services.security.tokens import KeyedTokens
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.feed.outcomes import parse
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.receipt.kinds.test import PrintTest

LONG_AGO: Final = datetime.fromisoformat("2025-08-01T09:00:00+08:00")
"""All of it is gone by now but the frame of the log."""
OLD: Final = datetime.fromisoformat("2026-07-15T09:00:00+08:00")
"""It stays, and tells no card and no person any more."""
LATELY: Final = datetime.fromisoformat("2026-11-18T09:00:00+08:00")
AFTER: Final = datetime.fromisoformat("2026-11-20T09:00:00+08:00")
"""The power has gone by then; the simulation's day begins four hours later."""
KEEP: Final = Retention(
    sales_days=200, refunds_days=100, slips_days=50, audit_days=300, files_days=10
)
TRADE: Final = "TRADE"
"""A sale by the VISA of the bench's customers, of which nothing was given back."""
IN_CASH: Final[Mapping[str, str]] = {"kind": "cash"}
VISA: Final = Pan("4761739001010010")
STOLEN: Final = Pan("5413330089020011")
CHECKS: Final = Decision(
    Phase.BEFORE_CARD,
    (
        allow("window", {"days": 3, "limit": 90}),
        Verdict(
            "amount_limit", Answer.ASK_TWO, Objection.POLICY, {"amount": 5_000, "limit": 1_000}
        ),
    ),
)
REFUSAL: Final = Decision(
    Phase.BEFORE_CARD, (Verdict("window", Answer.DENY, Objection.POLICY, {"days": 400}),)
)


def staff() -> list[people.Staff]:
    """The people of the bench, with PINs that everybody can work out."""
    return [
        people.Staff(one.number, _pin(one.number), one.role, one.name) for one in people.staff()
    ]


def _pin(number: str) -> str:
    """The first of its kind that is acceptable."""
    candidates = (
        f"{made(f'pin {number} {n}', 1)[0]:03d}{made(f'more {number} {n}', 1)[0]:03d}"
        for n in range(99)
    )
    return next(pin for pin in candidates if not pin_is_trivial(pin, number))


def keys() -> BenchKeys:
    return BenchKeys(constant_keys.COMPONENTS, constant_keys.TOKEN)


class Everything(World):
    """A terminal, its acquirer, and whoever works there; its files lie in ``folder``."""

    def __init__(self, loop: VirtualLoop, folder: Path) -> None:
        config = make_config(folder.parent, folder)
        self.loop, self.folder, self.config = loop, folder, config
        self.profile = load("cup")
        self.wall = VirtualClock(loop, LONG_AGO)
        self.clock = TrustedClock(
            wall=self.wall.now,
            synchronised=lambda: True,
            zone=config.terminal.zone,
            monotonic=loop.time,
        )
        station = records.Terminal(
            identity.TERMINAL_ID, identity.MERCHANT_ID, constant_keys.TMK, "000041", identity.TPDU
        )
        self.acquirer = Acquirer(self.profile, [station], self.wall.now)
        self.wires = InProcess(self.acquirer)
        self.known: list[dict[str, Any]] = []
        """Sales as the acquirer has them."""
        self.concluded: list[Refund] = []
        self.connections = 0
        self.dead, self.dead_addresses = False, set()
        folder.mkdir(parents=True, mode=0o700)
        store = constant_keys.key_store(folder)
        older = (OlderKey(constant_keys.OLD_TOKEN, int(LATELY.timestamp())),)
        store.load(TerminalKeys(constant_keys.TMK, constant_keys.TOKEN, older=older))
        self.keys = store  # type: ignore[assignment] # as a terminal has it
        self.old_tokens = KeyedTokens(constant_keys.OLD_TOKEN)
        self.tokens = KeyedTokens(constant_keys.TOKEN, [constant_keys.OLD_TOKEN])
        self.vault = constant_keys.ring(folder, slots=12)
        self.ledger = open_ledger(
            config.ledger,
            clock=self.clock,
            runner=run_inline,
            vault=self.vault,
            tokens=self.tokens,
            merchant_id=config.terminal.merchant_id,
            terminal_id=config.terminal.terminal_id,
            zone=config.terminal.zone,
            audit_key=constant_keys.AUDIT,
        )
        self.host = self.new_host()
        self.papers = SlipMaker(config, self.ledger, self.clock)
        self._numbers = 0

    # --- hands ---------------------------------------------------------------------------------

    def next_at(self, moment: datetime) -> None:
        """Months pass in which nobody works."""
        self.wall.set(moment)

    def hire(self) -> None:
        db, hasher = PeopleDb.open(self.folder), PinHasher(constant_keys.PINS)
        with patch.multiple(pin_hash, MEMORY_KIB=8, PASSES=1):
            db.add(
                [
                    NewPerson(
                        Person(one.number, one.name, Role(one.role), must_change=False),
                        hasher.hash(one.number, one.pin),
                    )
                    for one in staff()
                ],
                int(LATELY.timestamp()),
            )
        db.close()

    async def feed(self, *lines: dict[str, Any], source: str = "till.jsonl") -> None:
        report = await self.ledger.feed.take_in(
            [json.dumps(one, ensure_ascii=False) for one in lines],
            source=source,
            form=Format.JSONL,
            allow_pan=False,
        )
        assert not report.problems, report.problems

    def card_tender(self, amount: int, pan: Pan = VISA, **more: Any) -> dict[str, Any]:
        """Paid by this card under the present token key; the acquirer is told of it, too."""
        self._numbers += 1
        n = self._numbers
        payment = {
            "batch": self.ledger.counter.batch(),
            "trace": f"{500 + n:06d}",
            "rrn": f"9{n:011d}",
            "auth_code": f"E{n:05d}",
        }
        card = {
            "kind": "card",
            "amount": amount,
            "token": self.tokens.token(pan),
            "token_key_id": self.tokens.key_id,
            "masked": pan.masked,
            "scheme": "visa",
            "funding": "credit",
        }
        known = {
            **payment,
            "sale_id": f"A{n}",
            "pan": pan.reveal(),
            "amount": amount,
            "terminal_id": identity.TERMINAL_ID,
            "merchant_id": identity.MERCHANT_ID,
            "sold_at": self.clock.now().isoformat(),
        }
        self.known.append(known)
        self.acquirer.add_sales(records.parse_sales([known]))
        return card | payment | more

    def bill(self, sale_id: str, *tenders: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """A sale of now, of a line that cost as much as its tenders are."""
        amount = sum(int(tender["amount"]) for tender in tenders)
        line = {"sku": "9", "name": "茶 Tea", "quantity": "2", "unit_price": amount // 2}
        sale = {
            "kind": "sale",
            "sale_id": sale_id,
            "merchant_id": identity.MERCHANT_ID,
            "terminal_id": identity.TERMINAL_ID,
            "sold_at": self.clock.now().isoformat(),
            "currency": identity.CURRENCY,
            "amount": amount,
            "receipt_no": f"R-{sale_id}",
            "tenders": list(tenders),
            "lines": [line],
        }
        return sale | changes

    async def sell(self, sale_id: str, amount: int = 10_000, pan: Pan = VISA) -> None:
        """By card."""
        await self.feed(self.bill(sale_id, self.card_tender(amount, pan)))

    async def ask(
        self, sale_id: str | int, amount: int, kind: Kind = Kind.REFUND, leg: int = 1, **more: Any
    ) -> Application:
        """An application that one supervisor has approved."""
        free = "SELECT 1 FROM key_slots WHERE state = 'free'"
        if self.ledger.db.execute(free).fetchone() is None:
            await self.ledger.tidy.once()
        facts = {"reason": "1", "note": "", "operator": "101", "decisions": [CHECKS]}
        application = await self.ledger.applications.open(
            sale_key=sale_id if isinstance(sale_id, int) else self.sale(sale_id).key,
            leg=leg,
            kind=kind,
            amount=amount,
            refused=False,
            **(facts | more),
        )
        yes = self.two(amount, "amount_limit")[:1]
        await self.ledger.applications.approve(application.number, yes)
        return application

    def shown(
        self, pan: Pan = VISA, match: CardMatch = CardMatch.EXACT, tokens: KeyedTokens | None = None
    ) -> CardFacts:
        """The card at the reader."""
        return CardFacts(
            pan=pan,
            expiry="2912",
            sequence="001",
            interface=Interface.TAP,
            scheme="visa",
            funding=Funding.CREDIT,
            token=(tokens or self.tokens).token(pan),
            match=match,
            par="V0010013818398765432109876543" if match is CardMatch.PAR else None,
        )

    def absent(self) -> ByReference:
        """No card was there."""
        return ByReference(
            scheme="visa", funding=Funding.CREDIT, token=self.tokens.token(VISA), par=None
        )

    async def online(
        self,
        sale_id: str,
        amount: int,
        fault: str = "normal",
        kind: Kind = Kind.REFUND,
        **more: Any,
    ) -> Refund:
        """Asked of the acquirer, which does this once."""
        pan: Pan = more.pop("pan", VISA)
        await self.host.prepare()
        application = await self.ask(sale_id, amount, kind, **more)
        self.acquirer.set_mode(fault, 1)
        result = await self.host.authorise(application, self.sale(sale_id), self.shown(pan))
        self.acquirer.set_mode("normal")
        return result.refund

    async def sealed(
        self,
        sale_id: str | int,
        amount: int,
        kind: Kind = Kind.REFUND,
        card: Payee | None = None,
    ) -> Refund:
        """Sealed, and nothing was sent."""
        application = await self.ask(sale_id, amount, kind)
        shown = card or self.shown()

        def build(drawn: Drawn) -> Message:
            fields = {4: f"{amount:012d}", 11: drawn.stan}
            if shown.pan is not None:
                fields |= {2: shown.pan.reveal(), 14: "2912"}
            return Message("0220", fields)

        done = await self.ledger.seal(application.number, shown, build)
        return done.refund

    async def ended(
        self, sale_id: str, kind: Kind, *ends: Conclusion, card: Payee | None = None
    ) -> Refund:
        """A sale of its own, given back whole by card: sealed, then brought to these ends."""
        await self.sell(sale_id)
        refund = await self.sealed(sale_id, 10_000, kind, card)
        for end in ends:
            refund = await self.ledger.conclude(refund.refund_id, end)
        return refund

    async def told(self, refund: Refund, *, paid: bool) -> Refund:
        """Two people found out."""
        finding = Finding(
            refund.amount if paid else 0,
            f"ENQ-{refund.stan}",
            "102",
            self.two(refund.amount, Finding.RULE),
        )
        return (await self.host.conclude_by_people(refund.refund_id, finding)).refund

    async def close(
        self,
        kind: CaseKind,
        place: int = 0,
        *,
        one_payment: bool = False,
        cause: CaseCause = CaseCause.TRAINING,
        loss: Loss = NOTHING_LOST,
    ) -> None:
        """The open case of this kind, by as many people as it takes."""
        case = [one for one in self.ledger.cases.open_ones() if one.kind is kind][place]
        approvals: tuple[Approval, ...] = self.two(10_000, Closing.RULE)
        needed = supervisors_to_close(kind, case.over)
        people = approvals[:needed]
        closing = Closing("BANK-7", "102", people, cause, loss, one_payment=one_payment)
        await self.ledger.cases.close(case.case_id, closing)

    async def print_all(self) -> None:
        for job in self.ledger.slips.in_state(JobState.READY):
            await self.ledger.slips.sending(job.job_id)
            await self.ledger.slips.done({job.job_id: JobState.CONFIRMED})

    def file(self, name: str, *lines: dict[str, Any]) -> Any:
        text = "".join(json.dumps(one) + "\n" for one in lines)
        return parse(text, Format.JSONL, name, self.ledger.home)

    async def purge(self) -> None:
        purger = Purger(self.ledger, KEEP, clock=self.clock, doubt=lambda: None, ntp=lambda: True)
        await purger.once()

    # --- the years -----------------------------------------------------------------------------

    async def long_ago(self) -> None:
        """Sold, given back, printed, closed: nothing is left of it."""
        await self.ledger.counter.resequence("000001")
        await self.feed(self.bill("LONG-1", {"kind": "cash", "amount": 4_000}))
        await self.cash("LONG-1", handed_over=True)
        await self.ended("LONG-2", Kind.REFUND, Conclusion(State.ACCEPTED, 10_000))
        await self.ended("LONG-3", Kind.REFUND, Conclusion(State.UNKNOWN, cause=Cause.RESTART))
        (unknown,) = self.ledger.refunds.open_ones()
        await self.ledger.cases.open(unknown.refund_id, CaseKind.SLIP_DISPUTED, "101")
        await self.ledger.conclude(unknown.refund_id, Conclusion(State.DECLINED))
        await self.close(CaseKind.SLIP_DISPUTED)
        await self.credit("LONG-4", 2_500)
        await self.print_all()
        await self.ledger.journal.note("login", {"number": "101", "role": "clerk"})
        await self.ledger.counter.resequence("000002")

    async def old(self) -> None:
        """Under the token key of then: it stays, without cards and names."""
        await self.ledger.counter.resequence("000020")
        old = self.old_tokens
        await self.feed(
            self.bill(
                "OLD-1",
                self.card_tender(6_000, token=old.token(VISA), token_key_id=old.key_id),
            )
        )
        refund = await self.sealed("OLD-1", 1_000, card=self.shown(tokens=old))
        answer = AnswerFacts("00", "900000000001", "B00001", None, "0715090000", {"39": "00"})
        grounds = self.grounds(refund)
        slips = self.papers.accepted(grounds, refund)
        await self.ledger.conclude(
            refund.refund_id, Conclusion(State.ACCEPTED, 1_000, answer=answer, slips=slips)
        )
        await self.ended(
            "OLD-2",
            Kind.REFUND,
            Conclusion(State.DECLINED, cause=Cause.CARD_REFUSED),
            card=self.shown(STOLEN, tokens=old),
        )
        await self.blind(old)
        await self.print_all()
        await self.ledger.counter.resequence("000021")

    async def lately(self) -> None:
        """The purge of what is older, and the files of the day before the last."""
        await self.ledger.counter.resequence("000041")
        await self.purge()
        await self.ledger.tidy.once()
        day = datetime.fromisoformat("2026-11-18T08:30:00+08:00")
        sales = make_sales(sample_cards(), day, 0)
        token = keys().token
        lines = [feed_record(one, token, self.tokens.key_id) for one in sales]
        self.known += [known for one in sales for known in acquirer_record(one)]
        self.acquirer.add_sales(
            records.parse_sales([known for one in sales for known in acquirer_record(one)])
        )
        await self.feed(*[one for one in lines if one["receipt_no"]], source="hq.jsonl")

    async def the_feed(self) -> None:
        """Every kind of tender, line and event."""
        card = self.card_tender(9_000, STOLEN, par="5001BO8B9NXVVIXCT0HAJU98I512Z", funding="debit")
        tenders = [
            card,
            {"kind": "cash", "amount": 1_000},
            {"kind": "wallet", "amount": 1_000, "order_no": ["4200002105", "SHOP-23"]},
            {"kind": "voucher", "amount": 1_000, "voucher_no": "2900017"},
            {"kind": "transfer", "amount": 1_000},
            {"kind": "points", "amount": 1_000},
            {"kind": "exchange", "amount": 1_000, "exchange_no": "X-118"},
        ]
        lines: list[dict[str, Any]] = [
            {"sku": "1", "name": "杯", "quantity": 1, "unit_price": 9_000, "paid": 9_000,
             "group": "买一送一", "barcodes": ["6901"], "serials": ["SN-1"], "category": "home"},
            {"sku": "1", "name": "杯", "quantity": 1, "unit_price": 9_000, "paid": 0,
             "group": "买一送一"},
            {"sku": "2", "name": "贺卡", "quantity": "0.5", "unit_price": "1067.25", "paid": 6_000,
             "returnable": False, "not_returnable_because": "定制 made to order"},
            {"sku": "", "name": "配送费", "quantity": 1, "unit_price": 1_000, "kind": "fee",
             "paid": 1_000},
            {"sku": "", "name": "会员", "quantity": 1, "unit_price": 1_000, "kind": "discount",
             "paid": -1_000},
        ]  # fmt: skip
        now = self.clock.now().isoformat()
        two_cards = [self.card_tender(7_000), self.card_tender(3_000, STOLEN)]
        masked = {"kind": "card", "amount": 2_500, "masked": "************0010"}
        await self.feed(
            self.bill("ALL", *tenders, lines=lines, gift_receipt_no="G-ALL")
            | {"invoice": "issued", "invoice_no": "25117000000012345678"},
            self.bill("TWO-CARDS", *two_cards),
            self.bill("MASKED", masked, receipt_no=""),
            self.bill("UNCONFIRMED", self.card_tender(5_000), state="unconfirmed"),
            self.bill("DEBITED", self.card_tender(5_000), state="unconfirmed"),
            self.bill("VOIDED", self.card_tender(5_000)),
            self.bill("ADJUSTED", self.card_tender(5_000)),
            self.bill("ELSEWHERE", self.card_tender(5_000)),
            self.bill("TOO-MUCH", self.card_tender(5_000)),
            self.bill("TOO-MUCH-2", self.card_tender(5_000)),
            self.bill("NOTHING", {"kind": "cash", "amount": 0}, lines=[], invoice="none"),
        )
        await self.online("TOO-MUCH", 4_000)
        await self.online("TOO-MUCH-2", 4_000)
        goods = [{"line": 1, "quantity": "1"}]
        elsewhere = {"kind": "refunded_elsewhere", "leg": 1, "at": now}
        await self.feed(
            {"kind": "sale_voided", "sale_id": "VOIDED", "at": now},
            {"kind": "adjusted", "reference": "T-1", "sale_id": "ADJUSTED", "leg": 1,
             "amount": 6_000, "at": now},
            elsewhere | {"reference": "HQ-1", "sale_id": "ELSEWHERE", "amount": 2_500,
                         "lines": goods},
            elsewhere | {"reference": "HQ-2", "sale_id": "TOO-MUCH", "amount": 3_000},
            elsewhere | {"reference": "HQ-3", "sale_id": "TOO-MUCH-2", "amount": 3_000},
            elsewhere | {"reference": "HQ-4", "sale_id": "NOT-YET-HERE", "amount": 1},
            {"kind": "batch_closed", "terminal_id": identity.TERMINAL_ID, "batch": "000040",
             "at": now},
        )  # fmt: skip
        await self.close(CaseKind.ELSEWHERE)
        bad = json.dumps(self.bill("BAD", {"kind": "cash", "amount": 1}, currency="998"))
        report = await self.ledger.feed.take_in(
            [bad], source="bad.jsonl", form=Format.JSONL, allow_pan=False
        )
        (problem,) = report.problems
        for name in ("bad.jsonl", "worse.jsonl"):
            digest = made(name, 32).hex()
            await self.ledger.feed.note_refused(
                Refused(name, name, records=2, digest=digest, sale_ids=["T-9"], first=problem)
            )
        await self.ledger.feed.see_to([self.ledger.feed.refusals()[-1].number], "201")

    async def typed(self) -> None:
        """From receipts: one that the till tells, two that it tells otherwise, one that it has not
        told; and a reference."""
        receipts = {}
        for number, name in enumerate(("JOINED", "DIFFERS-1", "DIFFERS-2", "ALONE"), 1):
            receipts[name] = self.receipt(number)
            sale = receipts[name].sale(
                self.clock.now(), identity.MERCHANT_ID, identity.CURRENCY, 1 + number % 2
            )
            key = await self.ledger.type_sale(sale, "101")
            refund = await self.sealed(key, 1_000)
            await self.ledger.conclude(refund.refund_id, Conclusion(State.ACCEPTED, 1_000))
        for name in ("JOINED", "DIFFERS-1", "DIFFERS-2"):
            told = receipts[name]
            tender = self.card_tender(5_000 if name == "JOINED" else 500, rrn=told.rrn)
            tender |= {"batch": "000039", "trace": told.trace}
            await self.feed(self.bill(name, {"kind": "cash", "amount": 1_000}, tender))
        await self.close(CaseKind.TYPED_DIFFERS)
        wrong = self.receipt(8).sale(self.clock.now(), identity.MERCHANT_ID, identity.CURRENCY, 1)
        await self.ledger.withdraw_typed(await self.ledger.type_sale(wrong, "101"), "101", "201")
        bare = {"kind": "card", "amount": 5_000, "masked": "************0010"}
        await self.feed(self.bill("BARE", bare))
        bare_key = self.sale("BARE").key
        await self.ledger.type_reference(bare_key, 1, self.receipt(8), "101")
        await self.ledger.withdraw_reference(bare_key, 1, "101", "201")
        await self.ledger.type_reference(bare_key, 1, self.receipt(9), "101")

    def receipt(self, number: int) -> Typed:
        """Of today, at this terminal."""
        return Typed(
            terminal_id=identity.TERMINAL_ID,
            rrn=f"7{number:011d}",
            on=self.clock.now().date(),
            amount=5_000,
            trace=f"{900 + number:06d}",
            last4="0010",
        )

    async def by_hand(self) -> None:
        """Cash, store credit, and what was turned away."""
        for sale_id in ("CASH-1", "CASH-2"):
            await self.feed(self.bill(sale_id, {"kind": "cash", "amount": 4_000}))
        await self.cash("CASH-1", handed_over=True)
        await self.cash("CASH-2", handed_over=False)
        vouchers = [await self.credit(f"CREDIT-{n}", 10_000) for n in range(1, 5)]
        redeem = self.ledger.vouchers.redeem
        await redeem(Taking(vouchers[1], 4_000, request="till-3/17"))
        await redeem(Taking(vouchers[2], 10_000, operator="101", supervisor="201"))
        await self.ledger.vouchers.cancel(vouchers[3], "101", "201")
        await self.blind(self.tokens, self.tokens.token(VISA))
        weighed = {"sku": "0", "name": "0", "quantity": "0", "unit_price": 0}
        of_nothing = self.bill("NO-GOODS", {"kind": "cash", "amount": 100}, lines=[weighed])
        await self.feed(of_nothing)
        await self.print_all()
        await self.lose(vouchers[0])
        for number in ("2900017", vouchers[1]):
            await self.credit(f"BY-{number}", 2_000, {"kind": "voucher", "voucher_no": number})
        await self.feed(self.bill("POINTS", {"kind": "points", "amount": 3_000}))
        application = await self.ask("POINTS", 2_000, Kind.POINTS)
        await self.ledger.book_points(application.number, self.papers.points(application))
        await self.looked_at()
        await self.exchanged()
        await self.invoices()
        await self.exchange_credits()
        await self.print_all()

        facts: dict[str, Any] = {"leg": 1, "amount": 2_000, "reason": "4", "note": ""}
        facts |= {"operator": "101", "kind": Kind.REFUND}
        applications = self.ledger.applications
        sale = self.sale("ADJUSTED").key
        refused = await applications.open(
            sale_key=sale, decisions=[CHECKS, REFUSAL], refused=True, **facts
        )
        slips = self.papers.refused(refused, say("rules.too_old", days=400, limit=90))
        await self.ledger.slips.queue(slips, refused.number)
        nowhere = facts | {"leg": 0, "amount": 0, "note": "999998"}
        turned = await applications.open(
            sale_key=None, decisions=[REFUSAL], refused=True, **nowhere
        )
        slips = self.papers.turned_away(turned, say("find.none"))
        await self.ledger.slips.queue(slips, turned.number)
        given_up = await applications.open(
            sale_key=sale, decisions=[], refused=False, goods_back=GoodsBack.NONE, **facts
        )
        await applications.cancel(given_up.number, Withdrawn.CLERK)
        asked = await self.ask("TWO-CARDS", 1_000, goods_back=GoodsBack.UNKNOWN)
        await applications.approve(asked.number, self.two(1_000, "amount_limit"))
        await applications.cancel(asked.number, Withdrawn.TAKEN_UP_AGAIN)
        await self.ticket()

    async def looked_at(self) -> None:
        """Goods in each condition, each for less than they are worth."""
        dispositions = [*Disposition]
        lines = [
            {"sku": f"L-{n}", "name": "灯 Lamp", "quantity": 2, "unit_price": 500,
             "barcodes": [f"690100000000{n}"], "serials": [f"SN-{n}-1", f"SN-{n}-2"]}
            for n in range(1, len(dispositions) + 1)
        ]  # fmt: skip
        paid = {"kind": "cash", "amount": 1_000 * len(lines)}
        await self.feed(self.bill("LOOKED", paid, lines=lines))
        items = [
            Item(n, 2_000, 900, 1_000, Looked("4", "2", where, 100, why, (f"SN-{n}-1",)))
            for n, (where, why) in enumerate(zip(dispositions, Deducted, strict=True), 1)
        ]
        application = await self.ask(
            "LOOKED", 900 * len(lines), Kind.CASH, items=items, goods_back=GoodsBack.NAMED
        )
        slips = self.papers.cash(application)
        refund = await self.ledger.commit_cash(application.number, slips)
        await self.ledger.stock.correct(
            Correction(
                refund_id=refund.refund_id,
                line=1,
                condition="4",
                disposition=Disposition.DAMAGED,
                operator="101",
                supervisor="201",
            )
        )

    async def not_received(self) -> None:
        """One line's goods did not come back, the other's did."""
        lines = [
            {"sku": f"R-{n}", "name": "灯 Lamp", "quantity": 1, "unit_price": 500} for n in (1, 2)
        ]
        await self.feed(self.bill("ABSENT", {"kind": "cash", "amount": 1_000}, lines=lines))
        items = [
            Item(1, 1_000, 500, 500, Looked("3", disposition=None, serials=("R-17",))),
            Item(2, 1_000, 500, 500, Looked("4", "1", Disposition.RESTOCK)),
        ]
        application = await self.ask(
            "ABSENT", 1_000, Kind.CASH, items=items, goods_back=GoodsBack.NAMED
        )
        await self.ledger.commit_cash(application.number, self.papers.cash(application))

    async def invoices(self) -> None:
        """What became of one that is out."""
        for answer in Answered:
            name = f"INVOICE-{answer.value}"
            paid = {"kind": "cash", "amount": 1_000}
            await self.feed(self.bill(name, paid, invoice="issued"))
            number = "25117000000087654321" if answer is Answered.RED_LETTER else ""
            invoice = InvoiceBack(answer, number)
            application = await self.ask(name, 1_000, Kind.CASH, invoice=invoice)
            await self.ledger.commit_cash(application.number, self.papers.cash(application))

    async def exchanged(self) -> None:
        """For the same goods, and for others whose price the clerk typed."""
        lines = [
            {"sku": f"E-{n}", "name": "杯 Cup", "quantity": 1, "unit_price": 700} for n in (1, 2)
        ]
        await self.feed(self.bill("CUPS", {"kind": "cash", "amount": 1_400}, lines=lines))
        items = [Item(n, 1_000, 700, 700, Looked("1", "3", Disposition.VENDOR)) for n in (1, 2)]
        out = [
            GivenOut(1, 1_000, "E-1", "E-1", "杯 Cup", ("E-77",)),
            GivenOut(2, 1_000, "690", price=700, last_sold_for=900),
        ]
        application = await self.ask("CUPS", 1_400, Kind.EXCHANGE, items=items)
        slips = self.papers.exchange(application, out)
        await self.ledger.exchange(application.number, out, slips)
        other = Looked("4", "1", Disposition.RESTOCK, sorts=(Sort("", "690", 1_000),))
        items = [Item(2, 1_000, 700, 700, other)]
        application = await self.ask("CUPS", 700, Kind.CASH, items=items)
        await self.ledger.commit_cash(application.number, self.papers.cash(application))

    async def exchange_credits(self) -> None:
        """Of one sale: a credit that waits, one of which the till took a part, one whose rest goes
        back, and one that was settled with nothing taken."""
        line = {"sku": "LAMP", "name": "灯 Lamp", "quantity": 4, "unit_price": 700}
        await self.feed(self.bill("LAMPS", {"kind": "cash", "amount": 2_800}, lines=[line]))
        for taken, settled in ((0, False), (500, False), (300, True), (0, True)):
            items = [Item(1, 1_000, 700, 700, Looked("1", "3", Disposition.RESTOCK))]
            application = await self.ask("LAMPS", 700, Kind.EXCHANGE_CREDIT, items=items)
            lasts = timedelta(hours=2)
            slips = self.papers.exchange_credit([application])
            credit = await self.ledger.make_exchange_credit([application.number], lasts, slips)
            if taken:
                taking = Taking(credit.number, taken, request=f"X-{taken}")
                await self.ledger.take_exchange_credit(taking)
            if taken == 500:  # and the till says that it was more, twice
                told = {"kind": "exchange", "exchange_no": credit.number, "amount": 600}
                await self.feed(self.bill("BOUGHT-1", told))
                await self.close(CaseKind.EXCHANGE_NOT_REDEEMED)
                await self.feed(self.bill("BOUGHT-2", told | {"amount": 100}))
                application = await self.ask("BOUGHT-1", 200, Kind.EXCHANGE_BACK)
                paper = self.papers.exchange_back(application)
                back = [self._cash_of("LAMPS", 200)]
                await self.ledger.reopen_exchange_credit(application.number, back, paper)
            if taken == 300:  # and voids both sales of it
                told = {"kind": "exchange", "exchange_no": credit.number, "amount": 150}
                for name in ("BOUGHT-3", "BOUGHT-4"):
                    await self.feed(self.bill(name, told))
                now = self.clock.now().isoformat()
                for name in ("BOUGHT-3", "BOUGHT-4"):
                    await self.feed({"kind": "sale_voided", "sale_id": name, "at": now})
                await self.close(CaseKind.EXCHANGE_NOT_TOLD)
            if settled:
                rest = self._cash_of("LAMPS", 700 - taken)
                await self.ledger.settle_exchange_credit(credit.number, [rest], "101")
        await self._ended_credit()

    async def _ended_credit(self) -> None:
        """Of a sale of which more went back elsewhere than the credit leaves of it."""
        line = {"sku": "VASE", "name": "花瓶 Vase", "quantity": 1, "unit_price": 700}
        await self.feed(self.bill("VASE", {"kind": "cash", "amount": 700}, lines=[line]))
        items = [Item(1, 1_000, 700, 700, Looked("1", "3", Disposition.RESTOCK))]
        application = await self.ask("VASE", 700, Kind.EXCHANGE_CREDIT, items=items)
        slips = self.papers.exchange_credit([application])
        lasts = timedelta(hours=2)
        credit = await self.ledger.make_exchange_credit([application.number], lasts, slips)
        at = self.clock.now().isoformat()
        told = {"kind": "refunded_elsewhere", "reference": "HQ-5", "sale_id": "VASE", "leg": 1}
        await self.feed(told | {"amount": 700, "at": at})
        two = self.two(700, "exchange_credit")
        await self.ledger.end_exchange_credit(credit.number, "101", two)
        await self.close(CaseKind.ELSEWHERE, -1)

    def _cash_of(self, name: str, amount: int) -> Draft:
        return Draft(
            sale_key=self.sale(name).key,
            leg=1,
            kind=Kind.CASH,
            amount=amount,
            reason="4",
            note="",
            operator="101",
        )

    async def ticket(self) -> None:
        """Of two legs, approved; nobody presented a card."""
        legs = [
            Draft(
                sale_key=self.sale("TWO-CARDS").key,
                leg=leg,
                place=leg,
                kind=Kind.REFUND,
                amount=1_000,
                reason="4",
                note="",
                operator="101",
                decisions=[CHECKS],
            )
            for leg in (1, 2)
        ]
        opened = await self.ledger.applications.open_ticket(legs)
        yes = [replace(one, plan="0" * 64) for one in self.two(2_000, "amount_limit")]
        await self.ledger.applications.approve_ticket([one.number for one in opened], yes)
        await self.ledger.slips.queue(self.papers.to_do(opened), opened[0].number)

    async def by_the_line(self) -> None:
        """What the acquirer answers, and what it does not."""
        for sale_id in ("PAID-1", "PAID-2", "PART", "FLAGGED", "REVERSED", "SHORT"):
            await self.sell(sale_id)
        await self.sell("STOLEN", pan=STOLEN)
        goods = [Item(1, 1_000, 4_000, 5_000, Looked("1", "3", Disposition.VENDOR))]
        await self.online("PAID-1", 4_000, items=goods, owed=1_000)
        await self.online("PAID-1", 1_000)
        await self.online("PAID-2", 10_000, kind=Kind.VOID)
        await self.online("PART", 5_000, "partial:1500")
        await self.online("FLAGGED", 5_000, "code:A2")
        await self.online("SHORT", 5_000, "code:51")
        stolen = await self.online("STOLEN", 5_000, "code:43", pan=STOLEN)
        clearing = Clearing("ISSUER-7", "102", self.two(5_000, Clearing.RULE))
        await self.ledger.cleared.clear(stolen.refund_id, clearing)
        await self.online("SHORT", 10_000, "code:40", kind=Kind.VOID)
        reversed_one = await self.online("REVERSED", 10_000, "drop-answer", kind=Kind.VOID)
        assert reversed_one.state is State.REVERSED, reversed_one
        for match in CardMatch:
            if match not in (CardMatch.NONE, CardMatch.EXACT):
                end, absent = Conclusion(State.ACCEPTED, 10_000), match is CardMatch.BY_REFERENCE
                card = self.absent() if absent else self.shown(match=match)
                await self.ended(f"BY-{match}", Kind.REFUND, end, card=card)
        debit = replace(self.shown(), funding=Funding.DEBIT)
        await self.ended("DEBIT", Kind.REFUND, Conclusion(State.ACCEPTED, 10_000), card=debit)
        for cause in Cause:
            unknown = Conclusion(State.UNKNOWN, cause=cause)
            await self.ended(
                f"FOR-{cause}", Kind.REFUND, unknown, Conclusion(State.ACCEPTED, 10_000)
            )

    async def by_people(self) -> None:
        """What only people could tell, of refunds and of voids; a day passes."""
        found = []
        for number in range(1, 4):
            for kind, short in ((Kind.REFUND, "R"), (Kind.VOID, "V")):
                await self.sell(f"ASKED-{short}{number}")
                found.append(await self.unanswered(f"ASKED-{short}{number}", kind))
        for one in found[:2]:
            await self.told(one, paid=True)
        await asyncio.sleep(timedelta(days=1).total_seconds())
        for one in found[2:]:
            await self.told(one, paid=False)
        for one in found[4:]:
            await self.told(self.refund(one.refund_id), paid=True)
        await self.close(CaseKind.OVERPAYMENT)
        self.acquirer.begin_batch(identity.TERMINAL_ID, identity.BATCH)
        await self.host.sign_on()
        await self.host.sign_on()  # in its batch, where the STAN of it is noted

    async def by_form(self) -> None:
        """What people carry out elsewhere: open, confirmed, also by another
        reference than was told, withdrawn, and paid all the same."""
        names = [f"FORM-{n}" for n in range(1, 7)]
        for name in names:
            await self.feed(self.bill(name, {"kind": "wallet", "amount": 3_000}))
        kinds = list(EvidenceKind)
        evidence = [kinds[:0], kinds[:5], kinds[5:], kinds[:1], kinds[1:3], kinds[:0]]
        others = [one for one in Exceptional if one is not Exceptional.RETURNED]
        exceptions = [*others, *[Exceptional.DECLINED] * (len(names) - len(others))]
        forms = [
            await self.form(name, exception, of_kinds)
            for name, exception, of_kinds in zip(names, exceptions, evidence, strict=True)
        ]
        for one in forms[:2]:
            yes = self.two(one.amount, FormConfirmation.RULE)[0]
            said = FormConfirmation(one.amount, f"WX-{one.application}", "102", yes)
            await self.host.confirm_form(one.refund_id, said)
        for one in forms[2:4]:
            await self.told(one, paid=False)
        await self.told(self.refund(forms[3].refund_id), paid=True)
        number = {"application": forms[5].application, "batch": "", "trace": "", "rrn": ""}
        line = record(self, forms[5], "paid", **number, reference="M-2026-1")
        report = await self.host.conclude_by_file(self.file("forms.jsonl", line))
        assert not report.problems, report.problems
        line = record(self, forms[5], "returned", **number, reference="M-BACK-1")
        report = await self.host.conclude_by_file(self.file("back.jsonl", line))
        assert not report.problems, report.problems
        await self.form(names[5], Exceptional.RETURNED, kinds[:1])
        told = {"application": forms[0].application, "batch": "", "trace": "", "rrn": ""}
        line = record(self, forms[0], "paid", **told, reference="M-2026-2")
        await self.host.conclude_by_file(self.file("otherwise.jsonl", line))
        await self.close(CaseKind.PAID_TWICE, -1, one_payment=True)

    async def form(
        self, sale_id: str, exception: Exceptional, kinds: Sequence[EvidenceKind]
    ) -> Refund:
        evidence = tuple(EvidenceItem(kind, f"NO-{n}") for n, kind in enumerate(kinds))
        basis = Basis(exception, evidence)
        application = await self.ask(sale_id, 3_000, Kind.MANUAL, basis=basis)
        return await self.ledger.commit_form(application.number, self.papers.form(application))

    async def not_sent(self) -> None:
        """The line ended before the first byte, of both kinds."""
        for kind in (Kind.REFUND, Kind.VOID):
            await self.sell(f"NOT-SENT-{kind}")
            refund = await self.sealed(f"NOT-SENT-{kind}", 10_000, kind)
            slips = self.papers.not_sent(self.grounds(refund), refund, say("host.not_sent"), None)
            end = Conclusion(State.NOT_SENT, cause=Cause.LINE_DROPPED, slips=slips)
            await self.ledger.conclude(refund.refund_id, end)

    async def by_file(self) -> None:
        """What the acquirer's file says, of each kind."""
        names = ("FILE-PAID", "FILE-AGREES", "FILE-NO", "FILE-TWICE", "FILE-LEFT")
        back_again = tuple(f"FILE-BACK-{n}" for n in range(3))
        for name in (*names, *back_again, "FILE-NO-2", "FILE-TWICE-2", "FILE-VOID"):
            await self.sell(name)
        agrees = await self.online("FILE-AGREES", 1_000)
        void = await self.online("FILE-VOID", 10_000, kind=Kind.VOID)
        declined = [await self.online(name, 1_000, "code:05") for name in ("FILE-NO", "FILE-NO-2")]
        twice = [await self.online(name, 1_000) for name in ("FILE-TWICE", "FILE-TWICE-2")]
        back = [await self.online(name, 1_000) for name in back_again]
        paid = await self.unanswered("FILE-PAID", Kind.REFUND)
        left = await self.unanswered("FILE-LEFT", Kind.REFUND)
        stan, batch = await self.ledger.counter.draw_for_till()
        day = f"{self.clock.now():%Y-%m-%d}"
        stranger: dict[str, Any] = {"amount": 700}

        def line(refund: Refund, outcome: str = "paid", **more: Any) -> dict[str, Any]:
            return record(self, refund, outcome, happened_on=day, **more)

        lines = [
            line(paid),
            line(agrees, rrn=agrees.rrn),
            line(void, rrn=void.rrn),
            *(line(one) for one in declined),
            *(line(one, rrn=one.rrn) for one in twice),
            *(line(one, rrn="999999999999", reference=f"AGAIN-{one.stan}") for one in twice),
            line(left, "not_paid"),
            line(agrees, **stranger, batch=batch, trace=stan, reference="TILL"),
            *(
                line(agrees, **stranger, trace=f"9000{n:02d}", reference=f"NOBODY-{n}",
                     rrn=f"8888888888{n:02d}", original_rrn="777777777777", original_on=day,
                     masked="476173******0010")
                for n in range(2)
            ),
            line(agrees, "not_paid", **stranger, trace="900017", reference="NOT-OURS"),
        ]  # fmt: skip
        report = await self.host.conclude_by_file(self.file("1119.jsonl", *lines))
        assert not report.problems, report.problems
        became = [
            line(agrees, "credited", reference="CREDITED", arn="74537606325000000000017"),
            *(line(one, "returned", reference=f"BACK-{one.stan}") for one in back),
        ]
        report = await self.host.conclude_by_file(self.file("1119-b.jsonl", *became))
        assert not report.problems, report.problems
        since = line(back[2], "credited", reference="AFTER-ALL")
        report = await self.host.conclude_by_file(self.file("1119-c.jsonl", since))
        assert not report.problems, report.problems
        told = (CaseKind.CONTRADICTION, CaseKind.PAID_TWICE, CaseKind.PAID_UNKNOWN)
        for kind in (*told, CaseKind.RETURNED):
            await self.close(kind)

    async def cases(self) -> None:
        """Those that nothing else opens, closed and open."""
        for number in range(1, 3):
            refund = await self.ended(
                f"DISPUTED-{number}", Kind.REFUND, Conclusion(State.ACCEPTED, 10_000)
            )
            await self.ledger.cases.open(refund.refund_id, CaseKind.SLIP_DISPUTED, "101")
        await self.close(CaseKind.SLIP_DISPUTED)
        for sale_id in ("DEBITED", "UNCONFIRMED"):
            sale = self.sale(sale_id)
            slips = self.papers.enquiry(sale, "101", "13800138000")
            await self.ledger.cases.open_of_sale(sale.key, CaseKind.UNILATERAL_DEBIT, "101", slips)
            unpaid = CaseKind.VOUCHER_NOT_REDEEMED
            await self.ledger.cases.open_of_sale(sale.key, unpaid, "101", lambda _: ())
        await self.close(CaseKind.UNILATERAL_DEBIT)
        await self.close(unpaid)
        await self.ledger.slips.prove(sale.key, self.papers.proof(sale, "101"), "101")
        for kind, cause in (
            (CaseKind.UNKNOWN_OUTCOME, Cause.NO_ANSWER),
            (CaseKind.BATCH_CLOSED, Cause.BATCH_CLOSED),
            (CaseKind.CARD_DATA_GONE, Cause.CARD_DATA_GONE),
        ):
            unknown = Conclusion(State.UNKNOWN, cause=cause, case=kind)
            await self.ended(f"WAS-{kind}", Kind.REFUND, unknown, Conclusion(State.DECLINED))
            if cause is not Cause.NO_ANSWER:
                await self.ended(f"IS-{kind}", Kind.REFUND, unknown)

    async def mistakes(self) -> None:
        """Of each kind two, one of them closed; with every kind of step, evidence and cause."""
        steps, causes, kinds = cycle(StepKind), cycle(CaseCause), cycle(EvidenceKind)
        day = self.clock.now().date()
        finders = cycle(FoundBy)
        refund = await self.ended("MISTAKEN", Kind.REFUND, Conclusion(State.ACCEPTED, 10_000))
        sale = self.sale("MISTAKEN")
        for number, kind in enumerate(MISTAKES):
            for again in ("closed", "open"):
                found_by, slips = next(finders), self.papers.complaint(sale, refund, "101")
                case = await self.ledger.cases.open(
                    refund.refund_id, kind, "101", slips, found_by=found_by
                )
                evidence = tuple(EvidenceItem(next(kinds), f"NO-{n}") for n in range(number))
                for new in (
                    NewStep(next(steps), "101", "told", evidence[:MOST_EVIDENCE]),
                    NewStep(next(steps), "102", next_on=day + timedelta(days=number)),
                ):
                    await self.ledger.cases.add_step(case, new)
                if again == "closed":
                    await self.close(kind, cause=next(causes), loss=Loss(number, 0, 2 * number))
                found = self.ledger.cases.by_id(case)
                assert found is not None
                told, end = self.ledger.cases.steps(case), self.ledger.cases.end(case)
                record = self.papers.case_record(found, "101", [("fact", "value")], told, end)
                await self.ledger.cases.print(case, [record], "101")

    async def payouts(self) -> None:
        """Of a case that stays: cash that is handed over, cash that lies there, a form, and store
        credit whose paper was lost."""
        case = next(one for one in self.ledger.cases.open_ones() if one.kind is CaseKind.TIME)
        key = case.sale_key or 0
        limits = PayoutLimits(10_000, 10_000)
        for what, kind in (
            (PayoutFor.FREIGHT, PayoutKind.CASH),
            (PayoutFor.GOODWILL, PayoutKind.CASH),
            (PayoutFor.FREIGHT, PayoutKind.MANUAL),
            (PayoutFor.GOODWILL, PayoutKind.CREDIT),
        ):
            people = self.two(1_200, "payout")
            new = NewPayout(case.case_id, what, kind, 1_200, "156", "101", people, "told")
            with patch("pos_terminal.core.voucher.secrets.randbelow", lambda _: 7_100_000):
                await self.ledger.payouts.pay_out(new, limits, self.papers.payout(new, key))
        await self.ledger.payouts.handed_over(1, "101")
        await self.credit_again(4, key)
        await self.papers_of_cases(case)

    async def credit_again(self, number: int, key: int) -> None:
        payout = self.ledger.payouts.by_number(number)
        voucher = self.ledger.vouchers.of_payout(number)
        assert payout is not None
        assert voucher is not None
        taking = Taking(voucher.number, 200, request="payout")
        await self.ledger.vouchers.redeem(taking)
        slips = self.papers.payout_credit(payout, key, clerk="101", agreed="201")
        for job in self.ledger.slips.of_case(payout.case_id):
            if job.slip.head.barcode == voucher.number:
                await self.ledger.slips.sending(job.job_id)
                await self.ledger.slips.done({job.job_id: JobState.CONFIRMED})
        with patch("pos_terminal.core.voucher.secrets.randbelow", lambda _: 7_200_000):
            await self.ledger.replace_voucher(voucher.number, "101", "201", slips)
        await self.credit("BY-PAYOUT", 100, {"kind": "voucher", "voucher_no": voucher.number})

    async def papers_of_cases(self, case: Case) -> None:
        """One of each kind besides, of a refund that a card had."""
        refund = None if case.refund_id is None else self.ledger.refunds.by_id(case.refund_id)
        assert refund is not None
        letter = EvidenceItem(EvidenceKind.PHOTO, "NO-1")
        for kind in PaperKind:
            new = NewPaper(case.case_id, kind, 100, "156", "101", "told", (letter,))
            slips = {
                PaperKind.RECOVERY: self.papers.recovery(new, refund.sale_key, refund.done),
                PaperKind.CORRECTION: self.papers.to_acquirer(new, refund),
                PaperKind.ENQUIRY: self.papers.to_acquirer(new, refund),
                PaperKind.CLAIM: self.papers.claim(new, refund, 20),
            }
            if kind in slips:
                await self.ledger.case_papers.add(new, slips[kind])
        code = remedy_code(identity.MERCHANT_ID, identity.TERMINAL_ID, 999)
        cash = {"kind": "cash", "amount": 400}
        await self.feed(self.bill("PAID-NONE", cash, recovery_no=code))
        await self.close(CaseKind.RECOVERY_UNKNOWN)
        await self.feed(self.bill("PAYS-NONE", cash, recovery_no=code))

    async def owed(self) -> None:
        """What the next start must finish: its requests go out again as they lie there."""
        await self.sell(TRADE)
        await self.sell("UNKNOWN")
        await self.sell("REVERSING")
        goods = [Item(1, 1_000, 10_000, 5_000)]
        unknown = await self.unanswered("UNKNOWN", Kind.REFUND, items=goods)
        await self.ledger.cases.open(unknown.refund_id, CaseKind.UNKNOWN_OUTCOME, "101")
        await self.unanswered("REVERSING", Kind.VOID)
        outcomes = self.folder / "outcomes"
        outcomes.mkdir(mode=0o700)
        line = json.dumps(record(self, unknown, "paid", happened_on="2026-11-19"))
        (outcomes / "1120.jsonl").write_text(f"{line}\n", "utf-8")

    async def papers_on_their_way(self) -> None:
        """A slip in each state, and one for each thing that can happen; the others of today are
        printed."""
        slips = self.ledger.slips
        await slips.queue([replace(SLIP, body=PrintTest())], None)
        ready = [job.job_id for job in slips.in_state(JobState.READY)]
        again, taken, dropped, sending = ready[-4:]
        for job in ready[len(Upset) : -8]:
            await slips.sending(job)
            await slips.done({job: JobState.CONFIRMED})
        for job, upset in zip(ready, Upset, strict=False):
            await slips.sending(job)
            await slips.unknown(job, upset)
        await slips.reprint(ready[len(Upset)], "101")
        await slips.sending(taken)
        await slips.done({taken: JobState.TAKEN})
        await slips.sending(again)
        await slips.unknown(again, Upset.OFFLINE)
        await slips.ready_again(again, "101")
        await slips.dropped(dropped, "101")
        await slips.sending(sending)

    async def in_the_midst(self, target: Path) -> None:
        """The power goes: a void and a refund were sealed, another refund is being entered."""
        for sale_id in ("ENTERED", "SEALED-R", "SEALED-V"):
            await self.sell(sale_id)
        self.acquirer.set_mode("swallow", on=["refund", "void", "reversal"])
        at_work = [
            asyncio.create_task(self.silent("SEALED-R", Kind.REFUND)),
            asyncio.create_task(self.silent("SEALED-V", Kind.VOID)),
        ]
        await self.until(
            lambda: [one.state for one in self.ledger.refunds.open_ones()].count(State.SEALED) == 2
        )
        stops = Conclusion(State.DECLINED, stops=Said.MERCHANT_UNKNOWN)
        await self.ended("STOPPED", Kind.REFUND, stops)
        await self.ask("ENTERED", 1_000)
        verify_store(self.ledger)
        copy_data(self.folder, target)
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)

    # --- parts of them -------------------------------------------------------------------------

    async def unanswered(self, sale_id: str, kind: Kind, **more: Any) -> Refund:
        """Whole, and the acquirer never heard of it; nor of what followed, until it is asked
        something else."""
        self.acquirer.set_mode("swallow", on=["refund", "void", "reversal"])
        await self.host.prepare()
        return await self.silent(sale_id, kind, **more)

    async def silent(self, sale_id: str, kind: Kind, **more: Any) -> Refund:
        application = await self.ask(sale_id, 10_000, kind, **more)
        result = await self.host.authorise(application, self.sale(sale_id), self.shown())
        return result.refund

    async def cash(self, sale_id: str, *, handed_over: bool) -> None:
        application = await self.ask(sale_id, 1_500, Kind.CASH)
        slips = self.papers.cash(application)
        refund = await self.ledger.commit_cash(application.number, slips)
        await self.ledger.refunds.drawer_opened(refund.refund_id, "101")
        if handed_over:
            await self.ledger.refunds.handed_over(refund.refund_id, "101")

    async def credit(self, sale_id: str, amount: int, paid: Mapping[str, str] = IN_CASH) -> str:
        """A voucher of so much; its number."""
        await self.feed(self.bill(sale_id, {**paid, "amount": amount}))
        application = await self.ask(sale_id, amount, Kind.CREDIT)
        slips = self.papers.credit(application)
        with patch("pos_terminal.core.voucher.secrets.randbelow", lambda _: application.number):
            refund = await self.ledger.issue_credit(application.number, slips)
        voucher = self.ledger.vouchers.of_refund(refund.refund_id)
        assert voucher is not None
        return voucher.number

    async def blind(self, tokens: KeyedTokens, *card: str) -> None:
        """Store credit for goods without a receipt."""
        goods = [BroughtBack("6901234567892", 1, 1_200)]
        shop = {"merchant_id": identity.MERCHANT_ID, "terminal_id": identity.TERMINAL_ID}
        at = self.clock.now()
        sale = sale_of(goods, **shop, currency=identity.CURRENCY, at=at)
        draft = Draft(
            sale_key=None,
            leg=0,
            kind=Kind.CREDIT,
            amount=sale.amount,
            reason="4",
            note="",
            operator="101",
            decisions=[CHECKS],
            items=name_items(sale, Kind.CREDIT, sale.amount, {}),
        )
        known = NoReceipt(tokens.customer("13800138000"), card, {})
        number = (await self.ledger.open_blind(sale, draft, known)).number
        await self.ledger.applications.approve(number, self.two(sale.amount, "no_receipt"))
        slips = self.papers.credit(self.application(number))
        with patch("pos_terminal.core.voucher.secrets.randbelow", lambda _: number):
            await self.ledger.issue_credit(number, slips)

    async def lose(self, number: str) -> None:
        """A voucher's paper; it goes on under a number that everybody can work out."""
        voucher = self.ledger.vouchers.by_number(number)
        assert voucher is not None
        refund = self.ledger.refunds.by_id(voucher.refund_id or 0)
        assert refund is not None
        slips = partial(self.papers.credit(self.application(refund.application)), refund)
        with patch("pos_terminal.core.voucher.secrets.randbelow", lambda _: 7_000_000):
            await self.ledger.replace_voucher(number, "101", "201", slips)

    def grounds(self, refund: Refund) -> Grounds:
        application, sale = self.application(refund.application), self.sale_of(refund)
        return Grounds.of(self.ledger, application, sale, self.clock.now())

    def sale_of(self, refund: Refund) -> Sale:
        sale = self.ledger.sales.by_key(refund.sale_key)
        assert sale is not None
        return sale

    async def all_of_it(self, target: Path) -> None:
        self.hire()
        await self.long_ago()
        self.next_at(OLD)
        await self.old()
        self.next_at(LATELY)
        await self.lately()
        await self.the_feed()
        await self.typed()
        await self.by_hand()
        await self.by_the_line()
        await self.by_people()
        await self.by_file()
        await self.by_form()
        await self.not_sent()
        await self.cases()
        await self.mistakes()
        await self.payouts()
        await self.owed()
        await self.papers_on_their_way()
        await self.in_the_midst(target)


def make(folder: Path) -> dict[str, Any]:
    """The data folder ``folder/data`` as a power cut left it; what goes on around it."""

    async def main(loop: VirtualLoop) -> dict[str, Any]:
        everything = Everything(loop, folder / "working")
        try:
            await everything.all_of_it(folder / "data")
        finally:
            await everything.host.close()
            await everything.wires.close()
            everything.ledger.close()
            everything.vault.close()
        return {
            "sales": everything.known,
            "batch": identity.BATCH,
            "staff": [one.shown() for one in staff()],
            "owed": {
                "UNKNOWN": State.ACCEPTED,
                "SEALED-R": State.ACCEPTED,
                "REVERSING": State.REVERSED,
                "SEALED-V": State.REVERSED,
            },
            "trade": {"sale_id": TRADE, "receipt_no": f"R-{TRADE}", "card": "visa"},
        }

    return run_virtual(main)
