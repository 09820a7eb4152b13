"""What happens to journeys that were left behind: by an earlier life, or by a store that could not write.

It is done at a start, and before each customer (DESIGN §5). Before SENDING they are abandoned, and a card
that may be inside goes back. From SENDING on their fate is asked, for as long as a customer would have
waited, and else by the spool. Nothing prints until asked.
"""

from agent.journeys import bill_store
from agent.journeys.bill import Event
from agent.journeys.bill_runner import live
from agent.journeys.card_record import CardJourney, Changes, Happened, J
from agent.journeys.customer import Customer
from agent.journeys.ports import Parts
from spool import Spool


async def recover(spool: Spool, parts: Parts, customer: Customer) -> list[CardJourney]:
    """Live every unfinished journey to its end, oldest first; the records they ended with."""
    unfinished = await spool.read(bill_store.unfinished)
    return [await _resume(journey, parts, customer) for journey in unfinished]


async def _resume(journey: J, parts: Parts, customer: Customer) -> J:
    changes = Changes(resumed=True)
    if journey.ending is None and journey.payment_id is None:
        changes["reason"] = "restarted"
    resumed = await parts.book.move(journey, Happened(Event.RESTARTED, changes))
    return await live(resumed, parts, customer)
