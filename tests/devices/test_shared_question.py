import asyncio

from devices.shared_question import SharedQuestion


class Asked:
    """A question that waits for its answer, and counts how often it was asked."""

    def __init__(self):
        self.times = 0
        self.answer = asyncio.Event()

    async def __call__(self):
        self.times += 1
        await self.answer.wait()
        return self.times


async def test_who_asks_at_the_same_time_gets_the_same_answer():
    asked = Asked()
    question = SharedQuestion(asked)
    waiting = [asyncio.create_task(question.ask()) for _ in range(5)]
    await asyncio.sleep(0)
    asked.answer.set()
    assert await asyncio.gather(*waiting) == [1] * 5


async def test_who_asks_later_asks_anew():
    asked = Asked()
    asked.answer.set()
    question = SharedQuestion(asked)
    assert [await question.ask(), await question.ask()] == [1, 2]


async def test_who_gives_up_takes_nobodys_answer_away():
    asked = Asked()
    question = SharedQuestion(asked)
    first, second = (asyncio.create_task(question.ask()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    asked.answer.set()
    assert await second == 1
    assert first.cancelled()
