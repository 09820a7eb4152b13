"""What was measured, in a technician's language: the words of devices, of the doctor and of tests.

They travel in English, which is what JSON, logs and the command line say, and are put into words where a
person reads them. Codes, names, paths and what another program says stay as they are.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from agent.texts import Text

# fmt: off
PHRASES: Final[Mapping[str, tuple[str, str]]] = {
    # what a device measures of itself
    "media present":        ("карта ішінде", "карта вставлена"),
    "media notPresent":     ("карта жоқ", "карты нет"),
    "media unknown":        ("картаның бар-жоғы белгісіз", "есть ли карта, неизвестно"),
    "card severalSilent":   ("қатарынан бірнеше карта жауап бермеді", "несколько карт подряд не ответили"),
    "keys loaded":          ("кілттер жүктелген", "ключи загружены"),
    "keys notLoaded":       ("кілттер жүктелмеген", "ключи не загружены"),
    "keys unknown":         ("кілттер туралы әлі белгісіз", "о ключах ещё неизвестно"),
    "selfTest good":        ("өзін-өзі тексеру сәтті", "самопроверка пройдена"),
    "paper full":           ("қағаз бар", "бумага есть"),
    "paper low":            ("қағаз таусылып келеді", "бумага кончается"),
    "paper out":            ("қағаз жоқ", "бумаги нет"),
    "paper jammed":         ("қағаз тұрып қалған", "бумага замята"),
    "paper unknown":        ("қағаз туралы белгісіз", "о бумаге неизвестно"),
    "cover closed":         ("қақпағы жабық", "крышка закрыта"),
    "cover open":           ("қақпағы ашық", "крышка открыта"),
    "cover unknown":        ("қақпағы туралы белгісіз", "о крышке неизвестно"),
    "scanner operational":  ("код оқыған", "код считывал"),
    "scanner unknown":      ("әлі код оқымаған", "кодов ещё не считывал"),
    # the state of a device that measures nothing
    "online":               ("жұмыс істейді", "работает"),
    "offline":              ("байланыс жоқ", "нет связи"),
    "powerOff":             ("өшірулі", "выключено"),
    "noDevice":             ("құрылғы жоқ", "устройства нет"),
    "hardwareError":        ("құрылғы ақаулы", "аппаратная ошибка"),
    "userError":            ("адамды күтіп тұр", "ждёт человека"),
    "deviceBusy":           ("бос емес", "занято"),
    "fraudAttempt":         ("алаяқтық әрекеті", "попытка мошенничества"),
    "potentialFraud":       ("алаяқтық болуы мүмкін", "возможно мошенничество"),
    "starting":             ("іске қосылып жатыр", "запускается"),
    "busy":                 ("бос емес", "занято"),
    "not asked yet":        ("әлі сұралған жоқ", "ещё не опрошено"),
    # what the device, or the way to it, says when something is wrong
    "it did not answer":    ("жауап бермеді", "не ответило"),
    "it does not answer":   ("жауап бермейді", "не отвечает"),
    "it did not say":       ("айтпады", "не сообщило"),
    "no answer in time":    ("уақытында жауап болмады", "не ответило вовремя"),
    "check cable and power": ("кабелі мен қуатын тексеріңіз", "проверьте кабель и питание"),
    "check cable and speed": ("кабелі мен жылдамдығын тексеріңіз", "проверьте кабель и скорость"),
    "check power, cable and speed": ("қуатын, кабелін, жылдамдығын тексеріңіз", "проверьте питание, кабель и скорость"),
    "check the printer's power, its cable and the port's speed": ("принтердің қуатын, кабелін, порт жылдамдығын тексеріңіз", "проверьте питание принтера, кабель и скорость порта"),
    "no answer":            ("жауап жоқ", "нет ответа"),
    "no answer to DLE EOT {}": ("DLE EOT {} сұрауына жауап жоқ", "нет ответа на DLE EOT {}"),
    "no ACK":               ("ACK келмеді", "нет ACK"),
    "NAK to every repeat":  ("әр қайталауға NAK", "NAK на каждый повтор"),
    "silence, or nothing but noise": ("үнсіздік немесе тек шу", "тишина или один шум"),
    "end the other process": ("басқа процесті тоқтатыңыз", "закройте другой процесс"),
    "switch the pad off and on": ("пернетақтаны өшіріп, қайта қосыңыз", "выключите и включите клавиатуру"),
    "is this the right model?": ("моделі дұрыс па?", "та ли это модель?"),
    "pcscd is not running": ("pcscd жұмыс істемейді", "pcscd не запущен"),
    "start it, or install the package pcscd": ("іске қосыңыз немесе pcscd бумасын орнатыңыз", "запустите его или установите пакет pcscd"),
    "the line to pcscd broke": ("pcscd байланысы үзілді", "связь с pcscd прервалась"),
    "it ended, or is being restarted": ("ол тоқтады немесе қайта қосылуда", "он остановился или перезапускается"),
    "the reader is not there": ("оқу құрылғысы жоқ", "считывателя нет"),
    "check its cable":      ("кабелін тексеріңіз", "проверьте его кабель"),
    "the reader failed":    ("оқу құрылғысы істен шықты", "считыватель отказал"),
    "plug it in anew":      ("ажыратып, қайта қосыңыз", "отключите и подключите заново"),
    "there is none":        ("ешқайсысы жоқ", "нет ни одного"),
    "another program uses this reader": ("оқу құрылғысын басқа бағдарлама пайдалануда", "считыватель занят другой программой"),
    "end it":               ("оны тоқтатыңыз", "закройте её"),
    "polkit does not let this user use the reader": ("polkit бұл пайдаланушыға оқу құрылғысын бермейді", "polkit не даёт этому пользователю считыватель"),
    "no card is in":        ("карта жоқ", "карты нет"),
    "the card was pulled":  ("карта суырылып алынды", "карту вынули"),
    "no answer to reset":   ("қайта іске қосуға жауап жоқ", "нет ответа на сброс"),
    "the card is upside down, or its chip is dead": ("карта теріс салынған немесе чипі істен шыққан", "карта вставлена не той стороной или её чип не работает"),
    "pull the card":        ("картаны суырып алыңыз", "выньте карту"),
    "the card is still in the reader": ("карта әлі оқу құрылғысында", "карта всё ещё в считывателе"),
    "nobody inserted a card in time": ("ешкім уақытында карта салмады", "никто вовремя не вставил карту"),
    "switch the printer off and on": ("принтерді өшіріп, қайта қосыңыз", "выключите и включите принтер"),
    "if it stays so, replace it": ("өзгермесе, ауыстырыңыз", "если не поможет, замените"),
    "open the cover and free the cutter": ("қақпағын ашып, кескішті босатыңыз", "откройте крышку и освободите нож"),
    "open the cover and take the jammed paper out": ("қақпағын ашып, тұрып қалған қағазды алыңыз", "откройте крышку и уберите замятую бумагу"),
    "close the cover":      ("қақпағын жабыңыз", "закройте крышку"),
    "load a roll of paper": ("қағаз орамын салыңыз", "вставьте рулон бумаги"),
    "put in a new roll":    ("жаңа орам салыңыз", "вставьте новый рулон"),
    "have a new roll ready": ("жаңа орам дайындаңыз", "приготовьте новый рулон"),
    "wait until the print head has cooled down": ("басып шығару басы суығанша күтіңіз", "подождите, пока остынет печатающая головка"),
    "let go of the feed button": ("қағаз беру түймесін жіберіңіз", "отпустите кнопку подачи"),
    "look at the printer's lamps": ("принтердің шамдарына қараңыз", "посмотрите на лампочки принтера"),
    # what a test came to
    "seen":                 ("көрінді", "видно"),
    "not seen":             ("көрінбеді", "не видно"),
    "nobody answered":      ("ешкім жауап бермеді", "никто не ответил"),
    "stopped":              ("тоқтатылды", "остановлено"),
    "{} characters":        ("таңба саны: {}", "символов: {}"),
    # what the doctor finds
    "role terminal":        ("рөлі: терминал", "роль: терминал"),
    "role gateway":         ("рөлі: шлюз", "роль: шлюз"),
    "role both":            ("рөлі: терминал және шлюз", "роль: терминал и шлюз"),
    "a customer left a card: pull it out, keep it": ("клиент картасын қалдырды: суырып алып, сақтап қойыңыз", "клиент оставил карту: выньте и сохраните её"),
    "several cards in a row gave no answer": ("қатарынан бірнеше карта жауап бермеді", "несколько карт подряд не ответили"),
    "it has no PIN key: an engineer must load one": ("ПИН кілті жоқ: инженер жүктеуі керек", "нет ключа для ПИН-кода: его загрузит инженер"),
    "{} MiB are free":      ("{} МиБ бос", "свободно {} МиБ"),
    "{} bytes are free, {} needed": ("{} байт бос, {} керек", "свободно {} байт, нужно {}"),
    "the disk is full: free some space": ("дискі толды: орын босатыңыз", "диск полон: освободите место"),
    "the disk syncs faster than a disk can": ("дискі мүмкіннен жылдам сақтайды", "диск сохраняет быстрее, чем диск может"),
    "{} s against the gateway's clock": ("шлюз сағатынан айырмасы {} с", "{} с относительно часов шлюза"),
    "the card host answers, e-port's breaker is closed": ("карта хосты жауап береді, e-port қолжетімді", "карточный хост отвечает, e-port доступен"),
    "{} days left":         ("{} күн қалды", "осталось дней: {}"),
    "to be renewed since {}": ("{} күнінен бері жаңартылуы керек", "продлить следовало с {}"),
    "{} on their way":      ("жолда: {}", "в пути: {}"),
    "{} wait, the oldest since {}": ("{} күтуде, ең ескісі: {}", "ждут: {}, самый старый с {}"),
    "version {}":           ("{}-нұсқа", "версия {}"),
    "never published":      ("ешқашан жарияланбаған", "ни разу не публиковался"),
    "the gateway has not served one yet": ("шлюз әлі каталог берген жоқ", "шлюз ещё не отдал ни одного"),
    "it does not fit the contract": ("келісімшартқа сәйкес емес", "не соответствует договору"),
    "it has no signature":  ("қолтаңбасы жоқ", "нет подписи"),
    "no key of agent.catalogue_key has signed it": ("agent.catalogue_key кілттерінің бірде-бірі қол қоймаған", "не подписан ни одним ключом из agent.catalogue_key"),
    "it is older than the one that is kept": ("сақталғанынан ескі", "старше того, что хранится"),
    "agent.catalogue_key is not set: any catalogue of the gateway is taken, signed or not": ("agent.catalogue_key қойылмаған: шлюздің кез келген каталогы қабылданады", "agent.catalogue_key не задан: принимается любой каталог шлюза, с подписью и без"),
    "see `tolem registry list`": ("қараңыз: `tolem registry list`", "смотрите `tolem registry list`"),
    "see `tolem spool list --store agent`": ("қараңыз: `tolem spool list --store agent`", "смотрите `tolem spool list --store agent`"),
    "see `tolem spool list --store gateway`": ("қараңыз: `tolem spool list --store gateway`", "смотрите `tolem spool list --store gateway`"),
}
"""In Kazakh and Russian, by what travels; `{}` stands for a number or a time."""
# fmt: on

_SEPARATORS: Final = ("; ", ": ", " (", ", ")
_NUMBER: Final = re.compile(r"(?<![\w])[+-]?\d(?:[\d:.T+-]*\d)?Z?(?!\w)")


def measured_text(measured: str) -> Text:
    """Each part that `PHRASES` knows in its words; the rest as it stands."""
    return _text(measured, _SEPARATORS)


def _text(told: str, separators: Sequence[str]) -> Text:
    """As a whole if it is known, else part by part: the coarsest separator first."""
    known = PHRASES.get(_NUMBER.sub("{}", told))
    if known is not None:
        numbers = _NUMBER.findall(told)
        kazakh, russian = (said.format(*numbers) for said in known)
        return Text(kazakh, russian, told)
    if not separators:
        return Text(told, told, told)
    separator, *finer = separators
    parts = [_text(part, finer) for part in told.split(separator)]
    return Text(*(separator.join(said) for said in zip(*parts, strict=True)))
