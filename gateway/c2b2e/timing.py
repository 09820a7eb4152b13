"""The dialogues' deadlines, as the settings file has them."""

from gateway.c2b2e.deadlines import PayeeQuestions, PayerQuestions, TransferTimers
from gateway.transfer_settings import TransferTimersSection


def transfer_timers(section: TransferTimersSection) -> TransferTimers:
    return TransferTimers(
        details_seconds=section.details_seconds,
        order_life_seconds=section.order_life_seconds,
        unknown_grace_seconds=section.unknown_grace_seconds,
        link_life_seconds=section.link_life_seconds,
        resend_seconds=section.platform_resend_seconds,
        payer=PayerQuestions(
            section.payer_question_first_seconds,
            section.payer_question_gap_seconds,
            section.payer_question_longest_gap_seconds,
        ),
        payee=PayeeQuestions(
            section.payee_question_first_seconds,
            section.payee_question_gap_seconds,
            section.payee_question_count,
        ),
    )
