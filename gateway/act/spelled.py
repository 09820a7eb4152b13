"""Sums in words, as a document for signature names them, in Russian and in Kazakh. Pure.

>>> spelled(123_456_78, "ru")
'сто двадцать три тысячи четыреста пятьдесят шесть тенге 78 тиынов'
>>> spelled(1_001_000_01, "kk")
'бір миллион бір мың теңге 01 тиын'

Tenge is indeclinable in Russian and masculine beside a number; a thousand is feminine there. Kazakh counts without plurals, and a
hundred is written `бір жүз`, so that nothing can be put before it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal

Written = Literal["ru", "kk"]
Forms = tuple[str, str, str]  # with 1; with 2, 3, 4; with 5 and more

_LARGEST: Final = 10**15  # tenge

_RU_ONES: Final = [
    "ноль",
    "один",
    "два",
    "три",
    "четыре",
    "пять",
    "шесть",
    "семь",
    "восемь",
    "девять",
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
]
_RU_FEMININE: Final = {1: "одна", 2: "две"}
_RU_TENS: Final = [
    "–",
    "–",
    "двадцать",
    "тридцать",
    "сорок",
    "пятьдесят",
    "шестьдесят",
    "семьдесят",
    "восемьдесят",
    "девяносто",
]
_RU_HUNDREDS: Final = [
    "–",
    "сто",
    "двести",
    "триста",
    "четыреста",
    "пятьсот",
    "шестьсот",
    "семьсот",
    "восемьсот",
    "девятьсот",
]
_RU_SCALES: Final[tuple[Forms, ...]] = (
    ("триллион", "триллиона", "триллионов"),
    ("миллиард", "миллиарда", "миллиардов"),
    ("миллион", "миллиона", "миллионов"),
    ("тысяча", "тысячи", "тысяч"),
    ("", "", ""),
)
_RU_THOUSANDS: Final = 3  # the place of the feminine one
_RU_TIYN: Final[Forms] = ("тиын", "тиына", "тиынов")

_KK_ONES: Final = ["нөл", "бір", "екі", "үш", "төрт", "бес", "алты", "жеті", "сегіз", "тоғыз"]
_KK_TENS: Final = ["–", "он", "жиырма", "отыз", "қырық", "елу", "алпыс", "жетпіс", "сексен", "тоқсан"]
_KK_SCALES: Final = ("триллион", "миллиард", "миллион", "мың", "")


def spelled(minor: int, language: Written) -> str:
    """Tenge in words, tiyn in two digits. OverflowError from 10^15 tenge on."""
    tenge, tiyn = divmod(abs(minor), 100)
    if tenge >= _LARGEST:
        raise OverflowError("a sum that no word here names")
    minus = "минус " if minor < 0 else ""
    words, of_tiyn = _LANGUAGES[language]
    return f"{minus}{words(tenge)} {'тенге' if language == 'ru' else 'теңге'} {tiyn:02d} {of_tiyn(tiyn)}"


def form(number: int, forms: Forms) -> str:
    """The Russian form of a noun beside this number."""
    if number % 100 in range(11, 15):
        return forms[2]
    return {1: forms[0], 2: forms[1], 3: forms[1], 4: forms[1]}.get(number % 10, forms[2])


def _russian(number: int) -> str:
    words: list[str] = []
    for place, group in _groups(number):
        words += _russian_group(group, feminine=place == _RU_THOUSANDS)
        words.append(form(group, _RU_SCALES[place]))
    return " ".join(filter(None, words)) or _RU_ONES[0]


def _russian_group(number: int, *, feminine: bool) -> Iterator[str]:
    hundreds, rest = divmod(number, 100)
    if hundreds:
        yield _RU_HUNDREDS[hundreds]
    if rest >= 20:
        yield _RU_TENS[rest // 10]
        rest %= 10
    if rest:
        yield _RU_FEMININE.get(rest, _RU_ONES[rest]) if feminine else _RU_ONES[rest]


def _kazakh(number: int) -> str:
    words: list[str] = []
    for place, group in _groups(number):
        words += _kazakh_group(group)
        words.append(_KK_SCALES[place])
    return " ".join(filter(None, words)) or _KK_ONES[0]


def _kazakh_group(number: int) -> Iterator[str]:
    hundreds, rest = divmod(number, 100)
    if hundreds:
        yield f"{_KK_ONES[hundreds]} жүз"
    if rest >= 10:
        yield _KK_TENS[rest // 10]
    if rest % 10:
        yield _KK_ONES[rest % 10]


def _groups(number: int) -> Iterator[tuple[int, int]]:
    """Three digits each, the greatest first, with its place in a table of scales; none for zeros."""
    for place in range(len(_KK_SCALES)):
        group = number // 1000 ** (len(_KK_SCALES) - 1 - place) % 1000
        if group:
            yield place, group


_LANGUAGES: Final[Mapping[Written, tuple[Callable[[int], str], Callable[[int], str]]]] = {
    "ru": (_russian, lambda tiyn: form(tiyn, _RU_TIYN)),
    "kk": (_kazakh, lambda _: "тиын"),
}
