import pytest

from agent.demo.panel.ailments import AILMENTS, WELL, all_well, script
from devices.emulators.card_slot import SlotFaults, VirtualSlot
from devices.emulators.scanner import EmulatedScanner, ScannerFaults
from devices.emulators.script import Emulated, parse, play
from devices.emulators.terminals import PseudoTerminal

EVERY = [(device, ailment) for device, ailments in AILMENTS.items() for ailment in ailments]


@pytest.mark.parametrize(("device", "ailment"), EVERY)
def test_every_ailment_is_a_script_that_the_emulators_know(device, ailment):
    assert parse(script(device, ailment))[:2] == parse(f"{device}.well {device}.plug")


def test_every_device_begins_well():
    assert [next(iter(ailments)) for ailments in AILMENTS.values()] == list(all_well().values())


@pytest.mark.parametrize(("device", "ailment"), [("moon", WELL), ("pad", "sings")])
def test_what_does_not_exist_is_refused(device, ailment):
    with pytest.raises(KeyError):
        script(device, ailment)


async def test_a_device_has_one_ailment_at_a_time_and_none_when_it_is_well():
    slot = VirtualSlot()
    async with EmulatedScanner(PseudoTerminal()) as scanner:
        emulated = Emulated(card=slot, scanner=scanner)
        for device, ailment in (("card", "hangs"), ("card", "pulled"), ("scanner", "unplugged")):
            await play(parse(script(device, ailment)), emulated)
        assert slot.faults == SlotFaults(pull_at=5)
        assert not scanner.plugged
        await play(parse(" ".join(script(device, WELL) for device in ("card", "scanner"))), emulated)
        assert (slot.faults, scanner.faults, scanner.plugged) == (SlotFaults(), ScannerFaults(), True)
