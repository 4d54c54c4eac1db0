"""A provisioned shop: keys and people drawn from a seed, sales that both sides know.

Made once in a process and copied for every run: hashing PINs takes longer than a whole simulated
day. The hashes are made with small parameters; the terminal checks a PIN by those that its hash
names, so that nothing of the terminal is changed.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final, Literal
from unittest.mock import patch

import msgspec

from hw_sim.acquirer import records
from hw_sim.acquirer.book import Book
from hw_sim.acquirer.server import Acquirer
from hw_sim.bench import identity, people
from hw_sim.bench.devices import sample_cards
from hw_sim.bench.feed import acquirer_record, feed_record
from hw_sim.bench.keys import BenchKeys, make_keys
from hw_sim.bench.sample_sales import SampleSale, make_sales
from hw_sim.memory_folder import memory_folder
from hw_sim.proofs.simulation.cheap_pins import cheap_pins
from hw_sim.proofs.simulation.entropy import drawn_from
from hw_sim.virtual import VirtualClock, VirtualLoop, run_inline, run_virtual
from pos_terminal.config import Acquirer as AcquirerSection
from pos_terminal.config import (
    CalendarDays,
    Cases,
    Config,
    Control,
    Elsewhere,
    Keypad,
    Printer,
    Sales,
    Security,
    Terminal,
)
from pos_terminal.core.people import Role
from pos_terminal.policy_options import Policy
from pos_terminal.services.proof.opening import open_ledger
from pos_terminal.services.security import pin_hash
from pos_terminal.services.security.provisioning import parse_spec, provision
from pos_terminal.services.security.security import Security as OpenSecurity
from pos_terminal.texts import Language
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.iso8583.profile import Profile

START: Final = datetime.fromisoformat("2026-11-20T13:00:00+08:00")
"""When every simulated day begins."""
_SEED: Final = 0
_NOT_LEFT: Final = (".lock", "-shm")
"""Files that belong to a process and mean nothing to the next one."""


@dataclass(frozen=True, slots=True)
class SimShop:
    """A folder that is only ever copied, and what people know of it."""

    folder: Path
    keys: BenchKeys
    staff: Sequence[people.Staff]
    sales: Sequence[SampleSale]

    def person(self, role: Role, place: int = 0) -> people.Staff:
        return [one for one in self.staff if one.role == role][place]

    def sale(self, name: str) -> SampleSale:
        """A sample sale by its name."""
        return next(sale for sale in self.sales if sale.name == name)

    def copy(self, folder: Path) -> None:
        """A terminal's data folder as provisioning left it."""
        copy_data(self.folder, folder)

    def acquirer(self, profile: Profile, clock: VirtualClock, book: Book | None = None) -> Acquirer:
        """An acquirer that knows the terminal and its sales, and what is in its book."""
        terminal = records.Terminal(
            identity.TERMINAL_ID, identity.MERCHANT_ID, self.keys.tmk, identity.BATCH, identity.TPDU
        )
        acquirer = Acquirer(profile, [terminal], clock.now, book=book)
        known = [record for sale in self.sales for record in acquirer_record(sale)]
        acquirer.add_sales(records.parse_sales(known))
        return acquirer


def copy_data(source: Path, target: Path) -> None:
    """What a process that starts now would find: files as they are, locks left behind.

    To be done before anything is closed: closing a database moves its log into it.
    """
    target.mkdir(mode=0o700, parents=True)
    for path in source.iterdir():
        if path.is_dir():
            copy_data(path, target / path.name)
        elif path.is_file() and not path.name.endswith(_NOT_LEFT):
            shutil.copy(path, target / path.name)


def left_on_disk(folder: Path) -> list[Path]:
    """The files that ``copy_data`` copies, by their names."""
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(_NOT_LEFT)
    )


def make_config(
    folder: Path,
    data: Path,
    *,
    repeat: str = "identical",
    profile: str = "cup",
    language: Language = Language.ZH_CN,
    policy: dict[str, Any] | None = None,
    timezone: str = identity.TIMEZONE,
    currency: str = identity.CURRENCY,
    home: Literal["all"] | list[str] | None = "all",
    places: dict[str, str] | None = None,
    scale_codes: list[str] | None = None,
    cases: dict[str, Any] | None = None,
    calendar: dict[str, Any] | None = None,
    support: str = "",
    hotline: str = "",
    **acquirer: Any,
) -> Config:
    """The terminal's configuration, as ``terminal.toml`` would give it. ``places``: where other
    terminals' sales are given back."""
    options: dict[str, Any] = {
        "address": ["acquirer:1"],
        "profile": profile,
        "tpdu": identity.TPDU,
        "private_line": True,
        "repeat": repeat,
        "files": "trusted",
    }
    return Config(
        terminal=Terminal(
            merchant_id=identity.MERCHANT_ID,
            terminal_id=identity.TERMINAL_ID,
            merchant_name=identity.MERCHANT_NAME,
            data_dir=str(data),
            language=language,
            contact=identity.CONTACT,
            support=support,
            hotline=hotline,
            timezone=timezone,
            currency=currency,
        ),
        acquirer=msgspec.convert(options | acquirer, AcquirerSection),
        control=Control(socket="control"),
        printer=Printer(port="simulated"),
        keypad=Keypad(device="simulated"),
        security=Security(device_key="file"),
        policy=msgspec.convert(policy or {}, Policy),
        sales=Sales(
            home=home,
            elsewhere=[Elsewhere([number], place) for number, place in (places or {}).items()],
            scale_codes=scale_codes or [],
        ),
        cases=msgspec.convert(cases or {}, Cases),
        calendar=msgspec.convert(calendar or {}, CalendarDays),
        file=folder / "terminal.toml",
    )


@cache
def the_shop() -> SimShop:
    """The shop of this process. Its keys and PINs are the same in every one."""
    with drawn_from(Random("shop")):
        return _make_shop()


def _make_shop() -> SimShop:
    """Its folder goes when this process ends."""
    folder = scratch("hw-sim-shop-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shop = SimShop(
        folder / "data", make_keys(), people.staff(), make_sales(sample_cards(), START, _SEED)
    )
    config = make_config(folder, shop.folder)
    with cheap_pins():
        _provision(shop, config)
    stock(shop, config)
    return shop


def scratch(prefix: str) -> Path:
    """A new folder in memory, where that will do: simulated disks need no real ones."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=memory_folder()))


def _provision(shop: SimShop, config: Config) -> None:
    package = {
        "people": people.provisioning(list(shop.staff)),
        "tmk_components": [part.hex() for part in shop.keys.components],
        "token_key": shop.keys.token_key.hex(),
        "key_exchange": identity.KEY_EXCHANGE,
        "batch": identity.BATCH,
    }
    shop.folder.mkdir(mode=0o700, parents=True)
    spec = parse_spec(json.dumps(package).encode(), "simulation")
    with patch.multiple(pin_hash, MEMORY_KIB=8, PASSES=1):
        provision(config, spec, int(START.timestamp()))


def stock(shop: SimShop, config: Config) -> None:
    """The sales of the till, and the batch number, in a new ledger."""
    security = OpenSecurity.assemble(config)

    async def main(loop: VirtualLoop) -> None:
        ledger = open_ledger(
            config.ledger,
            clock=VirtualClock(loop, START),
            runner=run_inline,
            vault=security.vault,
            tokens=security.tokens,
            merchant_id=identity.MERCHANT_ID,
            terminal_id=identity.TERMINAL_ID,
            zone=config.terminal.zone,
            audit_key=security.keystore.audit_key,
        )
        try:
            await ledger.counter.resequence(identity.BATCH)
            feed = [
                json.dumps(feed_record(sale, shop.keys.token, security.tokens.key_id))
                for sale in shop.sales
            ]
            report = await ledger.feed.take_in(
                feed, source="simulation", form=Format.JSONL, allow_pan=False
            )
            assert not report.problems, report.problems  # our own feed
        finally:
            ledger.close()

    try:
        run_virtual(main)
    finally:
        security.close()
