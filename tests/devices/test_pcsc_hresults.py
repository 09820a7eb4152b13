from importlib.resources import files

import pytest

from devices.emv.faults import result_of
from devices.interfaces import Completion
from devices.pcsc.hresults import POLKIT_RULE, PcscError, explain, may_be_a_reset


@pytest.mark.parametrize(
    ("hresult", "completion", "word"),
    [
        (0x8010001D, Completion.CONNECTION_LOST, "readerLost"),
        (0x8010001E, Completion.CONNECTION_LOST, "readerLost"),
        (0x80100013, Completion.CONNECTION_LOST, "readerLost"),
        (0x80100009, Completion.CONNECTION_LOST, "readerLost"),
        (0x8010000C, Completion.COMMAND_ERROR, "noMedia"),
        (0x80100016, Completion.COMMAND_ERROR, "noMedia"),
        (0x80100069, Completion.COMMAND_ERROR, "noMedia"),
        (0x8010000F, Completion.COMMAND_ERROR, "muteCard"),
        (0x80100066, Completion.COMMAND_ERROR, "muteCard"),
        (0x8010000B, Completion.DEVICE_NOT_READY, "readerInUse"),
        (0x8010006A, Completion.DEVICE_NOT_READY, "readerForbidden"),
        (0x80100027, Completion.DEVICE_NOT_READY, "readerForbidden"),
        (0x80100001, Completion.CONNECTION_LOST, "readerLost"),  # no row: the reader's fault
    ],
    ids=lambda value: f"{value:08X}" if isinstance(value, int) else None,
)
def test_each_result_has_its_own_code(hresult, completion, word):
    result = result_of(explain(PcscError(hresult, "SCardConnect")))
    assert (result.completion, result.error) == (completion, word)
    assert f"{hresult:08X}" in result.detail


@pytest.mark.parametrize("hresult", [0x8010006A, 0x80100027], ids=["security violation", "no access"])
def test_only_a_call_that_polkit_guards_can_be_refused(hresult):
    watching = PcscError(hresult, "SCardGetStatusChange")
    assert result_of(explain(watching)).error == "readerLost"
    assert not may_be_a_reset(watching)
    for call in ("SCardEstablishContext", "SCardConnect"):
        asking = PcscError(hresult, call)
        assert may_be_a_reset(asking)
        assert result_of(explain(asking)).error == "readerForbidden"
        assert result_of(explain(asking, believed=False)).error == "readerLost"


def test_a_refusal_of_polkit_names_the_rule_that_helps(root_of_pcsc):
    assert POLKIT_RULE in str(explain(PcscError(0x8010006A, "SCardConnect")))
    rule = (root_of_pcsc / POLKIT_RULE).read_text()
    assert "org.debian.pcsc-lite.access_pcsc" in rule
    assert "org.debian.pcsc-lite.access_card" in rule


@pytest.fixture
def root_of_pcsc():
    return files("devices.pcsc")
