"""Kinds of values in the settings file: what a key may hold, and what a person reads who wrote something else."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo


class Section(BaseModel):
    """One table of the file. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _from_folder(path: Path, info: ValidationInfo) -> Path:
    return Path((info.context or {}).get("folder", "")) / path


def _host_and_port(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and int(port) < 65_536):
        raise ValueError("write host:port, such as 127.0.0.1:8443")
    return address


def _loopback_only(address: str) -> str:
    if not is_loopback(address):
        raise ValueError("metrics have no password: listen on a loopback address, such as 127.0.0.1:9180")
    return address


def _https(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("write https://host[:port][/path]; what is said there about money travels over TLS")
    return url.rstrip("/")


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone of the IANA database; Asia/Almaty is one") from None
    return name


def is_loopback(address: str) -> bool:
    """True for `host:port` of this machine alone."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


FilePath = Annotated[Path, AfterValidator(_from_folder)]
Address = Annotated[str, AfterValidator(_host_and_port)]
LoopbackAddress = Annotated[Address, AfterValidator(_loopback_only)]
HttpsUrl = Annotated[str, AfterValidator(_https)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
# Strict: text such as "30" and true are no numbers, 1 is no truth. A whole number may stand for a fraction.
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)]
Count = Annotated[int, Field(ge=1, strict=True)]
Days = Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)]
Flag = Annotated[bool, Field(strict=True)]
RegistryNumber = Annotated[int, Field(ge=0, lt=10**15, strict=True)]
# Of a file in systemd's $CREDENTIALS_DIRECTORY: the passphrase of a key file.
CredentialName = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.@-]{1,128}$")]
PartyName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Bin = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
