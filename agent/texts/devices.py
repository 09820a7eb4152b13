"""Why a device ended a journey, as a customer is told: nothing was sent, so another card or try is free.

The codes are `device.word` with XFS4IoT's words; staff reads the code itself.
"""

from collections.abc import Mapping
from typing import Final

from agent.texts import Language, Text

DEVICES: Final = frozenset({"card", "reader", "pin_pad", "printer"})
_SILENT: Final = Text(
    "Карта жауап бермейді. Картаны суырып алыңыз.",
    "Карта не отвечает. Выньте карту.",
    "The card does not answer. Please pull it out.",
)
_TEXTS: Final[Mapping[str, Text]] = {
    "card.noMedia": Text(
        "Карта тым ерте алынды.", "Карта была вынута слишком рано.", "The card was taken out too early."
    ),
    "card.declinedByCard": Text(
        "Картаның чипі операцияға рұқсат бермеді. Басқа картамен төлеп көріңіз.",
        "Чип карты не разрешил операцию. Попробуйте другую карту.",
        "The card's chip did not allow the operation. Please try another card.",
    ),
    "card.cardBlocked": Text(
        "Картаны оны шығарған банк бұғаттаған. Банкіңізге хабарласыңыз.",
        "Карта заблокирована выдавшим её банком. Обратитесь в свой банк.",
        "The card is blocked by the bank that issued it. Please contact your bank.",
    ),
    "card.cardExpired": Text(
        "Картаның мерзімі өтіп кеткен.", "Срок действия карты истёк.", "The card has expired."
    ),
    **dict.fromkeys(("card.cardSilent", "reader.cardSilent"), _SILENT),
    "reader.cardLeft": Text(
        "Карта оқу құрылғысында басқа адамның картасы қалған.",
        "В считывателе осталась чужая карта.",
        "Somebody else's card is still in the reader.",
    ),
    "reader.muteCard": Text(
        "Картаның чипі жауап бермейді. Картаны чипін алға қаратып қайта салыңыз.",
        "Чип карты не отвечает. Вставьте карту снова, чипом вперёд.",
        "The card's chip does not answer. Please insert it again, chip first.",
    ),
    "card.noApplication": Text(
        "Бұл терминал мұндай картаны қабылдамайды. Басқа картамен төлеп көріңіз.",
        "Этот терминал не принимает такие карты. Попробуйте другую карту.",
        "This terminal does not take such a card. Please try another card.",
    ),
}
_OTHER: Final[Mapping[str, Text]] = {
    "card": Text(
        "Картаны оқу мүмкін болмады. Картаны қайта салып көріңіз немесе басқасын алыңыз.",
        "Карту не удалось прочитать. Вставьте её ещё раз или возьмите другую.",
        "The card could not be read. Please insert it again, or take another one.",
    ),
    "reader": Text(
        "Карта оқу құрылғысы жұмысын аяқтай алмады.",
        "Считыватель карт не завершил операцию.",
        "The card reader did not finish its work.",
    ),
    "pin_pad": Text(
        "ПИН-пернетақта жұмысын аяқтай алмады.",
        "ПИН-клавиатура не завершила операцию.",
        "The PIN pad did not finish its work.",
    ),
    "printer": Text(
        "Принтер жұмысын аяқтай алмады.",
        "Принтер не завершил операцию.",
        "The printer did not finish its work.",
    ),
}


def device_text(code: str, language: Language) -> str:
    """The sentence for a code of one of DEVICES."""
    family, _, _ = code.partition(".")
    return (_TEXTS.get(code) or _OTHER[family]).to(language)
