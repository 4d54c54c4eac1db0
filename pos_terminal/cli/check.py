"""``pos-terminal check``: open everything once and say of each what is wrong and what to do."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pos_terminal.config import Config
from pos_terminal.core.words import Failure, Words

CHECK_SECONDS = 15.0
"""The longest that one device may take."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``words`` where it is not well."""

    name: str
    words: Words | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")
    parser.add_argument("--json", action="store_true", help="for scripts")


def run(arguments: argparse.Namespace) -> int:
    """0 where all is well, 1 where something is not. Failure ``config.*`` comes first."""
    from pos_terminal.config import load  # noqa: PLC0415 - start-up time

    config = load(arguments.config)
    findings = asyncio.run(check_all(config))
    _print(findings, config, as_json=arguments.json)
    return 0 if all(finding.words is None for finding in findings) else 1


async def check_all(config: Config) -> list[Finding]:
    """Everything in the order in which a technician would look."""
    checks: list[tuple[str, Callable[[], Awaitable[None]]]] = [
        ("rules", lambda: _rules(config)),
        ("provision", lambda: _provisioned(config)),
        ("ledger", lambda: _ledger(config)),
        ("slips", lambda: _slips(config)),
        ("display", lambda: _display(config)),
        *_devices(config),
        ("acquirer", lambda: _acquirer(config)),
    ]
    return [Finding(name, await _outcome(name, check)) for name, check in checks]


async def _outcome(name: str, check: Callable[[], Awaitable[None]]) -> Words | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except Failure as failure:
        return failure.words
    except TimeoutError:
        return Failure("check.slow", name=name, seconds=int(CHECK_SECONDS)).words
    return None


async def _rules(config: Config) -> None:
    from pos_terminal.app import rule_book  # noqa: PLC0415 - start-up time

    rule_book(config)


async def _provisioned(config: Config) -> None:
    from pos_terminal.services.security.provisioning import (  # noqa: PLC0415 - start-up time
        unprovisioned,
    )

    failure = unprovisioned(config)
    if failure is not None:
        raise failure


async def _ledger(config: Config) -> None:
    """A ledger that is not there yet is made at the first run."""
    from pos_terminal.services.ledger.read_only import read_ledger  # noqa: PLC0415 - start-up time

    if config.ledger.exists():
        with read_ledger(config) as ledger:
            ledger.last_entry_at()


async def _slips(config: Config) -> None:
    """Whether slips can be made as ``[printer] profile`` says; a terminal would use another."""
    from pos_terminal.wire.receipt.to_escpos import known_profiles  # noqa: PLC0415 - start-up time

    profile, known = config.printer.profile, known_profiles()
    if profile not in known:
        raise Failure(
            "config.option",
            file=str(config.file),
            option="printer.profile",
            cause=f'python-escpos has no "{profile}"; it has {", ".join(sorted(known))}',
        )


async def _display(config: Config) -> None:
    from pos_terminal.wiring import open_screen  # noqa: PLC0415 - start-up time

    if config.display.backend == "luma":
        open_screen(config, lambda _: None).close()


def _devices(config: Config) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
    from pos_terminal.ports import Device  # noqa: PLC0415 - start-up time
    from pos_terminal.wiring import make_devices  # noqa: PLC0415 - start-up time

    async def look(device: Device) -> None:
        state = await device.check()
        if not state.up:
            words = state.words
            raise Failure("check.down") if words is None else Failure(words.key, **words.values)

    for device in make_devices(config, lambda _: None).all:
        yield device.name, lambda device=device: look(device)  # type: ignore[misc]


async def _acquirer(config: Config) -> None:
    """The line as far as it goes without keys: name, connection, TLS and its pin."""
    from pos_terminal.app import acquirer_profile  # noqa: PLC0415 - start-up time
    from pos_terminal.services.host.connect import make_connect  # noqa: PLC0415 - start-up time
    from pos_terminal.services.host.reach import reach  # noqa: PLC0415 - start-up time

    await reach(config, acquirer_profile(config), make_connect(config))


def _print(findings: list[Finding], config: Config, *, as_json: bool) -> None:
    from pos_terminal.texts import render, technician  # noqa: PLC0415 - start-up time

    language = config.terminal.language
    if as_json:
        rows = [
            {
                "name": finding.name,
                "ok": finding.words is None,
                "text": "" if finding.words is None else render(finding.words, language),
                "tech": "" if finding.words is None else technician(finding.words),
            }
            for finding in findings
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for finding in findings:
        if finding.words is None:
            print(f"ok    {finding.name}")
        else:
            print(f"FAIL  {finding.name}: {render(finding.words, language)}")
            print(f"      {technician(finding.words)}")
