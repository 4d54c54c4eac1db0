"""Acquirer profiles: TOML files beside this one, or a file of the shop's own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from pos_terminal.core.words import Failure
from pos_terminal.wire.iso8583.profile import Function, Profile


def load(name: str) -> Profile:
    """The profile with this name, or in the file at this path (``….toml``).

    Failure ``config.option`` names what is wrong with it.
    """
    return parse(_read(name), name)


def names() -> list[str]:
    """The profiles that come with the terminal."""
    entries = (entry.name for entry in files(__name__).iterdir())
    return sorted(name.removesuffix(".toml") for name in entries if name.endswith(".toml"))


def parse(text: str, source: str) -> Profile:
    """A profile from TOML text; ``source`` is named in failures."""
    try:
        raw: dict[str, Any] = tomllib.loads(text)
        profile = msgspec.convert(raw, Profile, str_keys=True)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _failure(source, str(error)) from None
    for problem in _problems(profile):
        raise _failure(source, problem)
    return profile


def _read(name: str) -> str:
    if name in names():
        return files(__name__).joinpath(f"{name}.toml").read_text("utf-8")
    if not name.endswith(".toml"):
        raise _failure(name, f"no such profile; there are {', '.join(names())}, or a .toml file")
    try:
        return Path(name).read_text("utf-8")
    except OSError as error:
        raise _failure(name, str(error.strerror)) from None
    except UnicodeDecodeError:
        raise _failure(name, "not a text file in UTF-8") from None


def _failure(source: str, cause: str) -> Failure:
    return Failure("config.option", file=source, option="acquirer.profile", cause=cause)


def _problems(profile: Profile) -> Iterable[str]:
    """What the types can't say: references between the tables."""
    for function in Function:
        if function not in profile.messages:
            yield f"messages.{function} is missing"
    for function, rule in profile.messages.items():
        used = {*rule.fields, *rule.optional, *rule.constants}
        for number in sorted(used - set(profile.fields)):
            yield f"messages.{function} uses field {number}, which fields has not"
        if rule.parts_60 > len(profile.field_60) or rule.parts_61 > len(profile.field_61):
            yield f"messages.{function} uses more parts of field 60 or 61 than there are"
    codes = [code for row in profile.responses for code in row.codes]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield f"responses has code {code} twice"
    if profile.messages[Function.SIGN_ON].network not in profile.keys.variants:
        yield "keys.variants has no layout for the sign-on's network code"
