"""What the README says is so: files, functions, links, pictures, tables, words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from agent.cli import demo, doctor, failures, process
from agent.settings import Settings
from agent.texts import receipt as words
from gateway.providers.catalogue import CatalogueError, load_catalogue
from tests.house.readme import DRAWN, README, ROOT, fenced, marked, written

DOCUMENTS = (README, ROOT / "docs/settings.md", ROOT / "CHANGELOG.md")
ROOMS = ("agent", "gateway", "devices", "spool", "certs", "tests")
OURS = re.compile(rf"`((?:{'|'.join(ROOMS)})/[\w./]*|\.(?:ci|locks)/\w+)`")
IN_A_FILE = re.compile(r"`([\w/]+\.py)`((?:,?\s+`[\w.]+`(?!\())+)")
LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ROW = re.compile(r"^\| (.+) \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def readme() -> str:
    return README.read_text()


def test_every_state_diagram_is_the_tables_own(readme: str) -> None:
    assert readme == written(readme), (
        "run `.venv/bin/python -m tests.house.readme` and look at the difference"
    )
    assert DRAWN.keys() <= marked(readme).keys()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(document: Path) -> None:
    named = set(OURS.findall(document.read_text()))
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_every_function_of_the_walk_is_in_its_file(readme: str) -> None:
    walked = [
        (path, name) for path, names in IN_A_FILE.findall(readme) for name in re.findall(r"[\w.]+", names)
    ]
    assert len(walked) > 30
    assert [f"{path}: {name}" for path, name in walked if name not in _defined(ROOT / path)] == []


def _defined(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    found = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
            found |= {
                f"{node.name}.{inner.name}" for inner in ast.iter_child_nodes(node) if hasattr(inner, "name")
            }
        elif isinstance(node, ast.AnnAssign):
            found.add(ast.unparse(node.target))
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    lost = [link for link in _links(document) if not _leads(link, document)]
    assert lost == []


def _links(document: Path) -> Iterator[str]:
    for pair in LINK.findall(document.read_text()):
        yield next(filter(None, pair))


def _leads(link: str, document: Path) -> bool:
    if link.startswith("https://"):
        return link in {"https://keepachangelog.com/en/1.1.0/", "https://semver.org/spec/v2.0.0.html"}
    path, _, anchor = link.partition("#")
    target = document.parent / path if path else document
    return target.exists() and (not anchor or anchor in map(_anchor, HEADING.findall(target.read_text())))


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_nothing_in_docs_is_there_for_nobody(readme: str) -> None:
    named = {link for link in _links(README) if link.startswith("docs/")}
    assert named == {f"docs/{path.name}" for path in (ROOT / "docs").iterdir()}


def test_the_exit_codes_are_those_of_the_command_line(readme: str) -> None:
    section = readme.partition("| exit | meaning |")[2].partition("\n\n")[0]
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    codes = {failures.USAGE, failures.REFUSED, failures.IN_PROCESSING, failures.OUT_OF_SERVICE}
    assert told == {0, demo.DIFFERENT, process.STOPPED_BY_HAND, *doctor._EXIT_CODES.values(), *codes}


def test_the_settings_are_those_of_the_models() -> None:
    sections = (ROOT / "docs/settings.md").read_text().split("\n## ")[1:]
    told = {
        section.partition("]")[0].lstrip("[").removesuffix(".NAME"): _rows(section) for section in sections
    }
    assert told == {name: dict(_keys(model)) for name, model in _models()}


def _rows(section: str) -> dict[str, str]:
    cells = [row.split(" | ") for row in ROW.findall(section)]
    return {key.strip("`"): default.strip("`") for key, default, *_ in cells if key.startswith("`")}


def _models() -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in Settings.model_fields.items():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield name, kind


def _keys(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        yield field.alias or name, "required" if field.is_required() else _toml(field.default)


def _toml(value: Any) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"{value:g}" if value < 10**6 else str(value)
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"'


def test_the_new_provider_fits_into_the_catalogue(readme: str, tmp_path: Path) -> None:
    (added,) = (block for block in fenced(readme, "toml") if "[[provider]]" in block)
    file = tmp_path / "catalogue.toml"
    file.write_text((ROOT / "gateway/providers/demo.toml").read_text() + added)
    product = load_catalogue(file).products[-1]
    assert product.id == "taza-ui-waste"
    place = f"product[{len(load_catalogue(file).products) - 1}].requisite[0].mask"
    file.write_text(file.read_text() + 'mask = "###"\n')
    with pytest.raises(CatalogueError, match=re.escape(place)):
        load_catalogue(file)


def test_the_glossary_has_only_words_of_the_code(readme: str, product: list[Any]) -> None:
    code = "\n".join(source.text for source in product).casefold()
    terms = [term for row in _glossary(readme) for term in re.split(r", ", row[0])]
    assert len(terms) > 30
    assert [term for term in terms if term.strip("`").casefold() not in code] == []


def test_the_glossary_speaks_as_the_receipt_does(readme: str) -> None:
    rows = {word: (russian, kazakh) for word, _, russian, kazakh in _glossary(readme)}
    said = {
        "sum, fee, total": (words.AMOUNT, words.FEE, words.TOTAL),
        "receipt": (words.RECEIPT,),
        "operation number": (words.OPERATION,),
        "in processing": (words.IN_PROCESSING,),
    }
    for word, texts in said.items():
        assert rows[word] == tuple(
            ", ".join(text.to(language).lower() for text in texts) for language in ("ru", "kk")
        )


def _glossary(readme: str) -> list[list[str]]:
    section = readme.partition("## Glossary")[2].partition("\n## ")[0]
    return [row.split(" | ") for row in ROW.findall(section)][2:]
