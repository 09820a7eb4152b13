"""The words of a merchant's slip, of what a sale came to, and of where both begin."""

from typing import Final

from agent.texts import Text

BIN: Final = Text("БСН", "БИН", "BIN")
PURPOSE: Final = Text("Төлем мақсаты", "Назначение", "Purpose")
PAID_AT: Final = Text("Төленген уақыты", "Время оплаты", "Paid at")

PAID_LATE: Final = Text(
    "Төлем күткеннен кеш келді.", "Оплата пришла с опозданием.", "The payment came later than expected."
)
CANCELLED: Final = Text("БОЛДЫРЫЛМАДЫ", "ОТМЕНЕНО", "CANCELLED")
EXPIRED: Final = Text("МЕРЗІМІ ӨТТІ", "СРОК ИСТЁК", "EXPIRED")
NO_LINK: Final = Text("СІЛТЕМЕ АШЫЛМАДЫ", "ССЫЛКИ НЕТ", "NO LINK")
NOT_CONFIRMED: Final = Text("РАСТАЛМАҒАН", "НЕ ПОДТВЕРЖДЕНО", "NOT CONFIRMED")
DO_NOT_HAND_OVER: Final = Text("Тауарды бермеңіз!", "Не выдавайте товар!", "Do not hand over the goods!")
ASK_THE_BANK: Final = Text(
    "Төлемнің тағдыры белгісіз. Банкке хабарласыңыз.",
    "Судьба платежа неизвестна. Обратитесь в банк.",
    "What became of the payment is not known. Please ask the bank.",
)

PAY_BY_LINK: Final = Text("Дүкенге QR арқылы төлеу", "Оплата магазину по QR", "Pay a shop by QR")
NEW_SALE: Final = Text("Жаңа сатылым", "Новая продажа", "New sale")
LAST_SALES: Final = Text("Соңғы сатылымдар", "Последние продажи", "Last sales")
