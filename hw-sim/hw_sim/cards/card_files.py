"""The cards of ``hw-sim/cards/*.toml``: what is on them, and how they misbehave.

A file with ``like = "visa"`` is that card with the differences named; ``contact = false`` takes
an interface away. Values are hex, spaces allowed, or ``text:…``, or one of ``$pan`` (BCD, filled
up with F), ``$track2``, ``$expiry`` (YYMMDD, the month's last day), ``$sequence``, ``$par``.
"""

from __future__ import annotations

import calendar
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field, structs

from pos_terminal.core.interface import Interface
from pos_terminal.core.pan import Pan
from pos_terminal.core.sale import Funding

FOLDER = Path(__file__).parents[2] / "cards"

Status = Annotated[str, Meta(pattern=r"^([0-9A-F]{4})?$")]
Hex = Annotated[str, Meta(pattern=r"^[0-9A-F ]*$")]


class CardFileError(ValueError):
    """A card file is wrong; the text names it and says how."""


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a card file whose unknown keys are errors."""


class Face(Section, frozen=True):
    """``[contact]``, ``[tap]``: one interface of the card."""

    atr: Hex
    """Empty: nothing can be activated."""
    transport: Literal["t0", "t1"] = "t1"
    """``t0`` answers by 61xx and 6Cxx first."""
    directory: Literal["present", "absent", "blocked"] = "present"
    """PSE or PPSE; made from the applications."""


class Faults(Section, frozen=True):
    """``[faults]``: how the card misbehaves. Counts are commands since the activation."""

    pull_after: int | None = None
    mute_after: int | None = None
    select_status: Status = ""
    """Answers every SELECT."""
    gpo_status: Status = ""
    """Answers GET PROCESSING OPTIONS."""
    gpo_refusals: int = 0
    """How many activations refuse so; 0 for all."""


class App(Section, frozen=True):
    """``[[application]]``: a file system of records and what leads to it."""

    aid: Hex
    aip: Hex
    label: str
    preferred: str = ""
    priority: int = 1
    interfaces: list[Interface] = field(default_factory=lambda: list(Interface))
    pdol: Hex = ""
    gpo: Literal["80", "77"] = "80"
    gpo_data: dict[str, str] = field(default_factory=dict)
    gpo_status: Status = ""
    records: dict[Annotated[str, Meta(pattern=r"^\d+\.\d+$")], dict[str, str]] = field(
        default_factory=dict
    )
    """``"SFI.RECORD"`` to the data objects in that record's template 70."""
    answers: dict[str, Hex] = field(default_factory=dict)
    """``"SFI.RECORD"`` to a whole answer, data and status, in place of that record."""
    fci: dict[str, str] = field(default_factory=dict)
    """Further objects of the answer to SELECT."""
    pan: Annotated[str, Meta(pattern=r"^([0-9]{12,19})?$")] = ""
    """Its own number, where the card has several; then the PAR below is its own, too."""
    par: Annotated[str, Meta(pattern=r"^([0-9A-Z]{29})?$")] = ""


class CardFile(Section, frozen=True):
    """A whole card."""

    name: str
    title: str
    scheme: str = ""
    funding: Funding = Funding.UNKNOWN
    pan: Annotated[str, Meta(pattern=r"^([0-9]{12,19})?$")] = ""
    expiry: Annotated[str, Meta(pattern=r"^([0-9]{2}(0[1-9]|1[0-2]))?$")] = ""
    """YYMM."""
    sequence: Annotated[str, Meta(pattern=r"^([0-9]{2})?$")] = ""
    par: Annotated[str, Meta(pattern=r"^([0-9A-Z]{29})?$")] = ""
    account_of: str = ""
    """For a phone: the plastic card of the same account."""
    forged_track2: str = ""
    """Another number for track 2 than the card's own."""
    track2_rest: Annotated[str, Meta(pattern=r"^[0-9A-F]*$")] = "2010000000000"
    """Behind the expiry: service code and what the issuer likes."""
    contact: Face | None = None
    tap: Face | None = None
    application: list[App] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)

    def face(self, interface: Interface) -> Face | None:
        return self.contact if interface is Interface.CONTACT else self.tap

    def numbers(self) -> frozenset[str]:
        """All that its applications say it is."""
        return frozenset(one for one in (self.pan, *(app.pan for app in self.application)) if one)

    def of(self, app: App) -> CardFile:
        """The card as this application knows it."""
        return structs.replace(self, pan=app.pan, par=app.par) if app.pan else self

    def __repr__(self) -> str:
        return f"CardFile({self.name})"

    def value(self, text: str) -> bytes:
        """The bytes that a value of the file stands for. Raises CardFileError."""
        if text.startswith("text:"):
            return text.removeprefix("text:").encode("ascii")
        if text.startswith("$"):
            return self._own(text)
        return bytes.fromhex(text)

    def _own(self, text: str) -> bytes:
        match text:
            case "$pan":
                return _packed(self.pan)
            case "$track2":
                return _packed(f"{self.forged_track2 or self.pan}D{self.expiry}{self.track2_rest}")
            case "$expiry":
                year, month = 2000 + int(self.expiry[:2]), int(self.expiry[2:])
                return bytes.fromhex(f"{self.expiry}{calendar.monthrange(year, month)[1]:02}")
            case "$sequence":
                return bytes.fromhex(self.sequence)
            case "$par":
                return self.par.encode("ascii")
        raise CardFileError(f"{self.name}: {text} stands for nothing")


def _packed(digits: str) -> bytes:
    return bytes.fromhex(digits + "F" * (len(digits) % 2))


@dataclass(frozen=True, slots=True)
class CardInfo:
    """What a bench needs to make sales of a card."""

    pan: Pan
    par: str | None
    expiry: str
    """YYMM."""
    scheme: str
    funding: Funding
    title: str
    interfaces: frozenset[Interface]
    account_of: str | None
    """For a phone: the plastic card whose account (and PAR) it shares."""
    readable: bool
    """A terminal gets the number from it at the first try."""


def load(path: Path) -> CardFile:
    """The card in ``path``, with what it is like. Raises CardFileError."""
    try:
        return msgspec.convert({**_table(path, ()), "name": path.stem}, CardFile)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise CardFileError(f"{path}: {error}") from None


def _table(path: Path, seen: tuple[str, ...]) -> dict[str, Any]:
    if path.stem in seen:
        raise CardFileError(f"{path}: is like itself")
    table = tomllib.loads(path.read_text("utf-8"))
    base = table.pop("like", None)
    if base is not None:
        table = _merged(_table(path.with_name(f"{base}.toml"), (*seen, path.stem)), table)
    return {key: value for key, value in table.items() if value is not False}


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """``over`` laid on ``base``: tables key by key, everything else replaced."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        result[key] = _merged(old, value) if both else value  # type: ignore[arg-type]
    return result


@cache
def cards() -> Mapping[str, CardFile]:
    """Every card that comes with the bench, by name."""
    return {path.stem: load(path) for path in sorted(FOLDER.glob("*.toml"))}


def catalogue() -> Mapping[str, CardInfo]:
    """The cards that carry a number, by name; for sample sales."""
    return {name: _info(card) for name, card in cards().items() if card.pan}


def _info(card: CardFile) -> CardInfo:
    return CardInfo(
        pan=Pan(card.pan),
        par=card.par or None,
        expiry=card.expiry,
        scheme=card.scheme,
        funding=card.funding,
        title=card.title,
        interfaces=frozenset(face for face in Interface if card.face(face)),
        account_of=card.account_of or None,
        readable=card.faults == Faults() and not card.forged_track2,
    )
