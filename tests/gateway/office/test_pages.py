"""The operators' page over HTTP, beside a real gateway: who gets in, what is shown, what each form does."""

import json
from random import Random

import pytest

from gateway.act import document
from gateway.client import GatewayClient
from gateway.office.door import COOKIE
from tests.gateway.office.conftest import PASSWORD, WHO

pytestmark = pytest.mark.asyncio(loop_scope="module")
DECIDED, KEPT = 1, 2  # cases: one test decides the first, nobody the second


async def test_nobody_sees_or_does_anything_before_the_login(stranger, closed_month, case_day) -> None:
    for path in (
        "/",
        f"/months/{closed_month}",
        f"/days/{case_day}",
        "/worklist",
        "/payments?id=1",
        f"/acts/{closed_month}.json",
    ):
        status, body, headers = await stranger.get(path)
        assert (status, headers["Location"], body) == (303, "/login", ""), path
    for path in (f"/days/{case_day}/close", f"/cases/{KEPT}", "/language", "/logout"):
        status, _, headers = await stranger.post(path, token="", decision="EPORT", reason="because")
        assert (status, headers["Location"]) == (303, "/login"), path


async def test_a_name_and_its_password_let_in_and_the_cookie_is_the_browsers_alone(stranger) -> None:
    status, _, headers = await stranger.logs_in()
    assert status == 303
    cookie = headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


async def test_three_wrong_passwords_lock_this_name_even_for_the_right_one(stranger, office) -> None:
    office.passwords.set("Болат", PASSWORD)
    for _ in range(3):
        status, body, _ = await stranger.logs_in(name="Болат", password="not-the-password")
        assert status == 403
    assert "Слишком много ошибок" in body
    assert (await stranger.logs_in(name="Болат"))[0] == 403
    assert (await stranger.logs_in())[0] == 303


async def test_who_is_removed_is_out_at_once(stranger, office) -> None:
    office.passwords.set("Дана", PASSWORD)
    await stranger.logs_in(name="Дана")
    assert (await stranger.get("/worklist"))[0] == 200
    office.passwords.remove("Дана")
    assert (await stranger.get("/worklist"))[0] == 303


async def test_an_unknown_name_is_told_what_a_wrong_password_is_told(stranger) -> None:
    unknown = await stranger.logs_in(name="Somebody Else")
    wrong = await stranger.logs_in(password="not-the-password")
    assert unknown[:2] == wrong[:2]
    assert (await stranger.logs_in())[0] == 303


async def test_the_page_runs_no_script_and_loads_nothing_from_elsewhere(operator) -> None:
    _, body, headers = await operator.get("/worklist")
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert "<script" not in body
    assert 'style="' not in body


async def test_a_form_from_elsewhere_changes_nothing(operator) -> None:
    token = await operator.token()
    order = {"decision": "EPORT", "reason": "because"}
    assert (await operator.post(f"/cases/{KEPT}", origin="http://evil.example", token=token, **order))[
        0
    ] == 403
    assert (await operator.post(f"/cases/{KEPT}", token="0" * 64, **order))[2]["Location"] == "/"
    assert (await operator.get("/worklist", Host="evil.example"))[0] == 403
    assert "samal-internet" not in (await operator.get("/worklist"))[1]
    assert f'action="/cases/{KEPT}"' in (await operator.get("/worklist"))[1]


async def test_the_calendar_has_every_day_with_its_standing(operator, closed_month, case_day) -> None:
    status, body, _ = await operator.get(f"/months/{closed_month}")
    assert status == 200
    assert body.count('class="day closed"') == len(closed_month.days())
    for day in closed_month.days():
        assert f'href="/days/{day}"' in body
    assert "На решение: " in body
    assert "<svg" in body


async def test_today_and_what_comes_are_told_apart_from_what_is_missing(operator, system_time) -> None:
    _, _, headers = await operator.get("/")
    status, body, _ = await operator.get(headers["Location"])
    assert status == 200
    assert 'class="day later"' in body
    assert 'class="day closed"' not in body


async def test_totals_per_provider_are_the_sums_of_closed_days(operator, closed_month) -> None:
    _, body, _ = await operator.get(f"/months/{closed_month}")
    days = sum(day.day for day in closed_month.days())
    assert f"{days}</td>" in body
    assert f"{days * 1000:,}".replace(",", "\xa0") + ",00" in body
    assert "Самал Телеком" in body


async def test_a_closed_day_shows_its_registry_its_totals_and_its_cases(operator, case_day) -> None:
    status, body, _ = await operator.get(f"/days/{case_day}")
    assert status == 200
    assert f"10001-DAY-{case_day:%j}" in body
    assert "только у e-port" in body
    assert "/close" not in body


async def test_a_day_without_a_registry_says_so_and_cannot_be_closed(operator, closed_month) -> None:
    day = closed_month.previous().last
    status, body, _ = await operator.get(f"/days/{day}")
    assert status == 404
    assert 'role="status"' in body
    status, _, headers = await operator.post(f"/days/{day}/close")
    assert (status, headers["Location"]) == (303, f"/days/{day}")


async def test_a_day_whose_registry_is_there_is_compared_and_closed_by_who_is_logged_in(
    operator, closed_month
) -> None:
    day = closed_month.next().first
    _, body, _ = await operator.get(f"/days/{day}")
    assert f'action="/days/{day}/close"' in body
    assert "только у e-port" in body
    assert (await operator.post(f"/days/{day}/close"))[2]["Location"] == f"/days/{day}"
    _, body, _ = await operator.get(f"/days/{day}")
    assert "День закрыт" in body
    assert f"<dd>{WHO}, " in body
    assert "/close" not in body


async def test_a_case_is_decided_once_in_the_name_of_who_is_logged_in(operator, case_day) -> None:
    status, _, headers = await operator.post(f"/cases/{DECIDED}", decision="EPORT", reason="письмо № 17")
    assert (status, headers["Location"]) == (303, "/worklist")
    _, body, _ = await operator.get("/worklist")
    assert "верны данные e-port" in body
    assert f'action="/cases/{DECIDED}"' not in body
    _, body, _ = await operator.get(f"/days/{case_day}")
    assert WHO in body
    assert "письмо № 17" in body
    await operator.post(f"/cases/{DECIDED}", decision="OURS", reason="again")
    assert "no open case" in (await operator.get("/worklist"))[1]


async def test_a_decision_without_a_reason_is_refused(operator) -> None:
    await operator.post(f"/cases/{KEPT}", decision="EPORT", reason="  ")
    _, body, _ = await operator.get("/worklist")
    assert "reason is missing" in body
    assert f'action="/cases/{KEPT}"' in body


async def test_one_press_leads_to_a_payments_whole_story(operator, office, customer_of) -> None:
    terminal = GatewayClient.over_socket(
        office.gateway.places.socket, terminal="ATM00017", random_bytes=Random(1).randbytes
    )
    try:
        view = await customer_of(terminal).pay()
    finally:
        await terminal.close()
    for number in (view.payment_id, view.txn_id, view.rrn):
        status, body, _ = await operator.get(f"/payments?id={number}")
        assert status == 200
        for told in (view.txn_id, view.rrn, "HOLD_APPROVED", "PAID"):
            assert told in body
    status, body, _ = await operator.get("/payments?id=nobody")
    assert status == 404


async def test_what_a_person_typed_never_becomes_html(operator) -> None:
    await operator.post(f"/cases/{KEPT}", decision="<script>alert(1)</script>", reason="<b>")
    _, body, _ = await operator.get("/worklist")
    assert "<script" not in body


async def test_the_acts_files_are_what_the_command_line_makes(operator, closed_month) -> None:
    status, content, headers = await operator.download(f"/acts/{closed_month}.json")
    assert status == 200
    assert headers["Content-Disposition"] == f'attachment; filename="act-10001-{closed_month}.json"'
    act = document.read(content)
    assert act.open_items[0].kind == "ONLY_EPORT"
    status, book, _ = await operator.download(f"/acts/{closed_month}.xlsx")
    assert (status, book[:2]) == (200, b"PK")
    status, printed, _ = await operator.download(f"/acts/{closed_month}.pdf")
    assert (status, printed[:5]) == (200, b"%PDF-")
    assert json.loads(content)["month"] == str(closed_month)


async def test_what_is_not_there_is_not_found(operator, closed_month) -> None:
    for path in (
        f"/acts/{closed_month}.exe",
        f"/acts/{closed_month}.json.sig",
        "/months/2026-13",
        "/days/yesterday",
        "/nothing",
    ):
        assert (await operator.get(path))[0] == 404, path


async def test_a_month_with_open_days_has_no_act(operator, system_time) -> None:
    this = f"{system_time():%Y-%m}"
    assert "незакрытых дней" in (await operator.get(f"/months/{this}"))[1]
    status, body, _ = await operator.get(f"/acts/{this}.json")
    assert status == 404
    assert f"{this}-01" in body


async def test_each_language_is_whole_and_one_stays_where_one_was(operator, case_day) -> None:
    await operator.get(f"/days/{case_day}")
    token = await operator.token()
    await operator.get(f"/days/{case_day}")
    status, _, headers = await operator.post("/language", token=token, language="kk")
    assert (status, headers["Location"]) == (303, f"/days/{case_day}")
    _, body, _ = await operator.get(f"/days/{case_day}")
    assert '<html lang="kk">' in body
    assert "Алшақтықтар" in body
    await operator.post("/language", token=token, language="en")
    assert "Differences" in (await operator.get(f"/days/{case_day}"))[1]


async def test_who_logs_out_is_out(operator) -> None:
    await operator.post("/logout")
    assert (await operator.get("/worklist"))[0] == 303
