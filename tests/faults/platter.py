"""A disk that remembers every call, so that its power can be cut after each of them.

`RecordingDisk` is the system's disk with a `Journal` of what was asked of it. A `Platter` replays that journal
up to any call and says what may be found after a cut there: what was synced, and of the rest whatever
the dice leave: nothing, everything, or each 512-byte sector by itself. A sync that failed makes nothing safe, and
what it should have made safe may be lost for good although a later sync succeeds, as on Linux.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Literal

import apsw

from spool import LocalDisk

SECTOR = 512
Verb = Literal["write", "truncate", "sync", "failed sync", "put", "delete", "folder"]


@dataclass(frozen=True)
class Call:
    """One change, or one promise, of one file. Its name, or that it is gone, is durable once the folder is synced."""

    verb: Verb
    file: str
    offset: int = 0
    data: bytes = b""


@dataclass
class Journal:
    calls: list[Call] = field(default_factory=list)
    fails: Callable[[int, Call], Exception | None] = lambda _number, _call: None
    lies: Callable[[Call], bool] = lambda _call: False  # this sync is called done, and is not

    def note(self, call: Call) -> None:
        """Write a call down, or raise what it is to fail with. A failed write may have reached the disk in part."""
        error = self.fails(len(self.calls), call)
        if error is None:
            if not self.lies(call):
                self.calls.append(call)
            return
        if call.verb == "sync":
            self.calls.append(Call("failed sync", call.file))
        raise error


class RecordingVfs(apsw.VFS):
    _names = count(1)

    def __init__(self, journal: Journal) -> None:
        self.vfs_name = f"recording-{next(self._names)}"
        self.journal = journal
        super().__init__(self.vfs_name, "")

    def xOpen(self, name: Any, flags: list[int]) -> "RecordingFile":  # noqa: N802 - SQLite's name
        return RecordingFile(self.journal, name, flags)

    def xDelete(self, name: str, sync_folder: bool) -> None:  # noqa: FBT001, N802 - SQLite's name
        self.journal.note(Call("delete", Path(name).name))
        super().xDelete(name, sync_folder)


class RecordingFile(apsw.VFSFile):
    def __init__(self, journal: Journal, name: Any, flags: list[int]) -> None:
        self._journal = journal
        self._path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self._file = Path(self._path).name
        self._syncs_folder = self._file.endswith(("-wal", "-journal")) and not Path(self._path).exists()
        super().__init__("", name, flags)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._journal.note(Call("write", self._file, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802 - SQLite's name
        self._journal.note(Call("truncate", self._file, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name; nobody cuts the power of this machine
        self._journal.note(Call("sync", self._file))
        if self._syncs_folder:  # as SQLite's own does after it made a journal or a log
            self._journal.note(Call("folder", self._file))
            self._syncs_folder = False


class RecordingDisk(LocalDisk):
    def __init__(self, journal: Journal) -> None:
        self._vfs = RecordingVfs(journal)  # it lives as long as somebody holds it
        self._journal = journal
        super().__init__(vfs=self._vfs.vfs_name)

    def create(self, path: Path) -> bool:
        made = super().create(path)
        if made:
            self._journal.note(Call("folder", path.name))
        return made

    def lengthen(self, path: Path, size: int) -> None:
        held = path.stat().st_size
        super().lengthen(path, size)
        if size > held:
            self._journal.note(Call("write", path.name, held, bytes(size - held)))
            self._journal.note(Call("sync", path.name))

    def renew(self, path: Path) -> None:
        if path.exists():
            self._journal.note(Call("write", path.name, 0, path.read_bytes()))
            self._journal.note(Call("sync", path.name))

    def publish(self, partial: Path, path: Path) -> None:
        self._journal.note(Call("put", path.name, 0, partial.read_bytes()))
        self._journal.note(Call("folder", path.name))
        super().publish(partial, path)

    def sync_seconds(self, path: Path) -> float:
        return 0.001


@dataclass
class File:
    safe: bytearray = field(default_factory=bytearray)
    loose: list[Call] = field(default_factory=list)
    born: bool = False  # its name is durable
    gone: bool = False  # deleted, and the folder was not synced since


class Platter:
    """What the calls so far have left on the disk."""

    def __init__(self, dice: Random) -> None:
        self.files: dict[str, File] = {}
        self._dice = dice

    def begin_with(self, files: dict[str, bytes]) -> None:
        """What an earlier life has left, all of it safe by now."""
        self.files = {name: File(bytearray(content), born=True) for name, content in files.items()}

    def take(self, call: Call) -> None:
        file = self.files.setdefault(call.file, File())
        match call.verb:
            case "write" | "truncate":
                if file.gone:  # and made anew
                    file.gone = False
                    file.loose = [Call("truncate", call.file, 0)]
                file.loose.append(call)
            case "sync":
                _settle(file.safe, file.loose, _everything, self._dice)
                file.loose.clear()
            case "failed sync":
                _settle(file.safe, file.loose, self._dice.choice(_SURVIVORS), self._dice)
                file.loose.clear()
            case "put":
                file.safe[:] = call.data
            case "delete":
                file.gone = True
            case "folder":
                self.files = {name: kept for name, kept in self.files.items() if not kept.gone}
                for kept in self.files.values():
                    kept.born = True

    def after_a_cut(self, dice: Random) -> dict[str, bytes]:
        """One of the things that may be found, file by file."""
        found: dict[str, bytes] = {}
        for name, file in self.files.items():
            if (file.gone or not file.born) and dice.random() < 0.5:
                continue
            content = bytearray(file.safe)
            _settle(content, file.loose, dice.choice(_SURVIVORS), dice)
            found[name] = bytes(content)
        return found


def _settle(content: bytearray, changes: list[Call], surviving: "Surviving", dice: Random) -> None:
    for change in changes:
        for part in surviving(change, dice):
            _apply(content, part)


def _apply(content: bytearray, change: Call) -> None:
    if change.verb == "truncate":
        del content[change.offset :]
        content.extend(bytes(change.offset - len(content)))
        return
    end = change.offset + len(change.data)
    content.extend(bytes(max(end - len(content), 0)))
    content[change.offset : end] = change.data


def _nothing(_change: Call, _dice: Random) -> Iterator[Call]:
    yield from ()


def _everything(change: Call, _dice: Random) -> Iterator[Call]:
    yield change


def _sectors(change: Call, dice: Random) -> Iterator[Call]:
    if change.verb == "truncate":
        if dice.random() < 0.5:
            yield change
        return
    start = 0
    while start < len(change.data):
        end = min(start + SECTOR - (change.offset + start) % SECTOR, len(change.data))
        if dice.random() < 0.5:
            yield Call("write", change.file, change.offset + start, change.data[start:end])
        start = end


Surviving = Callable[[Call, Random], Iterator[Call]]
_SURVIVORS: tuple[Surviving, ...] = (_nothing, _everything, _sectors)
