"""The model of a disk that loses power, and the trace of system calls that it is told by."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hw_sim.proofs.power.disk import SECTOR, Disk, Image
from hw_sim.proofs.power.syscalls import (
    Created,
    Cut,
    Marked,
    Removed,
    Renamed,
    Synced,
    Unreadable,
    Written,
    read,
    traced,
)

OLD, NEW = b"o" * 3 * SECTOR, b"n" * 3 * SECTOR


def after(disk: Disk, count: int = 300) -> Iterator[Image]:
    return (disk.after_a_cut(Random(number)) for number in range(count))


def test_what_was_synced_is_there_for_certain() -> None:
    disk = Disk({"a": OLD})
    disk.do(Written("a", 0, NEW))
    assert disk.unsure
    disk.do(Synced("a"))
    assert not disk.unsure
    assert all(image == {"a": NEW} for image in after(disk))


def test_what_was_not_may_be_old_new_or_torn_at_sectors() -> None:
    disk = Disk({"a": OLD})
    disk.do(Written("a", 0, NEW))
    found = {image["a"] for image in after(disk)}
    assert {OLD, NEW, NEW[:SECTOR] + OLD[SECTOR:], OLD[:SECTOR] + NEW[SECTOR:]} <= found
    for content in found:
        sectors = [content[at : at + SECTOR] for at in range(0, len(content), SECTOR)]
        assert all(len(set(sector)) == 1 for sector in sectors)


def test_writes_overtake_each_other() -> None:
    disk = Disk({"a": OLD})
    disk.do(Written("a", 0, b"1" * SECTOR))
    disk.do(Written("a", SECTOR, b"2" * SECTOR))
    assert OLD[:SECTOR] + b"2" * SECTOR + OLD[2 * SECTOR :] in {i["a"] for i in after(disk)}


def test_bytes_beside_a_write_never_change() -> None:
    disk = Disk({"a": OLD})
    disk.do(Written("a", SECTOR - 10, b"x" * 20))
    for image in after(disk):
        assert image["a"][: SECTOR - 10] == OLD[: SECTOR - 10]
        assert image["a"][SECTOR + 10 :] == OLD[SECTOR + 10 :]


def test_a_file_may_have_its_length_without_its_content() -> None:
    disk = Disk({"a": b""})
    disk.do(Written("a", 0, NEW))
    found = {image["a"] for image in after(disk)}
    assert {b"", NEW, bytes(len(NEW))} <= found
    assert any(set(content) - {0, ord("n")} for content in found)


def test_a_cut_may_come_true_or_not() -> None:
    disk = Disk({"a": OLD})
    disk.do(Cut("a", 5))
    assert {image["a"] for image in after(disk)} == {OLD, OLD[:5]}


def test_names_last_when_their_folder_is_synced() -> None:
    disk = Disk({"f/a": b"old"})
    disk.do(Created("f/a.new"))
    disk.do(Written("f/a.new", 0, b"new"))
    disk.do(Synced("f/a.new"))
    disk.do(Renamed("f/a.new", "f/a"))
    assert {tuple(image.items()) for image in after(disk)} == {
        (("f/a", b"old"),),
        (("f/a", b"old"), ("f/a.new", b"new")),
        (("f/a", b"new"),),
    }
    disk.do(Synced("f"))
    assert all(image == {"f/a": b"new"} for image in after(disk))


def test_a_removed_file_may_still_be_there() -> None:
    disk = Disk({"a": b"old"})
    disk.do(Removed("a"))
    assert {tuple(image) for image in after(disk)} == {(), ("a",)}


def test_a_file_that_is_emptied_and_written_anew_may_be_empty() -> None:
    disk = Disk({"a": b"old"})
    disk.do(Created("a", emptied=True))
    disk.do(Written("a", 0, b"new"))
    assert {b"", b"old", b"new"} <= {image["a"] for image in after(disk)}


def hexed(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def test_a_trace_is_read_as_what_it_did() -> None:
    path, folder = hexed("/d/a"), hexed("/d")
    lines = [
        f'openat(AT_FDCWD<{folder}>, "{path}", O_RDWR|O_CREAT|O_TRUNC, 0600) = 3<{path}>',
        f'write(3<{path}>, "{hexed("abc")}", 3) = 3',
        f'write(3<{path}>, "{hexed("defg")}", 4) = 2',
        f"lseek(3<{path}>, 1, SEEK_SET)     = 1",
        f'write(3<{path}>, "{hexed("x")}", 1) = 1',
        f'pwrite64(3<{path}>, "{hexed("yz")}", 2, 512) = 2',
        f"ftruncate(3<{path}>, 9) = 0",
        f"fdatasync(3<{path}>) = 0",
        f'pwrite64(4<{path}>(deleted), "{hexed("yz")}", 2, 512) = 2',
        f'write(1<{hexed("pipe:[7]")}>, "{hexed("x")}", 1) = 1',
        f'access("{hexed("/crash-point/act/1")}", F_OK) = -1 ENOENT (No such file or directory)',
        f'rename("{path}", "{hexed("/d/b")}") = 0',
        f'unlink("{hexed("/d/c")}") = -1 ENOENT (No such file or directory)',
        f'unlink("{hexed("/d/b")}") = 0',
        f"fallocate(3<{path}>, 0, 0, 4096) = 0",
        "+++ exited with 0 +++",
    ]
    assert list(read(lines)) == [
        Created("/d/a", emptied=True),
        Written("/d/a", 0, b"abc"),
        Written("/d/a", 3, b"de"),
        Written("/d/a", 1, b"x"),
        Written("/d/a", 512, b"yz"),
        Cut("/d/a", 9),
        Synced("/d/a"),
        Marked("act/1"),
        Renamed("/d/a", "/d/b"),
        Removed("/d/b"),
        Unreadable("fallocate", "3</d/a> 0 0 4096"),
    ]


def test_every_call_that_changes_a_file_is_traced() -> None:
    said = " ".join(traced("out", ["true"]))
    for name in ("pwrite64", "fdatasync", "ftruncate", "rename", "unlink", "pwritev", "fallocate"):
        assert f"?{name}" in said


def test_half_a_write_in_the_trace_is_refused() -> None:
    path = hexed("/d/a")
    with pytest.raises(Exception, match="not the whole"):
        list(read([f'pwrite64(3<{path}>, "{hexed("yz")}"..., 2, 512) = 2']))
