# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem certs`: the bank's personal certificate for e-port, from its key to the day it is replaced."""

import json
from pathlib import Path
from typing import Annotated, Final

import typer
from cryptography import x509
from rich.console import Console

from agent import owner
from agent.cli.certs_exchange import exchange, passphrase_in, stage
from agent.cli.failures import CommandFailed, Failure
from agent.cli.look import show_facts, show_lines
from agent.cli.options import AsJson, Config
from agent.cli.pay_lines import Line, Mark
from agent.cli.process import run
from agent.own_certificates import examine_eport, examine_files, own_certificates
from agent.readiness import Finding, Level
from agent.settings import Settings, load
from certs.durable import FOR_ALL_TO_READ, OURS_ALONE, put
from certs.errors import CertError
from certs.identity import first_certificate
from certs.keys import KINDS, load_signing_key, write_new_key
from certs.pair import Pair
from certs.pkcs12 import pkcs12_of
from certs.requests import Subject, new_request
from gateway.certificates.files import eport_pair
from gateway.settings import EportSection, SettingsError

app = typer.Typer(
    no_args_is_help=True, help="The personal certificate for e-port: request, install, exchange it."
)

_PERSONAL: Final = "eport.client_cert"
_MARKS: Final = {Level.READY: Mark.DONE, Level.WARNING: Mark.ATTENTION, Level.OBSTACLE: Mark.NO}

Ca = Annotated[
    Path | None,
    typer.Option("--ca", help="The CA that issued it, if it is another than e-port's own (eport.ca)."),
]
Issued = Annotated[Path, typer.Argument(metavar="FILE", help="PEM, DER or PKCS#7; with --pkcs12, PKCS#12.")]
Pkcs12 = Annotated[
    Path | None,
    typer.Option("--pkcs12", metavar="PASSFILE", help="FILE is PKCS#12; its passphrase is in this file."),
]


@app.command()
def csr(  # noqa: PLR0913, PLR0917 - a subject has these parts
    config: Config,
    out: Annotated[Path, typer.Option(help="Where to write the request.")],
    common_name: Annotated[
        str | None, typer.Option("--cn", help="The subject's CN; the point, if e-port says nothing else.")
    ] = None,
    organization: Annotated[str | None, typer.Option("--o", help="O: the bank's name.")] = None,
    unit: Annotated[str | None, typer.Option("--ou", help="OU.")] = None,
    locality: Annotated[str | None, typer.Option("--l", help="L: the town.")] = None,
    country: Annotated[str, typer.Option("--c", help="C: two letters.")] = "KZ",
    key_type: Annotated[str, typer.Option(help=", ".join(KINDS))] = "rsa-2048",
) -> None:
    """Make a key beside the one in use, and a request for its certificate."""
    run(_csr(load(config), out, Subject(common_name or "", organization, unit, locality, country), key_type))


@app.command()
def install(config: Config, issued: Issued, ca: Ca = None, pkcs12: Pkcs12 = None) -> None:
    """Put the first certificate in its place, or one instead of a certificate that is over."""
    run(_install(load(config), issued, ca, pkcs12))


@app.command()
def rotate(config: Config, issued: Issued, ca: Ca = None, pkcs12: Pkcs12 = None) -> None:
    """Exchange the certificate while payments go on: it is tried first, and the old one is kept."""
    run(_rotate(load(config), issued, ca, pkcs12))


@app.command()
def show(config: Config, as_json: AsJson = False) -> None:
    """Every certificate of this node: names, fingerprint, days left."""
    run(_show(load(config), as_json=as_json))


@app.command()
def check(config: Config) -> None:
    """The personal certificate: files, time, usage, and a real handshake with e-port. Exit 0 well, 1 look at it, 2 it cannot be used."""
    run(_check(load(config)))


@app.command()
def export(
    config: Config,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="PKCS#12, 0600.")],
    pkcs12: Annotated[
        Path, typer.Option("--pkcs12", metavar="PASSFILE", help="Its passphrase is in this file.")
    ],
) -> None:
    """Write the pair in use as PKCS#12, for a safe or for another machine."""
    run(_export(load(config), out, pkcs12))


async def _csr(settings: Settings, out: Path, subject: Subject, key_type: str) -> None:
    section = _eport(settings)
    if key_type not in KINDS:
        raise SettingsError(f"--key-type: there are {', '.join(KINDS)}")
    pair = eport_pair(section)
    if not subject.common_name:
        subject = Subject(**{**vars(subject), "common_name": section.point})
    if not pair.requested_key.exists():
        pair.requested_key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_new_key(pair.requested_key, KINDS[key_type](), pair.passphrase)
    key = load_signing_key(pair.requested_key, pair.passphrase)
    put(out, new_request(key, subject), mode=FOR_ALL_TO_READ, files=pair.files)
    show_facts(
        Console(),
        {
            "request": out,
            "subject": subject.name().rfc4514_string(),
            "key": pair.requested_key,
            "next": "have it signed, then: tolem certs install, or rotate if one is in use",
        },
    )


async def _install(settings: Settings, issued: Path, ca: Path | None, pkcs12: Path | None) -> None:
    section = _eport(settings)
    pair = eport_pair(section)
    if _is_good(pair):
        raise CommandFailed(
            Failure(
                "A certificate is in use",
                (f"{pair.certificate} is good; exchanging it while payments go on has a command of its own",),
                "tolem certs rotate --config FILE …",
            )
        )
    stage(section, pair, issued, ca, pkcs12)
    pair.accept()
    _tell(pair)


async def _rotate(settings: Settings, issued: Path, ca: Path | None, pkcs12: Path | None) -> None:
    section = _eport(settings)
    pair = eport_pair(section)
    pair.refused.unlink(missing_ok=True)
    stage(section, pair, issued, ca, pkcs12)
    await exchange(settings, section, pair)
    _tell(pair)


def _is_good(pair: Pair) -> bool:
    try:
        return pair.exists and pair.identity().time_fault(owner.now()) is None
    except CertError:
        return False


async def _show(settings: Settings, *, as_json: bool) -> None:
    rows = [_facts(own.part, own.pair) for own in own_certificates(settings)]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    console = Console()
    for row in rows:
        show_facts(console, row)
        console.print()


def _facts(part: str, pair: Pair) -> dict[str, object]:
    try:
        identity = pair.identity()
    except CertError as error:
        return {"part": part, "file": str(pair.certificate), "fault": str(error)}
    own = first_certificate(identity.certificate)
    return {
        "part": part,
        "file": str(pair.certificate),
        "subject": own.subject.rfc4514_string(),
        "issuer": own.issuer.rfc4514_string(),
        "serial": f"{own.serial_number:x}",
        "fingerprint": identity.fingerprint,
        "names": ", ".join(_names(own)) or None,
        "begins": identity.not_before.isoformat(),
        "ends": identity.not_after.isoformat(),
        "days_left": (identity.not_after - owner.now()).days,
        "waiting": str(pair.next) if pair.next.exists() else None,
        "refused": str(pair.refused) if pair.refused.exists() else None,
    }


def _names(own: x509.Certificate) -> list[str]:
    try:
        names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in names]


async def _check(settings: Settings) -> int:
    _eport(settings)
    findings = [one for one in examine_files(settings, now=owner.now()) if one.part == _PERSONAL]
    findings += [found async for found in examine_eport(settings, now=owner.now())]
    show_lines(Console(), [_line(finding) for finding in findings])
    return max(list(_MARKS).index(finding.level) for finding in findings)


def _line(finding: Finding) -> Line:
    state = finding.code.partition(".")[2].replace("_", " ")
    return Line(_MARKS[finding.level], finding.part, f"{state}: {finding.detail}")


async def _export(settings: Settings, out: Path, pkcs12: Path) -> None:
    pair = eport_pair(_eport(settings))
    identity = pair.identity()
    key = load_signing_key(identity.key, pair.passphrase)
    chain = x509.load_pem_x509_certificates(identity.certificate.read_bytes())
    put(out, pkcs12_of(key, chain, passphrase_in(pkcs12)), mode=OURS_ALONE, files=pair.files)
    show_facts(Console(), {"pkcs12": out})


def _eport(settings: Settings) -> EportSection:
    if settings.eport is None:
        raise SettingsError("eport: missing: this node has no line to e-port, and no personal certificate")
    return settings.eport


def _tell(pair: Pair) -> None:
    facts = _facts(_PERSONAL, pair)
    wanted = ("file", "subject", "issuer", "fingerprint", "ends", "days_left")
    show_facts(Console(), {name: facts[name] for name in wanted})
