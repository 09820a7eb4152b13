"""What the page says, in Kazakh, Russian and English."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, get_args

Language = Literal["kk", "ru", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
NAMES: Final[Mapping[Language, str]] = MappingProxyType({"kk": "Қазақша", "ru": "Русский", "en": "English"})


class Text(NamedTuple):
    kk: str
    ru: str
    en: str

    def to(self, language: Language) -> str:
        return str(getattr(self, language))


WORDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "title": Text("Салыстыру", "Сверка", "Reconciliation"),
        "language": Text("Тіл", "Язык", "Language"),
        "menu": Text("Бөлімдер", "Разделы", "Sections"),
        "month": Text("Ай", "Месяц", "Month"),
        "worklist": Text("Шешілетін істер", "На решение", "To decide"),
        "payment": Text("Төлем", "Платёж", "Payment"),
        "find": Text("Табу", "Найти", "Find"),
        "find_hint": Text(
            "txn_id, RRN, e-port нөмірі", "txn_id, RRN, номер e-port", "txn_id, RRN, e-port's number"
        ),
        "log_in": Text("Кіру", "Войти", "Log in"),
        "log_out": Text("Шығу", "Выйти", "Log out"),
        "name": Text("Аты", "Имя", "Name"),
        "password": Text("Құпиясөз", "Пароль", "Password"),
        "wrong": Text(
            "Аты немесе құпиясөзі дұрыс емес.", "Имя или пароль неверны.", "Wrong name or password."
        ),
        "locked": Text(
            "Тым көп қате. Күтіңіз, секунд:",
            "Слишком много ошибок. Подождите, секунд:",
            "Too many errors. Wait, seconds:",
        ),
        "nobody": Text(
            "Әлі ешкімнің құпиясөзі жоқ: tolem office password NAME",
            "Паролей ещё нет: tolem office password NAME",
            "Nobody has a password yet: tolem office password NAME",
        ),
        "old_page": Text(
            "Бет ескірген. Қайталаңыз.",
            "Страница устарела. Повторите.",
            "The page was out of date. Do it again.",
        ),
        "previous": Text("Алдыңғы ай", "Предыдущий месяц", "Previous month"),
        "next": Text("Келесі ай", "Следующий месяц", "Next month"),
        "day": Text("Күн", "День", "Day"),
        "days": Text("Күндер", "Дни", "Days"),
        "totals": Text(
            "Қызмет берушілер бойынша, жабық күндер",
            "По поставщикам, закрытые дни",
            "Per provider, closed days",
        ),
        "provider": Text("Қызмет беруші", "Поставщик", "Provider"),
        "class": Text("Түрі", "Вид", "Class"),
        "count": Text("Саны", "Количество", "Count"),
        "sum": Text("Сома", "Сумма", "Sum"),
        "fee": Text("Комиссия", "Комиссия", "Fee"),
        "total": Text("Барлығы", "Всего", "Total"),
        "ours": Text("Банк", "Банк", "Bank"),
        "eport": Text("e-port", "e-port", "e-port"),
        "nothing_closed": Text("Жабық күн жоқ.", "Закрытых дней нет.", "No day is closed."),
        "registry": Text("Тізілім", "Реестр", "Registry"),
        "closed_by": Text("Жапқан", "Закрыл", "Closed by"),
        "differences": Text("Алшақтықтар", "Расхождения", "Differences"),
        "no_differences": Text("Алшақтық жоқ.", "Расхождений нет.", "No differences."),
        "nothing_to_decide": Text("Шешілетін іс жоқ.", "Решать нечего.", "There is nothing to decide."),
        "age": Text("Күтуде, күн", "Ждёт, дней", "Waiting, days"),
        "owner": Text("Жауапты", "Ответственный", "Owner"),
        "detail": Text("Мәлімет", "Подробности", "Detail"),
        "decision": Text("Шешім", "Решение", "Decision"),
        "reason": Text("Себебі", "Основание", "Reason"),
        "decide": Text("Шешу", "Решить", "Decide"),
        "decided": Text("Шешілді:", "Решено:", "Decided:"),
        "case": Text("Іс", "Дело", "Case"),
        "close_day": Text("Күнді жабу", "Закрыть день", "Close the day"),
        "closed_now": Text("Күн жабылды.", "День закрыт.", "The day is closed."),
        "close_hint": Text(
            "Жабық күн өзгермейді; кейінгі шешімдер — келесі күннің түзетулері.",
            "Закрытый день не меняется; решения после закрытия — корректировки следующих дней.",
            "A closed day never changes; what is decided later is an adjustment of a later day.",
        ),
        "story": Text("Тарихы", "История", "History"),
        "time": Text("Уақыты", "Время", "Time"),
        "event": Text("Оқиға", "Событие", "Event"),
        "state": Text("Күйі", "Состояние", "State"),
        "note": Text("Ескертпе", "Примечание", "Note"),
        "entries": Text("Жіберілетін хабарламалар", "Отправляемые сообщения", "Messages to send"),
        "alarms": Text("Дабылдар", "Тревоги", "Alarms"),
        "act": Text("Акт", "Акт", "Act"),
        "act_open": Text(
            "Акт жоқ: жабылмаған күндер:", "Акта нет: незакрытых дней:", "No act yet: days that are open:"
        ),
        "act_unsigned": Text(
            "Барлық күн жабық. Қол қою: tolem act",
            "Все дни закрыты. Подписать: tolem act",
            "All days are closed. To sign it: tolem act",
        ),
        "act_signed": Text("Қол қойған:", "Подписал:", "Signed by"),
    }
)

STANDINGS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "closed": Text("жабық", "закрыт", "closed"),
        "agrees": Text("сәйкес", "сходится", "agrees"),
        "differs": Text("алшақтық", "расхождения", "differs"),
        "missing": Text("тізілім жоқ", "нет реестра", "no registry"),
        "later": Text("болады", "впереди", "to come"),
    }
)

CLASSES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "MATCHED": Text("сәйкес", "совпало", "matched"),
        "AMOUNT_DIFF": Text("сомалар әртүрлі", "суммы различаются", "amounts differ"),
        "STATUS_DIFF": Text("күйлері әртүрлі", "состояния различаются", "states differ"),
        "ONLY_BANK": Text("тек банкте", "только у банка", "only at the bank"),
        "ONLY_EPORT": Text("тек e-port-та", "только у e-port", "only at e-port"),
        "DUPLICATE": Text("қайталама", "повтор", "duplicate"),
        "DAY_SHIFT": Text("басқа күн", "другой день", "another day"),
    }
)

DECISIONS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "OURS": Text("банктің дерегі дұрыс", "верны данные банка", "our book stands"),
        "EPORT": Text("e-port дерегі дұрыс", "верны данные e-port", "e-port's registry stands"),
        "SETTLE": Text("төленді: ақша аударылады", "оплачено: деньги списать", "paid: capture the hold"),
        "RELEASE": Text(
            "төленбеді: ақша қайтарылады", "не оплачено: деньги вернуть", "not paid: release the hold"
        ),
        "EXPLAINED": Text(
            "кейінгі тізілім түсіндірді", "объяснено позднейшим реестром", "explained by a later registry"
        ),
    }
)
WEEKDAYS: Final = (
    Text("Дс", "Пн", "Mo"),
    Text("Сс", "Вт", "Tu"),
    Text("Ср", "Ср", "We"),
    Text("Бс", "Чт", "Th"),
    Text("Жм", "Пт", "Fr"),
    Text("Сб", "Сб", "Sa"),
    Text("Жс", "Вс", "Su"),
)


def named(table: Mapping[str, Text], code: str, language: Language) -> str:
    """A code that the page does not know yet stands for itself."""
    return table[code].to(language) if code in table else code
