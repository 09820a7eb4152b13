"""What the terminal says to a customer, in Kazakh, Russian and English: one place for its words.

- `advice`, `technician`   what staff does next; the words of the service page
- `amounts`   sums and times as each language writes them
- `devices`   what a device's word means for whoever stands before it
- `measured`   what devices, tests and the doctor have measured, for whoever reads no English
- `pad`       what a PIN pad's own display asks for
- `receipt`   the words of a receipt
- `reasons`   why nothing was paid, by the codes of `gateway.reasons`
- `sale`      the words of a merchant's slip and of the screens of a sale
"""

from typing import Literal, NamedTuple

Language = Literal["kk", "ru", "en"]


class Text(NamedTuple):
    """One thing said in every language."""

    kk: str
    ru: str
    en: str

    def to(self, language: Language) -> str:
        return str(getattr(self, language))
