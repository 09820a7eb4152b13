"""One journey while it is lived: the record, and what must never leave memory."""

import asyncio
from typing import Generic

from agent.journeys.card_record import J
from agent.journeys.customer import Customer
from agent.journeys.ports import Parts
from devices.interfaces import ChipData, PinBlock
from gateway.contract import CardInput


class Run(Generic[J]):
    """The PAN, the PIN block and the chip's answer live here, from the card's opening to the PUT."""

    def __init__(self, journey: J, parts: Parts, customer: Customer) -> None:
        self.journey = journey
        self.parts = parts
        self.customer = customer
        self.pan: str | None = None
        self.pin: PinBlock | None = None
        self.chip: ChipData | None = None
        self._told_at: float | None = None

    def card(self) -> CardInput:
        """What the card and its holder gave, for the one PUT."""
        if self.chip is None or self.pin is None:
            raise AssertionError("SENDING without a cryptogram and a PIN")
        return CardInput(
            track2=self.chip.track2,
            emv=self.chip.emv.hex().upper(),
            pin_block=self.pin.block.hex().upper(),
            ksn=self.pin.ksn.hex().upper() if self.pin.ksn else None,
        )

    def forget_card(self) -> None:
        self.pan = self.pin = self.chip = None

    def told_at(self) -> float:
        """The loop's time at which the customer is told in any case. Its 25 seconds begin at the first call."""
        if self._told_at is None:
            self._told_at = asyncio.get_running_loop().time() + self.parts.timers.told_seconds
        return self._told_at
