import hashlib

import pytest

from gateway.act.document import Sums
from gateway.act.eport_act import EportAct, EportActError, read, written
from gateway.act.month import Month

BEELINE = ("beeline-kz", Sums(count=2, sum=150_000, fee=4_500))
SAMAL = ("samal-internet", Sums(count=-1, sum=-50_050, fee=0))
WHOLE = written("10001", Month(2026, 10), [SAMAL, BEELINE])


def _sealed(*lines: str) -> bytes:
    body = "".join(f"{line}\r\n" for line in lines).encode()
    return body + f"T;2;1500.00;45.00;1545.00;{hashlib.sha256(body).hexdigest()}\r\n".encode()


def test_what_was_written_is_read() -> None:
    assert read(WHOLE) == EportAct("10001", Month(2026, 10), dict([BEELINE, SAMAL]))


def test_a_month_without_payments_has_no_lines() -> None:
    assert read(written("10001", Month(2026, 10), [])).providers == {}


H = "H;1;ACT;10001;2026-10;KZT"
P = "P;beeline-kz;2;1500.00;45.00;1545.00"


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        (WHOLE[:-2], 4, "cut off"),
        (WHOLE[: WHOLE.rindex(b"T;")], 3, "no trailer"),
        (WHOLE.replace(b"\r\n", b"\n"), 1, "cut off"),
        (WHOLE.replace(b"1500.00", b"1600.00").replace(b"1545.00", b"1645.00"), 4, "count and sums"),
        (WHOLE.replace(b"beeline-kz", b"beeline-kg"), 4, "sha256"),
        (_sealed(H, P, P), 3, "another line has"),
        (_sealed("H;1;DAY;10001;2026-10;KZT", P), 1, "no header"),
        (_sealed("H;1;ACT;10001;2026-13;KZT", P), 1, "month"),
        (_sealed("H;1;ACT;1000A;2026-10;KZT", P), 1, "point"),
        (_sealed(H, "P;beeline-kz;2;1500.00;45.00;1545.01"), 2, "total is not"),
        (_sealed(H, "P;beeline-kz;2;1500,00;45.00;1545.00"), 2, "1500.00"),
        (_sealed(H, "P;Beeline;2;1500.00;45.00;1545.00"), 2, "code"),
        (_sealed(H, "P;beeline-kz;02;1500.00;45.00;1545.00"), 2, "whole number"),
        (_sealed(H, "D;beeline-kz"), 2, "no line P"),
        (b"\xef\xbb\xbf" + WHOLE, 1, "no header"),
        (H.encode() + b"\r\n\xff", 2, "UTF-8"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_with_its_line(content: bytes, line: int, why: str) -> None:
    with pytest.raises(EportActError, match=why) as refused:
        read(content)
    assert refused.value.line == line
