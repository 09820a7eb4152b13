"""The words of a receipt."""

from typing import Final

from agent.texts import Text

COPY: Final = (
    "ДУБЛИКАТ / КӨШІРМЕ / COPY"  # in all languages at once: it warns whoever reads it (PROTOCOLS §8)
)

RECEIPT: Final = Text("Түбіртек", "Квитанция", "Receipt")
TERMINAL: Final = Text("Терминал", "Терминал", "Terminal")
AMOUNT: Final = Text("Сома", "Сумма", "Amount")
FEE: Final = Text("Комиссия", "Комиссия", "Fee")
TOTAL: Final = Text("Барлығы", "Итого", "Total")
CARD: Final = Text("Карта", "Карта", "Card")
APPROVAL_CODE: Final = Text("Авторизация коды", "Код авторизации", "Approval code")
OPERATION: Final = Text("Операция нөмірі", "Номер операции", "Operation number")
EPORT_NUMBER: Final = Text("e-port нөмірі", "Номер e-port", "e-port number")
CREDITOR_BIN: Final = Text("Алушының БСН", "БИН получателя", "Payee's BIN")
MERCHANT_ORDER: Final = Text("Тапсырыс", "Заказ", "Order")
TRANSFER_NUMBER: Final = Text("Аударым нөмірі", "Номер перевода", "Transfer number")
HELP_LINE: Final = Text("Анықтама телефоны", "Телефон для справок", "Help line")
KEEP: Final = Text("Түбіртекті сақтап қойыңыз", "Сохраняйте квитанцию", "Please keep this receipt")

PAID: Final = Text("ТӨЛЕНДІ", "ОПЛАЧЕНО", "PAID")
NOT_PAID: Final = Text("ТӨЛЕМ ӨТПЕДІ", "НЕ ОПЛАЧЕНО", "NOT PAID")
IN_PROCESSING: Final = Text("ӨҢДЕЛУДЕ", "В ОБРАБОТКЕ", "IN PROCESSING")

NOTHING_TAKEN: Final = Text(
    "Картаңыздан ақша алынған жоқ.",
    "Деньги с карты не списаны.",
    "Nothing was taken from your card.",
)
BEING_UNBLOCKED: Final = Text(
    "Картаңызда бұғатталған сома босатылып жатыр.",
    "Сумма, заблокированная на карте, освобождается.",
    "The amount blocked on your card is being unblocked.",
)
DO_NOT_PAY_AGAIN: Final = Text("Қайта төлемеңіз!", "Не платите повторно!", "Do not pay again!")
ASK_LATER: Final = Text(
    "Нәтижесін операция нөмірі мен картаңыздың соңғы 4 саны арқылы осы терминалдан немесе телефон арқылы біле аласыз.",
    "Результат можно узнать по номеру операции и последним 4 цифрам карты на этом терминале или по телефону.",
    "Ask for the result by the operation number and the last 4 digits of the card, at this terminal or by phone.",
)
