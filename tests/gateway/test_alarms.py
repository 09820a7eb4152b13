from gateway.alarms import alarm_counts, alarms_about, close_alarm, open_alarms, raise_alarm


async def test_the_same_alarm_about_the_same_subject_is_one_row_while_open(store, clock) -> None:
    await store.write(lambda tx: raise_alarm(tx, "eport_http_400", subject="p1", detail="first"))
    clock.advance(minutes=5)
    await store.write(lambda tx: raise_alarm(tx, "eport_http_400", subject="p1", detail="second"))
    await store.write(lambda tx: raise_alarm(tx, "eport_http_400", subject="p2"))
    first, second = await store.read(open_alarms)
    assert (first.subject, first.times, first.detail) == ("p1", 2, "second")
    assert (first.last_at - first.first_at).seconds == 300
    assert second.subject == "p2"


async def test_a_closed_alarm_stays_and_its_return_is_a_new_one(store) -> None:
    await store.write(lambda tx: raise_alarm(tx, "payment_expired", subject="p1"))
    (alarm,) = await store.read(open_alarms)
    assert await store.write(lambda tx: close_alarm(tx, alarm.alarm_id, by="Aigul", remark="called e-port"))
    assert not await store.write(lambda tx: close_alarm(tx, alarm.alarm_id, by="Aigul", remark="again"))
    await store.write(lambda tx: raise_alarm(tx, "payment_expired", subject="p1"))
    closed, again = await store.read(lambda tx: alarms_about(tx, "p1"))
    assert (closed.closed_by, closed.remark) == ("Aigul", "called e-port")
    assert (again.closed_at, again.times) == (None, 1)
    assert await store.read(alarm_counts) == [("payment_expired", 1, 2)]
