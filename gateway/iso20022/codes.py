"""Why an order or a link was refused: codes of ISO's ExternalStatusReason1Code (PROTOCOLS §3.5).

`text` is for whoever pays, in three languages. A code from outside that has no row here is told as NARR.

>>> reason_of("AM04").text.en
'Not enough money on the account'
>>> reason_of("ZZ99").code
'ZZ99'
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, NamedTuple


class Text(NamedTuple):
    """One thing said in every language."""

    kk: str
    ru: str
    en: str


@dataclass(frozen=True)
class ReasonCode:
    """`name` is ISO's."""

    code: str
    name: str
    text: Text


def reason_of(code: str) -> ReasonCode:
    """The row of `code`, or what is said of a code without one."""
    return REASONS.get(code) or replace(REASONS[NARRATIVE], code=code)


NARRATIVE: Final = "NARR"

_ROWS: Final = (
    ReasonCode(
        "AB03",
        "AbortedSettlementTimeout",
        Text("Есеп айырысу уақыты бітті", "Истекло время расчёта", "The settlement ran out of time"),
    ),
    ReasonCode(
        "AB05",
        "TimeoutCreditorAgent",
        Text(
            "Алушының банкі кеш жауап берді",
            "Банк получателя ответил слишком поздно",
            "The payee's bank answered too late",
        ),
    ),
    ReasonCode(
        "AB06",
        "TimeoutInstructedAgent",
        Text(
            "Делдал банк уақытында жауап бермеді",
            "Банк-посредник не ответил вовремя",
            "The instructed bank did not answer in time",
        ),
    ),
    ReasonCode(
        "AB08",
        "OfflineCreditorAgent",
        Text(
            "Алушының банкі байланыста жоқ",
            "Банк получателя не на связи",
            "The payee's bank is not reachable",
        ),
    ),
    ReasonCode(
        "AC01",
        "IncorrectAccountNumber",
        Text("Шот нөмірі дұрыс емес", "Неверный номер счёта", "The account number is wrong"),
    ),
    ReasonCode(
        "AC03",
        "InvalidCreditorAccountNumber",
        Text(
            "Алушының шот нөмірі дұрыс емес",
            "Неверный номер счёта получателя",
            "The payee's account number is wrong",
        ),
    ),
    ReasonCode("AC04", "ClosedAccountNumber", Text("Шот жабылған", "Счёт закрыт", "The account is closed")),
    ReasonCode(
        "AC06", "BlockedAccount", Text("Шот бұғатталған", "Счёт заблокирован", "The account is blocked")
    ),
    ReasonCode(
        "AG01",
        "TransactionForbidden",
        Text(
            "Бұл шотқа мұндай операция жасауға болмайды",
            "Такая операция по этому счёту запрещена",
            "This account does not allow such an operation",
        ),
    ),
    ReasonCode(
        "AM02",
        "NotAllowedAmount",
        Text("Сома рұқсат етілген шектен асады", "Сумма превышает лимит", "The amount is above the limit"),
    ),
    ReasonCode(
        "AM03",
        "NotAllowedCurrency",
        Text("Бұл валюта қабылданбайды", "Эта валюта не принимается", "This currency is not accepted"),
    ),
    ReasonCode(
        "AM04",
        "InsufficientFunds",
        Text("Шотта қаражат жеткіліксіз", "Недостаточно денег на счёте", "Not enough money on the account"),
    ),
    ReasonCode(
        "AM05",
        "Duplication",
        Text("Бұл төлем бұрын жіберілген", "Такой платёж уже отправлен", "This payment has been sent before"),
    ),
    ReasonCode(
        "AM09",
        "WrongAmount",
        Text(
            "Сома шоттағы сомаға сәйкес емес",
            "Сумма не та, что в счёте",
            "The amount is not the one asked for",
        ),
    ),
    ReasonCode(
        "BE04",
        "MissingCreditorAddress",
        Text(
            "Алушының деректері толық емес",
            "Данные получателя неполны",
            "The payee's particulars are incomplete",
        ),
    ),
    ReasonCode("DT01", "InvalidDate", Text("Күні дұрыс емес", "Неверная дата", "The date is wrong")),
    ReasonCode(
        "DU03",
        "DuplicateTransaction",
        Text("Операция қайталанды", "Операция повторяется", "The operation is a duplicate"),
    ),
    ReasonCode(
        "DU04",
        "DuplicateEndToEndID",
        Text(
            "Төлемнің нөмірі бұрын қолданылған",
            "Номер платежа уже использован",
            "The payment's number has been used before",
        ),
    ),
    ReasonCode(
        "ED05",
        "SettlementFailed",
        Text("Есеп айырысу орындалмады", "Расчёт не выполнен", "The settlement failed"),
    ),
    ReasonCode(
        "FF01",
        "InvalidFileFormat",
        Text("Хабарламаның пішімі дұрыс емес", "Неверный формат сообщения", "The message has a wrong form"),
    ),
    ReasonCode(
        "FR01",
        "Fraud",
        Text(
            "Алаяқтық күдігіне байланысты қабылданбады",
            "Отказано из-за подозрения в мошенничестве",
            "Refused on suspicion of fraud",
        ),
    ),
    ReasonCode(
        "MS03",
        "NotSpecifiedReasonAgentGenerated",
        Text(
            "Банк себебін айтпай бас тартты",
            "Банк отказал без указания причины",
            "The bank refused without giving a reason",
        ),
    ),
    ReasonCode(
        NARRATIVE, "Narrative", Text("Төлем қабылданбады", "Платёж отклонён", "The payment was refused")
    ),
    ReasonCode(
        "RC01",
        "BankIdentifierIncorrect",
        Text("Банктің коды дұрыс емес", "Неверный код банка", "The bank's code is wrong"),
    ),
    ReasonCode(
        "RR04",
        "RegulatoryReason",
        Text(
            "Заң талабы бойынша қабылданбады",
            "Отказано по требованию закона",
            "Refused for a regulatory reason",
        ),
    ),
    ReasonCode(
        "TM01",
        "InvalidCutOffTime",
        Text("Төлемнің уақыты өтіп кетті", "Время платежа истекло", "The payment came too late"),
    ),
)
REASONS: Final[Mapping[str, ReasonCode]] = MappingProxyType({row.code: row for row in _ROWS})
