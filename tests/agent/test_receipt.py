"""A journey's record → what its customer reads on paper, in every language and on every printer."""

import re
from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from agent.journeys.bill import Ending, State
from agent.journeys.bill_record import Journey
from agent.journeys.card_record import OUTCOMES_TOLD
from agent.masked_pan import MaskedPan
from agent.orders import Order, begun
from agent.receipt import NoReceiptError, receipt, receipt_job
from agent.receipt_facts import TerminalFacts
from agent.texts import Language
from devices.escpos.elements import Cut, Qr
from devices.escpos.picture import impression
from devices.escpos.profile import PROFILES
from devices.escpos.reading import Text as ReadText
from devices.escpos.reading import printed_text, read
from gateway.contract import Money, OfferField, PaymentView, Requisite, Told
from gateway.providers.catalogue import load_catalogue

PAN = "9999990000000018"
AT = datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC)
FACTS = TerminalFacts(
    terminal_id="ATM00017",
    owner="«Демо Банк» АҚ",
    address="Алматы қ., Абай даңғылы, 10",
    phone="+7 727 250 00 00",
    time_zone=ZoneInfo("Asia/Almaty"),
)
CATALOGUE = load_catalogue(files("gateway.providers") / "demo.toml")
LANGUAGES: tuple[Language, ...] = ("kk", "ru", "en")
TOLD = (Told.PAID, Told.NOTHING_TAKEN, Told.BEING_UNBLOCKED, Told.IN_PROCESSING)


def money(minor: int) -> Money:
    return Money(amount_minor=minor)


def view_of(told: Told, *, reason: str | None = None) -> PaymentView:
    return PaymentView(
        payment_id="0195f3a0-0000-7000-8000-000000000001",
        terminal="ATM00017",
        state="ANY",
        told=told,
        reason=reason,
        product="beeline-kz",
        requisites=[Requisite(code="account", value="7011234567")],
        fields=[OfferField(name="payer_name", title="Абонент", value="И*** П.")],
        amount=money(123_450_000),
        fee=money(4500),
        total=money(123_454_500),
        check_id="26112200000001234566",
        txn_id="26112200000001234567",
        rrn="632600001234",
        eport_id="900000417",
        approval_code="123456",
        accepted_at=AT,
        changed_at=AT,
    )


def journey_of(
    told: Told, language: Language = "ru", *, reason: str | None = None, heard: bool = True
) -> Journey:
    view = view_of(told, reason=reason)
    return Journey(
        journey_id="j1",
        language=language,
        product=view.product,
        product_name="Beeline Қазақстан",
        requisites=view.requisites,
        requisite_names={"account": "Телефон нөмірі"},
        state=State.ENDED,
        started_at=AT,
        changed_at=AT,
        amount=view.amount,
        fee=view.fee,
        total=view.total,
        application="VISA CREDIT",
        masked_pan=MaskedPan.of(PAN),
        payment_id=view.payment_id,
        receipt_number="000123",
        sent_at=AT,
        ending=OUTCOMES_TOLD[told],
        view=view if heard else None,
    )


def text_of(journey: Journey, printer: str = "escpos_58") -> str:
    return "\n".join(printed_text(receipt_job(journey, FACTS, PROFILES[printer]), PROFILES[printer]))


def flowing(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("told", "language", "sentences"),
    [
        (Told.PAID, "kk", ["ТӨЛЕНДІ", "Барлығы"]),
        (Told.PAID, "ru", ["ОПЛАЧЕНО", "Итого"]),
        (Told.PAID, "en", ["PAID", "Total"]),
        (Told.NOTHING_TAKEN, "kk", ["ТӨЛЕМ ӨТПЕДІ", "Картаңыздан ақша алынған жоқ."]),
        (Told.NOTHING_TAKEN, "ru", ["НЕ ОПЛАЧЕНО", "Деньги с карты не списаны."]),
        (Told.NOTHING_TAKEN, "en", ["NOT PAID", "Nothing was taken from your card."]),
        (Told.BEING_UNBLOCKED, "kk", ["ТӨЛЕМ ӨТПЕДІ", "бұғатталған сома босатылып жатыр."]),
        (Told.BEING_UNBLOCKED, "ru", ["НЕ ОПЛАЧЕНО", "Сумма, заблокированная на карте, освобождается."]),
        (Told.BEING_UNBLOCKED, "en", ["NOT PAID", "is being unblocked."]),
        (Told.IN_PROCESSING, "kk", ["ӨҢДЕЛУДЕ", "Қайта төлемеңіз!"]),
        (Told.IN_PROCESSING, "ru", ["В ОБРАБОТКЕ", "Не платите повторно!"]),
        (Told.IN_PROCESSING, "en", ["IN PROCESSING", "Do not pay again!"]),
        (Told.WAIT, "en", ["IN PROCESSING", "Do not pay again!"]),
    ],
)
@pytest.mark.parametrize("printer", sorted(PROFILES))
def test_each_ending_is_told_in_the_customers_language(told, language, sentences, printer):
    text = flowing(text_of(journey_of(told, language), printer))
    for sentence in sentences:
        assert sentence in text


@pytest.mark.parametrize("told", [Told.NOTHING_TAKEN, Told.BEING_UNBLOCKED, Told.IN_PROCESSING])
@pytest.mark.parametrize("language", LANGUAGES)
def test_only_a_paid_receipt_says_paid(told, language):
    lines = {line.strip() for line in text_of(journey_of(told, language)).splitlines()}
    assert not lines & {"ТӨЛЕНДІ", "ОПЛАЧЕНО", "PAID"}


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize(
    ("language", "provider", "product"),
    [
        ("kk", "Қала Жарық", "Электр энергиясы"),
        ("ru", "Кала Жарык", "Электроэнергия"),
        ("en", "Qala Jaryq", "Electricity"),
    ],
)
def test_who_is_paid_stands_above_what_is_paid_for(told, language, provider, product):
    order = Order("qala-jaryq", {"account": "712004584", "reading": "4512"}, None, language)
    begun_now = begun(order, CATALOGUE, journey_id="j1", at=AT)
    journey = journey_of(told, language).model_copy(
        update={"provider_name": begun_now.provider_name, "product_name": begun_now.product_name}
    )
    lines = [line.strip() for line in text_of(journey).splitlines()]
    assert lines.index(product) == lines.index(provider) + 1


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("printer", sorted(PROFILES))
def test_nothing_is_cut_and_nothing_is_a_question_mark(told, language, printer):
    journey = journey_of(told, language, reason="eport.300").model_copy(
        update={"product_name": "Жылумен жабдықтау және ыстық су, «Алматы жылу желілері» ЖШС № 12"}
    )
    profile = PROFILES[printer]
    job = receipt_job(journey, FACTS, profile)
    text = text_of(journey, printer)
    assert "?" not in text
    assert "\ufffd" not in text
    assert "«Алматы жылу желілері» ЖШС № 12" in flowing(text)
    assert all(len(line) <= profile.columns for line in text.splitlines())
    assert impression(job, profile).width == profile.dots


@pytest.mark.parametrize(
    ("language", "written"), [("kk", "1 234 545,00 ₸"), ("ru", "1 234 545,00 ₸"), ("en", "1 234 545.00 ₸")]
)
def test_the_total_is_written_large_and_as_the_language_writes_it(language, written):
    job = receipt_job(journey_of(Told.PAID, language), FACTS, PROFILES["escpos_58"])
    large = [
        reading.text.strip()
        for reading in read(job, PROFILES["escpos_58"])
        if isinstance(reading, ReadText) and reading.style.wide
    ]
    assert written in large


def test_the_operation_number_can_be_read_out_and_scanned():
    for told in (Told.PAID, Told.BEING_UNBLOCKED, Told.IN_PROCESSING):
        assert "6326 0000 1234" in text_of(journey_of(told))
        assert Qr("632600001234") in receipt(journey_of(told), FACTS)


def test_before_the_gateways_word_the_receipts_own_number_stands_for_it():
    silent = journey_of(Told.IN_PROCESSING, heard=False)
    assert re.search(r"Номер операции +000123", text_of(silent))
    assert not any(isinstance(element, Qr) for element in receipt(silent, FACTS))


def test_phone_terminal_place_and_local_time_are_on_every_receipt():
    for told in TOLD:
        text = flowing(text_of(journey_of(told)))
        for part in ("+7 727 250 00 00", "ATM00017", "Абай даңғылы, 10", "22.11.2026 14:05:09", "№ 000123"):
            assert part in text


def test_what_the_bank_left_empty_is_left_out():
    bare = TerminalFacts("ATM00017", "Tolem", "", "", ZoneInfo("Asia/Almaty"))
    profile = PROFILES["escpos_58"]
    text = "\n".join(printed_text(receipt_job(journey_of(Told.PAID), bare, profile), profile))
    assert "Телефон для справок" not in text
    assert "Терминал ATM00017" in text


@pytest.mark.parametrize("told", TOLD)
def test_only_the_masked_card_number_is_printed(told):
    for printer, profile in PROFILES.items():
        journey = journey_of(told)
        assert "999999******0018" in text_of(journey, printer)
        assert PAN.encode() not in receipt_job(journey, FACTS, profile)
        assert PAN[6:-4] not in text_of(journey, printer)


@pytest.mark.parametrize(
    ("changes", "marked"),
    [
        ({}, False),
        ({"receipt_printed": True}, True),
        ({"receipt_printed": False}, True),
        ({"resumed": True}, True),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_may_be_a_second_printing_is_marked_as_a_copy(changes, marked, language):
    text = text_of(journey_of(Told.PAID, language).model_copy(update=changes))
    assert ("ДУБЛИКАТ / КӨШІРМЕ / COPY" in text) is marked


def test_a_copy_shows_how_it_ended_since():
    told_then = journey_of(Told.IN_PROCESSING)
    now = told_then.model_copy(update={"view": view_of(Told.PAID), "receipt_printed": True})
    assert now.ending is Ending.IN_PROCESSING
    assert "ОПЛАЧЕНО" in text_of(now)


def test_a_payment_that_never_arrived_took_nothing():
    journey = journey_of(Told.IN_PROCESSING, heard=False).model_copy(
        update={"never_received": True, "reason": "never_received"}
    )
    text = flowing(text_of(journey))
    assert "Деньги с карты не списаны." in text
    assert "Платёж не дошёл до банка." in text


def test_why_nothing_was_paid_is_told_with_its_code():
    text = flowing(text_of(journey_of(Told.NOTHING_TAKEN, "kk", reason="card.51")))
    assert "Картада қаражат жеткіліксіз. (card.51)" in text


def test_a_word_meant_for_staff_is_not_printed_for_the_customer():
    journey = journey_of(Told.NOTHING_TAKEN).model_copy(update={"view": None, "reason": "printer.paper_out"})
    assert "paper_out" not in text_of(journey)


def test_a_journey_that_sent_nothing_has_no_receipt():
    started = journey_of(Told.PAID).model_copy(update={"ending": None, "view": None})
    cancelled = journey_of(Told.PAID).model_copy(update={"ending": Ending.CANCELLED, "view": None})
    for journey in (started, cancelled):
        with pytest.raises(NoReceiptError):
            receipt(journey, FACTS)


def test_every_receipt_ends_with_one_cut():
    for told in TOLD:
        elements = receipt(journey_of(told), FACTS)
        assert [element for element in elements if isinstance(element, Cut)] == elements[-1:]


def test_a_kazakh_receipt_is_much_shorter_than_its_picture():
    for printer, least in (
        ("escpos_58", 10),
        ("escpos", 10),
        ("escpos_compatible_58", 2.5),
        ("escpos_compatible", 2.5),
    ):
        profile = PROFILES[printer]
        job = receipt_job(journey_of(Told.PAID, "kk"), FACTS, profile)
        assert impression(job, profile).height * profile.dots / 8 >= least * len(job)
