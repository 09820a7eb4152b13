"""A clone with the real launcher, and a Python and an apt-get that only write down what they are asked to do."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PYTHON = r"""#!/bin/sh
# Stands for python3.13, for the Python of the .venv that it "makes", and for pip.
case "$*" in
*version_info*'< (3, 11)'*) [ ! -e "$STAGE/too-old" ] ;;
*version_info*) echo python3.13 ;;
-V) echo Python 3.13.0 ;;
"-c import ensurepip") [ ! -e "$STAGE/no-ensurepip" ] ;;
*sysconfig*) [ -e "$STAGE/has-python3.13-dev" ] ;;
*)
    echo "$*" >>"$STAGE/calls"
    case "$*" in
    "-m venv "*) [ ! -e "$STAGE/no-ensurepip" ] && mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    *--no-build-isolation*) [ ! -e "$STAGE/breaks" ] && mkdir "$8" && touch "$8/pyscard.whl" ;;
    *" wheel --wheel-dir "*)
        [ ! -e "$STAGE/hold" ] || read -r _ <"$STAGE/hold"
        [ ! -e "$STAGE/offline" ] && mkdir "$8" && touch "$8/one.whl" ;;
    *" install --no-index "*)
        [ ! -e "$STAGE/power-cut" ] || kill -9 "$PPID" ;;
    "-m agent.cli"*)
        pwd
        echo "$PYTHONPATH $PYTHONSAFEPATH $$"
        for argument in "$@"; do echo "<$argument>"; done
        exit 11 ;;
    "-m mypy" | "-m ruff format"*) [ ! -e "$STAGE/untidy" ] ;;
    "-m pytest"*) exit "$(cat "$STAGE/pytest-code" 2>/dev/null || echo 0)" ;;
    esac ;;
esac
"""
APT_GET = r"""#!/bin/sh
echo "apt-get $*" >>"$STAGE/calls"
for package; do :; done
case "$*" in *install*) [ ! -e "$STAGE/no-mirror" ] && rm -f "$STAGE/no-ensurepip" && : >"$STAGE/has-$package" ;; esac
"""
DPKG_QUERY = r"""#!/bin/sh
for package; do :; done
[ -e "$STAGE/has-$package" ] && echo installed
"""
BUILDS = ("gcc", "libc6-dev", "python3.13-dev", "libpcsclite-dev")
REPORTS = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
PRODUCT_CODE = 11  # what the stage's product exits with


@dataclass
class Stage:
    """A clone with the real launcher and two short locks, and a PATH with stand-ins before the system's."""

    folder: Path
    clone: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *arguments: str, launcher: Path | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [launcher or self.clone / "tolem", *arguments],
            cwd=self.folder,
            env={"PATH": f"{self.folder}/bin:{os.environ['PATH']}", "STAGE": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str, launcher: Path | None = None) -> tuple[int, str, str]:
        process = self.start(*arguments, launcher=launcher)
        out, err = process.communicate()
        return process.returncode, out, err

    def happens(self, name: str) -> None:
        (self.folder / name).touch()

    def ends(self, name: str) -> None:
        (self.folder / name).unlink()

    def stands_in(self, name: str, script: str) -> None:
        (self.folder / "bin" / name).write_text(script)
        (self.folder / "bin" / name).chmod(0o755)

    def calls(self) -> list[str]:
        """What was asked of Python and apt-get since the last time."""
        log = self.folder / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines

    def lock(self, text: str) -> None:
        (self.clone / ".locks/run.txt").write_text(text)


@contextmanager
def set_up(tmp_path: Path, root: Path) -> Iterator[Stage]:
    clone = tmp_path / "a clone"
    (clone / ".locks").mkdir(parents=True)
    (clone / ".locks/run.txt").write_text("one==1\n")
    (clone / ".locks/dev.txt").write_text("one==1\ntwo==2\n")
    (clone / ".locks/reports.txt").write_text("two==2\n")
    (clone / ".locks/smartcard.txt").write_text("three==3\n")
    (clone / ".locks/smartcard-build.txt").write_text("four==4\n")
    shutil.copy(root / "tolem", clone)
    (tmp_path / "bin").mkdir()
    stage = Stage(tmp_path, clone)
    for name in ("python3.13", "python3.12", "python3.11", "python3"):
        stage.stands_in(name, PYTHON)
    stage.stands_in("apt-get", APT_GET)
    stage.stands_in("dpkg-query", DPKG_QUERY)
    stage.stands_in("gcc", '#!/bin/sh\n[ -e "$STAGE/has-gcc" ]\n')
    stage.stands_in("id", "#!/bin/sh\necho 0\n")
    stage.stands_in("sudo", "#!/bin/sh\nexit 1\n")
    yield stage
    for process in stage.started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def fetches(calls: list[str]) -> list[str]:
    """The locks whose packages were fetched."""
    return [call.rpartition("/")[2] for call in calls if " wheel " in call]
