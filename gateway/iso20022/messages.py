"""All messages by their kind, and the kind of each model.

>>> DEFINITIONS["pacs.028.001.05"].model.__name__
'PaymentStatusRequest'
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from lxml import etree

from gateway.iso20022 import admi_002, admi_009, admi_010, pacs_002, pacs_008, pacs_028
from gateway.iso20022.admi_002 import MessageReject
from gateway.iso20022.admi_009 import StaticDataRequest
from gateway.iso20022.admi_010 import StaticDataReport
from gateway.iso20022.definition import Definition
from gateway.iso20022.pacs_002 import PaymentStatusReport
from gateway.iso20022.pacs_008 import CreditTransfer
from gateway.iso20022.pacs_028 import PaymentStatusRequest

Message = (
    StaticDataRequest
    | StaticDataReport
    | CreditTransfer
    | PaymentStatusReport
    | PaymentStatusRequest
    | MessageReject
)

DEFINITIONS: Final[Mapping[str, Definition[Any]]] = MappingProxyType(
    {
        module.DEFINITION.kind: module.DEFINITION
        for module in (admi_002, admi_009, admi_010, pacs_002, pacs_008, pacs_028)
    }
)
_BY_MODEL = {definition.model: definition for definition in DEFINITIONS.values()}


def kind_of(message: Message) -> str:
    """Such as `pacs.008.001.11`: the last part of the URL it is sent to."""
    return _BY_MODEL[type(message)].kind


def build(message: Message) -> etree._Element:
    """The unsigned document; raises UnsendableMessageError."""
    return _BY_MODEL[type(message)].build(message)
