"""A pcscd of our own with one virtual reader, which neither needs nor disturbs the machine's.

It runs in a mount namespace of its own: /run and the folder of the real readers' drivers are others there,
and its socket's folder is one of ours. libpcsclite finds it by PCSCLITE_CSOCK_NAME, which it reads at the
first call of a process; so a process has at most one such daemon, always at the same place.

vpcd, the virtual reader, listens for its card on all interfaces: it knows no other way.
"""

import asyncio
import os
import shutil
import socket
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from devices.errors import UnknownDriverError

SOCKET_VARIABLE: Final = "PCSCLITE_CSOCK_NAME"
READER: Final = "Tolem Virtual Reader"
VPCD: Final = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")

_PROGRAMS: Final = {"pcscd": "pcscd", "unshare": "util-linux", "setpriv": "util-linux"}
_PATH: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
_PORTS: Final = range(20000, 32000, 2)  # below those that the kernel gives away; a reader has two slots
_PORT_ATTEMPTS: Final = 50
_START_SECONDS: Final = 15.0
_LOOK_AGAIN_SECONDS: Final = 0.01

# Root needs no namespace of users, and may have to do without: some machines allow none.
_ENTER: Final = """
users="--user --map-root-user"
unshare $users true 2>/dev/null || users=
exec unshare $users --mount "$@"
"""
# $1: the folder of its socket, $2: of its reader.conf
_SCRIPT: Final = """
set -e
mount -t tmpfs none /run
mkdir /run/pcscd
mount --bind "$1" /run/pcscd
rm -f /run/pcscd/*
mount -t tmpfs none /usr/lib/pcsc/drivers
polkit=
! pcscd --help 2>&1 | grep -q disable-polkit || polkit=--disable-polkit
exec setpriv --pdeathsig KILL pcscd --foreground --error --config "$2" $polkit
"""


class NoPcscdError(UnknownDriverError):
    """No pcscd of our own can run here; the text says why."""


class OwnPcscd:
    """May be killed and started again, on the same socket and port."""

    def __init__(self) -> None:
        self.port = 0  # of the reader's first slot
        self.reader = f"{READER} 00 00"
        self._process: asyncio.subprocess.Process | None = None
        self._folder: Path | None = None

    @property
    def pid(self) -> int | None:
        """Of the running daemon."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Returns when it answers. Raises NoPcscdError."""
        if await _accepts(_own_socket()):
            raise NoPcscdError(f"another pcscd answers at {_own_socket()}")
        if self._folder is None:
            self._folder, self.port = self._prepare()
        inside = ("sh", "-c", _SCRIPT, "pcscd", str(_own_socket().parent), str(self._folder / "conf"))
        with (self._folder / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *("sh", "-c", _ENTER, "unshare", *inside),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PATH": _PATH},
                start_new_session=True,
            )
        try:
            await self._answers(self._process, self._folder / "log")
        except NoPcscdError:
            await self.close()
            raise

    async def kill(self) -> None:
        """As if the machine had killed it: nothing is tidied up."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def close(self) -> None:
        await self.kill()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
            _remove_socket()

    def _prepare(self) -> tuple[Path, int]:
        _check_programs()
        port = _free_port()
        folder = Path(mkdtemp(prefix="tolem-pcscd-"))
        driver = folder / VPCD.name
        shutil.copy(VPCD, driver)
        (folder / "conf").mkdir()
        (folder / "conf" / "vpcd").write_text(
            f'FRIENDLYNAME "{READER}"\nDEVICENAME /dev/null:{port}\nLIBPATH {driver}\nCHANNELID {port}\n',
            "ascii",
        )
        return folder, port

    async def _answers(self, process: asyncio.subprocess.Process, log: Path) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS):
                while not await _accepts(_own_socket()):
                    if process.returncode is not None:
                        raise NoPcscdError(f"a pcscd of our own cannot run here: {_first_line(log)}")
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        except TimeoutError:
            raise NoPcscdError(f"a pcscd of our own does not come up: {_first_line(log)}") from None


def _own_socket() -> Path:
    """Chosen once for this process, in a folder that nothing else is in."""
    if SOCKET_VARIABLE not in os.environ:
        os.environ[SOCKET_VARIABLE] = f"{mkdtemp(prefix='tolem-pcsc-')}/pcscd.comm"
    chosen = Path(os.environ[SOCKET_VARIABLE])
    chosen.parent.mkdir(parents=True, exist_ok=True)
    return chosen


def _remove_socket() -> None:
    """With its folder, unless something else is in it."""
    path = _own_socket()
    for left in (path, path.with_suffix(".pid")):
        left.unlink(missing_ok=True)
    with suppress(OSError):
        path.parent.rmdir()


def _check_programs() -> None:
    missing = {package for program, package in _PROGRAMS.items() if not shutil.which(program, path=_PATH)}
    missing |= set() if VPCD.exists() else {"vsmartcard-vpcd"}
    if missing:
        raise NoPcscdError(f"the virtual reader needs the Debian packages {', '.join(sorted(missing))}")


def _free_port() -> int:
    """Each process begins to look elsewhere: nothing keeps a port for us until pcscd takes it."""
    for attempt in range(_PORT_ATTEMPTS):
        port = _PORTS[(os.getpid() + attempt) % len(_PORTS)]
        if _is_free(port) and _is_free(port + 1):
            return port
    raise NoPcscdError("no two ports beside each other are free")


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("", port)).close()
    except OSError:
        return False
    return True


async def _accepts(path: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.close()
    return True


def _first_line(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").strip().splitlines()
    return lines[0] if lines else "it says nothing"
