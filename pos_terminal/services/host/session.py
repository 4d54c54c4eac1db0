"""The session with the acquirer: sign-on, keys, batch number, and every message under its MAC."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from pos_terminal.config import Config
from pos_terminal.core.answers import Trust
from pos_terminal.core.batch import is_batch
from pos_terminal.core.words import Failure, Words
from pos_terminal.ports import Runner, TrustedClock
from pos_terminal.services.host.link import Connection, Link, NoAnswer, NotSent
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.codec import Codec, Decoded
from pos_terminal.wire.iso8583.errors import FrameError
from pos_terminal.wire.iso8583.keys import KeyExchangeError, SessionKeys, parse_keys
from pos_terminal.wire.iso8583.matching import matches
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Profile

if TYPE_CHECKING:
    from pos_terminal.ports.books.counter import Counter
    from pos_terminal.services.host.ports import KeyStore

log = logging.getLogger(__name__)

SIGN_ON_SECONDS: Final = 20.0
"""The most that a clerk waits for a sign-on or an echo."""
APPROVED: Final = "00"
SIGN_ON_AGAIN: Final = "3"
"""Host demand of the header (``iso8583.md``)."""


class Reply(Struct, frozen=True):
    """An answer that belongs to its request, and what its MAC proves."""

    message: Message
    trust: Trust

    @property
    def code(self) -> str | None:
        return self.message.get(39)


class Session:
    """Signs on when it must; a failing sign-on keeps the old keys."""

    def __init__(
        self,
        *,
        config: Config,
        profile: Profile,
        link: Link,
        numbers: Counter,
        keys: KeyStore,
        clock: TrustedClock,
        run: Runner,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.profile = profile
        self.codec = Codec(profile)
        self.link = link
        self.needed = True
        """Sign on before the next message."""
        self.trouble: Words | None = None
        """Why the last sign-on failed."""
        self._changed = changed
        self.demand = "0"
        self._config = config
        self._numbers = numbers
        self._store = keys
        self._clock = clock
        self._run = run
        self._turn = asyncio.Lock()
        """One message is under way at a time."""
        self._signing: asyncio.Task[None] | None = None
        self._current = _stored(keys)
        self._previous: bytes | None = None
        self._packed: tuple[Message, bytes | None, bytes] | None = None
        """The message that was packed to see whether it fits, under which key, and its frame."""

    @property
    def mak(self) -> bytes | None:
        return self._current

    @property
    def signed_on(self) -> bool:
        return self._current is not None and not self.needed

    def station(self, batch: str | None = None) -> requests.Station:
        """Who sends, in the given or the current batch."""
        terminal = self._config.terminal
        return requests.Station(
            terminal_id=terminal.terminal_id,
            merchant_id=terminal.merchant_id,
            batch=batch or self._numbers.batch(),
            tpdu=self._config.acquirer.tpdu,
            reader=requests.reader_digit(contactless=self._config.reader.tap is not None),
        )

    def frame(self, message: Message) -> bytes:
        """The message as it goes out now. FrameError where it does not fit the profile."""
        return self.codec.encode(message, self._current)

    def fits(self, message: Message) -> None:
        """Pack it before it is sealed; ``ask`` then sends that very frame. FrameError."""
        self._packed = (message, self._current, self.frame(message))

    def _frame_once(self, message: Message) -> bytes:
        packed, self._packed = self._packed, None
        if packed is not None and packed[0] is message and packed[1] == self._current:
            return packed[2]
        return self.frame(message)

    def trust(self, decoded: Decoded) -> Trust:
        """What the MAC proves under the session's key, or the one before it: an answer may come
        after the next sign-on."""
        trust = self.codec.trust(decoded, self._current)
        if trust is Trust.WRONG and self._previous is not None:
            return self.codec.trust(decoded, self._previous)
        return trust

    def _is_older(self, decoded: Decoded) -> bool:
        """Whether its MAC proves that it was made before the last sign-on."""
        now = self.codec.trust(decoded, self._current)
        return now is Trust.WRONG and self.trust(decoded) is Trust.VALID

    async def ask(
        self,
        line: Connection,
        message: Message,
        seconds: float,
        *,
        sent: Callable[[], None] = lambda: None,
        fresh: bool = False,
        late: bool = True,
    ) -> Reply:
        """Send a request and wait for its answer. NotSent or NoAnswer.

        ``sent`` is called as soon as it is written. ``fresh``: the same went out before the last
        sign-on, and what is still signed with the key of that time answers that one. ``late`` as
        for ``Link.exchange``.
        """

        def wanted(decoded: Decoded) -> bool:
            mismatch = matches(self.profile, message, decoded.message)
            if mismatch is not None:
                log.info("not the answer to %s: %s", message.mti, mismatch)
                return False
            if fresh and self._is_older(decoded):
                log.info("not the answer to %s: it has the MAC of an older key", message.mti)
                return False
            return True

        def written() -> None:
            sent()
            log.info("to the acquirer: %r", message)

        async with self._turn:
            frame = self._frame_once(message)
            wait = max(0.0, seconds)
            decoded = await self.link.exchange(line, frame, wanted, wait, sent=written, late=late)
        reply = Reply(decoded.message, self.trust(decoded))
        log.info("from the acquirer: %r, MAC %s", reply.message, reply.trust)
        self._heed(reply.message)
        return reply

    async def ensure(self) -> None:
        """Sign on where that is needed. Failure ``host.…``, unless older keys are still good.

        Whoever gives up waiting leaves the sign-on to its end: half of one leaves the acquirer
        with other keys than we have.
        """
        if self._signing is None:
            if self.signed_on:
                return
            self._signing = asyncio.create_task(self._sign_on(), name="sign-on")
            self._signing.add_done_callback(self._signed)
        await asyncio.shield(self._signing)

    async def sign_on(self) -> None:
        """Sign on now, whether needed or not (the technician's test)."""
        self.needed = True
        await self.ensure()

    def _signed(self, task: asyncio.Task[None]) -> None:
        self._signing = None
        if not task.cancelled() and task.exception() is not None:
            log.info("sign-on: %s", task.exception())

    async def echo(self, seconds: float = SIGN_ON_SECONDS) -> float:
        """An echo there and back; the seconds it took, of those that line and answer are given.
        Failure ``host.not_sent``, ``host.silent``, ``host.echo``. It has no STAN: the batch stays
        as it is.
        """
        time = asyncio.get_running_loop().time
        started = time()
        line = await self.link.acquire(seconds)
        reply = await self._plain(line, requests.echo(self.profile, self.station()), seconds)
        if reply.code not in (None, APPROVED):
            raise Failure("host.echo", code=reply.code or "-")
        return time() - started

    async def _sign_on(self) -> None:
        try:
            await self._exchange_keys()
        except Failure as failure:
            self.trouble = failure.words
            if failure.code == "host.key_check" and self._current is not None:
                self.needed = False  # the old keys stay; the acquirer says so if they are not good
                log.warning("the sign-on's keys are wrong, the old ones stay")
                return
            raise
        self.needed = False
        self.trouble = None
        self._changed()

    async def _exchange_keys(self) -> None:
        line = await self.link.acquire()
        variant = self._store.key_exchange
        try:
            station = self.station()
            request = requests.SignOnRequest(
                terminal_id=station.terminal_id,
                merchant_id=station.merchant_id,
                batch=station.batch,
                tpdu=station.tpdu,
                stan=await self._numbers.draw(),
                serial=self._config.acquirer.serial,
                variant=variant,
            )
        except BaseException:
            self.link.release(line)
            raise
        reply = await self._plain(line, requests.sign_on(self.profile, request))
        if reply.code != APPROVED:
            raise Failure("host.sign_on_refused", code=reply.code or "-")
        try:
            keys = parse_keys(self.profile, variant, self._store.tmk, reply.message.get(62))
        except KeyExchangeError as error:
            raise Failure("host.key_check", cause=str(error)) from None
        await self._adopt(keys, reply.message)

    async def _plain(
        self, line: Connection, message: Message, seconds: float = SIGN_ON_SECONDS
    ) -> Reply:
        """A message that moves no money: no answer is a plain failure, and a late one tells nobody
        anything."""
        wait = min(seconds, self.profile.timing.answer_seconds)
        try:
            return await self.ask(line, message, wait, late=False)
        except FrameError as error:
            self.link.release(line)
            raise Failure("host.unsendable", cause=str(error)) from None
        except NotSent:
            raise Failure("host.line_dropped") from None
        except NoAnswer as silence:
            raise Failure("host.silent", cause=silence.silence.value) from None

    async def _adopt(self, keys: SessionKeys, answer: Message) -> None:
        """New keys, batch number and time: the check values prove who sent them."""
        parts = {"mak": keys.mak, "pik": keys.pik, "tdk": keys.tdk}
        kept = {name: key for name, key in parts.items() if key is not None}
        try:
            await self._run(lambda: self._store.store_session(kept))
        except Failure as failure:
            # they are needed again only where the next start's sign-on brings bad keys
            log.warning("session keys not stored: %s", failure)
        if self._current != keys.mak:
            self._previous, self._current = self._current, keys.mak
        batch = self.profile.parts_60(answer).get("batch")
        if batch is not None and not is_batch(batch):
            log.warning("the sign-on's batch %s is none; it stays %s", batch, self._numbers.batch())
        elif batch is not None and batch != self._numbers.batch():
            await self._numbers.resequence(batch)
        day, hour = answer.get(13), answer.get(12)
        if day is not None and hour is not None:
            self._clock.acquirer_time(day, hour)

    def _heed(self, answer: Message) -> None:
        """Host demand: 3 means sign on at the next message, others are the technician's."""
        demand = answer.header.demand
        if demand == SIGN_ON_AGAIN:
            self.needed = True
        elif demand not in ("0", self.demand):
            log.warning("the acquirer's host demand is %s", demand)
        self.demand = demand


def _stored(keys: KeyStore) -> bytes | None:
    stored = keys.session()
    return None if stored is None else stored.get("mak")
