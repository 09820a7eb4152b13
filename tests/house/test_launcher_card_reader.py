"""What the launcher does about a card reader: Debian packages, and pyscard, which has no wheel for Linux."""

import pytest

from tests.house.launcher_stage import BUILDS, PRODUCT_CODE, REPORTS, Stage, fetches


def test_where_it_can_be_built_pyscard_is_and_only_once(stage: Stage) -> None:
    for package in BUILDS:
        stage.happens(f"has-{package}")
    assert stage.run("pay")[0] == PRODUCT_CODE
    calls = stage.calls()
    assert fetches(calls) == ["run.txt", "smartcard.txt"]
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
    assert set(installed) - {"chromium", *REPORTS} == {*BUILDS, "pcscd", "vsmartcard-vpcd"}
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
