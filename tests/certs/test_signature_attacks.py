"""Everything that is known to fool a verifier of XML signatures: each is refused, with a code of its own."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from lxml import etree

from certs.participants import Participants
from certs.refusals import Refusal, SignatureRefusedError
from certs.xmldsig import verify
from tests.certs.attacks import Attack, attacks, honest
from tests.certs.signing_parties import Stage

NOW = datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC)
DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.11">
  <FIToFICstmrCdtTrf><Amt Ccy="KZT">1500.00</Amt><Nm>Әлия &amp; Co</Nm>
    <DbtrAcct><IBAN>KZ86125KZT5004100100</IBAN></DbtrAcct><CdtrAcct><IBAN>KZ40125KZT1001300335</IBAN></CdtrAcct>
  </FIToFICstmrCdtTrf>
</Document>
""".encode()


@pytest.fixture(scope="module", params=["P-256", "RSA"])
def stage(request: pytest.FixtureRequest) -> Stage:
    return Stage(NOW, rsa=request.param == "RSA")


@pytest.fixture(scope="module")
def corpus(stage: Stage) -> list[Attack]:
    return list(attacks(DOCUMENT, stage))


def test_each_attack_is_refused_with_its_own_code(stage: Stage, corpus: list[Attack]) -> None:
    participants = stage.participants()
    verify(honest(DOCUMENT, stage), participants=participants, now=NOW).owned_by("PLATFORM")
    expected = {attack.name: (attack.code, attack.http_status) for attack in corpus}
    assert {attack.name: _answer(attack, participants) for attack in corpus} == expected
    assert len(expected) == len(corpus), "two attacks have one name"


def _answer(attack: Attack, participants: Participants) -> tuple[str, int] | str:
    try:
        verify(attack.body, participants=participants, now=NOW + attack.later).owned_by("PLATFORM")
    except SignatureRefusedError as refused:
        return refused.code, refused.http_status
    return "accepted"


def test_the_corpus_is_built_for_any_document() -> None:
    stage = Stage(NOW, leaf="Key")
    document = b'<Document xmlns="urn:x"><StatcDataReq><Key>ABC20261122</Key></StatcDataReq></Document>'
    participants = stage.participants()
    corpus = list(attacks(document, stage))
    assert {attack.name: _answer(attack, participants) for attack in corpus} == {
        attack.name: (attack.code, attack.http_status) for attack in corpus
    }


def test_every_refusal_has_an_attack(corpus: list[Attack]) -> None:
    assert {attack.code for attack in corpus} == {refusal.code for refusal in Refusal}
    assert max(Counter(refusal.code for refusal in Refusal).values()) == 1


def test_a_refusal_quotes_nothing_of_the_document(stage: Stage, corpus: list[Attack]) -> None:
    participants = stage.participants()
    for attack in corpus:
        with pytest.raises(SignatureRefusedError) as caught:
            verify(attack.body, participants=participants, now=NOW + attack.later).owned_by("PLATFORM")
        assert "KZ86" not in str(caught.value)
        assert "Әлия" not in str(caught.value)
        assert len(str(caught.value)) < 200


def test_an_attack_is_nothing_but_its_one_fault() -> None:
    """The forger's honest form is accepted, so that what refuses a forgery is the check that is meant."""
    stage = Stage(NOW)
    verified = verify(honest(DOCUMENT, stage), participants=stage.participants(), now=NOW)
    assert verified.owned_by() == verified.owned_by("BANK", "PLATFORM") == "PLATFORM"
    bare = etree.tostring(etree.fromstring(DOCUMENT), method="c14n")
    assert etree.tostring(verified.tree, method="c14n") == bare
