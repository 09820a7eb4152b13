"""What is said where the extra `reports` is not installed, or a library of the system is missing."""

from collections.abc import Iterator
from contextlib import contextmanager


class PapersMissingError(Exception):
    """PDF or XLSX cannot be made here; the text says why, `to_do` what helps."""

    to_do = (
        "run `./tolem act` once where there is a network, or install the extra `reports` and the Debian"
        " packages libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0"
    )


@contextmanager
def told_when_missing(what: str) -> Iterator[None]:
    """Around an import. WeasyPrint raises OSError where a library of the system is not there."""
    try:
        yield
    except (ImportError, OSError) as error:
        first = str(error).strip().partition("\n")[0]
        raise PapersMissingError(f"{what} cannot be made here: {first}") from error
