import asyncio

from agent.demo.panel.board import Board


async def take(watch, count):
    async with asyncio.timeout(5):
        return [await anext(watch) for _ in range(count)]


async def test_who_looks_gets_the_latest_word_on_each_topic_and_then_each_news():
    board = Board()
    board.put("a", {"n": 1})
    board.put("a", {"n": 2})
    board.put("b", "x")
    watch = board.watch()
    assert await take(watch, 2) == [("a", {"n": 2}), ("b", "x")]
    news = asyncio.create_task(take(watch, 1))
    await asyncio.sleep(0)
    board.put("a", {"n": 2})  # the same word
    board.put("b", "y")
    assert await news == [("b", "y")]


async def test_what_was_overtaken_is_skipped():
    board = Board()
    watch = board.watch()
    board.put("a", 1)
    assert await take(watch, 1) == [("a", 1)]
    for n in range(2, 9):
        board.put("a", n)
    assert await take(watch, 1) == [("a", 8)]
