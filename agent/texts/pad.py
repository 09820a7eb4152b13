"""What a PIN pad's own display asks for, where its letters allow: at most sixteen characters a line."""

from typing import Final

from agent.texts import Language, Text

_ENTER_PIN: Final = Text("ПИН-КОД ТЕРІҢІЗ", "ВВЕДИТЕ ПИН-КОД", "ENTER PIN")


def pin_prompts(language: Language) -> tuple[str, ...]:
    """In the order of preference: the customer's language, then Russian, which more pads can show."""
    return (_ENTER_PIN.to(language), _ENTER_PIN.ru)
