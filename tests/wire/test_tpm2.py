"""The few TPM 2.0 commands that one sealed key takes, held against the specification's layout."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_terminal.wire import tpm2

PASSWORD = bytes.fromhex("00000009 40000009 0000 00 0000")
READERS = [tpm2.read_primary, tpm2.read_sealed, tpm2.read_handle, tpm2.read_secret]


def answer(body: bytes = b"", code: int = 0, tag: int = 0x8002) -> bytes:
    return struct.pack(">HII", tag, 10 + len(body), code) + body


def sized(content: bytes) -> bytes:
    return struct.pack(">H", len(content)) + content


def test_a_command_is_header_handle_password_and_parameters() -> None:
    command = tpm2.unseal(0x80000001)
    assert command == bytes.fromhex("8002 0000001b 0000015e 80000001") + PASSWORD
    assert tpm2.flush(0x80000001) == bytes.fromhex("8001 0000000e 00000165 80000001")


def test_the_storage_key_is_asked_of_the_owner_with_the_usual_template() -> None:
    command = tpm2.create_primary()
    assert command[:14] == struct.pack(">HIII", 0x8002, len(command), 0x131, 0x40000001)
    parameters = command[14 + len(PASSWORD) :]
    template = bytes.fromhex(
        # ECC, SHA-256, attributes, no policy; AES-128-CFB; no scheme, P-256, no KDF; no point
        "0023 000b 00030472 0000 0006 0080 0043 0010 0003 0010 0000 0000"
    )
    assert parameters == bytes.fromhex("0004 0000 0000") + sized(template) + bytes(6)


def test_a_sealed_object_is_bound_to_the_chip_and_not_locked_by_wrong_passwords() -> None:
    command = tpm2.create(0x80000000, b"secret")
    parameters = command[14 + len(PASSWORD) :]
    sensitive = sized(b"\0\0" + sized(b"secret"))
    template = bytes.fromhex("0008 000b 00000452 0000 0010 0000")
    assert parameters == sensitive + sized(template) + bytes(6)


def test_what_was_sealed_goes_back_as_it_came() -> None:
    sealed = tpm2.read_sealed(answer(bytes(4) + sized(b"private") + sized(b"public") + b"more"))
    assert sealed == tpm2.Sealed(b"private", b"public")
    command = tpm2.load(0x80000000, sealed)
    assert command.endswith(PASSWORD + sized(b"private") + sized(b"public"))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0x1DF, "TPM_RC_INTEGRITY (0x09F)"),
        (0x9A2, "TPM_RC_BAD_AUTH (0x0A2)"),
        (0x921, "TPM_RC_LOCKOUT (0x921)"),
        (0x000B0143, "TPM_RC_COMMAND_CODE (0x143)"),
        (0x101, "TPM_RC_FAILURE (0x101)"),
        (0x123, "TPM_RC (0x123)"),
    ],
)
def test_a_refusal_is_named_without_the_place_that_it_speaks_of(code: int, name: str) -> None:
    with pytest.raises(tpm2.Tpm2Error) as caught:
        tpm2.read_handle(answer(code=code, tag=0x8001))
    assert str(caught.value) == name


@pytest.mark.parametrize("read", READERS)
@given(body=st.binary(max_size=80))
def test_garbage_is_malformed_and_never_anything_worse(read: object, body: bytes) -> None:
    for data in (body, answer(body), answer(body)[:-1]):
        try:
            read(data)  # type: ignore[operator] # one of several
        except (tpm2.Tpm2Malformed, tpm2.Tpm2Error):
            continue


@pytest.mark.parametrize("read", READERS)
def test_every_answer_cut_short_is_noticed(read: object) -> None:
    whole = answer(struct.pack(">I", 0x80000000) + bytes(4) + sized(b"p" * 20) + sized(b"q" * 9))
    for end in range(len(whole)):
        with pytest.raises(tpm2.Tpm2Malformed):
            read(whole[:end])  # type: ignore[operator] # one of several


@pytest.mark.parametrize("length", [0, 9, 4097, 0xFFFFFFFF])
def test_an_impossible_length_is_not_waited_for(length: int) -> None:
    with pytest.raises(tpm2.Tpm2Malformed):
        tpm2.answer_length(struct.pack(">HII", 0x8001, length, 0))


def test_no_secret_is_in_what_is_printed_of_a_primary_or_an_error() -> None:
    assert "secret" not in f"{tpm2.Tpm2Error(0x921)!r}"
    with pytest.raises(tpm2.Tpm2Malformed) as caught:
        tpm2.read_secret(answer(bytes(4) + b"\xff\xff" + b"secret"))
    assert "secret" not in str(caught.value)
