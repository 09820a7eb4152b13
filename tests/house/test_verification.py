"""Nothing in the tree, tests included, can switch the verification of a certificate off."""

import ast
from collections.abc import Iterator
from typing import Any

import pytest

WEAK_NAMES = {
    *("CERT_NONE", "CERT_OPTIONAL", "_create_unverified_context", "_create_stdlib_context"),
    *("PROTOCOL_TLS", "PROTOCOL_SSLv23", "PROTOCOL_TLSv1", "PROTOCOL_TLSv1_1", "TLSv1", "TLSv1_1", "SSLv3"),
}
WEAK_VALUES = {
    **dict.fromkeys(("check_hostname", "hostname_checks_common_name"), False),
    **dict.fromkeys(("ssl", "verify", "verify_ssl", "ssl_verify", "check_certificate"), False),
}


def weaknesses(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name) if name in WEAK_NAMES:
                yield f"{node.lineno}: {name}"
            case ast.keyword(arg=str(name), value=ast.Constant(value=value)) if _is_weak(name, value):
                yield f"{node.value.lineno}: {name}={value}"
            case ast.Assign(targets=[ast.Attribute(attr=name)], value=ast.Constant(value=value)) if _is_weak(
                name, value
            ):
                yield f"{node.lineno}: {name} = {value}"
            case ast.Call(func=ast.Attribute(attr="create_default_context")):
                yield f"{node.lineno}: a context that certs.tls did not make"
            case ast.Call(func=ast.Attribute(attr="SSLContext") | ast.Name(id="SSLContext")):
                yield f"{node.lineno}: a context that certs.tls did not make"


def _is_weak(name: str, value: object) -> bool:
    return name in WEAK_VALUES and value is WEAK_VALUES[name]


def test_nothing_weakens_verification(sources: list[Any]) -> None:
    makers = {"certs/tls.py"}
    found = [
        f"{source.name}:{weakness}"
        for source in sources
        for weakness in weaknesses(source.tree)
        if not (source.name in makers and "did not make" in weakness)
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "context.verify_mode = ssl.CERT_NONE",
        "from ssl import CERT_NONE",
        "context.check_hostname = False",
        "session.get(url, ssl=False)",
        "TCPConnector(verify_ssl=False)",
        "ssl._create_unverified_context()",
        "ssl.SSLContext()",
        "ssl.create_default_context()",
        "context.minimum_version = ssl.TLSVersion.TLSv1",
    ],
)
def test_each_way_to_weaken_it_would_be_seen(code: str) -> None:
    assert list(weaknesses(ast.parse(code)))
