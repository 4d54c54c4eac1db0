"""A terminal's money part with its real ledger, and the acquirer of hw-sim, on virtual time."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from hw_sim.acquirer.listener import InProcess
from hw_sim.acquirer.records import Account, SaleRecord, Terminal
from hw_sim.acquirer.server import Acquirer
from hw_sim.virtual import VirtualClock, VirtualLoop, run_inline, run_virtual
from worlds.config import make_config
from worlds.stories import Story, Test, as_test, beside

from pos_terminal.config import Config
from pos_terminal.config import Terminal as TerminalSection
from pos_terminal.core.pan import Pan
from pos_terminal.core.refund import CardMatch, Kind, Refund, State
from pos_terminal.core.sale import Funding, Sale
from pos_terminal.core.tenders import Basis
from pos_terminal.ports import Application, Approval, CardFacts, Interface, Result
from pos_terminal.profiles import load
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.money.authorise import HostAuthoriser
from pos_terminal.services.money.parts import Parts
from pos_terminal.services.paper.slips import SlipMaker
from pos_terminal.services.process.trusted_clock import TrustedClock
from pos_terminal.services.proof.opening import open_ledger
from pos_terminal.services.security.tokens import KeyedTokens
from pos_terminal.services.security.vault import open_vault
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.iso8583.profile import Probe, Profile

T = TypeVar("T")

START = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
PLASTIC = "4761739001010010"
PHONE = "4761739001010135"
PAR = "V0010013019339000000000000001"
SALE_ID = "S-1"
VOIDABLE_ID = "S-2"
AMOUNT = 12_345


class Keys:
    """A key store in memory."""

    def __init__(self, tmk: bytes) -> None:
        self.tmk = tmk
        self.key_exchange = "003"
        self.stored: dict[str, bytes] | None = None

    @property
    def kept(self) -> Mapping[str, bytes]:
        """What a session that there was has left."""
        assert self.stored is not None
        return self.stored

    def session(self) -> Mapping[str, bytes] | None:
        return self.stored

    def store_session(self, keys: Mapping[str, bytes]) -> None:
        self.stored = dict(keys)


@dataclass
class Secrets:
    """Keys of a shop, made for one test."""

    tmk: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    token: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    binding: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    audit: bytes = field(default_factory=lambda: secrets.token_bytes(32))


class World:
    """One terminal and one acquirer. ``reborn`` is the terminal after a kill."""

    def __init__(
        self,
        loop: VirtualLoop,
        folder: Path,
        config: Config,
        profile: Profile,
        *,
        past: World | None = None,
    ) -> None:
        self.loop = loop
        self.folder = folder
        self.config = config
        self.profile = profile
        self.secret: Secrets = past.secret if past else Secrets()
        self.wall = VirtualClock(loop, START)
        self.clock = TrustedClock(
            wall=self.wall.now,
            synchronised=lambda: True,
            zone=config.terminal.zone,
            monotonic=loop.time,
        )
        self.acquirer: Acquirer = past.acquirer if past else self._new_acquirer()
        self.wires: InProcess = past.wires if past else InProcess(self.acquirer)
        self.keys: Keys = past.keys if past else Keys(self.secret.tmk)
        self.tokens = KeyedTokens(self.secret.token)
        self.concluded: list[Refund] = []
        self.connections = 0
        self.dead = False
        self.dead_addresses: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)
        self.vault = open_vault(folder, binding=self.secret.binding, slots=16)
        self.ledger: LedgerStore = open_ledger(
            folder / "ledger.db",
            clock=self.clock,
            runner=run_inline,
            vault=self.vault,
            tokens=self.tokens,
            merchant_id=config.terminal.merchant_id,
            terminal_id=config.terminal.terminal_id,
            zone=config.terminal.zone,
            audit_key=self.secret.audit,
        )
        self.host = self.new_host()

    def _new_acquirer(self) -> Acquirer:
        terminal = self.config.terminal
        station = Terminal(terminal.terminal_id, terminal.merchant_id, self.secret.tmk, "000001")
        acquirer = Acquirer(self.profile, [station], self.wall.now)
        acquirer.add_sales(sale_record(terminal, one) for one in sales())
        return acquirer

    def new_host(self) -> HostAuthoriser:
        parts = Parts(
            config=self.config,
            profile=self.profile,
            ledger=self.ledger,
            keys=self.keys,
            clock=self.clock,
            connect=self._connect,
            run=run_inline,
            papers=lambda: SlipMaker(self.config, self.ledger, self.clock),
            concluded=self.concluded.append,
        )
        return HostAuthoriser(parts)

    async def _connect(
        self, host: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.dead or host in self.dead_addresses:
            raise ConnectionRefusedError(111, "Connection refused")
        self.connections += 1
        return await self.wires.connect(host, port)

    async def stock(self) -> None:
        """The till's sales, as the feed brings them."""
        token = self.tokens.token(Pan(PLASTIC))
        lines = [json.dumps(one | _tenders(one, token, self.tokens.key_id)) for one in sales()]
        lines = [_without_pan(line) for line in lines]
        report = await self.ledger.feed.take_in(
            lines, source="test", form=Format.JSONL, allow_pan=False
        )
        assert not report.problems, report.problems

    async def apply(
        self,
        sale_id: str = SALE_ID,
        amount: int = 5_000,
        kind: Kind = Kind.REFUND,
        basis: Basis | None = None,
    ) -> Application:
        application = await self.ledger.applications.open(
            sale_key=self.sale(sale_id).key,
            leg=1,
            kind=kind,
            amount=amount,
            reason="1",
            note="",
            operator="101",
            decisions=[],
            refused=False,
            basis=basis,
        )
        approval = Approval("201", "Wang", self.clock.now(), amount, "policy")
        await self.ledger.applications.approve(application.number, [approval])
        return application

    def card(self, digits: str = PLASTIC, match: CardMatch = CardMatch.EXACT) -> CardFacts:
        pan = Pan(digits)
        return CardFacts(
            pan=pan,
            expiry="2812",
            sequence="001",
            interface=Interface.CONTACT,
            scheme="visa",
            funding=Funding.CREDIT,
            token=self.tokens.token(pan),
            match=match,
        )

    async def give_back(
        self, amount: int = 5_000, sale_id: str = SALE_ID, *, fault: str = ""
    ) -> Result:
        """A refund, while the acquirer has this fault once."""
        self._once(fault)
        return await self._authorise(await self.apply(sale_id, amount))

    async def void(self, fault: str = "") -> Result:
        self._once(fault)
        return await self._authorise(await self.apply(VOIDABLE_ID, AMOUNT, Kind.VOID))

    async def unknown(self, fault: str = "", amount: int = 5_000, sale_id: str = SALE_ID) -> Refund:
        """A refund of which nobody can tell whether it was paid."""
        refund = (await self.give_back(amount, sale_id, fault=fault)).refund
        assert refund.state is State.UNKNOWN
        return refund

    async def answered_late(self, delay: str) -> Refund:
        """A refund whose first answer is on its way yet; further ones are swallowed."""
        self.acquirer.set_mode(delay)
        work = asyncio.create_task(self.give_back())
        await self.until(lambda: bool(self.sent("refund")))
        self.acquirer.set_mode("swallow")
        return (await work).refund

    async def reversing(self, fault: str = "drop-answer") -> Refund:
        """A void without an answer, whose reversals are swallowed."""
        self.acquirer.set_mode(fault, on=["void"])
        self.acquirer.set_mode("swallow", on=["reversal"], also=True)
        void = (await self.void()).refund
        assert void.state is State.REVERSING
        return void

    async def cut_off(self) -> None:
        """The acquirer's day ended while the customer waited; its late answers are to come."""
        self.host._by_people._profile = msgspec.structs.replace(load("cup"), cut_off="10:01")
        await asyncio.sleep(max(0.0, 62 - self.loop.time()))

    def two(self, amount: int, rule: str) -> tuple[Approval, Approval]:
        """Two supervisors who agree."""
        now = self.clock.now()
        return (
            Approval("201", "Wang", now, amount, rule),
            Approval("202", "Li", now, amount, rule),
        )

    def _once(self, fault: str) -> None:
        if fault:
            self.acquirer.set_mode(fault, 1)

    async def _authorise(self, application: Application) -> Result:
        await self.host.prepare()
        sale = self.ledger.sales.by_key(application.sale_key)
        assert sale is not None
        return await self.host.authorise(application, sale, self.card())

    def sale(self, sale_id: str = SALE_ID) -> Sale:
        found = self.ledger.sales.by_id(sale_id)
        assert found is not None
        return found

    def application(self, number: int) -> Application:
        found = self.ledger.applications.by_number(number)
        assert found is not None
        return found

    def refund(self, refund_id: int) -> Refund:
        found = self.ledger.refunds.by_id(refund_id)
        assert found is not None
        return found

    def only(self) -> Refund:
        """The one refund that there is."""
        (refund,) = self.ledger.refunds.recent(10)
        return refund

    def open_cases(self) -> list[str]:
        return [case.kind for case in self.ledger.cases.open_ones()]

    def body(self, refund_id: int, kind: type[T]) -> T:
        """What the last slip says, which is of this kind."""
        body = self.ledger.slips.of_refund(refund_id)[-1].slip.body
        assert isinstance(body, kind)
        return body

    async def sent_again(self, function: str, seconds: float = 7200.0) -> None:
        """Until another message of this kind has reached the acquirer."""
        sent = len(self.sent(function))
        await self.until(lambda: len(self.sent(function)) > sent, seconds)

    def held(self, sale_id: str = SALE_ID) -> int:
        return self.sale(sale_id).held

    def slips(self, refund_id: int) -> list[str]:
        return [
            f"{job.slip.kind} {job.slip.copy}" for job in self.ledger.slips.of_refund(refund_id)
        ]

    def paid(self) -> int:
        """What the acquirer gave back in all."""
        return sum(entry["paid"] for entry in self.acquirer.ledger() if entry["kind"] != "sale")

    def sent(self, function: str) -> list[dict[str, Any]]:
        """Messages of this kind that reached the acquirer."""
        return [
            entry
            for entry in self.acquirer.log.entries()
            if entry.get("direction") == "in" and entry.get("function") == function
        ]

    async def until(self, condition: Callable[[], bool], seconds: float = 7200.0) -> None:
        """Virtual time passes until the condition holds."""
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.25)

    async def in_background(self, condition: Callable[[], bool], seconds: float = 7200.0) -> None:
        """The background serves until the condition holds."""
        async with beside(self.host.run()):
            await self.until(condition, seconds)

    def write_slowly(self) -> None:
        """Each commit of the ledger takes a second from now on."""

        async def slowly(function: Callable[[], T]) -> T:
            await asyncio.sleep(1)
            return function()

        self.ledger._runner = slowly

    def reborn(self, folder: Path) -> World:
        """What starts from the disk as it is now: copied before anything is closed."""
        folder.mkdir()
        for file in self.folder.iterdir():
            if file.is_file() and not file.name.endswith((".lock", "-shm")):
                shutil.copy(file, folder / file.name)
        return World(self.loop, folder, self.config, self.profile, past=self)

    def close_files(self) -> None:
        """The ledger's and the ring's: a worker of the tests lives through thousands of worlds."""
        self.ledger.close()
        self.vault.close()

    def die(self) -> None:
        """Nothing leaves a dead process, and nothing reaches it."""
        self.dead = True
        self.acquirer.drop_connections()


def sales() -> list[dict[str, Any]]:
    """One of last month, one of today in the current batch."""
    common = {
        "merchant_id": "898310012340001",
        "terminal_id": "10000001",
        "currency": "156",
        "amount": AMOUNT,
        "pan": PLASTIC,
        "par": PAR,
    }
    old = {
        "sale_id": SALE_ID,
        "batch": "000900",
        "trace": "000017",
        "rrn": "630012345678",
        "auth_code": "A00017",
        "sold_at": "2026-10-27T09:12:00+08:00",
        "receipt_no": "R-1",
    }
    today = {
        "sale_id": VOIDABLE_ID,
        "batch": "000001",
        "trace": "000018",
        "rrn": "632412345679",
        "auth_code": "A00018",
        "sold_at": "2026-11-20T09:12:00+08:00",
        "receipt_no": "R-2",
    }
    return [common | old, common | today]


def _tenders(sale: dict[str, Any], token: str, key_id: str) -> dict[str, Any]:
    card = {
        "kind": "card",
        "amount": sale["amount"],
        "token": token,
        "token_key_id": key_id,
        "masked": Pan(sale["pan"]).masked,
        "par": PAR,
        "scheme": "visa",
        "funding": "credit",
    }
    return {"tenders": [card], "lines": []}


def _without_pan(line: str) -> str:
    sale = json.loads(line)
    del sale["pan"], sale["par"]
    return json.dumps(sale)


def sale_record(terminal: TerminalSection, sale: dict[str, Any]) -> SaleRecord:
    fields = {name: sale[name] for name in SaleRecord.__struct_fields__ if name in sale}
    fields["sold_at"] = datetime.fromisoformat(sale["sold_at"])
    record = SaleRecord(**fields)
    return msgspec.structs.replace(record, also=[Account(pan=PHONE)])


def tell(
    story: Callable[[World], Awaitable[T]],
    profile: str = "cup",
    *,
    folder: Path,
    probe: Probe | None = None,
    **acquirer: object,
) -> T:
    """``story(world)`` on a fresh virtual loop; keyword arguments are acquirer options, ``probe``
    the profile's where it is not as it comes."""
    dialect = load(profile)
    if probe is not None:
        dialect = msgspec.structs.replace(dialect, probe=probe)

    async def main(loop: VirtualLoop) -> T:
        world = World(
            loop, folder, make_config(folder, **({"repeat": "identical"} | acquirer)), dialect
        )
        await world.stock()
        try:
            return await story(world)
        finally:
            await world.host.close()
            await world.wires.close()
            world.close_files()

    return run_virtual(main)


def told(
    profile: str = "cup", *, probe: Probe | None = None, **acquirer: object
) -> Callable[[Story[World]], Test]:
    """A test whose hero is a world with such options of ``[acquirer]``."""

    def run(story: Callable[[World], Awaitable[None]], tmp_path: Path) -> None:
        tell(story, profile, folder=tmp_path / "data", probe=probe, **acquirer)

    return lambda story: as_test(story, run, needs=("tmp_path",))
