# ruff: noqa: N802 - the names are those of pyscard
"""Stands for pyscard's `smartcard.scard` where no pcscd can be made to answer so."""

from threading import Event

ANOTHER_PROGRAM, FORBIDDEN, NO_SERVICE, NO_ACCESS = 0x8010000B, 0x8010006A, 0x8010001D, 0x80100027
PNP = "\\\\?PnP?\\Notification"
READER = "Double 00 00"


def signed(hresult):
    """As pyscard gives them on some machines."""
    return hresult - 0x100000000 if hresult & 0x80000000 else hresult


class ScardDouble:
    """A reader with a card in it. `hang`: of SCardTransmit.

    `results`: by call, instead of success; of a list one each time, and the last for good.
    """

    SCARD_SCOPE_SYSTEM, SCARD_SHARE_EXCLUSIVE, SCARD_UNPOWER_CARD = 2, 1, 2
    SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1, SCARD_PCI_T0, SCARD_PCI_T1 = 1, 2, 100, 200
    SCARD_STATE_CHANGED = 2

    def __init__(self, **results):
        self.results = results
        self.answer = [0x90, 0x00]
        self.name = READER
        self.present = True
        self.protocol = self.SCARD_PROTOCOL_T1
        self.sent = []
        self.hang = False
        self.hangs, self.released = Event(), Event()
        self.changed = Event()
        self.calls = []

    def change(self, **attributes):
        """Something that SCardGetStatusChange tells."""
        for name, value in attributes.items():
            setattr(self, name, value)
        self.changed.set()

    def SCardEstablishContext(self, scope):
        return [self._result("SCardEstablishContext"), 7]

    def SCardReleaseContext(self, context):
        return self._result("SCardReleaseContext")

    def SCardListReaders(self, context, groups):
        return [self._result("SCardListReaders"), [self.name]]

    def SCardGetStatusChange(self, context, milliseconds, known):
        if all(state for name, state in known if name != PNP):
            self.changed.wait(milliseconds / 1000)
            self.changed.clear()
        states = {PNP: 0, self.name: 0x20 if self.present else 0x10}
        changed = [(name, states.get(name, 0x4) | 2, []) for name, _ in known]  # 4: no such reader
        return [self._result("SCardGetStatusChange"), changed]

    def SCardCancel(self, context):
        self.changed.set()
        return self._result("SCardCancel")

    def SCardConnect(self, context, reader, share, protocols):
        return [self._result("SCardConnect"), 9, self.protocol]

    def SCardStatus(self, handle):
        return [self._result("SCardStatus"), READER, 0, self.protocol, [0x3B, 0x00]]

    def SCardTransmit(self, handle, pci, command):
        self.sent.append((pci, bytes(command)))
        if self.hang:
            self.hangs.set()
            self.released.wait()
        return [self._result("SCardTransmit"), list(self.answer)]

    def SCardDisconnect(self, handle, disposition):
        return self._result("SCardDisconnect")

    def _result(self, name):
        self.calls.append(name)
        result = self.results.get(name, 0)
        if isinstance(result, list):
            result = result.pop(0) if len(result) > 1 else result[0]
        return signed(result) if isinstance(result, int) else result
