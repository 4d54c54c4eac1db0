"""A person at the keypad who mostly does the right thing: seeded, by what the screen asks for."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final

from hw_sim.bench.people import Staff
from hw_sim.bench.sample_sales import Numbers, SampleSale
from hw_sim.cards.card_files import cards, catalogue
from hw_sim.proofs.simulation import telephone
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.badge import PREFIX
from pos_terminal.core.dropped import Drop
from pos_terminal.core.pan import Pan
from pos_terminal.core.people import Role
from pos_terminal.core.receipt_code import encode_application
from pos_terminal.ports import Interface, ScanDropped

Act = Callable[[], None]
Choices = list[tuple[float, str, Act]]
"""Weight, name of the fault class (or empty), what is done."""

_WAITING: Final = ("wait", "reading", "connect", "starting")
_LONGEST_LOOK: Final = 60.0
"""Virtual seconds after which the person looks again, whether or not the screen changed."""
_BARE: Final = 0.01
"""Of the customers: they have no receipt."""
_TELEPHONES: Final = ("13800138000", "13900139000", "4008123123")
_BAD_CARDS: Final = ("mute", "pulled", "blocked", "two-cards", "storage", "forged")
_PROMOTED: Final = ("promotion-older", "delivery-older", "discounted-older", "opened-older")
"""Sales of which goods are worth something else than the price list says."""
_TWO_NUMBERS: Final = ("two-numbers-credit-older", "two-numbers-older")
"""Paid by one card, with the number of its second application and of its first."""
_INSISTING: Final = 0.06
"""Of the customers: they have other cards than the sale's, and try them all."""
_WITHOUT_CARD: Final = 0.08
"""Of the customers: the card that paid is at home."""
_POPULAR: Final = 6
"""So many sales are asked for again and again, so that their balance runs out."""


def numbers_of(sale: SampleSale) -> list[Numbers]:
    """Of its payments; of a sale in cash those that the till gave it."""
    own = [sale.numbers(leg) for leg in sale.payments]
    return own or [Numbers(sale.trace, sale.rrn, sale.auth_code)]


class Person:
    """Serves ``customers`` and then stays at the home screen."""

    def __init__(
        self, site: Site, chance: Random, counts: Counter[str], whims: Random, forgetful: Random
    ) -> None:
        """``whims`` and ``forgetful`` are streams of their own: most days stay what they were
        without them."""
        self.site = site
        self.clerk = SimClerk(site)
        self.customers = 0
        self._chance = chance
        self._counts = counts
        self._sale = chance.choice(site.shop.sales)
        split = [sale for sale in site.shop.sales if len(sale.payments) > 1]
        self.popular = [
            *chance.sample(list(site.shop.sales), _POPULAR),
            chance.choice(split),
            *(sale for sale in site.shop.sales if sale.name in _TWO_NUMBERS),
        ]
        """Sales that are asked for again and again."""
        self._numbers = numbers_of(self._sale)[0]
        """Of the payment by which the sale is looked for."""
        self._whims = whims
        self._forgetful = forgetful
        self._without_card = False
        """Whether this customer has no card with them."""
        self._insists = False
        """Whether this customer has other cards than the sale's."""
        self._typed = ""
        """The number that was typed for log-in or approval, or whose badge was scanned."""
        self._clumsy = chance.random() < 0.1
        """Whether most PINs of this day are wrong."""
        self.bare = Random(0)
        """What customers without a receipt do: a stream of its own, too."""

    async def work(self, customers: int) -> None:
        """One screen after the other, until so many customers were served."""
        while self.customers < customers or self.clerk.prompt != "home":
            screen = self.site.terminal.screen
            changed = asyncio.ensure_future(screen.changed())
            await asyncio.sleep(self._chance.uniform(0.1, 3.0))
            idle = self._act(screen.prompt)
            try:
                async with asyncio.timeout(idle or _LONGEST_LOOK):
                    await changed
                    while idle and screen.prompt == "home":  # it is only a minute later
                        await screen.changed()
            except TimeoutError:
                continue

    def _act(self, prompt: str) -> float:
        """Do something about this screen; how long the person then looks away, 0 for not."""
        if self._chance.random() < 0.02 and not prompt.startswith(("unknown.", "clock.")):
            self._mash()
        if prompt == "home" and self._chance.random() < 0.03:
            self._counts["person idle"] += 1
            return self._chance.uniform(60.0, 2000.0)
        if prompt == "sale" and self._chance.random() < 0.04:
            self._counts["person talks over a sale"] += 1
            return self._chance.uniform(20.0, 120.0)
        self._card_away(prompt)
        choices = self._choices(prompt)
        if choices:
            weights = [weight for weight, _, _ in choices]
            _, name, act = self._chance.choices(choices, weights)[0]
            if name:
                self._counts[f"person {name}"] += 1
            act()
        return 0.0

    def _mash(self) -> None:
        """Keys that nobody asked for."""
        self._counts["person mashes keys"] += 1
        keys = ["1", "5", "00", "enter", "clear", "cancel", "up", "down", "menu"]
        self.clerk.press(*self._chance.choices(keys, k=self._chance.randint(1, 4)))

    def _card_away(self, prompt: str) -> None:
        present = self.site.parts.readers.present()
        if not present or prompt in ("card.present", "card.reading"):
            return
        if prompt == "card.remove" or self._chance.random() < 0.8:
            self.clerk.take_away()

    # --- what the screens ask for --------------------------------------------------------------

    def _choices(self, prompt: str) -> Choices:
        if prompt.endswith(_WAITING):
            return self._while_waiting(prompt)
        asked = {
            "home": self._at_home,
            "login.number": self._number,
            "login.pin": self._pin,
            "lock.pin": self._own_pin,
            "sale": self._sale_shown,
            "sale.more": self._more,
            "refund.leg": self._leg,
            "refund.amount": self._amount,
            "refund.lines": self._lines,
            "refund.quantity": self._quantity,
            "refund.reason": self._reason,
            "refund.confirm": self._agree,
            "ticket.plan": self._plan,
            "ticket.add": self._adds,
            "ticket.amount": self._amount,
            "ticket.left": self._left_to_do,
            "ticket.failed": self._not_done,
            "supervisor.number": self._supervisor,
            "supervisor.pin": self._pin,
            "supervisor.locked": self._locked_out,
            "card.present": self._card,
            "card.absent": self._by_reference,
            "card.absent.none": self._told_to_come_again,
            "card.remove": list,
            "line.down": self._line_down,
            "line.probe": self._line_down,
            "readers.out": self._agree,
            "find.by": self._by_facts,
            "blind.card": self._bare_card,
            "blind.begin": self._agree,
            "blind.customer": self._telephone,
            "blind.goods": self._bare_goods,
            "blind.price": self._bare_price,
            "find.trace": self._trace,
            "find.rrn": self._rrn,
            "find.date": self._date,
            "menu": self._menu,
            "print.unsure": self._unsure,
            "cash.hand_over": self._hand_over,
            "result": self._result,
            "voucher": self._voucher,
            "voucher.amount": self._amount,
            "unknown.outcome": self._asks_the_acquirer,
            "unknown.amount": self._told_amount,
            "unknown.reference": self._reference,
            "case.reference": self._reference,
            "manual.form": self._form,
            "manual.reference": self._reference,
            "manual.confirm": self._agree,
            "evidence.kind": self._evidence,
            "evidence.reference": self._reference,
            "cleared.reference": self._reference,
            "clock.confirm": self._looks_at_the_date,
            "failure": self._turned_away,
            "feed.refused": self._refused_records,
            "stopped": list,
        }
        return asked.get(prompt, self._some_choice)()

    def _looks_at_the_date(self) -> Choices:
        """On a watch, which is right."""
        shown = re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", self.clerk.text.replace("\n", " "))
        now = self.site.time.now()
        told = shown and datetime.strptime(shown[0], "%Y-%m-%d %H:%M").replace(tzinfo=now.tzinfo)
        if told and abs(told - now) < timedelta(hours=1):
            return [(9, "confirms the date", self._keys("enter")), (1, "", self._keys("cancel"))]
        return [(1, "finds the date wrong", self._keys("cancel"))]

    def _keys(self, *keys: str) -> Act:
        return lambda: self.clerk.press(*(key for key in keys if key))

    def _while_waiting(self, prompt: str) -> Choices:
        found: Choices = [(20, "", lambda: None), (1, "presses while waiting", self._keys("enter"))]
        if prompt == "card.reading":
            found.append((4, "pulls the card", self.clerk.take_away))
        if prompt.endswith("connect"):
            found.append((4, "gives up connecting", self._keys("cancel")))
        return found

    def _at_home(self) -> Choices:
        if self.bare.random() < _BARE:
            self.customers += 1
            return [(1, "has no receipt", self._keys("menu", "1", "5"))]
        sale = self._next_sale()
        trace = self._look_for(sale).trace
        waiting = self.site.setting.repeat == "never" and self._something_open()
        return [
            *([(40, "asks about what is unknown", self._keys("menu"))] if waiting else []),
            (50, "", lambda: self._begin(sale, lambda: self.clerk.scan(sale.receipt_no))),
            (15, "", lambda: self._begin(sale, self._keys(trace.lstrip("0")[:1]))),
            (12, "", lambda: self._begin(sale, lambda: self._lay(self._right_card()))),
            (10, "opens the menu", self._keys("menu")),
            (4, "scans nonsense", lambda: self.clerk.scan("http://?%7f\u20ac")),
            (2, "scans badly", lambda: self.site.post(ScanDropped(Drop.PAUSE))),
            *((6, "scans a voucher", partial(self.clerk.scan, one)) for one in self._vouchers()),
            *self._forms(),
        ]

    def _something_open(self) -> bool:
        """False, too, where the terminal was killed since the person looked at the screen."""
        ledger = self.site.terminal.ledger
        return ledger is not None and bool(ledger.refunds.open_ones())

    def _vouchers(self) -> list[str]:
        """One of the vouchers that customers have, as printed on its slip; or none."""
        ledger = self.site.terminal.ledger
        if ledger is None:  # killed since the person looked at the screen
            return []
        rows = ledger.db.execute("SELECT number FROM vouchers").fetchall()
        return [self._chance.choice(sorted(row["number"] for row in rows))] if rows else []

    def _forms(self) -> Choices:
        """One that is out and comes back, as printed; and one that was withdrawn, and paid."""
        ledger = self.site.terminal.ledger
        if ledger is None:  # killed since the person looked at the screen
            return []
        found: Choices = [
            (8, "scans a form", partial(self.clerk.scan, self._code_of(one.application)))
            for one in ledger.manual.open_ones()[:1]
        ]
        if ledger.manual.withdrawn():
            found.append((2, "finds a withdrawn form paid", self._keys("menu", "3", "7")))
        return found

    def _code_of(self, application: int) -> str:
        terminal = self.site.terminal.config.terminal
        return encode_application(terminal.merchant_id, terminal.terminal_id, application)

    def _form(self) -> Choices:
        return [
            (6, "confirms a form", self._keys("1")),
            (4, "withdraws a form", self._keys("2")),
            (1, "prints a form again", self._keys("3")),
            (1, "cancels", self._keys("cancel")),
        ]

    def _evidence(self) -> Choices:
        return [
            (2, "adds evidence", self._keys(str(self._chance.randint(1, 6)))),
            (3, "", self._keys("menu")),
            (1, "cancels", self._keys("cancel")),
        ]

    def _begin(self, sale: SampleSale, act: Act) -> None:
        self._sale = sale
        self._insists = self._whims.random() < _INSISTING
        self._without_card = self._forgetful.random() < _WITHOUT_CARD
        self.customers += 1
        act()

    def _look_for(self, sale: SampleSale) -> Numbers:
        """By any of its payments."""
        self._numbers = self._chance.choice(numbers_of(sale))
        return self._numbers

    def _next_sale(self) -> SampleSale:
        if "cash_limit" in self.site.setting.rules and self._chance.random() < 0.3:
            return self.site.shop.sale("cash-today")  # or a limit on cash would rarely be met
        if self.site.setting.policy and self._chance.random() < 0.2:
            return self.site.shop.sale("qr-wallet-today")
        if self._chance.random() < 0.15:
            return self.site.shop.sale(self._chance.choice(_PROMOTED))
        if self._chance.random() < 0.6:
            return self._chance.choice(self.popular)
        return self._chance.choice(list(self.site.shop.sales))

    def _number(self) -> Choices:
        def type_(number: str) -> Act:
            def act() -> None:
                self._typed = number
                for one in self.site.shop.staff:
                    if one.number == number:
                        self.clerk.me = one
                self.clerk.press(number, "enter")

            return act

        person = self.site.shop.person
        return [
            (60, "", type_(person(Role.CLERK).number)),
            (30, "", type_(person(Role.CLERK, 1).number)),
            (4, "unknown number", type_("777")),
            (4, "supervisor at the till", type_(person(Role.SUPERVISOR).number)),
            (3, "badge at the till", self._scans(person(Role.SUPERVISOR, 1))),
            (2, "technician at the till", type_(person(Role.TECHNICIAN).number)),
        ]

    def _supervisor(self) -> Choices:
        def type_(number: str) -> Act:
            def act() -> None:
                self._typed = number
                self.clerk.press(number, "enter")

            return act

        person = self.site.shop.person
        if self._insists and self._whims.random() < 0.5:
            self._counts["person lays a card down early"] += 1
            self._lay(self._whims.choice(sorted(cards())))
        return [
            (60, "", type_(person(Role.SUPERVISOR).number)),
            (30, "", type_(person(Role.SUPERVISOR, 1).number)),
            (30, "badge scanned", self._scans(person(Role.SUPERVISOR))),
            (20, "badge scanned", self._scans(person(Role.SUPERVISOR, 1))),
            (4, "technician asked", type_(person(Role.TECHNICIAN).number)),
            (3, "unknown badge", self._scan_unknown),
            (3, "receipt for a badge", partial(self.clerk.scan, self._sale.receipt_no)),
            (4, "approves the own refund", type_(self.clerk.me.number)),
            (3, "unknown number", type_("777")),
            (4, "cancels", self._keys("cancel")),
        ]

    def _scans(self, person: Staff) -> Act:
        def act() -> None:
            self._typed = person.number
            self.clerk.scan(person.badge)

        return act

    def _scan_unknown(self) -> None:
        self._typed = ""
        self.clerk.scan(f"{PREFIX}{self._chance.getrandbits(80):020d}")

    def _locked_out(self) -> Choices:
        self._counts["clerk locked by wrong PINs"] += 1
        return [(1, "", self._keys("enter"))]

    def _pin(self) -> Choices:
        known = [one.pin for one in self.site.shop.staff if one.number == self._typed]
        right = known[0] if known else "135790"
        wrong = right[::-1] if right != right[::-1] else "192837"
        return [
            (90, "", self._keys(right, "enter")),
            (400 if self._clumsy else 6, "wrong PIN", self._keys(wrong, "enter")),
            (3, "badge alone", self._keys("enter")),
            (2, "cancels", self._keys("cancel")),
        ]

    def _own_pin(self) -> Choices:
        return [(1, "", self._keys(self.clerk.me.pin, "enter"))]

    def _agree(self) -> Choices:
        return [(20, "", self._keys("enter")), (1, "cancels", self._keys("cancel"))]

    def _sale_shown(self) -> Choices:
        return [
            *self._agree(),
            (
                6 if self.site.setting.policy else 3,
                "looks what else can be done",
                self._keys("menu"),
            ),
        ]

    def _more(self) -> Choices:
        return [
            (6, "several receipts in one ticket", self._keys("1")),
            (2, "", self._keys("2")),
            (20 if self.site.setting.policy else 2, "looks for another way back", self._keys("3")),
            (1, "cancels", self._keys("cancel")),
        ]

    def _not_done(self) -> Choices:
        """The menu key leads on where it is the form that is left."""
        return [(3, "", self._keys("enter")), (1, "asks for the form", self._keys("menu"))]

    def _adds(self) -> Choices:
        sale = self._next_sale()
        trace = numbers_of(sale)[0].trace.lstrip("0")
        return [
            (6, "adds a receipt", partial(self.clerk.scan, sale.receipt_no)),
            (2, "adds a receipt by its trace", self._keys(*trace, "enter")),
            (1, "cancels", self._keys("cancel")),
        ]

    def _line_down(self) -> Choices:
        """It goes on by itself once the line is back."""
        return [
            (5, "waits for the line", lambda: None),
            (3, "tries the line again", self._keys("enter")),
            (2, "cancels", self._keys("cancel")),
        ]

    def _leg(self) -> Choices:
        """Which payment of a sale that several were made for, or all of them."""
        legs = [(10, "", self._keys(str(n))) for n in range(1, len(self._sale.payments) + 1)]
        every = (12, "all payments in one ticket", self._keys(str(len(legs) + 1)))
        return [*legs, every, (1, "cancels", self._keys("cancel"))]

    def _plan(self) -> Choices:
        """Most often as the terminal made it. Only where several receipts are wanted a scan adds
        one."""
        leg = str(self._chance.randint(1, 3))
        return [
            (4, "scans at the plan", partial(self.clerk.scan, self._next_sale().receipt_no)),
            (2, "asks for another receipt", self._keys("menu")),
            (12, "", self._keys("enter")),
            (4, "moves an amount", self._keys(leg)),
            (1, "cancels", self._keys("cancel")),
        ]

    def _left_to_do(self) -> Choices:
        """Said at the end of a ticket; from the menu the same ticket goes on."""
        return [
            (12, "", self._keys("enter")),
            (1, "withdraws what is left", self._keys("menu")),
            (1, "cancels", self._keys("cancel")),
        ]

    def _amount(self) -> Choices:
        most = max(1, self._sale.amount)
        return [
            (35, "", self._keys("enter")),
            (25, "", self._keys(str(self._chance.randint(1, most)), "enter")),
            (30, "chooses goods", self._keys("menu")),
            (5, "too much", self._keys(str(most * 10), "enter")),
            (2, "nothing", self._keys("0", "enter")),
            (3, "cancels", self._keys("cancel")),
        ]

    def _lines(self) -> Choices:
        return [
            (4, "", self._keys("menu")),
            (8, "", self._keys(str(self._chance.randint(1, 3)))),
            (2, "", self._keys("down", "enter")),
            (1, "cancels", self._keys("cancel")),
        ]

    def _quantity(self) -> Choices:
        """Whole pieces: the shop weighs nothing."""
        return [
            (8, "", self._keys("enter")),
            (8, "", self._keys("1", "enter")),
            (2, "too many goods", self._keys("9", "enter")),
            (2, "takes goods out", self._keys("0", "enter")),
            (1, "cancels", self._keys("cancel")),
        ]

    def _reason(self) -> Choices:
        reason = str(self._chance.randint(1, 5))
        return [(25, "", self._keys(reason)), (1, "cancels", self._keys("cancel"))]

    def _card(self) -> Choices:
        other = self._chance.choice(sorted(cards()))
        bad = self._chance.choice(_BAD_CARDS)
        if self._insists:
            return [
                (8, "tries another card", lambda: self._lay(other)),
                (3, "takes the card away", self.clerk.take_away),
            ]
        if self._without_card:
            return [(1, "has no card", self._keys("menu"))]
        return [
            (78, "", lambda: self._lay(self._right_card())),
            (6, "another card", lambda: self._lay(other)),
            (6, f"card {bad}", lambda: self._lay(bad)),
            (6, "takes the card away", self.clerk.take_away),
            (4, "cancels", self._keys("cancel")),
        ]

    def _by_reference(self) -> Choices:
        return [
            (8, "goes by the reference", self._keys("enter")),
            (1, "finds the card", self._finds_the_card),
            (1, "cancels", self._keys("cancel")),
        ]

    def _finds_the_card(self) -> None:
        self._without_card = False
        self._lay(self._right_card())

    def _told_to_come_again(self) -> Choices:
        def reads() -> None:
            self._without_card = False  # it was in the other pocket, or the customer goes
            self.clerk.press("enter")

        return [(1, "cannot without the card", reads)]

    def _right_card(self) -> str:
        """That of the leg on the screen, where it names one; else any that the sale was paid by."""
        own = [tender.card for tender in self._sale.payments if tender.card is not None]
        shown = [card for card in own if Pan(card.pan).masked in self.clerk.text]
        if not shown and self.clerk.prompt == "card.present":
            # a ticket that goes on is of another sale than the last one that was looked for
            asked = [n for n, card in catalogue().items() if card.pan.masked in self.clerk.text]
            return self._chance.choice(asked) if asked else own[0].name if own else "visa"
        return self._chance.choice(shown or own).name if own else "visa"

    def _lay(self, name: str) -> None:
        """Into a free reader that the card fits."""
        present = {card.interface for card in self.site.parts.readers.present().values()}
        faces = [face for face in Interface if cards()[name].face(face) and face not in present]
        readers = self.site.parts.readers
        if faces:
            face = self._chance.choice(faces)
            readers.remove(face)
            (readers.tap if face is Interface.TAP else readers.insert)(name)

    def _by_facts(self) -> Choices:
        """Nobody remembers any, and whoever came here by chance leaves."""
        return [(1, "", self._keys("cancel"))]

    def _bare_card(self) -> Choices:
        """Mostly none; or one that may have paid something else."""
        card = self.bare.choice(sorted(cards()))
        return [
            (6, "", self._keys("enter")),
            (3, "shows a card without a receipt", lambda: self._lay(card)),
            (1, "cancels", self._keys("cancel")),
        ]

    def _telephone(self) -> Choices:
        number = self.bare.choice(_TELEPHONES)
        return [
            (12, "", self._keys(*["clear"] * 20, number, "enter")),
            (1, "a card number for a telephone's", self._keys("4761739001010010", "enter")),
            (1, "no telephone number", self._keys(*["clear"] * 20, "1", "enter")),
            (1, "cancels", self._keys("cancel")),
        ]

    def _bare_goods(self) -> Choices:
        """Of any of the shop's sales, or of another shop's."""
        sale = self.bare.choice(list(self.site.shop.sales))
        code = self.bare.choice([line.sku for line in sale.lines] or ["4006381333931"])
        return [
            (8, "brings goods", partial(self.clerk.scan, code)),
            (2, "brings another shop's goods", partial(self.clerk.scan, "4006381333931")),
            (8, "", self._keys("enter")),
            (1, "takes goods out", self._keys("menu")),
            (1, "cancels", self._keys("cancel")),
        ]

    def _bare_price(self) -> Choices:
        return [
            (8, "", self._keys("enter")),
            (4, "", self._keys(str(self.bare.randint(1, 9_000)), "enter")),
            (2, "too much without a receipt", self._keys("9999999", "enter")),
            (1, "cancels", self._keys("cancel")),
        ]

    def _trace(self) -> Choices:
        rest = self._numbers.trace.lstrip("0")[1:]
        return [
            (20, "", self._keys(rest, "enter")),
            (1, "unknown trace", self._keys("99", "enter")),
            (1, "cancels", self._keys("cancel")),
        ]

    def _rrn(self) -> Choices:
        return [
            (8, "", self._keys(self._look_for(self._sale).rrn, "enter")),
            (1, "short RRN", self._keys("12", "enter")),
            (2, "cancels", self._keys("cancel")),
        ]

    def _date(self) -> Choices:
        return [
            (8, "", self._keys(f"{self._sale.sold_at:%m%d}", "enter")),
            (1, "bad date", self._keys("1340", "enter")),
            (1, "cancels", self._keys("cancel")),
        ]

    def _menu(self) -> Choices:
        """Everything but the own PIN, which the person would have to remember; most often what
        waits, where something does."""
        waiting = ["31"] * 8 if self._something_open() else []
        waiting += ["22"] * 8 * self.site.parts.printer.printer.mechanism.claims_offline
        ways = [
            "11",
            "12",
            "21",
            "31",
            "32",
            "33",
            "34",
            "35",
            "36",
            "36",
            "41",
            "42",
            "51",
            "81",
            *waiting,
        ]
        way = self._chance.choice(ways)
        return [(9, "", self._keys(*way)), (1, "cancels", self._keys("cancel"))]

    def _unsure(self) -> Choices:
        return [(3, "", self._keys("1")), (1, "has the slip after all", self._keys("2"))]

    def _hand_over(self) -> Choices:
        return [(6, "", self._keys("enter")), (1, "cash left lying", self._keys("cancel"))]

    def _result(self) -> Choices:
        return [(12, "", self._keys("enter")), (1, "slip disputed", self._keys("menu"))]

    def _voucher(self) -> Choices:
        return [
            (6, "redeems by hand", self._keys("1")),
            (1, "cancels a voucher", self._keys("2")),
            (1, "cancels", self._keys("cancel")),
        ]

    def _asks_the_acquirer(self) -> Choices:
        """Only what was paid is told: nobody knows yet what never will be."""
        if telephone.paid(self.site):
            return [(8, "told that it was paid", self._keys("1")), (1, "", self._keys("cancel"))]
        return [(1, "", self._keys("cancel"))]

    def _told_amount(self) -> Choices:
        paid = telephone.paid(self.site)
        return [(1, "", self._keys(str(paid), "enter") if paid else self._keys("cancel"))]

    def _reference(self) -> Choices:
        typed = self._keys(telephone.REFERENCE, "enter")
        return [(8, "", typed), (1, "cancels", self._keys("cancel"))]

    def _turned_away(self) -> Choices:
        """A slip of it is there for who asks."""
        return [(9, "", self._keys("enter")), (1, "wants the refusal's slip", self._keys("menu"))]

    def _refused_records(self) -> Choices:
        return [(3, "sees to refused records", self._keys("menu")), (1, "", self._keys("enter"))]

    def _some_choice(self) -> Choices:
        down = ["down"] * self._chance.randint(0, 2)
        return [(4, "", self._keys(*down, "enter")), (1, "", self._keys("cancel"))]
