"""What the launcher does about the monthly act: packages of Python and of Debian that nobody else needs."""

from tests.house.launcher_stage import PRODUCT_CODE, REPORTS, Stage, fetches


def test_whoever_asks_for_an_act_gets_what_makes_pdf_and_xlsx_and_only_once(stage: Stage) -> None:
    assert stage.run("act", "2026-10")[0] == PRODUCT_CODE
    calls = stage.calls()
    assert fetches(calls) == ["run.txt", "reports.txt"]
    assert [call.split()[-1] for call in calls if call.startswith("apt-get")] == [*REPORTS]
    stage.run("act", "2026-10")
    assert stage.calls() == ["-m agent.cli act 2026-10"]


def test_nobody_else_waits_for_it(stage: Stage) -> None:
    stage.run("pay", "act")
    calls = stage.calls()
    assert fetches(calls) == ["run.txt"]
    assert not any(call.startswith("apt-get") for call in calls)


def test_the_tests_bring_it_too(stage: Stage) -> None:
    stage.run("test")
    assert {*REPORTS} <= {call.split()[-1] for call in stage.calls() if call.startswith("apt-get")}
    stage.run("act", "2026-10")
    assert fetches(stage.calls()) == []


def test_an_act_is_verified_where_none_of_it_can_be_had(stage: Stage) -> None:
    stage.run("pay")
    stage.calls()
    stage.stands_in("id", "#!/bin/sh\necho 1000\n")
    stage.happens("offline")
    code, _, err = stage.run("act", "verify", "act.json")
    assert code == PRODUCT_CODE
    assert "no act as PDF" in err
    for package in REPORTS:
        assert f"the Debian package {package} is missing, and with it the act as PDF" in err
    stage.ends("offline")
    stage.run("act", "2026-10")
    assert fetches(stage.calls()) == ["reports.txt", "reports.txt"]
