# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem devices`: what is plugged into this terminal, how it is, what a test of it comes to."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Final

import typer
from rich.console import Console

from agent import owner
from agent.cli.look import show_line, show_rows
from agent.cli.options import AsJson, Config
from agent.cli.pay_lines import Line, Mark
from agent.cli.process import run
from agent.found_devices import found_devices
from agent.settings import Settings, load
from agent.texts import technician as words
from agent.texts.advice import step_text, visit_text
from devices.discovery import Discovery
from devices.selftest import Answer, Verdict

app = typer.Typer(
    no_args_is_help=True, help="List the terminal's devices, watch them, test them, find what is plugged in."
)

_COLUMNS: Final = ("device", "driver", "port", "connection", "result", "measured", "next step", "who comes")
_RESULTS: Final = ("test", "result", "measured", "next step", "who comes")
_EXIT_CODES: Final = {Verdict.PASS: 0, Verdict.SKIPPED: 1, Verdict.NOT_ANSWERED: 2, Verdict.FAIL: 2}
_MARKS: Final = {0: Mark.DONE, 1: Mark.ATTENTION, 2: Mark.NO}


@app.command("list")
def list_(config: Config, as_json: AsJson = False) -> None:
    """Each device: where it is, what it says of itself, which tests it has."""
    run(_list(load(config), as_json=as_json))


@app.command()
def watch(config: Config, as_json: AsJson = False) -> None:
    """A line whenever something of a device changes, until Ctrl-C."""
    run(_watch(load(config), as_json=as_json))


@app.command()
def scan(config: Config, as_json: AsJson = False) -> None:
    """What is plugged in, by the name to write as its `port`, and which device has it. Nothing is opened."""
    run(_scan(load(config), as_json=as_json))


@app.command("test")
def examine(
    config: Config,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="A device, or one of its tests. Without it, every quick test."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Exit 0: all passed; 1: something was skipped; 2: something failed or did not answer.

    A guided test takes the terminal out of service as soon as nobody is served, and gives it back.
    """
    run(_test(load(config), name, as_json=as_json))


async def _list(settings: Settings, *, as_json: bool) -> None:
    async with owner.terminal(settings) as call:
        devices = [item async for item in call("devices.list", {})]
    if as_json:
        typer.echo(json.dumps(devices, ensure_ascii=False))
        return
    console = Console()
    show_rows(console, _COLUMNS, map(_device_row, devices))
    tests = [name for device in devices for name in (*device["tests"], *device["guided_tests"])]
    console.print(f"\ntests: {', '.join(tests)}")


async def _watch(settings: Settings, *, as_json: bool) -> None:
    console = Console()
    async with owner.terminal(settings) as call:
        async for device in call("devices.watch", {}):
            if as_json:
                typer.echo(json.dumps(device, ensure_ascii=False))
            else:
                show_line(console, _device_line(device))


async def _scan(settings: Settings, *, as_json: bool) -> None:
    found, why_no_readers = await asyncio.to_thread(found_devices, settings, Discovery())
    if as_json:
        told = {"found": [asdict(one) for one in found], "no_readers": why_no_readers or None}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    columns = ("what", "port", "place", "description", "device")
    rows = ((one.kind, one.port, one.place, one.description, one.device) for one in found)
    show_rows(Console(), columns, rows)
    if not found:
        Console(stderr=True).print("nothing is plugged in that we could use")
    if why_no_readers:
        Console(stderr=True).print(f"card readers were not asked for: {why_no_readers}", soft_wrap=True)


async def _test(settings: Settings, name: str | None, *, as_json: bool) -> int:
    async with owner.terminal(settings) as call:
        devices = [item async for item in call("devices.list", {})]
        if any(name in device["guided_tests"] for device in devices):
            results = [await _guide(call, str(name))]
        else:
            arguments = {} if name is None else {"id": name}
            results = [item async for item in call("devices.test", arguments)]
    if as_json:
        typer.echo(json.dumps(results, ensure_ascii=False))
    else:
        show_rows(Console(), _RESULTS, map(_result_row, results))
    return max(_EXIT_CODES[Verdict(result["verdict"])] for result in results)


async def _guide(call: owner.Call, test_id: str) -> owner.Item:
    """Tell the person what to do, ask what is asked; the result."""
    console = Console(stderr=True)
    async for item in call("devices.guide", {"test": test_id}):
        if "verdict" in item:
            return item
        if item.get("maintenance") is not None:
            console.print(words.MAINTENANCE[item["maintenance"]].en)
        elif item["question"] is not None:
            yes = await asyncio.to_thread(typer.confirm, _prompt(item["question"]), err=True)
            async for _ in call("devices.answer", {"answer": Answer.YES if yes else Answer.NO}):
                pass
        elif item["told"] is not None:
            console.print(f"… {_prompt(item['told'])}")
    raise AssertionError("a guided test ends with its result")


def _prompt(code: str) -> str:
    return words.PROMPTS[code].en if code in words.PROMPTS else code


def _device_row(device: owner.Item) -> Sequence[object]:
    where = (device["device"], device["driver"], device["port"], device["connection"])
    return (*where, *_judged(device))


def _result_row(result: owner.Item) -> Sequence[object]:
    return (result["test"], *_judged(result))


def _judged(item: owner.Item) -> tuple[str, str, str, str]:
    comes = visit_text(item["who"], item["when"]).en
    return item["verdict"], item["measured"], step_text(item["next_step"]).en, comes


def _device_line(device: owner.Item) -> Line:
    verdict, measured, step, who = _judged(device)
    told = ": ".join(part for part in (f"{device['connection']}, {verdict}", measured) if part)
    more = "".join(f"; {part}" for part in (step, who) if part)
    return Line(_MARKS[_EXIT_CODES[Verdict(verdict)]], device["device"], told + more)
