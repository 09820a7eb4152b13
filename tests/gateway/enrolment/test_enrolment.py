"""A terminal gets its certificate with a code, over real TLS, and loses it again."""

import asyncio

import pytest

from agent.enrolment import enrol, request_for
from certs.identity import Identity
from certs.issued import own_first, read_issued
from certs.keys import KINDS, load_signing_key
from certs.requests import Subject, new_request
from certs.tls import client_context
from gateway.client import GatewayClient, Refusal, Unreachable
from gateway.contract import EnrolmentRequest, RenewalRequest
from gateway.enrolment.codes import new_code
from gateway.enrolment.invites import GUESSES
from gateway.settings import GatewaySection
from spool import control_call

ATM = "ATM00017"


def pem(terminal: str) -> str:
    return new_request(KINDS["p-256"](), Subject(terminal)).decode()


async def ask(client, code: str, *, terminal=ATM, request=None, key="k"):
    asked = EnrolmentRequest(terminal=terminal, code=code, request=request or pem(terminal))
    return await client.enrol(asked, key=key)


async def test_who_has_the_code_gets_in_and_is_named_by_the_certificate(
    bank, new_pair, customer_of, system_time
) -> None:
    pair = new_pair(ATM)
    ends = await enrol(pair, bank.newcomer(), terminal=ATM, code=await bank.invite(ATM))
    assert 89 <= (ends - system_time()).days <= 90
    view = await customer_of(bank.terminal(pair)).pay()
    assert view.terminal == ATM
    [row] = [row async for row in bank.command("terminals.list")]
    assert (row["terminal"], row["state"], row["fingerprint"]) == (
        ATM,
        "enrolled",
        pair.identity().fingerprint,
    )
    assert not pair.requested_key.exists()


async def test_an_enrolment_whose_answer_was_lost_is_run_again_with_the_same_code(bank, new_pair) -> None:
    pair, code = new_pair(ATM), await bank.invite(ATM)

    class Deaf:
        async def enrol(self, request, *, key):
            await bank.newcomer().enrol(request, key=key)
            raise Unreachable("the answer was lost")

    with pytest.raises(Unreachable):
        await enrol(pair, Deaf(), terminal=ATM, code=code)
    await enrol(pair, bank.newcomer(), terminal=ATM, code=code)
    assert pair.identity().common_name == ATM
    assert len([row async for row in bank.command("terminals.list")]) == 1


async def test_a_code_serves_one_key(bank) -> None:
    code = await bank.invite(ATM)
    client = bank.newcomer()
    both = await asyncio.gather(
        ask(client, code, key="one"), ask(client, code, key="two"), return_exceptions=True
    )
    [refused] = [one for one in both if isinstance(one, Refusal)]
    assert refused.problem.code == "enrolment_code_used"
    with pytest.raises(Refusal, match="enrolment_code_used"):
        await ask(client, code, key="three")


async def test_a_wrong_code_costs_a_guess_and_the_guesses_end(bank) -> None:
    code, client = await bank.invite(ATM), bank.newcomer()
    wrong = new_code(lambda n: b"\7" * n)
    for guess in range(GUESSES):
        with pytest.raises(Refusal, match="enrolment_refused"):
            await ask(client, wrong, key=f"guess-{guess}")
    with pytest.raises(Refusal, match="enrolment_refused"):
        await ask(client, code, key="too-late")
    assert await bank.alarms() == ["enrolment_guessed"]
    again = await bank.invite(ATM, seed=2)
    assert (await ask(client, again, key="new")).terminal == ATM


async def test_a_code_is_good_for_its_terminal_only_and_tells_strangers_nothing(bank) -> None:
    code, client = await bank.invite(ATM), bank.newcomer()
    answers = set()
    for terminal in ("ATM00018", "NOBODY"):
        with pytest.raises(Refusal) as refused:
            await ask(client, code, terminal=terminal, key=terminal)
        answers.add(refused.value.problem.model_dump_json())
    assert len(answers) == 1


async def test_a_code_that_is_over_says_so_to_who_knows_it(short_lived) -> None:
    async with short_lived() as bank:
        code, client = await bank.invite(ATM), bank.newcomer()
        await asyncio.sleep(0.01)
        with pytest.raises(Refusal, match="enrolment_code_expired"):
            await ask(client, code)


async def test_a_new_invitation_voids_the_one_before(bank) -> None:
    old, client = await bank.invite(ATM), bank.newcomer()
    new = await bank.invite(ATM, seed=2)
    with pytest.raises(Refusal, match="enrolment_refused"):
        await ask(client, old, key="old")
    assert (await ask(client, new, key="new")).terminal == ATM


async def test_no_code_is_in_the_store(bank, tmp_path) -> None:
    code = await bank.invite(ATM)
    await ask(bank.newcomer(), code)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir() if path.is_file())
    assert ATM.encode() in kept
    assert code.encode() not in kept


async def test_a_request_for_another_name_is_not_signed_and_the_code_stays(bank) -> None:
    code, client = await bank.invite(ATM), bank.newcomer()
    with pytest.raises(Refusal, match="request_unfit"):
        await ask(client, code, request=pem("ATM00018"), key="wrong")
    assert (await ask(client, code, key="right")).terminal == ATM


async def test_without_a_certificate_one_call_is_heard_and_on_the_other_port_none(bank) -> None:
    newcomer = bank.newcomer()
    for call in (newcomer.readiness, newcomer.catalogue):
        with pytest.raises(Refusal, match="not_found"):
            await call()
    stranger = bank._client(bank.gateway.places.address[1], client_context(bank.ca))
    with pytest.raises(Unreachable):
        await stranger.readiness()


async def enrolled(bank, new_pair, terminal=ATM, seed=1):
    pair = new_pair(terminal)
    await enrol(pair, bank.newcomer(), terminal=terminal, code=await bank.invite(terminal, seed))
    return pair


async def test_a_terminal_renews_by_itself_and_for_nobody_else(bank, new_pair) -> None:
    pair = await enrolled(bank, new_pair)
    client = bank.terminal(pair)
    given = await client.renew_certificate(RenewalRequest(request=request_for(pair, ATM)))
    key = load_signing_key(pair.requested_key)
    before = pair.identity().fingerprint
    pair.stage(own_first(read_issued(given.certificate.encode()), key), key)
    pair.accept()
    assert pair.identity().fingerprint != before
    assert (await bank.terminal(pair).readiness()).ready
    with pytest.raises(Refusal, match="request_unfit"):
        await client.renew_certificate(RenewalRequest(request=pem("ATM00018")))


async def test_over_the_unix_socket_nothing_is_renewed(bank, terminal_of) -> None:
    with pytest.raises(Refusal, match="not_signing"):
        await terminal_of(bank.gateway).renew_certificate(RenewalRequest(request=pem(ATM)))


async def test_who_is_shut_out_hears_so_at_once_on_open_connections_and_new_ones(
    bank, new_pair, customer_of, eport
) -> None:
    pair, other = await enrolled(bank, new_pair), await enrolled(bank, new_pair, "ATM00018", seed=2)
    client = bank.terminal(pair)
    eport.asked.clear()
    customer = customer_of(client)
    offer = await customer.offer()
    eport.asked.clear()
    eport.may_answer.clear()
    waiting = asyncio.create_task(client.put(customer.new_id(), customer.request(offer), wait_seconds=9))
    await eport.asked.wait()
    order = {"terminal": ATM, "by": "Aigerim", "reason": "stolen"}
    [done] = [item async for item in bank.command("terminals.revoke", order)]
    assert done["certificates"] == 1
    eport.may_answer.set()
    for answer in (waiting, client.readiness(), client.catalogue(), bank.terminal(pair).readiness()):
        with pytest.raises(Refusal, match="terminal_revoked"):
            await answer
    with pytest.raises(Refusal, match="terminal_revoked"):
        await client.renew_certificate(RenewalRequest(request=pem(ATM)))
    assert (await bank.terminal(other).readiness()).ready
    back = await enrolled(bank, lambda name: new_pair(f"{name}-again"), seed=3)
    assert (await bank.terminal(back).readiness()).ready
    with pytest.raises(Refusal, match="terminal_revoked"):
        await bank.terminal(pair).readiness()


async def test_who_was_shut_out_stays_out_after_a_restart_whoever_signed_the_certificate(
    open_gateway, sections, throwaway_ca, system_time
) -> None:
    own = throwaway_ca.issue("gateway")
    section = GatewaySection(
        listen="127.0.0.1:0", cert=own.certificate, key=own.key, terminal_ca=throwaway_ca.ca_path
    )
    context = client_context(throwaway_ca.ca_path, Identity.read(*throwaway_ca.issue(ATM)))

    async def answer(gateway):
        client = GatewayClient.over_tls(
            f"https://localhost:{gateway.places.address[1]}", context, random_bytes=bytes
        )
        try:
            return await client.readiness()
        finally:
            await client.close()

    async with open_gateway(gateway=section) as gateway:
        assert (await answer(gateway)).ready
        order = {"terminal": ATM, "by": "Aigerim", "reason": "stolen"}
        _ = [item async for item in control_call(gateway.places.control, "terminals.revoke", order)]
        with pytest.raises(Refusal, match="terminal_revoked"):
            await answer(gateway)
    async with open_gateway(gateway=section) as gateway:
        with pytest.raises(Refusal, match="terminal_revoked"):
            await answer(gateway)
