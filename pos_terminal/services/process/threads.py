"""One thread for each kind of blocking work, so that none of it holds up the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from pos_terminal.ports import Runner

T = TypeVar("T")


def thread_runner(name: str, closing: ExitStack) -> Runner:
    """A thread of its own, ended when ``closing`` unwinds; work is done in order.

    Work whose caller gave up before its turn is left out; begun work goes to its end. An executor
    would do the same with two futures and two locks for each piece of work.
    """
    worker = _Worker(name)
    closing.callback(worker.close)
    return worker.run


class _Worker:
    def __init__(self, name: str) -> None:
        self._waiting: SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]] | None] = (
            SimpleQueue()
        )
        self._closed = False
        self._thread = Thread(target=self._serve, name=name)
        self._thread.start()

    async def run(self, function: Callable[[], T]) -> T:
        if self._closed:
            raise RuntimeError(f"{self._thread.name}: work for a thread that has ended")
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.put((function, done))
        return await done

    def close(self) -> None:
        """What is under way ends, what waits is dropped; the thread has ended on return."""
        self._closed = True
        with suppress(Empty):
            while True:
                dropped = self._waiting.get_nowait()
                if dropped is not None:
                    dropped[1].cancel()
        self._waiting.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while (piece := self._waiting.get()) is not None:
            function, done = piece
            if done.cancelled():
                continue
            answer: Any = None
            failure: BaseException | None = None
            try:
                answer = function()
            except BaseException as error:  # for the caller, whatever it is
                failure = error
            with suppress(RuntimeError):  # a loop that has ended meanwhile: nobody asks
                done.get_loop().call_soon_threadsafe(_resolve, done, answer, failure)
            del piece, function, done, answer, failure


def _resolve(done: asyncio.Future[Any], answer: object, failure: BaseException | None) -> None:
    if done.done():  # the caller gave up
        return
    if failure is None:
        done.set_result(answer)
    else:
        done.set_exception(failure)
