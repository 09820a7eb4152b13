"""The launcher against a Python that only writes down what it is asked to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.launcher_stage import PRODUCT_CODE, Stage, fetches


def _venvs(calls: list[str]) -> int:
    return sum(call.startswith("-m venv") for call in calls)


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
    assert fetches(calls) == ["run.txt"]
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
    assert (_venvs(calls), fetches(calls)) == (0, ["run.txt"])
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
    assert (_venvs(calls), fetches(calls)) == (1, ["run.txt"])


def _says_it_waits(process: subprocess.Popen[str]) -> bool:
    assert process.stderr is not None
    return "waiting for another" in process.stderr.readline()


def test_the_tests_need_the_other_lock_which_serves_the_product_too(stage: Stage) -> None:
    assert stage.run("test")[0] == 0
    assert fetches(stage.calls()) == ["dev.txt", "smartcard.txt"]
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


def test_only_the_tests_need_a_browser(stage: Stage) -> None:
    stage.run("demo")
    assert not any("chromium" in call for call in stage.calls())
    code, _, err = stage.run("test")
    assert code == 0
    assert "installing the Debian package chromium" in err
    stage.calls()
    stage.run("test")
    assert not any("chromium" in call for call in stage.calls())


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


@pytest.mark.parametrize("script", ["tolem", ".ci/run", ".locks/renew"])
def test_shellcheck_has_nothing_to_say(root: Path, script: str) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    checked = subprocess.run([shellcheck, script], cwd=root, capture_output=True, text=True, check=False)
    assert checked.stdout == ""
    assert checked.returncode == 0
    assert os.access(root / script, os.X_OK)


def test_ci_calls_the_launcher_and_nothing_else(root: Path) -> None:
    assert (root / ".ci/run").read_text().splitlines()[-1] == "./tolem test"
