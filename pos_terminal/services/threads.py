"""One thread for each kind of blocking work, so that none of it holds up the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Protocol, TypeVar

T = TypeVar("T")


class Runner(Protocol):
    """Runs a blocking function elsewhere and awaits it."""

    async def __call__(self, function: Callable[[], T]) -> T: ...


def thread_runner(name: str, closing: ExitStack) -> Runner:
    """A thread of its own, ended when ``closing`` unwinds; work is done in order."""
    executor = ThreadPoolExecutor(1, thread_name_prefix=name)
    closing.callback(executor.shutdown, wait=True, cancel_futures=True)

    async def run(function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(executor, function)

    return run
