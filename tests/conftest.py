"""Fixtures that more than one package's tests need."""

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir

import pytest
from hypothesis import settings

from certs.throwaway import ThrowawayCa
from devices.emulators.pcscd import OwnPcscd
from devices.errors import UnknownDriverError
from devices.pcsc import library as pcsc_library

# A machine that is busy is no failure: no example has a deadline (DESIGN §13).
settings.register_profile("tolem", deadline=None)
settings.load_profile("tolem")

_LEVEL = logging.getLogger().level  # before any test


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the long form of each campaign too")


def pytest_configure() -> None:
    """No test reaches the machine's pcscd: libpcsclite reads this once in each process."""
    os.environ["PCSCLITE_CSOCK_NAME"] = f"{gettempdir()}/tolem-{os.getpid()}/pcscd.comm"


def pytest_unconfigure() -> None:
    shutil.rmtree(Path(os.environ["PCSCLITE_CSOCK_NAME"]).parent, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("long")])
        items[:] = [item for item in items if not item.get_closest_marker("long")]


@dataclass
class HandSetClock:
    """A wall clock that stands still until a test moves it. Call it to read it."""

    time: datetime = datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> None:
        """`advance(seconds=30)`, `advance(hours=-1)`: the words of `timedelta`."""
        self.time += timedelta(**by)


@pytest.fixture
def clock() -> HandSetClock:
    return HandSetClock()


@pytest.fixture(scope="session")
def system_time() -> Callable[[], datetime]:
    """The real clock, for what OpenSSL will judge by it."""
    return lambda: datetime.now(UTC)


@pytest.fixture(scope="session")
def throwaway_ca(
    tmp_path_factory: pytest.TempPathFactory, system_time: Callable[[], datetime]
) -> ThrowawayCa:
    return ThrowawayCa(tmp_path_factory.mktemp("ca"), now=system_time)


@pytest.fixture
def foreign_ca(tmp_path: Path, system_time: Callable[[], datetime]) -> ThrowawayCa:
    """A second CA that nobody has a reason to trust."""
    return ThrowawayCa(tmp_path / "foreign", now=system_time, name="Foreign CA")


@pytest.fixture
async def virtual_reader() -> None:
    """A pcscd of our own can run here; else the test is skipped, and says why."""
    pcscd = OwnPcscd()
    try:
        pcsc_library.load()
        await pcscd.start()
    except UnknownDriverError as error:
        pytest.skip(str(error))
    finally:
        await pcscd.close()


@pytest.fixture(autouse=True)
def _logging_of_its_own() -> Iterator[None]:
    """A command that a test or a fixture runs in this process sets up the logs, or switches loggers off as
    import-linter does; every test hears everything.
    """
    _hear_everything()
    yield
    _hear_everything()


def _hear_everything() -> None:
    root = logging.getLogger()
    root.setLevel(_LEVEL)
    for handler in root.handlers[:]:
        if not type(handler).__module__.startswith("_pytest"):
            root.removeHandler(handler)
    for logger in root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.disabled = False


@pytest.fixture
def contents() -> Callable[[Path], dict[str, bytes]]:
    """Reads every file below a folder: equal before and after is "nothing changed", byte for byte."""

    def read(folder: Path) -> dict[str, bytes]:
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    return read
