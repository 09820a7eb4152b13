"""OpenAPI 3.1 of our API, built from the table of calls and the models of the contract.

`python -m gateway.api.openapi` writes `gateway/api/openapi.json`; a test compares the checked-in file with what is
built here, and the table with the routes that a running gateway has.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from gateway.api.call import WAIT_LARGEST_SECONDS, Call, Models, Raw
from gateway.api.table import CALLS, problems_of
from gateway.contract import PaymentId, Problem, TerminalId
from gateway.problems import CONTENT_TYPE, KINDS

_REF: Final = "#/components/schemas/{model}"
_CHOSEN_IDS: Final = ("payment_id", "order_id", "sale_id")
_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    **{
        name: {
            "name": name,
            "in": "path",
            "required": True,
            "description": "UUIDv7, lower case, chosen and committed by the terminal",
            "schema": TypeAdapter(PaymentId).json_schema(),
        }
        for name in _CHOSEN_IDS
    },
    "registry_of": {
        "name": "terminal",
        "in": "path",
        "required": True,
        "description": "The calling terminal itself",
        "schema": TypeAdapter(TerminalId).json_schema(),
    },
    "number": {
        "name": "number",
        "in": "path",
        "required": True,
        "description": "<installation>-<n>: of the terminal's store, and from 1 without gaps",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{8}-[1-9][0-9]{0,17}$"},
    },
    "terminal": {
        "name": "Tolem-Terminal",
        "in": "header",
        "required": False,
        "description": "Over the Unix socket: which terminal calls. Over mutual TLS the certificate's CN says it",
        "schema": TypeAdapter(TerminalId).json_schema(),
    },
    "key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Same key and content: the stored answer, byte for byte, for 90 days. Other content: 409",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
    "wait": {
        "name": "Prefer",
        "in": "header",
        "required": False,
        "description": f"wait=N, N ≤ {WAIT_LARGEST_SECONDS}: answer when the payment, order or sale moves, at the latest after N seconds",
        "schema": {"type": "string"},
    },
    "tag": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The ETag of the copy that the caller has; 304 if it is still the one",
        "schema": {"type": "string"},
    },
}


def build(calls: Iterable[Call] = CALLS) -> dict[str, Any]:
    """The whole document, ready for `json.dumps`."""
    calls = tuple(calls)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for call in calls:
        paths[call.path][call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tolem gateway",
            "version": "1",
            "description": (
                "Between terminals and their billing gateway. Over a Unix socket when local, over mutual TLS"
                " otherwise. Money is {amount_minor, currency}; times are RFC 3339 with an offset; an unknown"
                " or repeated member is refused."
            ),
        },
        "paths": dict(paths),
        "components": {"schemas": _schemas(calls)},
        "x-problem-codes": {
            code: {"status": kind.status, "title": kind.title, "retryable": kind.retryable}
            for code, kind in KINDS.items()
        },
    }


def text(calls: Iterable[Call] = CALLS) -> str:
    return json.dumps(build(calls), ensure_ascii=False, indent=2, sort_keys=False) + "\n"


def checked_in() -> bytes:
    """The contract as it ships, which is what a running gateway serves."""
    return (resources.files("gateway.api") / "openapi.json").read_bytes()


def _operation(call: Call) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": call.name, "summary": call.summary}
    parameters = [_PARAMETERS[name] for name in _parameter_names(call)]
    if parameters:
        operation["parameters"] = parameters
    if call.request is not None:
        taken = call.request.media_type if isinstance(call.request, Raw) else (call.request,)
        operation["requestBody"] = {"required": True, "content": _content(taken)}
    operation["responses"] = {
        str(status): response
        for status, response in sorted({**_problem_responses(call), **_answer_responses(call)}.items())
    }
    return operation


def _parameter_names(call: Call) -> list[str]:
    return [
        name
        for name, wanted in (
            *((chosen, f"{{{chosen}}}" in call.path) for chosen in _CHOSEN_IDS),
            ("registry_of", "{terminal}" in call.path),
            ("number", "{number}" in call.path),
            ("terminal", call.terminal),
            ("key", call.keyed),
            ("wait", call.waits),
            ("tag", call.tagged),
        )
        if wanted
    ]


def _answer_responses(call: Call) -> dict[int, dict[str, Any]]:
    return {
        status: {"description": _DESCRIPTIONS[status], **({"content": _content(answer)} if answer else {})}
        for status, answer in call.answers.items()
    }


_DESCRIPTIONS: Final[Mapping[int, str]] = {
    200: "Done, or the outcome",
    202: "Accepted and durable; GET tells the outcome",
    304: "Unchanged",
    503: "Not ready",
}


def _problem_responses(call: Call) -> dict[int, dict[str, Any]]:
    codes: dict[int, list[str]] = defaultdict(list)
    for code in problems_of(call):
        codes[KINDS[code].status].append(code)
    return {
        status: {
            "description": ", ".join(of_status),
            "content": {CONTENT_TYPE: {"schema": {"$ref": _REF.format(model=Problem.__name__)}}},
        }
        for status, of_status in codes.items()
    }


def _content(answer: Models | str) -> dict[str, Any]:
    if isinstance(answer, str):
        return {answer: {}}
    refs = [{"$ref": _REF.format(model=model.__name__)} for model in answer]
    return {"application/json": {"schema": refs[0] if len(refs) == 1 else {"oneOf": refs}}}


def _schemas(calls: Iterable[Call]) -> dict[str, Any]:
    models: dict[type[BaseModel], None] = {Problem: None}
    for call in calls:
        models |= dict.fromkeys(answer for some in call.answers.values() if some for answer in _models(some))
        if call.request is not None and not isinstance(call.request, Raw):
            models[call.request] = None
    _, document = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    return dict(sorted(document["$defs"].items()))


def _models(answer: Models | str) -> Models:
    return () if isinstance(answer, str) else answer


if __name__ == "__main__":
    Path(__file__).with_name("openapi.json").write_text(text(), encoding="utf-8")
