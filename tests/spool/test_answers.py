import pytest

from spool import AnswerConflict, NotDurable, Stored, recall, remember


async def test_the_same_key_and_content_get_the_stored_answer_in_every_life(open_spool):
    spool = await open_spool()
    digest = spool.digest(b"request")
    await spool.write(lambda tx: remember(tx, "POST checks ATM00017", "k1", digest, 201, b'{"a": 1}'))
    await spool.close()
    spool = await open_spool()
    found = await spool.read(lambda tx: recall(tx, "POST checks ATM00017", "k1", spool.digest(b"request")))
    assert found == Stored(201, b'{"a": 1}')


async def test_the_same_key_with_other_content_is_a_conflict_to_ask_and_to_answer(spool):
    await spool.write(lambda tx: remember(tx, "s", "k", spool.digest(b"one"), 200, b"{}"))
    other = spool.digest(b"two")
    with pytest.raises(AnswerConflict):
        await spool.read(lambda tx: recall(tx, "s", "k", other))
    with pytest.raises(AnswerConflict):
        await spool.write(lambda tx: remember(tx, "s", "k", other, 200, b"{}"))


async def test_a_key_belongs_to_its_scope(spool):
    digest = spool.digest(b"one")
    await spool.write(lambda tx: remember(tx, "ATM00017", "k", digest, 200, b"{}"))
    assert await spool.read(lambda tx: recall(tx, "ATM00018", "k", digest)) is None


async def test_the_first_answer_stays(spool):
    digest = spool.digest(b"one")
    for body in (b"first", b"second"):
        await spool.write(lambda tx, body=body: remember(tx, "s", "k", digest, 200, body))
    assert (await spool.read(lambda tx: recall(tx, "s", "k", digest))).body == b"first"


async def test_an_answer_needs_a_durable_write(spool):
    with pytest.raises(NotDurable):
        await spool.write(lambda tx: remember(tx, "s", "k", b"d", 200, b""), durable=False)


async def test_of_a_request_nothing_is_stored_but_its_hmac(spool):
    request = b"a request that nobody else may read"
    await spool.write(lambda tx: remember(tx, "s", "k", spool.digest(request), 200, b"ok"))
    files = b"".join(file.read_bytes() for file in spool.path.parent.iterdir())
    assert request not in files
    assert spool.digest(request) in files
