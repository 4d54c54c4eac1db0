"""A virtual-time event loop: when nothing is ready, the clock jumps to the next timer.

Holds only for what lives on the loop: in-process sockets, pipes and fakes. Threads don't: the
default executor refuses to work, so that a forgotten ``to_thread`` is found at once.
"""

from __future__ import annotations

import asyncio
import selectors
from collections import deque
from collections.abc import Callable, Coroutine
from copy import copy
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Final, TypeVar

T = TypeVar("T")

_DEADLOCK_SECONDS = 0.5
"""Real time that in-process sockets get before a loop with no timer counts as stuck."""
_HASH_BITS: Final = 60
"""Fewer than a hash has, so that it is taken as it is."""
_OWN: Final = 1
"""Of the loop, among what its selector watches."""


class Deadlock(RuntimeError):
    """Nothing is ready and no timer is set: the simulated world would wait for ever."""


class _JumpingSelector(selectors.DefaultSelector):
    """Never sleeps: asks what is ready now, and otherwise moves the loop's time."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        # but for the loop's own end, by which threads wake it, most worlds have no socket: asking
        # for it at each turn is a tenth of a simulated day
        ready = super().select(0) if timeout is None or len(self.get_map()) > _OWN else []
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None:
            ready = super().select(_DEADLOCK_SECONDS)
            if not ready:
                raise Deadlock("nothing is ready and no timer is set")
            return ready
        self.time += timeout
        return []


_STEPS: Final = (None, "task_wakeup", "__step", "__wakeup")
"""What asyncio runs a task by: names of its callbacks in C (the first step has none), in Python."""


class VirtualTask(asyncio.Task[T]):
    """A task with a number, in the order of their making, and with a hash that the loop gave it.

    The hash of another object is its place in memory, so that a set of tasks would be walked in
    another order each time; and a task group cancels the set of its tasks. What the cancelling of
    one calls back is no step of a task, and parts those who may go before it from the others.
    """

    def __init__(
        self, coro: Coroutine[Any, Any, T], number: int, hashed: int, **options: Any
    ) -> None:
        self.number = number
        self._hashed = hashed
        super().__init__(coro, **options)  # asks for the hash

    def __hash__(self) -> int:
        return self._hashed


def _task_of(handle: asyncio.Handle) -> VirtualTask[Any] | None:
    """The task whose next step this is; None for any other callback, ``task.cancel`` too."""
    callback = handle._callback  # type: ignore[attr-defined]
    task = getattr(callback, "__self__", None)
    if isinstance(task, VirtualTask) and getattr(callback, "__name__", None) in _STEPS:
        return task
    return None


class _Drawn(deque[asyncio.Handle]):
    """Ready callbacks. Any task may be late, as if it had awaited once more; nothing else is.

    Callbacks that are no step of a task keep their order, which asyncio promises and its
    transports need, and no task comes before a callback that was ready earlier than it.
    """

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self._chance = chance
        self._numbers: deque[int | None] = deque()
        """Beside each callback: of the task whose step it is; None for any other callback."""

    def append(self, handle: asyncio.Handle) -> None:
        task = _task_of(handle)
        self._numbers.append(None if task is None else task.number)
        super().append(handle)

    def popleft(self) -> asyncio.Handle:
        if len(self) == 1:
            self._numbers.popleft()
            return super().popleft()
        place = self._place()
        handle = self[place]
        del self[place], self._numbers[place]
        return handle

    def clear(self) -> None:
        self._numbers.clear()
        super().clear()

    def _place(self) -> int:
        """One of the steps before the first other callback, or that callback."""
        steps: list[tuple[int, int]] = []
        callback: list[int] = []
        for place, number in enumerate(self._numbers):
            if number is None:
                callback = [place]
                break
            steps.append((number, place))
        choice = [place for _, place in sorted(steps)] + callback
        return self._chance.choice(choice) if len(choice) > 1 else choice[0]


class VirtualLoop(asyncio.SelectorEventLoop):
    """``time()`` is virtual seconds since the loop was made.

    Ready callbacks run in their order, or as ``order`` draws it. It draws the order of sets of
    tasks, too, which nobody promises; without it that is some order, the same each time.
    """

    def __init__(self, order: Random | None = None) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        self._made = count()
        self._hashes = Random(0)
        if order is not None:
            self._hashes = copy(order)  # so that making a task draws nothing from the order
            self._ready = _Drawn(order)
        self.set_task_factory(lambda _, coro, **options: self.make_task(coro, **options))

    def make_task(self, coro: Coroutine[Any, Any, T], **options: Any) -> VirtualTask[T]:
        """The next task; ``options`` are its context and its name."""
        number, hashed = next(self._made), self._hashes.getrandbits(_HASH_BITS)
        return VirtualTask(coro, number, hashed, loop=self, **options)

    def time(self) -> float:
        return self._jumping.time

    def pass_by(self, seconds: float) -> None:
        """Time in which nothing runs, as on a machine that is busy elsewhere."""
        self._jumping.time += seconds

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Any, *args: Any
    ) -> Any:
        raise RuntimeError(f"no threads under virtual time: {func!r}")


class VirtualClock:
    """Wall and monotonic time of a virtual loop; fulfils ``pos_terminal.ports.Clock``."""

    def __init__(self, loop: VirtualLoop, start: datetime) -> None:
        self._loop = loop
        self._start = start

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._loop.time())

    def monotonic(self) -> float:
        return self._loop.time()

    def set(self, moment: datetime) -> None:
        """Somebody changed the clock."""
        self._start = moment - timedelta(seconds=self._loop.time())


async def run_inline(function: Callable[[], T]) -> T:
    """A ``ports.Runner`` for virtual time: the work is done on the loop."""
    return function()


def run_virtual(
    main: Callable[[VirtualLoop], Coroutine[Any, Any, T]], order: Random | None = None
) -> T:
    """Run ``main`` to its end on a fresh virtual loop; ``order`` as ``VirtualLoop`` takes it."""
    loop = VirtualLoop(order)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(loop))
