import asyncio

import pytest

from gateway.alarms import open_alarms
from gateway.idempotency import Once, Reply
from gateway.problems import ProblemError


@pytest.fixture
async def once(store):
    once = Once(store)
    yield once
    await once.close()


@pytest.fixture
def work():
    """Something done once: counts how often it was, and waits until it may go on."""

    class Work:
        def __init__(self) -> None:
            self.times = 0
            self.began = asyncio.Event()
            self.may_go_on = asyncio.Event()
            self.may_go_on.set()

        async def prepare(self):
            self.times += 1
            self.began.set()
            await self.may_go_on.wait()
            body = f"answer {self.times}".encode()
            return lambda _tx: Reply(202, body)

    return Work()


async def test_the_same_key_and_content_get_the_stored_answer_byte_for_byte(once, work) -> None:
    first = await once.answer("check ATM1", "k", b"content", work.prepare)
    again = await once.answer("check ATM1", "k", b"content", work.prepare)
    assert again == first == Reply(202, b"answer 1")
    assert work.times == 1


async def test_a_stored_answer_survives_the_process(store, work) -> None:
    await Once(store).answer("check ATM1", "k", b"content", work.prepare)
    assert (await Once(store).answer("check ATM1", "k", b"content", work.prepare)).body == b"answer 1"


async def test_the_same_key_of_another_terminal_is_another_key(once, work) -> None:
    await once.answer("check ATM1", "k", b"content", work.prepare)
    assert (await once.answer("check ATM2", "k", b"content", work.prepare)).body == b"answer 2"


@pytest.mark.parametrize("finished", [True, False])
async def test_other_content_is_refused_and_alarmed(store, once, work, finished) -> None:
    if not finished:
        work.may_go_on.clear()
    first = asyncio.create_task(once.answer("check ATM1", "k", b"content", work.prepare))
    await work.began.wait()
    if finished:
        await first
    with pytest.raises(ProblemError) as caught:
        await once.answer("check ATM1", "k", b"other", work.prepare)
    assert caught.value.code == "idempotency_conflict"
    (alarm,) = await store.read(open_alarms)
    assert (alarm.name, alarm.subject) == ("idempotency_conflict", "check ATM1")
    work.may_go_on.set()
    assert (await first).body == b"answer 1"


async def test_copies_that_come_meanwhile_share_the_work(once, work) -> None:
    work.may_go_on.clear()
    asked = [asyncio.create_task(once.answer("s", "k", b"content", work.prepare)) for _ in range(3)]
    await work.began.wait()
    work.may_go_on.set()
    assert {reply.body for reply in await asyncio.gather(*asked)} == {b"answer 1"}


async def test_the_work_goes_on_when_its_caller_has_gone(once, work) -> None:
    work.may_go_on.clear()
    asked = asyncio.create_task(once.answer("s", "k", b"content", work.prepare))
    await work.began.wait()
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    work.may_go_on.set()
    assert (await once.answer("s", "k", b"content", work.prepare)).body == b"answer 1"


async def test_a_problem_is_not_an_answer_to_keep(once, work) -> None:
    async def fail():
        raise ProblemError("eport_unavailable", "e-port does not answer now")

    with pytest.raises(ProblemError):
        await once.answer("s", "k", b"content", fail)
    assert (await once.answer("s", "k", b"content", work.prepare)).body == b"answer 1"


async def test_a_failure_while_finishing_keeps_nothing(store, once, work) -> None:
    def finish(tx):
        tx.execute("INSERT INTO tombstone VALUES ('p', 'ATM1', 0)")
        raise ProblemError("payment_not_found", "this terminal has no payment of this id")

    async def prepare():
        return finish

    with pytest.raises(ProblemError):
        await once.answer("s", "k", b"content", prepare)
    assert await store.read(lambda tx: tx.one("SELECT count(*) FROM tombstone")) == (0,)
    assert (await once.answer("s", "k", b"content", work.prepare)).body == b"answer 1"
