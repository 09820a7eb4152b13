"""The platform's settings as a file: what is not told has a default, what is wrong is told with its path."""

import pytest

from gateway.sandbox.platform.settings_file import PlatformFile, PlatformFileError


def test_an_empty_file_is_two_banks_and_a_scripted_one() -> None:
    told = PlatformFile.read("")
    assert [one.bank_id for one in told.settings().participants] == ["AAA", "BBB"]
    assert told.scripted_bank is not None
    assert told.settings().timers.order_life_seconds == 40


def test_what_is_told_is_taken() -> None:
    text = """
        [platform]
        port = 40700
        [[participant]]
        bank_id = "ONE"
        bic = "ONEEKZKA"
        url = "https://localhost:40701"
        position_minor = 5
        [timers]
        resend_seconds = [0.5]
    """
    settings = PlatformFile.read(text).settings()
    assert (settings.port, settings.participants[0].position) == (40700, 5)
    assert settings.timers.resend_seconds == (0.5,)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("[platform]\nfoo = 1", "platform.foo"),
        ("[[participant]]\nbank_id = 'ONE'", "participant[0].bic"),
        ("[[participant]]\nbank_id = 'ONE'\nbic = 'ONEEKZKA'\npins = ['x']", "participant[0].pins"),
        ("[timers]\nresend_seconds = []", "timers.resend_seconds"),
        ("[platform", "not TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_path(text: str, path: str) -> None:
    with pytest.raises(PlatformFileError) as wrong:
        PlatformFile.read(text)
    assert str(wrong.value).startswith(path)
