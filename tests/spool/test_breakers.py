import asyncio

from spool import Breakers, BreakerSettings, CircuitState

SETTINGS = BreakerSettings(opens_after=2)


def test_a_direct_caller_is_the_one_probe_of_an_open_breaker(open_in_virtual_time, simulate):
    async def live():
        async with open_in_virtual_time() as spool:
            breakers = Breakers(spool, SETTINGS)
            heard = []
            breakers.listen(heard.append)
            assert breakers.allow("eport")
            breakers.unanswered("eport")
            breakers.unanswered("eport")
            assert breakers.state("eport") is CircuitState.OPEN
            assert not breakers.allow("eport")
            assert breakers.allow("card_host")
            await asyncio.sleep(6)
            assert breakers.state("eport") is CircuitState.HALF_OPEN
            assert [breakers.allow("eport") for _ in range(3)] == [True, False, False]
            breakers.answered("eport")
            assert breakers.state("eport") is CircuitState.CLOSED
            assert heard == ["eport", "eport"]

    simulate(live())


def test_a_probe_that_did_not_go_is_somebody_elses(open_in_virtual_time, simulate):
    async def live():
        async with open_in_virtual_time() as spool:
            breakers = Breakers(spool, BreakerSettings(opens_after=1))
            breakers.unanswered("eport")
            await asyncio.sleep(6)
            assert breakers.allow("eport")
            breakers.unused("eport")
            assert breakers.allow("eport")

    simulate(live())


def test_an_open_breaker_is_open_after_a_restart_and_the_last_answer_is_known(
    open_in_virtual_time, simulate, clock
):
    async def live():
        async with open_in_virtual_time() as spool:
            breakers = Breakers(spool, SETTINGS)
            breakers.answered("card_host")
            breakers.answered("eport")
            breakers.unanswered("eport")
            breakers.unanswered("eport")
        async with open_in_virtual_time() as spool:
            breakers = Breakers(spool, SETTINGS)
            assert breakers.state("eport") is CircuitState.OPEN
            assert breakers.state("card_host") is CircuitState.CLOSED
            health = {line.destination: line for line in (await spool.health()).destinations}
            assert health["eport"].breaker is CircuitState.OPEN
            assert health["card_host"].last_answer_at == clock()
            await asyncio.sleep(6)
            assert breakers.allow("eport")

    simulate(live())
