"""Setting the terminal up by its own commands, as a technician would: keys, people, sales."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from hw_sim.bench import identity
from hw_sim.bench.files import Files
from hw_sim.bench.keys import BenchKeys
from hw_sim.bench.people import Staff, provisioning
from hw_sim.device import BenchError

_SECONDS = 60.0


async def pos_terminal(*words: str, given: str | None = None) -> str:
    """Run ``pos-terminal WORDS`` to its end; what it printed. BenchError with its complaint."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "pos_terminal",
        *words,
        stdin=asyncio.subprocess.PIPE if given is not None else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            out, err = await process.communicate(given.encode() if given is not None else None)
    except TimeoutError:
        raise BenchError(f"pos-terminal {words[0]} did not end within {_SECONDS:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        said = (err or out).decode(errors="replace").strip()
        raise BenchError(f"pos-terminal {words[0]} failed ({process.returncode}): {said}")
    return out.decode()


async def provision(files: Files, keys: BenchKeys, people: list[Staff]) -> str:
    """Load keys and people into the terminal; the key id of its card tokens."""
    package = {
        "people": provisioning(people),
        "tmk_components": [part.hex() for part in keys.components],
        "token_key": keys.token_key.hex(),
        "key_exchange": identity.KEY_EXCHANGE,
        "batch": identity.BATCH,
    }
    said = await pos_terminal(
        "provision",
        "--config",
        str(files.config),
        "--from",
        "-",
        "--json",
        given=json.dumps(package),
    )
    return _key_id(said)


def _key_id(said: str) -> str:
    try:
        found: dict[str, Any] = json.loads(said)
        return str(found["token_key_id"])
    except (ValueError, KeyError, TypeError):
        raise BenchError("pos-terminal provision --json did not name the token key") from None


async def import_sales(files: Files, feed: Path) -> None:
    """Import a feed; BenchError names every bad line as the terminal named it."""
    await pos_terminal("import-sales", "--config", str(files.config), str(feed))
