"""Keys that only the TPM gives back: an emulated chip (swtpm) at its own protocol (R54)."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import secrets
import signal
import socket
import struct
import subprocess
import sys
import threading
import tty
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest
from hw_sim.tpm import EmulatedTpm, available, receive
from worlds.failures import failure_of, flip

from pos_terminal.config import Security
from pos_terminal.core.words import Failure
from pos_terminal.services.security import tpm_line
from pos_terminal.services.security.device_key import PLAIN_FILE, SEALED_FILE
from pos_terminal.services.security.into_tpm import into_tpm
from pos_terminal.services.security.keystore import (
    LOCAL,
    SESSION,
    TERMINAL,
    KeyStore,
    TerminalKeys,
    destroy_keys,
)
from pos_terminal.services.security.tpm import seal, unseal
from pos_terminal.services.security.wrapper import Protection
from pos_terminal.wire import tpm2

pytestmark = pytest.mark.skipif(not available(), reason="takes swtpm: apt-get install swtpm")

PASSWORD_AREA = bytes.fromhex("00000009 40000009 0000 00 0000")
OWNER, LOCKOUT = 0x40000001, 0x4000000A


@pytest.fixture
def other_chip(chips: Path) -> Iterator[EmulatedTpm]:
    with EmulatedTpm(chips / "other") as chip:
        yield chip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def auto(chip: EmulatedTpm) -> Security:
    return Security(device_key="auto", tpm=chip.address)


def filled(folder: Path, security: Security | None) -> KeyStore:
    """A store with all three key files."""
    store = KeyStore.open(folder, security)
    store.load(TerminalKeys(secrets.token_bytes(16), secrets.token_bytes(32), "003"))
    store.store_session({"mak": secrets.token_bytes(16)})
    return store


def of(store: KeyStore) -> tuple[object, ...]:
    return (store.tmk, store.token_key, store.session(), store.local_keys())


def on_chip(chip: EmulatedTpm, code: int, handle: int, parameters: bytes) -> None:
    """Another program's command, with the empty password."""
    rest = struct.pack(">II", code, handle) + PASSWORD_AREA + parameters
    answer = chip.transmit(struct.pack(">HI", 0x8002, 6 + len(rest)) + rest)
    assert tpm2.answer_code(answer) == tpm2.SUCCESS


def refusing(code: int) -> bytes:
    return struct.pack(">HII", 0x8001, 10, code)


# --- seal, restart, unseal ---


def test_keys_are_there_after_a_restart_of_the_terminal_and_of_the_chip(
    chips: Path, folder: Path
) -> None:
    with EmulatedTpm(chips / "one") as chip:
        store = filled(folder, auto(chip))
        assert store.protection is Protection.TPM
        assert of(KeyStore.open(folder, auto(chip))) == of(store)
    assert {path.name for path in folder.iterdir()} == {SEALED_FILE, LOCAL, TERMINAL, SESSION}
    with EmulatedTpm(chips / "one") as chip:
        assert of(KeyStore.open(folder, auto(chip))) == of(store)


def test_the_chip_is_asked_once_at_the_start_and_nothing_stays_in_it(
    chip: EmulatedTpm, folder: Path
) -> None:
    filled(folder, auto(chip))
    chip.passed.clear()
    store = KeyStore.open(folder, auto(chip))
    asked = [command[6:10].hex() for command in chip.passed[::2]]
    assert asked == ["00000131", "00000157", "0000015e", "00000165", "00000165"]
    for _ in range(5):
        store.store_session({"mak": secrets.token_bytes(16)})
    assert len(chip.passed) == 2 * len(asked)
    for _ in range(9):
        KeyStore.open(folder, auto(chip))


def test_the_device_key_passes_the_chips_line_and_no_file(chip: EmulatedTpm, folder: Path) -> None:
    store = filled(folder, auto(chip))
    sealing = next(one for one in chip.passed if one[6:10] == bytes.fromhex("00000153"))
    start = 14 + len(PASSWORD_AREA) + 6
    device_key = sealing[start : start + 32]
    unsealed = next(
        answer
        for command, answer in zip(chip.passed[::2], chip.passed[1::2], strict=True)
        if command[6:10] == bytes.fromhex("0000015e")
    )
    assert device_key in unsealed, "the canary is the real key"
    canaries = [device_key, store.tmk, store.token_key, store.audit_key, store.ring_key]
    for path in folder.rglob("*"):
        content = path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600
        for key in canaries:
            for shape in (key, key.hex().encode(), base64.b64encode(key)):
                assert shape not in content, path


def test_no_program_is_started_that_could_show_a_key(
    chip: EmulatedTpm, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("posix_spawn", "fork", "execv", "execve"):
        monkeypatch.setattr(os, name, lambda *_: pytest.fail("a program is started"))
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("a program is started"))
    filled(folder, auto(chip))
    KeyStore.open(folder, auto(chip))


def test_the_kernels_device_is_spoken_to_in_the_same_way(chip: EmulatedTpm, folder: Path) -> None:
    """A terminal device stands for it: a descriptor to write whole commands to and read from."""
    master, slave = os.openpty()
    tty.setraw(slave)

    def relay() -> None:
        for _ in range(6 + 5):
            os.write(master, chip.transmit(os.read(master, 4096)))

    thread = threading.Thread(target=relay, daemon=True)
    thread.start()
    device = Security(device_key="tpm", tpm=os.ttyname(slave))
    store = KeyStore.open(folder, device)
    assert KeyStore.open(folder, device).local_keys() == store.local_keys()
    thread.join(5)
    assert not thread.is_alive()
    os.close(master)
    os.close(slave)


def test_a_start_without_a_tpm_loads_nothing_of_it(folder: Path) -> None:
    filled(folder, None)
    script = (
        "import sys; from pathlib import Path; import pos_terminal.app;"
        "from pos_terminal.services.security.keystore import KeyStore;"
        "KeyStore.open(Path(sys.argv[1])).tmk;"
        "print([name for name in sys.modules if 'tpm' in name])"
    )
    command = [sys.executable, "-P", "-c", script, str(folder)]
    assert subprocess.run(command, check=True, capture_output=True).stdout == b"[]\n"


# --- which protection ---


def test_without_a_tpm_auto_means_a_file(folder: Path, tmp_path: Path) -> None:
    none = Security(device_key="auto", tpm=str(tmp_path / "no such device"))
    assert filled(folder, none).protection is Protection.FILE
    assert (folder / PLAIN_FILE).exists()
    assert KeyStore.open(folder, none).protection is Protection.FILE


def test_a_tpm_that_came_later_changes_nothing_by_itself(chip: EmulatedTpm, folder: Path) -> None:
    store = filled(folder, None)
    again = KeyStore.open(folder, auto(chip))
    assert again.protection is Protection.FILE
    assert of(again) == of(store)
    assert chip.passed == []


def test_a_tpm_that_is_gone_is_an_error_and_no_new_key(chip: EmulatedTpm, folder: Path) -> None:
    filled(folder, auto(chip))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    gone = Security(device_key="auto", tpm="/dev/no-such-tpm")
    assert failure_of(lambda: KeyStore.open(folder, gone)) == "keys.tpm_missing"
    (folder / SEALED_FILE).unlink()
    assert failure_of(lambda: KeyStore.open(folder, gone)) == "keys.device"
    assert set(folder.iterdir()) == set(before) - {folder / SEALED_FILE}


def test_tpm_is_demanded_and_there_is_none(folder: Path) -> None:
    wanted = Security(device_key="tpm", tpm="/dev/no-such-tpm")
    assert failure_of(lambda: KeyStore.open(folder, wanted)) == "keys.tpm_missing"
    assert list(folder.iterdir()) == []


def test_what_is_configured_and_what_lies_there_must_agree(
    chip: EmulatedTpm, folder: Path, tmp_path: Path
) -> None:
    filled(folder, auto(chip))
    as_file = Security(device_key="file", tpm=chip.address)
    assert failure_of(lambda: KeyStore.open(folder, as_file)) == "keys.protection"
    plain = tmp_path / "plain"
    filled(plain, None)
    as_tpm = Security(device_key="tpm", tpm=chip.address)
    assert failure_of(lambda: KeyStore.open(plain, as_tpm)) == "keys.protection"


# --- another chip, another owner, a broken one ---


def test_another_chip_opens_nothing(
    chip: EmulatedTpm, other_chip: EmulatedTpm, folder: Path
) -> None:
    store = filled(folder, auto(chip))
    assert failure_of(lambda: KeyStore.open(folder, auto(other_chip))) == "keys.tpm_other"
    assert of(KeyStore.open(folder, auto(chip))) == of(store)


def test_a_cleared_chip_is_another_chip(chip: EmulatedTpm, folder: Path) -> None:
    filled(folder, auto(chip))
    on_chip(chip, 0x126, LOCKOUT, b"")
    assert failure_of(lambda: KeyStore.open(folder, auto(chip))) == "keys.tpm_other"


def test_the_sealed_parts_alone_open_on_no_other_chip(
    chip: EmulatedTpm, other_chip: EmulatedTpm
) -> None:
    """Also where somebody made the file say that it is for the other one."""
    ours, theirs = seal(chip.address, b"k" * 32, "f"), seal(other_chip.address, b"x" * 32, "f")
    stolen = msgspec.msgpack.decode(ours[40:]) | {
        "primary": msgspec.msgpack.decode(theirs[40:])["primary"]
    }
    content = msgspec.msgpack.encode(stolen)
    forged = ours[:8] + hashlib.sha256(content).digest() + content
    assert failure_of(lambda: unseal(other_chip.address, forged, "f")) == "keys.damaged"
    assert unseal(chip.address, ours, "f") == b"k" * 32


@pytest.mark.parametrize("place", [0, 8, 40, 60, 200, -1])
def test_a_damaged_blob_is_called_damaged(chip: EmulatedTpm, folder: Path, place: int) -> None:
    filled(folder, auto(chip))
    flip(folder / SEALED_FILE, place)
    assert failure_of(lambda: KeyStore.open(folder, auto(chip))) == "keys.damaged"


@pytest.mark.parametrize("size", [0, 7, 39, 41, 150])
def test_a_blob_cut_short_is_called_damaged(chip: EmulatedTpm, folder: Path, size: int) -> None:
    filled(folder, auto(chip))
    content = (folder / SEALED_FILE).read_bytes()
    (folder / SEALED_FILE).write_bytes(content[:size])
    assert failure_of(lambda: KeyStore.open(folder, auto(chip))) == "keys.damaged"


def test_a_sealed_key_open_to_others_is_refused(chip: EmulatedTpm, folder: Path) -> None:
    filled(folder, auto(chip))
    (folder / SEALED_FILE).chmod(0o640)
    assert failure_of(lambda: KeyStore.open(folder, auto(chip))) == "keys.exposed"


def test_a_chip_whose_owner_has_a_password_says_so(chip: EmulatedTpm, folder: Path) -> None:
    filled(folder, auto(chip))
    on_chip(chip, 0x129, OWNER, b"\0\x06owners")
    assert failure_of(lambda: KeyStore.open(folder, auto(chip))) == "keys.tpm_owner"
    assert failure_of(lambda: KeyStore.open(folder / "new", auto(chip))) == "keys.tpm_owner"


def test_wrong_passwords_of_other_programs_do_not_lock_us_out(
    chip: EmulatedTpm, folder: Path
) -> None:
    store = filled(folder, auto(chip))
    # TPM2_DictionaryAttackParameters: not one wrong password is allowed
    on_chip(chip, 0x13A, LOCKOUT, struct.pack(">III", 0, 1000, 1000))
    primary = tpm2.read_primary(chip.transmit(tpm2.create_primary()))
    guarded = tpm2.create(primary.handle, b"k").replace(b"\0\0\4\x52", b"\0\0\0\x52")
    sealed = tpm2.read_sealed(chip.transmit(guarded))
    handle = tpm2.read_handle(chip.transmit(tpm2.load(primary.handle, sealed)))
    with pytest.raises(tpm2.Tpm2Error, match="LOCKOUT"):
        tpm2.read_secret(chip.transmit(tpm2.unseal(handle)))
    for loaded in (handle, primary.handle):
        tpm2.read_nothing(chip.transmit(tpm2.flush(loaded)))
    assert of(KeyStore.open(folder, auto(chip))) == of(store)


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (0x921, "keys.tpm_locked"),
        (0x101, "keys.tpm_failed"),
        (0x085, "keys.tpm_owner"),
        (0x923, "keys.tpm_failed"),
    ],
)
def test_each_refusal_has_its_text(
    chip: EmulatedTpm, folder: Path, code: int, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tpm_line, "PAUSE_SECONDS", 0.0)
    filled(folder, auto(chip))
    chip.meddle = lambda _: refusing(code)
    assert failure_of(lambda: KeyStore.open(folder, auto(chip))) == key


def test_a_busy_chip_is_asked_again_and_not_for_ever(
    chip: EmulatedTpm, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tpm_line, "PAUSE_SECONDS", 0.0)
    store = filled(folder, auto(chip))
    busy = [refusing(0x922)] * (tpm_line.TRIES - 1)
    chip.meddle = lambda _: busy.pop() if busy else None
    assert of(KeyStore.open(folder, auto(chip))) == of(store)
    assert not busy
    chip.passed.clear()
    chip.meddle = lambda _: refusing(0x922)
    assert failure_of(lambda: KeyStore.open(folder, auto(chip))) == "keys.tpm_failed"
    assert len(chip.passed) == 2 * tpm_line.TRIES


@pytest.mark.parametrize("answer", [b"", b"\0" * 10, b"\x80\x01\xff\xff\xff\xff"])
def test_nonsense_from_the_chip_is_a_failure(
    chip: EmulatedTpm, folder: Path, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tpm_line, "COMMAND_SECONDS", 0.2)
    filled(folder, auto(chip))
    chip.meddle = lambda _: answer
    found = failure_of(lambda: KeyStore.open(folder, auto(chip)))
    assert found in ("keys.tpm_failed", "keys.tpm_silent")


def test_a_silent_chip_is_not_waited_for_for_ever(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tpm_line, "COMMAND_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mute_tpm = Security(device_key="tpm", tpm=f"tcp://127.0.0.1:{mute.getsockname()[1]}")
        assert failure_of(lambda: KeyStore.open(folder, mute_tpm)) == "keys.tpm_silent"


@pytest.mark.parametrize(
    ("number", "key"),
    [
        (errno.EACCES, "keys.tpm_rights"),
        (errno.EPERM, "keys.tpm_rights"),
        (errno.ENODEV, "keys.tpm_missing"),
        (errno.EBUSY, "keys.tpm_failed"),
    ],
)
def test_a_device_that_can_not_be_opened_is_named_by_its_cause(
    folder: Path, tmp_path: Path, number: int, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(address: str) -> int:
        raise OSError(number, os.strerror(number))

    device = tmp_path / "tpmrm0"
    device.touch()
    monkeypatch.setattr(tpm_line, "_open", refused)
    wanted = Security(device_key="auto", tpm=str(device))
    assert failure_of(lambda: KeyStore.open(folder, wanted)) == key
    assert not (folder / PLAIN_FILE).exists(), "never a file where a TPM is there"


# --- out of the file, into the chip ---


def test_keys_move_into_the_chip_and_the_old_device_key_is_gone(
    chip: EmulatedTpm, folder: Path
) -> None:
    store = filled(folder, None)
    old = (folder / PLAIN_FILE).read_bytes()
    (folder / f"{PLAIN_FILE}.new").write_bytes(old)
    into_tpm(folder, auto(chip))
    again = KeyStore.open(folder, Security(device_key="tpm", tpm=chip.address))
    assert (again.protection, of(again)) == (Protection.TPM, of(store))
    assert {path.name for path in folder.iterdir()} == {SEALED_FILE, LOCAL, TERMINAL, SESSION}
    assert not any(old in path.read_bytes() for path in folder.iterdir())
    # nothing opens under the key that a card's old cells may still have
    (folder / SEALED_FILE).unlink()
    (folder / PLAIN_FILE).write_bytes(old)
    (folder / PLAIN_FILE).chmod(0o600)
    assert failure_of(lambda: KeyStore.open(folder)) == "keys.damaged"


def test_moving_twice_is_fine(chip: EmulatedTpm, folder: Path) -> None:
    store = filled(folder, None)
    into_tpm(folder, auto(chip))
    into_tpm(folder, auto(chip))
    assert of(KeyStore.open(folder, auto(chip))) == of(store)


def test_nothing_is_moved_that_can_not_be(
    chip: EmulatedTpm, other_chip: EmulatedTpm, folder: Path, tmp_path: Path
) -> None:
    folder.mkdir()
    assert failure_of(lambda: into_tpm(folder, auto(chip))) == "keys.missing"
    filled(folder, None)
    unwanted = Security(device_key="file", tpm=chip.address)
    assert failure_of(lambda: into_tpm(folder, unwanted)) == "keys.protection"
    gone = Security(tpm=str(tmp_path / "no such device"))
    assert failure_of(lambda: into_tpm(folder, gone)) == "keys.tpm_missing"
    terminal = (folder / TERMINAL).read_bytes()
    (folder / TERMINAL).write_bytes(terminal[:-1])
    assert failure_of(lambda: into_tpm(folder, auto(chip))) == "keys.damaged"
    assert not (folder / SEALED_FILE).exists()


def test_a_kill_at_any_step_of_the_move_loses_nothing(chip: EmulatedTpm, tmp_path: Path) -> None:
    """kill -9 before and after each call that changes the folder; then simply repeated."""
    filled(tmp_path / "whole", None)
    steps = count_steps(lambda: into_tpm(tmp_path / "whole", auto(chip)))
    assert steps > 2 * 15
    states = set()
    for step in range(steps):
        folder = tmp_path / f"killed {step}"
        store = filled(folder, None)
        assert killed(partial(into_tpm, folder, auto(chip)), step)
        broken_off = KeyStore.open(folder, auto(chip))
        states.add(broken_off.protection)
        assert of(broken_off) == of(store)
        into_tpm(folder, auto(chip))
        done = KeyStore.open(folder, auto(chip))
        assert (done.protection, of(done)) == (Protection.TPM, of(store))
        assert {p.name for p in folder.iterdir()} == {SEALED_FILE, LOCAL, TERMINAL, SESSION}
    assert states == set(Protection)


def test_a_kill_while_the_first_keys_are_made_is_made_good_by_the_next_start(
    chip: EmulatedTpm, tmp_path: Path
) -> None:
    steps = count_steps(lambda: KeyStore.open(tmp_path / "whole", auto(chip)))
    assert steps > 2 * 6
    for step in range(steps):
        folder = tmp_path / f"killed {step}"
        assert killed(partial(KeyStore.open, folder, auto(chip)), step)
        store = filled(folder, auto(chip))
        assert store.protection is Protection.TPM
        assert of(KeyStore.open(folder, auto(chip))) == of(store)
        assert not (folder / PLAIN_FILE).exists()


def test_a_full_disk_at_any_step_of_the_move_loses_nothing(
    chip: EmulatedTpm, tmp_path: Path
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    filled(tmp_path / "whole", None)
    steps = count_steps(lambda: into_tpm(tmp_path / "whole", auto(chip)))
    for step in range(0, steps, 2):
        folder = tmp_path / f"full {step}"
        store = filled(folder, None)
        with pytest.raises(Failure, match=r"keys\.unreadable"):
            stepping(partial(into_tpm, folder, auto(chip)), step, full)
        assert of(KeyStore.open(folder, auto(chip))) == of(store)
        into_tpm(folder, auto(chip))
        assert KeyStore.open(folder, auto(chip)).protection is Protection.TPM


def count_steps(action: Callable[[], object]) -> int:
    return stepping(action, None, lambda: None)


def killed(action: Callable[[], object], step: int) -> bool:
    """Do it in a process that is killed at that step; whether it was."""
    child = os.fork()
    if child == 0:
        try:
            stepping(action, step, lambda: os.kill(os.getpid(), signal.SIGKILL))
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def stepping(action: Callable[[], object], stop: int | None, do: Callable[[], None]) -> int:
    """``do`` at step ``stop`` of ``action``; how many steps there were.

    Steps come in pairs: before, and after, each call that changes the folder.
    """
    count = 0

    def step() -> None:
        nonlocal count
        count += 1
        if count - 1 == stop:
            do()

    def around(call: Callable[..., object]) -> Callable[..., object]:
        def called(*args: object, **options: object) -> object:
            step()
            found = call(*args, **options)
            step()
            return found

        return called

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "open", around(os.open))
        patched.setattr(os, "fsync", around(os.fsync))
        patched.setattr(Path, "mkdir", around(Path.mkdir))
        patched.setattr(Path, "replace", around(Path.replace))
        patched.setattr(Path, "unlink", around(Path.unlink))
        action()
    return count


def test_keys_stored_while_the_move_is_half_done_are_under_the_chip(
    chip: EmulatedTpm, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(folder, None)
    monkeypatch.setattr(
        "pos_terminal.services.security.into_tpm.destroy",
        lambda _: (_ for _ in ()).throw(OSError(errno.EIO, "I/O error")),
    )
    assert failure_of(lambda: into_tpm(folder, auto(chip))) == "keys.unreadable"
    half = KeyStore.open(folder, auto(chip))
    assert half.protection is Protection.BOTH
    half.store_session({"mak": b"m" * 16})
    (folder / PLAIN_FILE).unlink()
    assert KeyStore.open(folder, auto(chip)).session() == {"mak": b"m" * 16}


# --- the end ---


def test_a_wipe_takes_no_tpm_and_leaves_nothing(chip: EmulatedTpm, folder: Path) -> None:
    store = filled(folder, auto(chip))
    sealed = (folder / SEALED_FILE).read_bytes()
    chip.passed.clear()
    destroy_keys(folder)
    assert chip.passed == []
    assert list(folder.iterdir()) == []
    fresh = KeyStore.open(folder, auto(chip))
    assert fresh.audit_key != store.audit_key
    assert (folder / SEALED_FILE).read_bytes() != sealed


def test_receiving_gives_up_at_the_end_of_the_line() -> None:
    one, other = socket.socketpair()
    other.sendall(b"\x80\x01\x00")
    other.close()
    with pytest.raises(EOFError):
        receive(one)
    one.close()
