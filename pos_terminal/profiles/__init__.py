"""Acquirer profiles: TOML files beside this one, or a file of the shop's own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import inspect

from pos_terminal.core.words import ConfigFailure
from pos_terminal.wire.iso8583.profile import Function, Profile
from pos_terminal.zones import UnknownZone, zone_of

_PARTS_61: Final = 3
_TRACKS: Final = frozenset({35, 36})
_REFERENCE: Final = frozenset({37, 38, 61})
"""By which a payment is refunded without its card."""
_FOLDER: Final = Path(__file__).parent


def load(name: str, configuration: Path | None = None) -> Profile:
    """The profile with this name, or in the file at this path (``….toml``).

    ``configuration`` is the file that names it: relative paths count from its folder. Failure
    ``config.option`` names what is wrong, and the file where it is to be mended.
    """
    if name in names():
        return parse((_FOLDER / f"{name}.toml").read_text("utf-8"), name)
    path = Path(name) if configuration is None else configuration.parent / name
    return parse(_read(path, named_in=str(configuration or name)), str(path))


def names() -> list[str]:
    """The profiles that come with the terminal."""
    return sorted(file.stem for file in _FOLDER.glob("*.toml"))


@cache
def parse(text: str, source: str) -> Profile:
    """A profile from TOML text; ``source`` is named in failures. The same text is parsed once."""
    try:
        raw: dict[str, Any] = tomllib.loads(text)
        profile = msgspec.convert(raw, Profile, str_keys=True)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _failure(source, _plain(str(error))) from None
    for problem in _problems(profile):
        raise _failure(source, problem)
    return profile


def _read(path: Path, named_in: str) -> str:
    if path.suffix != ".toml":
        known = ", ".join(names())
        raise _failure(named_in, f'no profile "{path.name}"; there are {known}, or a .toml file')
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise _failure(named_in, f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _failure(str(path), "not a text file in UTF-8") from None


def _failure(source: str, cause: str) -> ConfigFailure:
    return ConfigFailure("config.option", file=source, option="acquirer.profile", cause=cause)


def _plain(said: str) -> str:
    """What msgspec says, and the values that there are where another one was given."""
    at = re.search(r"`\$(.*)`", said)
    choices = _choices(at[1]) if at and said.startswith("Invalid enum value") else []
    return f"{said}; one of {', '.join(choices)}" if choices else said


def _choices(at: str) -> list[str]:
    """The values that the option at ``.responses[...].says`` can have."""
    kind: object = inspect.type_info(Profile)
    for name, _ in re.findall(r"\.(\w+)|(\[[^]]*\])", at):
        if isinstance(kind, inspect.UnionType):
            kind = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
        if name:
            fields = getattr(kind, "fields", ())
            kind = next((one.type for one in fields if one.encode_name == name), None)
        else:
            kind = getattr(kind, "item_type", getattr(kind, "value_type", None))
    if isinstance(kind, inspect.EnumType):
        return [str(one.value) for one in kind.cls]
    return [str(one) for one in getattr(kind, "values", ())]


def _problems(profile: Profile) -> Iterable[str]:
    """What the types can't say: the zone's name, and references between the tables."""
    try:
        zone_of(profile.timezone)
    except UnknownZone as error:
        yield f"timezone: {error}"
    for function in Function:
        if function not in profile.messages:
            yield f"messages.{function} is missing"
    for function, rule in profile.messages.items():
        used = {*rule.fields, *rule.optional, *rule.constants}
        if profile.track2 == "never" and used & _TRACKS:
            yield f"messages.{function} sends a track: none is kept here (track2)"
        for number in sorted(used - set(profile.fields)):
            yield f"messages.{function} uses field {number}, which fields has not"
        if rule.parts_60 > len(profile.field_60) or rule.parts_61 > len(profile.field_61):
            yield f"messages.{function} uses more parts of field 60 or 61 than there are"
    if rule_61 := profile.messages[Function.VOID].parts_61:
        yield f"messages.void has parts_61 = {rule_61}: void_61 says how long its field 61 is"
    if len(profile.field_61) < _PARTS_61:
        yield "field_61 lacks batch, trace or date"
    yield from _reference(profile)
    try:
        profile.sign_on_62.format(length="", serial="").encode("ascii")
    except (KeyError, ValueError, IndexError):
        yield "sign_on_62 has other places than {length} and {serial}, or is not ASCII"
    codes = [code for row in profile.responses for code in row.codes]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield f"responses has code {code} twice"
    if profile.messages[Function.SIGN_ON].network not in profile.keys.variants:
        yield "keys.variants has no layout for the sign-on's network code"


def _reference(profile: Profile) -> Iterable[str]:
    refund = profile.messages.get(Function.REFUND)
    if profile.by_reference and refund is not None:
        for number in sorted(_REFERENCE - {*refund.fields, *refund.optional}):
            yield f"by_reference wants field {number}, which messages.refund does not send"
