"""Every answer in every place: written out by hand, and all of it gone through."""

from __future__ import annotations

from itertools import product
from typing import Final

import pytest
from msgspec.structs import replace

from pos_terminal.core.answers import (
    SAYABLE,
    Action,
    Answered,
    Meaning,
    Place,
    Remedy,
    ReversalReason,
    Sending,
    Terms,
    Trust,
    Turn,
    action,
    can_be,
    late_sending,
    may_name,
    place,
    remedy,
    reversal_reason,
    state_after,
)
from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import OPEN, Kind, State, move

#: with a valid MAC. ``again``: sent once more after a sign-on; ``unproven``: that an answer without
#: a MAC had asked for. ``late``: nobody waited for it.
#: ``repeat``: without and with the acquirer's promise to pay the identical message once.
#: ``-`` can't be: no profile may say it, and code that did would mean ``unknown``.
GRID: Final = """
meaning              | refund               | void                 | again   | unproven | late         | repeat         | promised             | reversal           | given up      | refused
accept               | accept               | accept               | =       | =        | =            | accept         | accept               | -                  | overpaid      | contradicted
accept_partial       | accept_part          | -                    | =       | =        | =            | accept_part    | accept_part          | -                  | overpaid_part | contradicted_part
accept_flagged       | accept_flagged       | accept_flagged       | =       | =        | =            | accept_flagged | accept_flagged       | -                  | overpaid      | contradicted
decline              | decline              | decline              | =       | =        | =            | stay           | decline              | -                  | ignore        | ignore
decline_account      | decline_account      | decline_account      | =       | =        | =            | stay           | decline_account      | -                  | ignore        | ignore
decline_kept         | decline_kept         | decline_kept         | =       | =        | =            | stay           | decline_kept         | -                  | ignore        | ignore
decline_stop_trading | decline_stop_trading | decline_stop_trading | =       | =        | =            | stay           | decline_stop_trading | -                  | ignore        | ignore
decline_no_tender    | decline_no_tender    | decline_no_tender    | =       | =        | =            | stay           | decline_no_tender    | -                  | ignore        | ignore
decline_offer_refund | decline_offer_refund | decline_offer_refund | =       | =        | =            | stay           | decline_offer_refund | -                  | ignore        | ignore
decline_resync       | decline_resync       | decline_resync       | =       | unclear  | =            | stay           | decline_resync       | -                  | ignore        | ignore
sign_on_same_stan    | send_same            | send_same            | decline | unclear  | decline      | stay_sign_on   | stay_sign_on         | still_owed_sign_on | ignore        | ignore
sign_on_new_stan     | send_anew            | send_anew            | decline | unclear  | decline      | stay_sign_on   | stay_sign_on         | still_owed_sign_on | ignore        | ignore
closed               | -                    | -                    | -       | -        | -            | -              | -                    | reversed           | ignore        | ignore
unknown              | unclear              | unclear              | =       | =        | stay         | stay           | stay                 | still_owed         | ignore        | ignore
duplicate            | unclear              | unclear              | =       | =        | stay         | stay           | stay                 | -                  | ignore        | ignore
duplicate accepted   | accept_flagged       | accept_flagged       | =       | =        | =            | accept_flagged | accept_flagged       | -                  | overpaid      | contradicted
definite             | decline              | decline              | =       | =        | =            | stay           | stay                 | still_owed         | ignore        | ignore
in_part              | -                    | in_part              | =       | =        | stay         | -              | -                    | -                  | ignore        | ignore
sign_on_unproven     | send_believed        | send_believed        | bad_mac | bad_mac  | stay_sign_on | -              | -                    | -                  | ignore        | ignore
untrusted            | bad_mac              | bad_mac              | =       | =        | stay_sign_on | stay_sign_on   | stay_sign_on         | still_owed_bad_mac | ignore        | ignore
not_sent             | not_sent             | not_sent             | =       | lost     | stay         | stay           | stay                 | stay               | ignore        | ignore
silent               | silent               | silent               | =       | =        | stay         | stay           | stay                 | stay               | ignore        | ignore
lost                 | lost                 | lost                 | =       | =        | stay         | stay           | stay                 | stay               | ignore        | ignore
"""  # noqa: E501 - a table is read across

#: in which state an answer to what was sent meets the refund; no other pair changes anything
COLUMNS: Final = {
    (Sending.REFUND, State.SEALED): "refund",
    (Sending.REFUND, State.UNKNOWN): "late",
    (Sending.REFUND, State.GIVEN_UP): "given up",
    (Sending.REFUND, State.DECLINED): "refused",
    (Sending.REFUND, State.NOT_SENT): "refused",
    (Sending.VOID, State.SEALED): "void",
    (Sending.VOID, State.GIVEN_UP): "given up",
    (Sending.VOID, State.DECLINED): "refused",
    (Sending.VOID, State.NOT_SENT): "refused",
    (Sending.REPEAT, State.SEALED): "repeat",
    (Sending.REPEAT, State.UNKNOWN): "repeat",
    (Sending.REPEAT, State.GIVEN_UP): "given up",
    (Sending.REPEAT, State.DECLINED): "refused",
    (Sending.REVERSAL, State.REVERSING): "reversal",
}
#: can't be while the refund is open: named, so that a new pair is thought about
IMPOSSIBLE: Final = {
    (Sending.REFUND, State.REVERSING): "a refund is never reversed",
    (Sending.REPEAT, State.REVERSING): "a void is never repeated",
    (Sending.VOID, State.UNKNOWN): "a void with unknown outcome is being reversed",
    (Sending.REVERSAL, State.SEALED): "the state moves before a 0400 leaves",
    (Sending.REVERSAL, State.UNKNOWN): "a refund is never reversed",
}
#: never sent again, or its 0400 never owed
NEVER_AGAIN: Final = {
    (Sending.REVERSAL, State.GIVEN_UP),
    (Sending.REVERSAL, State.DECLINED),
    (Sending.REVERSAL, State.NOT_SENT),
    (Sending.REPEAT, State.NOT_SENT),
}
#: once its 0400 is owed, a late answer to a void is ignored
IGNORED: Final = (Sending.VOID, State.REVERSING)

#: believed without any MAC, where the profile says so
DECLINES: Final = {
    Meaning.DECLINE,
    Meaning.DECLINE_ACCOUNT,
    Meaning.DECLINE_KEPT,
    Meaning.DECLINE_STOP_TRADING,
    Meaning.DECLINE_NO_TENDER,
    Meaning.DECLINE_OFFER_REFUND,
    Meaning.DECLINE_RESYNC,
}
#: an answer to a reversal that does not close it: field 39 of the next one is another
STILL_OWED: Final = {Action.STILL_OWED, Action.STILL_OWED_SIGN_ON, Action.STILL_OWED_BAD_MAC}
#: what a host without our keys can't sign: believed without a MAC on a first send, once
SIGN_ON: Final = {Meaning.SIGN_ON_SAME_STAN, Meaning.SIGN_ON_NEW_STAN}
SILENCES: Final = {Meaning.NOT_SENT, Meaning.SILENT, Meaning.LOST}
ALL_TERMS: Final = [Terms(*flags) for flags in product([False, True], repeat=3)]


def read() -> dict[tuple[str, str], str]:
    """Cells by row and column."""
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in GRID.split("\n")[1:-1]]
    return {(row[0], name): cell for row in rows for name, cell in zip(head, row, strict=True)}


CELLS: Final = read()


def column_of(one: Answered) -> str | None:
    column = COLUMNS.get((one.sending, one.state))
    if column == "repeat" and one.terms.repeat_identical:
        return "promised"
    if column in ("refund", "void") and one.turn is not Turn.FIRST:
        return {Turn.SECOND: "again", Turn.UNPROVEN: "unproven", Turn.LATE: "late"}[one.turn]
    return column


def cell(row: str, column: str, sending: Sending) -> str:
    """The cell; ``=`` is the first column's of that sending, ``-`` means unknown."""
    found = CELLS[row, column]
    if found == "=":
        found = CELLS[row, "void" if sending is Sending.VOID else "refund"]
    return cell("unknown", column, sending) if found == "-" else found


def believed(one: Answered) -> bool:
    if one.trust is Trust.VALID or one.meaning in SILENCES:
        return True
    if one.trust is Trust.WRONG or not one.terms.declines_without_mac:
        return False
    if one.sending is Sending.REPEAT:
        return one.terms.repeat_identical and one.meaning in DECLINES
    # of a reversal nothing is a decline
    first = one.sending in (Sending.REFUND, Sending.VOID)
    return first and one.meaning in DECLINES | {Meaning.DEFINITE}


def expected(one: Answered) -> str:
    column = column_of(one)
    if column is None:
        return "ignore"
    row = str(one.meaning)
    first = one.sending in (Sending.REFUND, Sending.VOID)
    if one.trust is Trust.MISSING and first and one.meaning in SIGN_ON:
        row = "sign_on_unproven"
    elif not believed(one):
        row = "untrusted"
    elif one.meaning is Meaning.DUPLICATE and one.terms.duplicate_means_accepted:
        row = "duplicate accepted" if one.sending is not Sending.REVERSAL else "unknown"
    accepted = {"accept", "accept_partial", "accept_flagged", "duplicate accepted"}
    if row in accepted and not one.possible:
        row = "unknown"
    if not can_be(one.sending, one.meaning) and row not in ("untrusted", "sign_on_unproven"):
        row = "unknown"
    return cell(row, column, one.sending)


@pytest.mark.parametrize("meaning", Meaning)
@pytest.mark.parametrize("sending", Sending)
def test_the_whole_table(sending: Sending, meaning: Meaning) -> None:
    for state, trust, turn, possible, terms in product(
        State, Trust, Turn, [True, False], ALL_TERMS
    ):
        one = Answered(
            sending=sending,
            state=state,
            meaning=meaning,
            trust=trust,
            turn=turn,
            possible=possible,
            terms=terms,
        )
        assert action(one) == expected(one), one


def test_every_meaning_and_every_action_is_in_the_grid() -> None:
    rows = {row for row, _ in CELLS}
    assert rows == {str(meaning) for meaning in Meaning} | {"duplicate accepted"}
    actions = {found for (_, column), found in CELLS.items() if column != "meaning"} - {"=", "-"}
    assert actions == {str(one) for one in Action}


def test_every_action_that_leaves_it_open_says_why_and_so_does_the_0400() -> None:
    why = {one.cause: reversal_reason(one.cause) for one in Action if one.cause and is_open(one)}
    assert why == {
        Cause.UNCLEAR: ReversalReason.NO_ANSWER,
        Cause.VOID_IN_PART: ReversalReason.OTHER,
        Cause.BAD_MAC: ReversalReason.BAD_MAC,
        Cause.NO_ANSWER: ReversalReason.NO_ANSWER,
        Cause.LINE_LOST: ReversalReason.NO_ANSWER,
        Cause.NOT_REVERSED: ReversalReason.OTHER,
    }
    assert {one for one in Action if is_open(one) and one.cause is None} == set()
    assert {one: one.cause for one in Action if one.cause and not is_open(one)} == {
        Action.NOT_SENT: Cause.LINE_DROPPED,
        Action.SEND_ANEW: Cause.NEW_BATCH,
        Action.DECLINE_ACCOUNT: Cause.ACCOUNT_REFUSED,
        Action.DECLINE_OFFER_REFUND: Cause.VOID_REFUSED,
        Action.DECLINE_NO_TENDER: Cause.CARD_REFUSED,
    }
    # what a restart finds says nothing of an answer
    assert {reversal_reason(one) for one in set(Cause) - set(why)} == {ReversalReason.NO_ANSWER}


def is_open(one: Action) -> bool:
    """From now on, or still with something new to say of it."""
    return state_after(one, Kind.VOID) is State.REVERSING or one in STILL_OWED


@pytest.mark.parametrize("meaning", Meaning)
def test_the_amount_of_an_answer_is_the_one_asked_for(meaning: Meaning) -> None:
    gives = meaning in (Meaning.ACCEPT, Meaning.ACCEPT_PARTIAL, Meaning.ACCEPT_FLAGGED)
    in_part = meaning in (Meaning.ACCEPT_PARTIAL, Meaning.IN_PART)
    assert may_name(meaning, 5_000, 5_000)
    assert may_name(meaning, 5_000, None) is not gives
    assert may_name(meaning, 5_000, 4_999) is may_name(meaning, 5_000, 1) is in_part
    assert not may_name(meaning, 5_000, 5_001)
    assert not may_name(meaning, 5_000, 0)


def test_every_pair_of_a_message_and_an_open_state_is_thought_about() -> None:
    for pair in product(Sending, State):
        named = [pair in COLUMNS, pair in IMPOSSIBLE, pair == IGNORED, pair[1] not in OPEN]
        if pair[1] in (State.GIVEN_UP, State.DECLINED, State.NOT_SENT):
            named[3] = pair in NEVER_AGAIN
        assert named.count(True) == 1, pair
        for turn in Turn:
            assert (place(*pair, turn) is Place.OVER) == (pair not in COLUMNS)


@pytest.mark.parametrize("sending", Sending)
def test_what_a_profile_may_say_is_what_the_grid_has(sending: Sending) -> None:
    column = {Sending.REPEAT: "promised"}.get(sending, str(sending))
    made = {Meaning.DEFINITE, Meaning.IN_PART, Meaning.UNTRUSTED, *SILENCES}
    made.add(Meaning.SIGN_ON_UNPROVEN)
    said = {one for one in set(Meaning) - made if CELLS[str(one), column] != "-"}
    assert said == SAYABLE[sending]


def all_answers() -> list[Answered]:
    return [
        Answered(sending=sending, state=state, meaning=meaning, trust=trust, turn=turn, terms=terms)
        for sending, state, meaning, trust, turn, terms in product(
            Sending, State, Meaning, Trust, Turn, ALL_TERMS
        )
    ]


def test_no_answer_makes_a_move_that_no_refund_can_make() -> None:
    for one in all_answers():
        kind = Kind.VOID if one.sending in (Sending.VOID, Sending.REVERSAL) else Kind.REFUND
        after = state_after(action(one), kind)
        if after is not None:
            move(one.state, after)  # IllegalMove where it can't be


LATE: Final = {
    Kind.REFUND: (Sending.REFUND, Sending.REPEAT),
    Kind.VOID: (Sending.VOID, Sending.VOID),  # what went out again of it is its reversal
}


@pytest.mark.parametrize("kind", LATE)
def test_a_late_answer_gives_no_part_of_a_void_and_no_impossible_part(kind: Kind) -> None:
    for again, reversal in product([False, True], repeat=2):
        sending = late_sending(kind, reversal=reversal, again=again)
        assert sending is (Sending.REVERSAL if reversal else LATE[kind][again])
        for one in (each for each in all_answers() if each.sending is sending):
            for possible in (True, False):
                done = action(replace(one, possible=possible))
                assert not done.in_part or (possible and kind is Kind.REFUND)


def test_without_a_valid_mac_nothing_gives_money_and_with_a_wrong_one_nothing_ends() -> None:
    for one in all_answers():
        done = action(one)
        if one.meaning in SILENCES or one.trust is Trust.VALID:
            continue
        assert not any([done.accepts, done.overpays, done.contradicts, done is Action.REVERSED])
        asked_for = one.trust is Trust.MISSING and one.turn is Turn.FIRST
        assert not done.sends_again or (done is Action.SEND_BELIEVED and asked_for)
        assert not (one.trust is Trust.WRONG and done.concludes)


@pytest.mark.parametrize("promise", [False, True])
def test_a_refund_is_never_reversed_and_a_void_never_repeated(promise: bool) -> None:
    terms = Terms(repeat_identical=promise, void_reversible=promise)
    assert remedy(Kind.REFUND, terms) is (Remedy.REPEAT if promise else Remedy.CASE)
    assert remedy(Kind.VOID, terms) is (Remedy.REVERSE if promise else Remedy.CASE)
