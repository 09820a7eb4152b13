import subprocess
import sys

from tests.bench.rows import Row


def test_a_row_has_the_middle_and_the_tail_of_its_samples() -> None:
    row = Row.of("press", [float(n) for n in range(1, 101)], "ms")
    assert (row.median, row.largest, row.times) == (50.5, 100.0, 100)
    assert 95.0 <= row.percentile_95 <= 97.0


def test_one_sample_is_its_own_tail() -> None:
    assert Row.of("start", [3.0], "s").percentile_95 == 3.0


def test_a_case_that_is_not_there_is_named_beside_those_that_are() -> None:
    bench = [sys.executable, "-m", "tests.bench", "gremlins"]
    done = subprocess.run(bench, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no case gremlins; there is kiosk" in done.stderr
