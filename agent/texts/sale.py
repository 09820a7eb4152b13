"""The words of a merchant's slip and of what a sale came to."""

from typing import Final

from agent.texts import Text

BIN: Final = Text("БСН", "БИН", "BIN")
PURPOSE: Final = Text("Төлем мақсаты", "Назначение", "Purpose")
PAID_AT: Final = Text("Төленген уақыты", "Время оплаты", "Paid at")

PAID_LATE: Final = Text(
    "Төлем күткеннен кеш келді.", "Оплата пришла с опозданием.", "The payment came later than expected."
)
NOT_CONFIRMED: Final = Text("РАСТАЛМАҒАН", "НЕ ПОДТВЕРЖДЕНО", "NOT CONFIRMED")
DO_NOT_HAND_OVER: Final = Text("Тауарды бермеңіз!", "Не выдавайте товар!", "Do not hand over the goods!")
ASK_THE_BANK: Final = Text(
    "Төлемнің тағдыры белгісіз. Банкке хабарласыңыз.",
    "Судьба платежа неизвестна. Обратитесь в банк.",
    "What became of the payment is not known. Please ask the bank.",
)
