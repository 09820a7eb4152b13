"""Our act beside e-port's: the protocol of differences, provider by provider. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.act.document import Act, Sums, Title, sum_of
from gateway.act.eport_act import EportAct


class AnotherActError(ValueError):
    """e-port's file is of another point or month."""


@dataclass(frozen=True)
class Compared:
    """One provider as each side has it. A side that does not name it has nothing of it."""

    provider: str
    title: Title
    ours: Sums
    theirs: Sums

    @property
    def difference(self) -> Sums:
        """Ours less theirs."""
        return Sums(
            count=self.ours.count - self.theirs.count,
            sum=self.ours.sum - self.theirs.sum,
            fee=self.ours.fee - self.theirs.fee,
        )

    @property
    def agrees(self) -> bool:
        return self.ours == self.theirs


@dataclass(frozen=True)
class Protocol:
    act: Act
    lines: tuple[Compared, ...]
    accepted: Compared

    @property
    def differences(self) -> tuple[Compared, ...]:
        return tuple(line for line in self.lines if not line.agrees)


def protocol(act: Act, theirs: EportAct) -> Protocol:
    """Raises AnotherActError. Differences of opposite signs are differences: sums alone may agree by chance."""
    if (theirs.point, str(theirs.month)) != (act.point, act.month):
        raise AnotherActError(
            f"it is of point {theirs.point} and {theirs.month}, not of point {act.point} and {act.month}"
        )
    lines = tuple(_lines(act, theirs))
    total = Compared("", Title(kk="", ru=""), act.accepted, sum_of(theirs.providers.values()))
    return Protocol(act, lines, total)


def _lines(act: Act, theirs: EportAct) -> Iterator[Compared]:
    ours = {line.provider: line for line in act.providers}
    for code in sorted(ours.keys() | theirs.providers.keys()):
        line = ours.get(code)
        title = Title(kk=code, ru=code) if line is None else line.title
        yield Compared(
            code, title, Sums() if line is None else line.accepted, theirs.providers.get(code, Sums())
        )
