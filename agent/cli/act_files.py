"""The files of an act: `act-<point>-<month>.json` is what is signed, the others lie beside it under its name."""

from pathlib import Path
from typing import Final

from pydantic import ValidationError

from certs.durable import FOR_ALL_TO_READ, LOCAL, put
from gateway.act.document import Act, NotAnActError
from gateway.act.eport_act import EportAct
from gateway.providers.product import CatalogueSignature

SIGNATURE: Final = ".sig"


def act_path(folder: Path, act: Act) -> Path:
    return folder / f"act-{act.point}-{act.month}.json"


def protocol_path(folder: Path, theirs: EportAct) -> Path:
    return folder / f"act-{theirs.point}-{theirs.month}-protocol.pdf"


def signature_path(act: Path) -> Path:
    return act.with_name(act.name + SIGNATURE)


def content_of(path: Path) -> bytes:
    """OSError."""
    return path.read_bytes()


def write(path: Path, content: bytes) -> None:
    """Whole or not at all. OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    put(path, content, mode=FOR_ALL_TO_READ, files=LOCAL)


def write_signature(act: Path, signature: CatalogueSignature) -> None:
    write(signature_path(act), (signature.model_dump_json() + "\n").encode())


def read_signature(act: Path) -> CatalogueSignature:
    """Raises OSError, or NotAnActError for a file that is no signature."""
    try:
        return CatalogueSignature.model_validate_json(signature_path(act).read_bytes())
    except ValidationError:
        raise NotAnActError(f"{signature_path(act)} holds no signature") from None
