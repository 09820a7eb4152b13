"""`tolem products`: what can be paid, with its requisites and fee."""

import shlex
from typing import Annotated

import typer
from rich.console import Console

from agent import owner
from agent.catalogue_copy import believed
from agent.cli.catalogue_told import catalogue_in_force
from agent.cli.look import show_rows
from agent.cli.options import Config
from agent.cli.pay_lines import fee_text
from agent.cli.process import run
from agent.gateway_nearby import connect
from agent.settings import Settings, load
from agent.texts import Language
from gateway.providers.product import Catalogue


def products(
    config: Config, language: Annotated[Language, typer.Option(help="Of the names.")] = "en"
) -> None:
    """List what can be paid, with requisites and fees."""
    run(_products(config, language))


async def _products(config: Config, language: Language) -> None:
    catalogue = await _catalogue(load(config))
    rows = (
        (
            product.id,
            getattr(product.title, language),
            "\n".join(shlex.quote(f"{shape.code}={shape.example}") for shape in product.requisites),
            str(product.price.amount())
            if product.price
            else f"{product.minimum.amount()}\u00a0–\u00a0{product.maximum.amount()}",
            fee_text(product.fee_rule),
        )
        for product in catalogue.products
    )
    show_rows(Console(), ("product", "name", "requisites", "sum", "fee"), rows)


async def _catalogue(settings: Settings) -> Catalogue:
    if settings.catalogue is not None:
        return await catalogue_in_force(settings)
    client = connect(settings, random_bytes=owner.random_bytes)
    try:
        copy = await client.catalogue()
    finally:
        await client.close()
    if copy is None:
        raise AssertionError("a catalogue is unchanged only for who has a copy")
    return believed(copy, None)
