"""Why nothing was paid, as a customer is told. The codes and what they mean: `gateway.reasons`.

A lost, stolen or restricted card is told no more than that its bank did not allow the operation: who
stands at the terminal need not be its owner.
"""

from collections.abc import Mapping
from typing import Final

from agent.texts import Language, Text
from gateway.iso20022 import codes
from gateway.reasons import iso_reason, reason_of

_CARDS_BANK: Final = Text(
    "Картаны шығарған банк операцияға рұқсат бермеді. Банкіңізге хабарласыңыз.",
    "Банк, выдавший карту, не разрешил операцию. Обратитесь в свой банк.",
    "The bank that issued the card did not allow the operation. Please contact your bank.",
)
_FUNDS: Final = Text(
    "Картада қаражат жеткіліксіз.", "На карте недостаточно средств.", "Not enough funds on the card."
)
_EXPIRED: Final = Text("Картаның мерзімі өтіп кеткен.", "Срок действия карты истёк.", "The card has expired.")
_PIN: Final = Text("ПИН-код қате енгізілді.", "Введён неверный ПИН-код.", "The PIN was wrong.")
_PIN_TRIES: Final = Text(
    "ПИН-код тым көп рет қате енгізілді. Банкіңізге хабарласыңыз.",
    "Слишком много неверных попыток ввода ПИН-кода. Обратитесь в свой банк.",
    "Too many wrong PINs. Please contact your bank.",
)
_CARD_LIMIT: Final = Text(
    "Сома картаның лимитінен асады.", "Сумма превышает лимит карты.", "The sum is above the card's limit."
)
_CARD_COUNT: Final = Text(
    "Карта бойынша операциялар саны шектен асты.",
    "Превышено число операций по карте.",
    "Too many operations with this card.",
)
_CARD_UNFIT: Final = Text(
    "Карта қабылданбады. Басқа картамен төлеп көріңіз.",
    "Карта не принята. Попробуйте другую карту.",
    "The card was not accepted. Please try another card.",
)
_CANNOT: Final = Text(
    "Терминал бұл операцияны орындай алмайды.",
    "Терминал не может выполнить эту операцию.",
    "The terminal cannot perform this operation.",
)
_BANK_LATER: Final = Text(
    "Банктің қызметі уақытша қолжетімсіз. Кейінірек қайталап көріңіз.",
    "Сервис банка временно недоступен. Повторите позже.",
    "The bank's service is unavailable at the moment. Please try again later.",
)
_ACCOUNT: Final = Text(
    "Қызмет беруші мұндай шотты таппады. Деректемелерді тексеріңіз.",
    "Поставщик услуги не нашёл такой счёт. Проверьте реквизиты.",
    "The provider found no such account. Please check the details.",
)
_INACTIVE: Final = Text(
    "Қызмет берушідегі шот белсенді емес.",
    "Счёт у поставщика услуги неактивен.",
    "The account at the provider is not active.",
)
_PROVIDER: Final = Text(
    "Қызмет беруші төлемді қабылдамады.",
    "Поставщик услуги не принял платёж.",
    "The provider did not accept the payment.",
)
_PROVIDER_LATER: Final = Text(
    "Қызмет беруші төлемді қазір қабылдай алмайды. Кейінірек қайталап көріңіз.",
    "Поставщик услуги сейчас не может принять платёж. Повторите позже.",
    "The provider cannot accept the payment now. Please try again later.",
)
_PROVIDER_OFF: Final = Text(
    "Бұл қызмет берушіге төлемдер уақытша қабылданбайды. Кейінірек қайталап көріңіз.",
    "Платежи этому поставщику временно не принимаются. Повторите позже.",
    "Payments to this provider are not taken for now. Please try again later.",
)
_TOO_SMALL: Final = Text("Сома тым аз.", "Сумма слишком мала.", "The sum is too small.")
_TOO_LARGE: Final = Text("Сома тым көп.", "Сумма слишком велика.", "The sum is too large.")
_OUTSIDE: Final = Text(
    "Сома рұқсат етілген шектен тыс.", "Сумма вне допустимых пределов.", "The sum is outside the limits."
)
_TOO_LATE: Final = Text(
    "Тексеруден кейін тым көп уақыт өтті. Төлемді қайтадан бастаңыз.",
    "После проверки прошло слишком много времени. Начните платёж заново.",
    "Too much time has passed since the check. Please start again.",
)
_CHANGED: Final = Text(
    "Төлем деректері өзгерді. Төлемді қайтадан бастаңыз.",
    "Данные платежа изменились. Начните платёж заново.",
    "The payment's details have changed. Please start again.",
)
_CANCELLED: Final = Text(
    "Банк төлемді болдырмады.", "Банк отменил платёж.", "The bank cancelled the payment."
)
_NEVER_ARRIVED: Final = Text(
    "Төлем банкке жетпеді.", "Платёж не дошёл до банка.", "The payment did not reach the bank."
)

_NO_LINK: Final = Text("Бұл төлем сілтемесі емес.", "Это не платёжная ссылка.", "This is not a payment link.")
_FOREIGN_LINK: Final = Text(
    "Бұл сілтеме басқа жүйенікі, ол бойынша төлей алмайсыз.",
    "Ссылка чужой системы, по ней здесь не заплатить.",
    "The link is of another system and cannot be paid here.",
)
_OWN_LINK: Final = Text(
    "Алушының шоты осы банкте. Сатушыдан басқа төлем тәсілін сұраңыз.",
    "Счёт получателя в этом же банке. Попросите у продавца другой способ оплаты.",
    "The payee's account is with this same bank. Please ask the shop for another way to pay.",
)
_UNKNOWN_LINK: Final = Text(
    "Мұндай төлем сілтемесі жоқ.", "Такой платёжной ссылки нет.", "There is no such payment link."
)
_USED_LINK: Final = Text(
    "Бұл сілтеме бойынша төленіп қойған немесе қазір төленуде.",
    "По этой ссылке уже платят или заплатили.",
    "This link has been paid or is being paid.",
)
_EXPIRED_LINK: Final = Text(
    "Сілтеменің мерзімі өтті. Сатушыдан жаңасын сұраңыз.",
    "Срок ссылки истёк. Попросите у продавца новую.",
    "The link has expired. Please ask the shop for a new one.",
)
_SILENT_LINK: Final = Text(
    "Алушының банкі жауап бермеді. Кейінірек қайталап көріңіз.",
    "Банк получателя не ответил. Повторите позже.",
    "The payee's bank did not answer. Please try again later.",
)
_ACCOUNT_UNFIT: Final = Text(
    "Картаның шотынан бұл төлемді жасауға болмайды. Банкіңізге хабарласыңыз.",
    "Со счёта карты этот платёж невозможен. Обратитесь в свой банк.",
    "This payment is not possible from the card's account. Please contact your bank.",
)
_OFFER_OVER: Final = Text(
    "Уақыт өтіп кетті. Сілтемені қайтадан сканерлеңіз.",
    "Время вышло. Отсканируйте ссылку ещё раз.",
    "Time is up. Please scan the link again.",
)
_CALLED_OFF: Final = Text("Сіз төлемнен бас тарттыңыз.", "Вы отменили платёж.", "You cancelled the payment.")
_OF_ISO: Final = {iso_reason(row.code): Text(*row.text) for row in codes.REASONS.values()}

REASON_TEXTS: Final[Mapping[str, Text]] = {
    **dict.fromkeys(("card.01", "card.04", "card.05", "card.41", "card.43"), _CARDS_BANK),
    **dict.fromkeys(("card.57", "card.62", "card.other"), _CARDS_BANK),
    **dict.fromkeys(("card.03", "card.12", "card.13", "card.30", "card.58"), _CANNOT),
    **dict.fromkeys(("card.14", "card_unusable"), _CARD_UNFIT),
    "card.51": _FUNDS,
    "card.54": _EXPIRED,
    "card.55": _PIN,
    "card.75": _PIN_TRIES,
    "card.61": _CARD_LIMIT,
    "card.65": _CARD_COUNT,
    **dict.fromkeys(("card.94", "card.96", "card_host_unanswered"), _BANK_LATER),
    **dict.fromkeys(("eport.4", "eport.5"), _ACCOUNT),
    "eport.79": _INACTIVE,
    **dict.fromkeys(("eport.7", "missing_in_registry"), _PROVIDER),
    **dict.fromkeys(
        ("eport.8", "eport.243", "eport.300", "eport.other", "eport_unanswered"), _PROVIDER_LATER
    ),
    "eport.241": _TOO_SMALL,
    "eport.242": _TOO_LARGE,
    "sum_outside_limits": _OUTSIDE,
    **dict.fromkeys(("eport.38", "check_expired", "check_used"), _TOO_LATE),
    **dict.fromkeys(("eport.17", "eport.18", "eport.19", "offer_differs"), _CHANGED),
    "provider_off": _PROVIDER_OFF,
    "cancelled_by_order": _CANCELLED,
    "never_received": _NEVER_ARRIVED,
    **_OF_ISO,
    "iso.other": _OF_ISO[iso_reason(codes.NARRATIVE)],
    "link.unreadable": _NO_LINK,
    "link.foreign_host": _FOREIGN_LINK,
    "link.own_bank": _OWN_LINK,
    "link.unknown": _UNKNOWN_LINK,
    "link.used": _USED_LINK,
    "link.expired": _EXPIRED_LINK,
    **dict.fromkeys(("link.unanswered", "link.other"), _SILENT_LINK),
    "account_unfit": _ACCOUNT_UNFIT,
    "account_unanswered": _BANK_LATER,
    "offer_expired": _OFFER_OVER,
    "cancelled_by_payer": _CALLED_OFF,
}


def reason_text(code: str, language: Language) -> str | None:
    """The sentence for a code; None for one that is not the gateway's (a device's word, for staff)."""
    try:
        reason_of(code)
    except KeyError:
        return None
    family, _, _ = code.partition(".")
    text = REASON_TEXTS.get(code) or REASON_TEXTS[f"{family}.other"]
    return text.to(language)
