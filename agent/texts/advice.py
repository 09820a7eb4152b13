"""What staff or an engineer does next, and the words around it: for the service page, paper and command line."""

from collections.abc import Mapping
from typing import Final

from agent.texts import Text

STEPS: Final[Mapping[str, Text]] = {
    "check_cable": Text(
        "Кабелі мен қуатын тексеріңіз.", "Проверьте кабель и питание.", "Check its cable and power."
    ),
    "switch_off_on": Text("Өшіріп, қайта қосыңыз.", "Выключите и снова включите.", "Switch it off and on."),
    "clear_device": Text(
        "Құрылғыға қараңыз: ол адамды күтіп тұр.",
        "Посмотрите на устройство: оно ждёт человека.",
        "Look at the device: it waits for a person.",
    ),
    "replace_device": Text(
        "Қайта сынаңыз; ақау қайталанса, ауыстырыңыз.",
        "Проверьте ещё раз; если неисправность повторится, замените.",
        "Test it again; replace it if the fault comes back.",
    ),
    "look_for_foreign_part": Text(
        "Бөтен бөлшек бар-жоғын қараңыз; ешкімге пайдаланғызбаңыз.",
        "Ищите посторонние накладки; никого не допускайте.",
        "Look for a part that does not belong there; let nobody use it.",
    ),
    "wait": Text(
        "Күтіңіз: терминал өзі қайта сұрайды.",
        "Подождите: терминал сам спросит ещё раз.",
        "Wait: the terminal asks again by itself.",
    ),
    "end_other_program": Text(
        "Құрылғыны иеленген басқа бағдарламаны тоқтатыңыз.",
        "Закройте программу, которая заняла устройство.",
        "End the program that holds the device.",
    ),
    "allow_reader": Text(
        "polkit ережесін орнатыңыз: README, «A real card reader».",
        "Установите правило polkit: README, «A real card reader».",
        "Install the polkit rule: README, “A real card reader”.",
    ),
    "compare_settings": Text(
        "Баптаудағы драйвер мен портты құрылғымен салыстырыңыз.",
        "Сверьте драйвер и порт в настройках с устройством.",
        "Compare driver and port in the settings with the device.",
    ),
    "pull_card": Text(
        "Картаны суырып алыңыз.", "Выньте карту из считывателя.", "Pull the card out of the reader."
    ),
    "try_another_card": Text(
        "Картаны суырып алып, басқа картамен көріңіз.",
        "Выньте карту и попробуйте другую.",
        "Pull the card out, and try another card.",
    ),
    "replace_reader": Text(
        "Қатарынан бірнеше карта жауап бермеді: өз картаңызбен көріңіз, ол да үндемесе, оқу құрылғысын ауыстырыңыз.",
        "Несколько карт подряд не ответили: проверьте своей картой; если молчит и она, замените считыватель.",
        "Several cards in a row gave no answer: try your own, and replace the reader if it gets none either.",
    ),
    "test_again": Text("Сынақты қайталаңыз.", "Повторите проверку.", "Do the test again."),
    "load_keys": Text("ПИН кілтін жүктеңіз.", "Загрузите ключ для ПИН-кода.", "Load a key for the PIN."),
    "new_roll": Text("Жаңа қағаз орамын салыңыз.", "Вставьте новый рулон бумаги.", "Put in a new roll."),
    "roll_ready": Text(
        "Қағаз таусылып келеді: жаңа орам дайындаңыз.",
        "Бумага кончается: приготовьте новый рулон.",
        "The paper ends soon: have a new roll ready.",
    ),
    "look_at_paper": Text(
        "Қағазды қараңыз: принтер ол туралы айтпайды.",
        "Посмотрите на бумагу: принтер о ней не сообщает.",
        "Look at the paper: the printer does not tell.",
    ),
    "close_cover": Text(
        "Принтер қақпағын жабыңыз.", "Закройте крышку принтера.", "Close the printer's cover."
    ),
    "clear_jam": Text(
        "Ашып, тұрып қалған қағазды алыңыз.",
        "Откройте и уберите замятую бумагу.",
        "Open it and take the jammed paper out.",
    ),
    "free_disk": Text(
        "Дискіде орын босатыңыз; data_dir ішінен ештеңе жоймаңыз.",
        "Освободите место на диске; в data_dir ничего не удаляйте.",
        "Free some space on the disk; delete nothing in data_dir.",
    ),
    "replace_disk": Text(
        "Дискіні тексеріп, ауыстырыңыз.",
        "Проверьте диск и замените его.",
        "Examine the disk, and replace it.",
    ),
    "set_clock": Text(
        "Сағатты қойыңыз, NTP мен батареяны тексеріңіз.",
        "Установите часы, проверьте NTP и батарейку.",
        "Set the clock; see to NTP and the battery.",
    ),
    "renew_certificate": Text(
        "Сертификатты жаңартыңыз: `tolem certs`, `tolem enrol`.",
        "Обновите сертификат: `tolem certs`, `tolem enrol`.",
        "Renew the certificate: `tolem certs`, `tolem enrol`.",
    ),
    "compare_certificates": Text(
        "Екі жақтың сертификаттарын салыстырыңыз: `tolem certs`.",
        "Сверьте сертификаты обеих сторон: `tolem certs`.",
        "Compare the certificates of both sides: `tolem certs`.",
    ),
    "check_network": Text(
        "Желіні және шлюз жұмысын тексеріңіз.",
        "Проверьте сеть и работает ли шлюз.",
        "Check the network, and whether the gateway runs.",
    ),
    "ask_card_host": Text(
        "Карта хостымен байланысты шлюзде тексеріңіз.",
        "Проверьте на шлюзе линию к карточному хосту.",
        "Check the line to the card host at the gateway.",
    ),
    "ask_eport": Text(
        "e-port жауап бермейді: шлюз өзі қайта сұрайды; ұзаққа созылса, хабарласыңыз.",
        "e-port не отвечает: шлюз спросит ещё раз сам; если это надолго, позвоните туда.",
        "e-port does not answer: the gateway asks again by itself; call them if it lasts.",
    ),
    "decide_list": Text(
        "Күтіп тұрған жазбалар бойынша шешім қабылдаңыз: `tolem spool list`.",
        "Примите решение по записям, которые ждут: `tolem spool list`.",
        "Decide what waits for a person: `tolem spool list`.",
    ),
    "look_at_registries": Text(
        "Тізілімді кім қабылдамай жатқанын қараңыз: `tolem registry list`.",
        "Посмотрите, кто не принимает реестры: `tolem registry list`.",
        "See who does not take the registries: `tolem registry list`.",
    ),
    "look_at_terminal": Text(
        "Бұл терминалдар жұмыс істей ме, желісі бар ма — тексеріңіз.",
        "Проверьте, работают ли эти терминалы и есть ли у них сеть.",
        "See whether these terminals run, and have a network.",
    ),
    "pin_catalogue": Text(
        "Банк кілтін agent.catalogue_key ішіне жазыңыз: README, «Add a provider».",
        "Впишите ключ банка в agent.catalogue_key: README, «Add a provider».",
        "Write the bank's key into agent.catalogue_key: README, “Add a provider”.",
    ),
    "start_gateway": Text("Шлюзді іске қосыңыз.", "Запустите шлюз.", "Start the gateway."),
    "check_catalogue": Text(
        "Каталогтың қолтаңбасын шлюзде тексеріңіз: `tolem catalogue`.",
        "Проверьте на шлюзе подпись каталога: `tolem catalogue`.",
        "Check the catalogue's signature at the gateway: `tolem catalogue`.",
    ),
    "leave_maintenance": Text(
        "Терминалда техник жұмыс істеп жатыр: сервис бетінде терминалды клиенттерге қайтарыңыз.",
        "С терминалом работает техник: верните его клиентам на сервисной странице.",
        "A technician works here: give the terminal back on the service page.",
    ),
    "read_log": Text(
        "Журналды қараңыз, қолдау бумасын жіберіңіз: `tolem support-bundle`.",
        "Посмотрите журнал и отправьте пакет поддержки: `tolem support-bundle`.",
        "Read the log, and send a bundle: `tolem support-bundle`.",
    ),
}

WHO: Final[Mapping[str, Text]] = {
    "staff": Text("қызметкер", "сотрудник", "staff"),
    "engineer": Text("инженер", "инженер", "engineer"),
    "nobody": Text("ешкім", "никто", "nobody"),
}
WHEN: Final[Mapping[str, Text]] = {
    "now": Text("қазір", "сейчас", "now"),
    "soon": Text("жақында", "скоро", "soon"),
}
VERDICTS: Final[Mapping[str, Text]] = {
    "PASS": Text("ЖАРАМДЫ", "ИСПРАВНО", "PASS"),
    "FAIL": Text("АҚАУ", "НЕИСПРАВНО", "FAIL"),
    "SKIPPED": Text("ӨТКІЗІЛДІ", "ПРОПУЩЕНО", "SKIPPED"),
    "NOT ANSWERED": Text("ЖАУАП ЖОҚ", "НЕТ ОТВЕТА", "NOT ANSWERED"),
}


def step_text(step: str) -> Text:
    """Empty for no step."""
    return STEPS[step] if step else Text("", "", "")


def visit_text(who: str, when: str) -> Text:
    """`engineer, now`; empty where nobody has to come."""
    if who == "nobody":
        return Text("", "", "")
    return Text(*(f"{WHO[who].to(it)}, {WHEN[when].to(it)}" for it in ("kk", "ru", "en")))
