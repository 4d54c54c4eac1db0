"""Who stands at the counter: for a sale on the screen the line is kept free."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Foreground:
    """While it is taken nothing begins in the background: no sign-on, reversal or repeat."""

    def __init__(self) -> None:
        self._sales = 0
        self._elsewhere = 0
        self._messages = 0
        self._watching = 0
        self._left = asyncio.Event()
        self.changed: Callable[[], None] = lambda: None
        """Told whenever somebody comes or goes."""

    @property
    def is_free(self) -> bool:
        """Nobody at the screen needs the line, now or soon."""
        return not (self.has_message or self.has_sale)

    @property
    def has_sale(self) -> bool:
        """A sale behind the lock, or with its outcome shown, is not on the screen any more."""
        return self._sales > 0 and not self._elsewhere

    @property
    def is_watched(self) -> bool:
        """Somebody looks at how the line is; behind the lock nobody does."""
        return self._watching > 0 and not self._elsewhere

    @property
    def has_message(self) -> bool:
        """Somebody wants the line."""
        return self._messages > 0

    @contextmanager
    def sale(self) -> Iterator[None]:
        """A sale is on the screen."""
        self._sales += 1
        self.changed()
        try:
            yield
        finally:
            self._sales -= 1
            self._look()

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """The lock or an outcome is on the screen, whatever is behind it."""
        self._elsewhere += 1
        self._look()
        try:
            yield
        finally:
            self._elsewhere -= 1
            self._look()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """How the line is is on the screen."""
        self._watching += 1
        self.changed()
        try:
            yield
        finally:
            self._watching -= 1
            self.changed()

    @contextmanager
    def message(self) -> Iterator[None]:
        """A message is made ready, or under way."""
        self._messages += 1
        self.changed()
        try:
            yield
        finally:
            self._messages -= 1
            self._look()

    async def free(self) -> None:
        """Until nobody stands there."""
        while not self.is_free:
            self._left.clear()
            await self._left.wait()

    def _look(self) -> None:
        if self.is_free:
            self._left.set()
        self.changed()
