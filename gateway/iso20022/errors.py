"""Why a message was refused: one exception for each check of PROTOCOLS §3.4 that this package makes.

```
MessageRefusedError          somebody else's message
├── DocumentError            413, 415, 400   the bytes are no document that we read
├── StructureError           400             the official schema would refuse it
├── HeaderError              400, 422        the header `end-to-end-id` is missing, or contradicts the body
└── FieldError               422             our own rule of a field
UnsendableMessageError       our own message, which a program is to blame for
```

No text quotes a message: a place is named by the tables' own words.
"""

from typing import Final

LONGEST_TEXT: Final = 350  # Max350Text: it has to fit into RsnDesc of an admi.002


class MessageRefusedError(ValueError):
    """`code` is stable and names the check, `path` the place (empty: the document as a whole)."""

    def __init__(self, code: str, why: str, *, http_status: int, path: str = "") -> None:
        super().__init__((f"{path}: {why}" if path else why)[:LONGEST_TEXT])
        self.code = code
        self.http_status = http_status
        self.path = path


class DocumentError(MessageRefusedError):
    def __init__(self, code: str, why: str, *, http_status: int = 400) -> None:
        super().__init__(code, why, http_status=http_status)


class StructureError(MessageRefusedError):
    def __init__(self, path: str, why: str) -> None:
        super().__init__("structure", why, http_status=400, path=path)


class HeaderError(MessageRefusedError):
    def __init__(self, code: str, why: str, *, http_status: int) -> None:
        super().__init__(code, why, http_status=http_status)


class FieldError(MessageRefusedError):
    def __init__(self, path: str, why: str) -> None:
        super().__init__("field", why, http_status=422, path=path)


class UnsendableMessageError(ValueError):
    """A value of ours does not fit its field. The text names the field and quotes no value."""
