"""The launcher against a Python that only writes down what it is asked to do."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

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


@pytest.fixture
def stage(tmp_path: Path, root: Path) -> Iterator[Stage]:
    clone = tmp_path / "a clone"
    (clone / ".locks").mkdir(parents=True)
    (clone / ".locks/run.txt").write_text("one==1\n")
    (clone / ".locks/dev.txt").write_text("one==1\ntwo==2\n")
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


def _venvs(calls: list[str]) -> int:
    return sum(call.startswith("-m venv") for call in calls)


def _fetches(calls: list[str]) -> list[str]:
    return [call.rpartition("/")[2] for call in calls if " wheel " in call]


def test_the_first_run_sets_up_and_then_becomes_the_product(stage: Stage) -> None:
    process = stage.start("pay", "--product", "two words")
    out, err = process.communicate()
    assert process.returncode == PRODUCT_CODE
    assert out.splitlines() == [
        str(stage.folder),  # the caller's own working directory
        f"{stage.clone} 1 {process.pid}",  # the same process: Ctrl-C and signals need no passing on
        *("<-m>", "<agent.cli>", "<pay>", "<--product>", "<two words>"),
    ]
    assert all(line.startswith("tolem: ") for line in err.splitlines())
    calls = stage.calls()
    assert _venvs(calls) == 1
    assert _fetches(calls) == ["run.txt"]
    assert "--require-hashes" in calls[1]


def test_a_second_run_says_and_does_nothing_of_its_own(stage: Stage) -> None:
    stage.run("pay")
    stage.calls()
    code, _, err = stage.run("pay")
    assert (code, err) == (PRODUCT_CODE, "")
    assert stage.calls() == ["-m agent.cli pay"]


def test_a_link_to_the_launcher_finds_the_clone(stage: Stage) -> None:
    link = stage.folder / "bin" / "tolem"
    link.symlink_to(stage.clone / "tolem")
    _, out, _ = stage.run("doctor", launcher=link)
    assert f"{stage.clone} 1" in out


def test_a_changed_lock_is_installed_into_the_same_venv(stage: Stage) -> None:
    stage.run("pay")
    stage.calls()
    stage.lock("one==2\n")
    stage.run("pay")
    calls = stage.calls()
    assert (_venvs(calls), _fetches(calls)) == (0, ["run.txt"])
    stage.run("pay")
    assert stage.calls() == ["-m agent.cli pay"]


def test_an_interrupted_install_is_made_anew(stage: Stage) -> None:
    stage.happens("power-cut")
    code, _, _ = stage.run("pay")
    assert code != PRODUCT_CODE
    stage.ends("power-cut")
    stage.calls()
    code, _, _ = stage.run("pay")
    assert code == PRODUCT_CODE
    assert _venvs(stage.calls()) == 1


def test_a_failed_fetch_says_what_to_do_and_leaves_the_old_lock_usable(stage: Stage) -> None:
    stage.run("pay")
    stage.happens("offline")
    stage.lock("one==2\n")
    code, _, err = stage.run("pay")
    assert code == 2
    assert "Check the network" in err
    stage.lock("one==1\n")
    stage.calls()
    assert stage.run("pay")[0] == PRODUCT_CODE
    assert stage.calls() == ["-m agent.cli pay"]


def test_a_venv_whose_python_is_gone_is_made_anew(stage: Stage) -> None:
    stage.run("pay")
    stage.calls()
    python = stage.clone / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/nowhere/python3.9")
    assert stage.run("pay")[0] == PRODUCT_CODE
    assert _venvs(stage.calls()) == 1


def test_two_at_once_set_up_once(stage: Stage) -> None:
    hold = stage.folder / "hold"
    os.mkfifo(hold)
    first, second = stage.start("pay"), stage.start("pay")
    with hold.open("w") as release:  # opens when the one that has the lock reads
        waiting = [process for process in (first, second) if _says_it_waits(process)]
        release.write("go on\n")
    first.communicate()
    second.communicate()
    assert (first.returncode, second.returncode, len(waiting)) == (PRODUCT_CODE, PRODUCT_CODE, 1)
    calls = stage.calls()
    assert (_venvs(calls), _fetches(calls)) == (1, ["run.txt"])


def _says_it_waits(process: subprocess.Popen[str]) -> bool:
    assert process.stderr is not None
    return "waiting for another" in process.stderr.readline()


def test_the_tests_need_the_other_lock_which_serves_the_product_too(stage: Stage) -> None:
    assert stage.run("test")[0] == 0
    assert _fetches(stage.calls()) == ["dev.txt", "smartcard.txt"]
    stage.run("pay")
    assert stage.calls() == ["-m agent.cli pay"]


def test_every_check_runs_and_each_failure_is_named(stage: Stage) -> None:
    stage.happens("untidy")
    code, _, err = stage.run("test", "--long", "-k", "two words")
    assert code == 1
    assert err.splitlines()[-1] == "tolem: failed: format types"
    assert stage.calls()[-1].endswith("--long -k two words")


def test_the_exit_code_of_the_tests_is_passed_on(stage: Stage) -> None:
    (stage.folder / "pytest-code").write_text("3")
    code, _, err = stage.run("test")
    assert code == 3
    assert err.splitlines()[-1] == "tolem: failed: tests"


def test_root_gets_the_missing_debian_package(stage: Stage) -> None:
    stage.happens("no-ensurepip")
    code, _, err = stage.run("pay")
    assert code == PRODUCT_CODE
    assert "installing the Debian package python3.13-venv" in err
    assert stage.calls()[0].endswith("install python3.13-venv")


def test_without_root_the_missing_package_and_its_use_are_named(stage: Stage) -> None:
    stage.happens("no-ensurepip")
    stage.stands_in("id", "#!/bin/sh\necho 1000\n")
    code, _, err = stage.run("pay")
    assert code == 2
    assert "the Debian package python3.13-venv is missing, and with it Python's ensurepip" in err
    assert not any("apt-get" in call for call in stage.calls())


def test_sudo_without_a_password_does_as_well_as_root(stage: Stage) -> None:
    stage.happens("no-ensurepip")
    stage.stands_in("id", "#!/bin/sh\necho 1000\n")
    stage.stands_in("sudo", '#!/bin/sh\nshift\nexec "$@"\n')
    assert stage.run("pay")[0] == PRODUCT_CODE


def test_a_mirror_out_of_reach_is_no_dead_end_of_its_own(stage: Stage) -> None:
    stage.happens("no-ensurepip")
    stage.happens("no-mirror")
    code, _, err = stage.run("pay")
    assert code == 2
    assert "python3.13-venv is missing" in err


def test_no_new_enough_python_is_said_plainly(stage: Stage) -> None:
    stage.happens("too-old")
    code, _, err = stage.run("pay")
    assert code == 2
    assert err.splitlines()[-1] == "tolem: there is no Python 3.11 or newer here"


def test_where_it_can_be_built_pyscard_is_and_only_once(stage: Stage) -> None:
    for package in BUILDS:
        stage.happens(f"has-{package}")
    assert stage.run("pay")[0] == PRODUCT_CODE
    calls = stage.calls()
    assert _fetches(calls) == ["run.txt", "smartcard.txt"]
    (tools,) = (call for call in calls if call.endswith("/smartcard-build.txt"))
    assert "--require-hashes" in tools
    (build,) = (call for call in calls if call.endswith("/smartcard.txt"))
    assert "--require-hashes" in build
    stage.run("pay")
    assert stage.calls() == ["-m agent.cli pay"]


@pytest.mark.parametrize("words", [("demo", "--card", "pcsc"), ("demo", "--card=pcsc"), ("test",)], ids=str)
def test_whoever_wants_a_card_reader_gets_its_packages(stage: Stage, words: tuple[str, ...]) -> None:
    stage.run(*words)
    installed = [call.split()[-1] for call in stage.calls() if call.startswith("apt-get")]
    assert set(installed) == {*BUILDS, "pcscd", "vsmartcard-vpcd"}
    assert (stage.clone / ".venv/smartcard.txt").exists()


def test_nobody_else_waits_for_them(stage: Stage) -> None:
    code, _, err = stage.run("demo", "--pay")
    assert code == PRODUCT_CODE
    assert not any("apt-get" in call for call in stage.calls())
    assert "pyscard" not in err


def test_without_root_what_a_card_reader_lacks_is_named_and_the_rest_goes_on(stage: Stage) -> None:
    stage.stands_in("id", "#!/bin/sh\necho 1000\n")
    code, _, err = stage.run("demo", "--card", "pcsc")
    assert code == PRODUCT_CODE
    for package in (*BUILDS, "pcscd", "vsmartcard-vpcd"):
        assert f"the Debian package {package} is missing, and with it" in err


def test_a_build_that_fails_stops_nobody_and_is_tried_again_when_it_is_wanted(stage: Stage) -> None:
    for package in BUILDS:
        stage.happens(f"has-{package}")
    stage.happens("breaks")
    code, _, err = stage.run("pay")
    assert code == PRODUCT_CODE
    assert "pyscard cannot be built" in err
    stage.calls()
    assert stage.run("pay")[2] == ""
    assert stage.calls() == ["-m agent.cli pay"]
    stage.ends("breaks")
    stage.run("demo", "--card", "pcsc")
    assert (stage.clone / ".venv/smartcard.txt").exists()


@pytest.mark.parametrize("script", ["tolem", ".ci/run", ".locks/renew"])
def test_shellcheck_has_nothing_to_say(root: Path, script: str) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    checked = subprocess.run([shellcheck, script], cwd=root, capture_output=True, text=True, check=False)
    assert checked.stdout == ""
    assert checked.returncode == 0
    assert os.access(root / script, os.X_OK)


def test_ci_calls_the_launcher_and_nothing_else(root: Path) -> None:
    assert (root / ".ci/run").read_text().splitlines()[-1] == "./tolem test"
