"""Ledgers that releases wrote, as they lie in ``tests/fixtures/ledgers``: one folder each.

``data.tar.xz`` is the data folder and what was around it, ``facts.json`` what the ledger said
of its money then, ``schema.sql`` a new ledger of that version, ``steps.json`` what its steps were.
Written by ``tests/shared/freeze.py``; a folder of a release is never written again.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterable
from contextlib import closing, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hw_sim.acquirer import records
from hw_sim.acquirer.book import Book
from hw_sim.acquirer.server import Acquirer
from hw_sim.bench import identity
from hw_sim.bench.keys import BenchKeys
from hw_sim.bench.people import Staff
from hw_sim.proofs.simulation.shop import SimShop
from hw_sim.virtual import VirtualClock, run_inline
from worlds import constant_keys, one_of_each, schemas
from worlds.config import FILE
from worlds.ledger import StandingClock

import pos_terminal
from pos_terminal.cli.main import run_command
from pos_terminal.services.ledger import migrations, steps
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.proof.opening import open_ledger
from pos_terminal.services.security.tokens import KeyedTokens
from pos_terminal.services.security.vault import open_vault
from pos_terminal.wire.iso8583.profile import Profile
from pos_terminal.zones import zone_of

FOLDER: Final = Path(__file__).parents[2] / "fixtures" / "ledgers"
TODAY: Final = "today"
"""In place of a release: what this version writes."""
_ARCHIVE: Final = "data.tar.xz"
_AROUND: Final = "around.json"
_FACTS: Final = "facts.json"
_SCHEMA: Final = "schema.sql"
_STEPS: Final = "steps.json"
_CONFIG: Final = (
    FILE.replace("898310012340001", identity.MERCHANT_ID)
    .replace("12345678", identity.TERMINAL_ID)
    .replace('"data"', '"data"\nlanguage = "en"')
)
Facts = dict[str, Any]


def names() -> list[str]:
    """Releases, oldest first."""
    folders = [one.name for one in FOLDER.iterdir() if one.is_dir()]
    return sorted(folders, key=lambda name: [int(part) for part in name.split(".")])


def step_files() -> dict[str, str]:
    """SHA-256 of all that leads from one schema to the next, by name."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(Path(steps.__path__[0]).glob("*.py"))
        if file.name != "__init__.py"
    }


class Release:
    """One of them, unpacked into a folder: ``data``, ``terminal.toml`` and ``around.json``."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        folder.mkdir(parents=True, exist_ok=True)
        if name == TODAY:
            _make(folder)
            told = _copy_of(folder, "facts")
            self.facts: Facts = facts_of(told)
            self.facts["schema"] = migrations.VERSION
            self.facts["explained"] = explained(told, self.facts["applications"])
        else:
            _unpack(FOLDER / name / _ARCHIVE, folder)
            self.facts = json.loads((FOLDER / name / _FACTS).read_text("utf-8"))
        (folder / "terminal.toml").write_text(_CONFIG, "utf-8")

    @property
    def ledger(self) -> Path:
        return self.folder / "data" / "ledger.db"

    def another(self, name: str) -> Path:
        """A copy of its folder."""
        return _copy_of(self.folder, name)

    @property
    def around(self) -> dict[str, Any]:
        """What goes on around the terminal, as it was noted then: ``sales`` and ``batch`` of the
        acquirer, the ``staff`` with their PINs, how what is ``owed`` must end, and a sale to
        ``trade``."""
        found: dict[str, Any] = json.loads((self.folder / _AROUND).read_text("utf-8"))
        return found

    def shop(self) -> ReleasedShop:
        """For the simulation."""
        around, keys = self.around, BenchKeys(constant_keys.COMPONENTS, constant_keys.TOKEN)
        staff = [Staff(**one) for one in around["staff"]]
        return ReleasedShop(self.folder / "data", keys, staff, (), around)


@dataclass(frozen=True, slots=True)
class ReleasedShop(SimShop):
    """The shop that this ledger is of."""

    around: dict[str, Any]

    def acquirer(self, profile: Profile, clock: VirtualClock, book: Book | None = None) -> Acquirer:
        batch = self.around["batch"]
        terminal = records.Terminal(
            identity.TERMINAL_ID, identity.MERCHANT_ID, self.keys.tmk, batch, identity.TPDU
        )
        acquirer = Acquirer(profile, [terminal], clock.now, book=book)
        acquirer.add_sales(records.parse_sales(self.around["sales"]))
        return acquirer


def open_of(folder: Path) -> LedgerStore:
    """The ledger in ``folder/data``, by this version. Close it, and its ``writer.vault``."""
    data = folder / "data"
    return open_ledger(
        data / "ledger.db",
        clock=StandingClock(one_of_each.AFTER),
        runner=run_inline,
        vault=open_vault(data, binding=constant_keys.RING),
        tokens=KeyedTokens(constant_keys.TOKEN, [constant_keys.OLD_TOKEN]),
        merchant_id=identity.MERCHANT_ID,
        terminal_id=identity.TERMINAL_ID,
        zone=zone_of(identity.TIMEZONE),
        audit_key=constant_keys.AUDIT,
    )


def command(folder: Path, *words: str) -> Any:
    """What a command that looks prints as JSON."""
    said = io.StringIO()
    with redirect_stdout(said):
        status = run_command([*words, "--config", str(folder / "terminal.toml"), "--json"])
    assert status == 0, said.getvalue()
    return json.loads(said.getvalue())


def facts_of(folder: Path) -> Facts:
    """What the commands tell of the money in the ledger, once this version has opened it."""
    ledger = open_of(folder)
    ledger.close()
    ledger.writer.vault.close()  # type: ignore[union-attr] # it has one
    told = command(folder, "ledger", "--limit", "100000")
    sales = {
        str(sale["sale_key"]): {
            **{name: sale[name] for name in ("sale_id", "state", "locked")},
            "tenders": [_values(leg, "kind", "amount", "done", "held") for leg in sale["tenders"]],
            "lines": [_values(line, "quantity", "returned", "held") for line in sale["lines"]],
        }
        for sale in told["sales"]
    }
    refund = ("refund_id", "sale_key", "kind", "state", "amount", "done", "stan")
    return {
        "sales": sales,
        "refunds": _by(told["refunds"], *refund),
        "vouchers": _by(told["vouchers"], "refund_id", "number", "state", "amount", "redeemed"),
        "cases": _by(told["cases"], "case_id", "kind", "state", "over", "refund_id"),
        "applications": _by(told["applications"], "number", "state", "amount"),
    }


def explained(folder: Path, applications: Iterable[str]) -> Facts:
    """What the rules answered to each."""
    found = {one: command(folder, "explain", one) for one in applications}
    return {
        number: [_values(one, "rule", "answer", "code") for one in told["decisions"]]
        for number, told in found.items()
    }


def _by(rows: list[dict[str, Any]], key: str, *columns: str) -> dict[str, list[Any]]:
    return {str(row[key]): _values(row, *columns) for row in rows}


def _values(row: dict[str, Any], *names: str) -> list[Any]:
    return [row[name] for name in names]


def freeze(*, again: bool = False) -> Path:
    """The folder of this version. FileExistsError where there is one and it is not ``again``."""
    target = FOLDER / pos_terminal.__version__
    target.mkdir(parents=True, exist_ok=again)
    with tempfile.TemporaryDirectory() as scratch:
        made = Release(TODAY, Path(scratch))
        _pack(made.folder, target / _ARCHIVE)
        facts = {"version": pos_terminal.__version__, **made.facts}
    (target / _FACTS).write_text(_lines(facts), "utf-8")
    (target / _SCHEMA).write_text(schemas.dump(), "utf-8")
    (target / _STEPS).write_text(_lines(step_files()), "utf-8")
    return target


def schema_text(name: str) -> str:
    return (FOLDER / name / _SCHEMA).read_text("utf-8")


def steps_then(name: str) -> dict[str, str]:
    """Its ``step_files``."""
    found: dict[str, str] = json.loads((FOLDER / name / _STEPS).read_text("utf-8"))
    return found


def _make(folder: Path) -> None:
    around = one_of_each.make(folder)
    for name in ("ledger.db", "people.db"):
        with closing(sqlite3.connect(folder / "data" / name)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (folder / _AROUND).write_text(json.dumps(around), "utf-8")
    (folder / "terminal.toml").write_text(_CONFIG, "utf-8")


def _copy_of(folder: Path, name: str) -> Path:
    target = folder / name
    (target / "data").parent.mkdir(parents=True)
    shutil.copytree(folder / "data", target / "data")
    shutil.copy(folder / "terminal.toml", target / "terminal.toml")
    return target


def _pack(folder: Path, target: Path) -> None:
    """The same content is the same file."""

    def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.mtime = info.uid = info.gid = 0
        info.uname = info.gname = ""
        return info

    with tarfile.open(target, "w:xz", preset=9) as archive:
        for name in (_AROUND, "data"):
            archive.add(folder / name, name, filter=plain)


def _unpack(file: Path, folder: Path) -> None:
    """With the modes that the terminal wants."""
    with tarfile.open(file) as archive:
        for member in archive:
            place = folder / member.name
            content = archive.extractfile(member)
            if content is None:
                place.mkdir(mode=0o700)
            else:
                place.write_bytes(content.read())
                place.chmod(0o600)


def _lines(content: object) -> str:
    """JSON with a line for each entry of each part, so that a difference can be read."""
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
