"""The words of the service page and of a technician's report, in Kazakh, Russian and English."""

from collections.abc import Mapping
from typing import Final

from agent.texts import Text

PARTS: Final[Mapping[str, Text]] = {
    "settings": Text("Баптаулар", "Настройки", "Settings"),
    "reader": Text("Карта оқу құрылғысы", "Считыватель карт", "Card reader"),
    "pin_pad": Text("ПИН-пернетақта", "ПИН-клавиатура", "PIN pad"),
    "printer": Text("Принтер", "Принтер", "Printer"),
    "scanner": Text("Код сканері", "Сканер кодов", "Scanner"),
    "store": Text("Диск", "Диск", "Disk"),
    "clock": Text("Сағат", "Часы", "Clock"),
    "certificate": Text("Сертификат", "Сертификат", "Certificate"),
    "gateway": Text("Шлюз және карта хосты", "Шлюз и карточный хост", "Gateway and card host"),
    "eport": Text("e-port", "e-port", "e-port"),
    "catalogue": Text("Қызметтер каталогы", "Каталог услуг", "Catalogue"),
    "registries TERM": Text("Терминалдың тізілімдері", "Реестры терминала", "Terminal's registries"),
    "registries TECH": Text("e-port тізілімдері", "Реестры для e-port", "Registries for e-port"),
    "registries BANK": Text("Банк тізілімдері", "Реестры для банка", "Registries for the bank"),
    "terminals": Text("Терминалдар", "Терминалы", "Terminals"),
    "agent list": Text("Терминалдың тізімі", "Список терминала", "Terminal's list"),
    "gateway list": Text("Шлюздің тізімі", "Список шлюза", "Gateway's list"),
    "agent.cert": Text("Терминал сертификаты", "Сертификат терминала", "Terminal's certificate"),
    "gateway.cert": Text("Шлюз сертификаты", "Сертификат шлюза", "Gateway's certificate"),
    "eport.client_cert": Text("e-port сертификаты", "Сертификат для e-port", "Certificate for e-port"),
    "card_host.client_cert": Text(
        "Карта хосты сертификаты", "Сертификат карточного хоста", "Certificate for the card host"
    ),
    "central.client_cert": Text(
        "Орталық жүйе сертификаты", "Сертификат центральной системы", "Certificate for the central system"
    ),
    "terminal": Text("Терминал", "Терминал", "Terminal"),
}
"""By the part of a finding; a device's own name in the settings stays as it is."""

TESTS: Final[Mapping[str, Text]] = {
    "status": Text("Күйі", "Состояние", "State"),
    "serial_number": Text("Сериялық нөмірі", "Серийный номер", "Serial number"),
    "self_test": Text("Өзін-өзі тексеру", "Самопроверка", "Self-test"),
    "display": Text("Дисплей", "Дисплей", "Display"),
    "keypad": Text("Пернелер", "Клавиши", "Keys"),
    "card": Text("Карта салу", "Вставить карту", "Insert a card"),
    "sheet": Text("Сынақ парағы", "Пробный лист", "Sample sheet"),
    "scan": Text("Кодты оқу", "Считать код", "Scan a code"),
}

PROMPTS: Final[Mapping[str, Text]] = {
    "insert_card": Text(
        "Кез келген чипті картаны салыңыз.", "Вставьте любую карту с чипом.", "Insert any chip card."
    ),
    "take_card": Text("Картаны алыңыз.", "Заберите карту.", "Take the card."),
    "press_every_key": Text(
        "ПИН-пернетақтаның әр пернесін бір рет басыңыз.",
        "Нажмите каждую клавишу ПИН-клавиатуры по одному разу.",
        "Press every key of the PIN pad once.",
    ),
    "pad_display_seen": Text(
        "ПИН-пернетақтада екі жол көрініп тұр ма: TOLEM 0123456789 және ABCDEFGHIJKLMNOP?",
        "Видны ли на ПИН-клавиатуре две строки: TOLEM 0123456789 и ABCDEFGHIJKLMNOP?",
        "Does the PIN pad show two lines: TOLEM 0123456789 and ABCDEFGHIJKLMNOP?",
    ),
    "keypad_good": Text(
        "Әр перне басылғанда көрінді ме?",
        "Каждая клавиша показалась при нажатии?",
        "Was every key shown when it was pressed?",
    ),
    "sheet_readable": Text(
        "Парақта ӘҒҚҢӨҰҮҺІ, ₸ және QR анық па?",
        "Чётко ли видны на листе ӘҒҚҢӨҰҮҺІ, ₸ и QR-код?",
        "Are ӘҒҚҢӨҰҮҺІ, ₸ and the QR code clear on the sheet?",
    ),
    "scan_any_code": Text(
        "Сканерге кез келген кодты көрсетіңіз.", "Покажите сканеру любой код.", "Show the scanner any code."
    ),
}
"""By the codes of `devices.selftest`."""

OUTCOMES: Final[Mapping[str, Text]] = {
    "paid": Text("төленді", "оплачено", "paid"),
    "nothing_taken": Text("ақша алынған жоқ", "ничего не списано", "nothing was taken"),
    "being_unblocked": Text("сома босатылуда", "сумма разблокируется", "being unblocked"),
    "in_processing": Text("өңделуде", "в обработке", "in processing"),
    "out_of_service": Text("қызмет көрсетілмеді", "не обслужено", "out of service"),
    "cancelled": Text("бас тартылды", "отменено", "cancelled"),
    "": Text("жүріп жатыр", "идёт", "under way"),
}

STANDING: Final[tuple[Text, ...]] = (
    Text("Терминал жұмыс істейді", "Терминал работает", "The terminal is in service"),
    Text(
        "Терминал жұмыс істейді, бірақ қарау керек",
        "Терминал работает, но нужно внимание",
        "In service; somebody should look",
    ),
    Text("Терминал жұмыс істемейді", "Терминал не работает", "Out of service"),
)
"""By `doctor`'s exit code."""

MAINTENANCE: Final[Mapping[str, Text]] = {
    "SERVING": Text("Техник терминалды алған жоқ", "Техник терминал не брал", "Not taken by a technician"),
    "WAITING": Text(
        "Клиенттің төлемі аяқталуын күтуде",
        "Ждёт, пока закончится платёж клиента",
        "Waiting for a customer's payment to end",
    ),
    "MAINTAINED": Text("Техниктің қолында", "В руках техника", "In a technician's hands"),
}

WORDS: Final[Mapping[str, Text]] = {
    "service": Text("Сервис", "Сервис", "Service"),
    "report": Text("Техникалық есеп", "Технический отчёт", "Technician's report"),
    "pin": Text("Сервис ПИН-коды", "Сервисный ПИН-код", "Service PIN"),
    "log_in": Text("Кіру", "Войти", "Log in"),
    "log_out": Text("Шығу", "Выйти", "Log out"),
    "wrong_pin": Text("ПИН-код қате.", "Неверный ПИН-код.", "The PIN is wrong."),
    "locked": Text(
        "Қате әрекет тым көп. Күтіңіз, секунд:",
        "Слишком много попыток. Подождите, секунд:",
        "Too many wrong tries. Wait, seconds:",
    ),
    "no_pin": Text(
        "ПИН-код қойылмаған: терминалда `tolem service pin` іске қосыңыз.",
        "ПИН-код не задан: выполните на терминале `tolem service pin`.",
        "No PIN is set: run `tolem service pin` on the terminal.",
    ),
    "must_come": Text("Келуі керек", "Должен прийти", "Must come"),
    "nobody_must": Text("Ешкім келудің қажеті жоқ", "Никому приходить не нужно", "Nobody needs to come"),
    "what": Text("Не", "Что", "What"),
    "verdict": Text("Нәтиже", "Результат", "Result"),
    "measured": Text("Өлшенген", "Измерено", "Measured"),
    "next_step": Text("Не істеу керек", "Что делать", "Next step"),
    "who": Text("Кім, қашан", "Кто, когда", "Who, when"),
    "devices": Text("Құрылғылар", "Устройства", "Devices"),
    "device": Text("Құрылғы", "Устройство", "Device"),
    "driver": Text("Драйвер, порт", "Драйвер, порт", "Driver, port"),
    "connection": Text("Байланыс", "Связь", "Connection"),
    "tests": Text("Сынақтар", "Проверки", "Tests"),
    "test_all": Text("Бәрін сынау", "Проверить всё", "Test everything"),
    "look_again": Text("Қайта қарау", "Обновить", "Look again"),
    "guided": Text("Адаммен бірге", "С участием человека", "With a person"),
    "take": Text("Терминалды алу", "Взять терминал", "Take the terminal"),
    "give_back": Text("Клиенттерге қайтару", "Вернуть клиентам", "Give it back to customers"),
    "take_first": Text(
        "Адаммен бірге сынау үшін алдымен терминалды алыңыз.",
        "Для проверок с участием человека сначала возьмите терминал.",
        "Take the terminal first: these tests need the devices for themselves.",
    ),
    "payments": Text("Соңғы төлемдер", "Последние платежи", "Latest payments"),
    "none": Text("Әзірге жоқ", "Пока нет", "None yet"),
    "time": Text("Уақыты", "Время", "Time"),
    "product": Text("Қызмет", "Услуга", "Product"),
    "total": Text("Барлығы", "Итого", "Total"),
    "card": Text("Карта", "Карта", "Card"),
    "outcome": Text("Нәтиже", "Итог", "Outcome"),
    "operation": Text("Операция", "Операция", "Operation"),
    "print": Text("Есепті басып шығару", "Напечатать отчёт", "Print the report"),
    "save": Text("Есепті сақтау (JSON)", "Сохранить отчёт (JSON)", "Save the report (JSON)"),
    "bundle": Text("Қолдау бумасы (zip)", "Пакет поддержки (zip)", "Support bundle (zip)"),
    "printed": Text("Есеп басып шығарылды.", "Отчёт напечатан.", "The report was printed."),
    "not_printed": Text("Есеп басылмады:", "Отчёт не напечатан:", "The report was not printed:"),
    "yes": Text("ИӘ", "ДА", "YES"),
    "no": Text("ЖОҚ", "НЕТ", "NO"),
    "stop": Text("Тоқтату", "Остановить", "Stop"),
    "wait": Text("Күтіңіз…", "Подождите…", "Wait…"),
    "back": Text("Артқа", "Назад", "Back"),
    "another_test": Text("Басқа сынақ жүріп жатыр.", "Идёт другая проверка.", "Another test is going on."),
    "old_page": Text(
        "Бұл бет ескірген. Қайта көріңіз.",
        "Эта страница устарела. Попробуйте ещё раз.",
        "This page was old. Try again.",
    ),
    "terminal": Text("Терминал", "Терминал", "Terminal"),
    "language": Text("Тіл", "Язык", "Language"),
}


def part_text(part: str) -> Text:
    """A part that has no words of its own is called by its name."""
    return PARTS.get(part) or Text(part, part, part)


def name_of_test(test_id: str) -> Text:
    """`pin_pad.keypad` → Keys."""
    name = test_id.rpartition(".")[2]
    return TESTS.get(name) or Text(name, name, name)
