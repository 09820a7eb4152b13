"""A catalogue is taken whole or refused with every error by its path."""

from importlib import resources
from pathlib import Path

import pytest

from gateway import providers
from gateway.eport.messages import AccountRequest, build
from gateway.money import Amount
from gateway.providers.catalogue import CatalogueError, load_catalogue, parse_catalogue
from gateway.providers.product import Catalogue
from gateway.providers.requisites import check
from gateway.providers.shapes import KINDS, LANGUAGES

DEMO = resources.files(providers) / "demo.toml"

SMALL = """
[[group]]
code = "g"
title = { kk = "Топ", ru = "Группа", en = "Group" }

[[provider]]
code = "p"
group = "g"
title = { kk = "Жеткізуші", ru = "Поставщик", en = "Provider" }

[[product]]
id = "phone"
provider = "p"
title = { kk = "Телефон", ru = "Телефон", en = "Phone" }
minimum = "1.00"
maximum = "5.00"
[[product.requisite]]
code = "account"
kind = "phone"
title = { kk = "Нөмір", ru = "Номер", en = "Number" }
hint = { kk = "Он цифр", ru = "Десять цифр", en = "Ten digits" }
mask = "+7 (###) ###-##-##"
example = "7011234567"

[[product]]
id = "water"
provider = "p"
title = { kk = "Су", ru = "Вода", en = "Water" }
price = "10.00"
fee = { percent = "1.5", minimum = "2.00" }
[[product.requisite]]
code = "account"
kind = "contract"
title = { kk = "Шот", ru = "Счёт", en = "Account" }
hint = { kk = "Түбіртекте", ru = "На квитанции", en = "On the bill" }
minimum_length = 7
maximum_length = 7
check_digit = "mod11"
example = "9001441"
"""


def flaws_after(old: str, new: str) -> dict[str, str]:
    """What is said about the small catalogue with one place of it changed."""
    assert SMALL.count(old) >= 1
    with pytest.raises(CatalogueError) as refused:
        parse_catalogue(SMALL.replace(old, new, 1).encode())
    return {flaw.path: flaw.why for flaw in refused.value.flaws}


def test_the_small_catalogue_itself_is_good():
    catalogue = parse_catalogue(SMALL.encode())
    assert [product.id for product in catalogue.products] == ["phone", "water"]
    assert catalogue.product("water").price.amount() == Amount(1000)
    assert catalogue.product("nothing") is None


@pytest.mark.parametrize(
    ("old", "new", "path", "why"),
    [
        ('mask = "+7 (###) ###-##-##"', 'mask = "+7 (###) ###"', "product[0].requisite[0].mask", "6 places"),
        ('mask = "+7', 'maks = "+7', "product[0].requisite[0].maks", "misspelt"),
        ('kind = "phone"\n', "", "product[0].requisite[0]", "no kind"),
        ('kind = "phone"', 'kind = "fone"', "product[0].requisite[0]", "does not exist"),
        ('kk = "Он цифр", ', "", "product[0].requisite[0].hint.kk", "missing"),
        ('en = "Phone"', 'en = ""', "product[0].title.en", "at least 1"),
        ('minimum = "1.00"', "minimum = 1.00", "product[0].minimum", "without quotes"),
        ('minimum = "1.00"', 'minimum = "1,00"', "product[0].minimum", "1500.00"),
        ('minimum = "1.00"', 'minimum = "0.00"', "product[0].minimum", "0.01"),
        ('minimum = "1.00"', 'minimum = "5.01"', "product[0].maximum", "below the minimum"),
        ('maximum = "5.00"', 'maximum = "10000000000.00"', "product[0].maximum", "9999999999.99"),
        ('maximum = "5.00"', 'maximum = "5.00"\nprice = "5.00"', "product[0]", "either price"),
        ('price = "10.00"', "", "product[1]", "either price"),
        ('price = "10.00"', 'price = "9999999999.99"', "product[1].fee", "largest total"),
        ('percent = "1.5", ', "", "product[1].fee", "need a percent"),
        ('percent = "1.5"', 'percent = "1.555"', "product[1].fee.percent", "percent below 100"),
        ('percent = "1.5"', "percent = 1.5", "product[1].fee.percent", "quotes"),
        ('minimum = "2.00"', 'minimum = "2.00", maximum = "1.00"', "product[1].fee.maximum", "below"),
        ('minimum = "2.00"', 'fixed = "2.00"', "product[1].fee", "no percent"),
        ("minimum_length = 7", "minimum_length = 8", "product[1].requisite[0].maximum_length", "below"),
        ('"9001441"', '"9001442"', "product[1].requisite[0].example", "check_digit"),
        (
            'example = "9001441"',
            'mask = "####"\nexample = "9001441"',
            "product[1].requisite[0].mask",
            "4 places",
        ),
        ('"mod11"', '"mod12"', "product[1].requisite[0].check_digit", "mod11"),
        ('id = "water"', 'id = "phone"', "product[1].id", "stands above"),
        ('id = "water"', 'id = "Water"', "product[1].id", "pattern"),
        ('provider = "p"', 'provider = "q"', "product[0].provider", "no provider 'q'"),
        ('group = "g"', 'group = "h"', "provider[0].group", "no group 'h'"),
        ("[[group]]", "[[groups]]", "group", "missing"),
    ],
)
def test_an_error_is_named_by_its_path(old, new, path, why):
    flaws = flaws_after(old, new)
    assert path in flaws
    assert why in flaws[path]


def test_one_mistake_is_told_once():
    assert len(flaws_after('mask = "+7 (###) ###-##-##"', 'mask = "#"')) == 1


def test_all_mistakes_are_told_together():
    flaws = flaws_after('minimum = "1.00"', 'minimum = "1"\ncolour = "red"')
    assert set(flaws) == {"product[0].minimum", "product[0].colour"}


def test_a_mask_needs_one_length():
    new = 'maximum_length = 8\nmask = "#######"'
    assert "equal" in flaws_after("maximum_length = 7", new)["product[1].requisite[0].mask"]


def test_a_requisite_s_code_stands_once_in_a_product():
    again = SMALL[SMALL.rindex("[[product.requisite]]") :]
    with pytest.raises(CatalogueError, match=r"product\[1\]\.requisite\[1\]\.code"):
        parse_catalogue((SMALL + again).encode())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[[group", "not TOML"),
        (b"title = '\xd2'", "not UTF-8"),
        (b"#" * (4 * 1024 * 1024 + 1), "larger than"),
    ],
)
def test_what_is_no_toml_is_refused_as_a_whole(content, why):
    with pytest.raises(CatalogueError, match=why):
        parse_catalogue(content)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(CatalogueError, match=r"nowhere\.toml: cannot be read: No such file"):
        load_catalogue(tmp_path / "nowhere.toml")


def test_the_version_follows_the_file_s_bytes():
    one, two = parse_catalogue(SMALL.encode()), parse_catalogue(SMALL.encode() + b"\n")
    assert one.version != two.version
    assert one.version == parse_catalogue(SMALL.encode()).version


@pytest.fixture(scope="module")
def demo() -> Catalogue:
    with resources.as_file(DEMO) as path:
        return load_catalogue(path)


def test_the_demo_has_its_shapes_and_fees(demo):
    shapes = [shape for product in demo.products for shape in product.requisites]
    fees = {
        (rule.percent_hundredths > 0, rule.minimum.amount_minor > 0, rule.maximum is not None)
        for rule in (product.fee_rule for product in demo.products)
    }
    assert len(demo.products) >= 12
    assert len({group.code for group in demo.groups}) >= 5
    assert {shape.kind for shape in shapes} == KINDS
    assert {getattr(shape, "check_digit", None) for shape in shapes} >= {"none", "luhn", "mod11"}
    assert any(product.price is not None for product in demo.products)
    assert any(len(product.requisites) == 2 for product in demo.products)
    # none; percent; percent with minimum and maximum; fixed
    assert fees >= {(False, False, False), (True, False, False), (True, True, True), (False, True, True)}


def test_every_provider_of_the_demo_has_a_product_and_every_group_a_provider(demo):
    assert {product.provider for product in demo.products} == {one.code for one in demo.providers}
    assert {provider.group for provider in demo.providers} == {one.code for one in demo.groups}


def test_every_example_of_the_demo_can_be_sent_to_e_port(demo, clock):
    for product in demo.products:
        checked = check(product, {shape.code: shape.example for shape in product.requisites})
        request = AccountRequest(
            point="10001",
            terminal="ATM00017",
            txn_id="26112200000001234566",
            txn_date=clock(),
            product=product.id,
            requisites=tuple(checked.items()),
            sum=product.minimum.amount(),
        )
        assert product.id.encode() in build(request)


def test_the_demo_speaks_three_languages_with_their_own_letters(demo):
    def texts(node):
        if isinstance(node, dict):
            if set(node) == set(LANGUAGES):
                yield node
            else:
                for inner in node.values():
                    yield from texts(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from texts(inner)

    found = list(texts(demo.model_dump(mode="json")))
    kazakh = "".join(one["kk"] for one in found).lower()
    assert set("әғқңөұүһі") <= set(kazakh)
    assert not set("әғқңөұүһі") & set("".join(one["ru"] for one in found).lower())
    units = {one["en"] for one in found if not one["en"].isascii()}
    assert units <= {"m³", "On the bill after “Account number”, nine digits"}


def test_a_terminal_reads_back_what_it_is_served(demo):
    assert Catalogue.model_validate_json(demo.model_dump_json()) == demo


@pytest.mark.parametrize("content", ["[[group", "[[group]]\ncode = 'mobile'\n", "\udcff"])
def test_every_error_of_a_file_names_the_file(tmp_path, content):
    path = tmp_path / "catalogue.toml"
    path.write_text(content, "utf-8", errors="surrogateescape")
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(path)
    assert {line.partition(": ")[0] for line in str(refused.value).splitlines()} == {str(path)}


@pytest.mark.parametrize(("product", "offered_by", "off"), [
    ("kokjiek-mobile", "", True),  # of an offer that was made before providers were written down
    ("kokjiek-mobile", "samal", True),
    ("qala-jaryq", "kokjiek", True),
    ("withdrawn", "kokjiek", True),
    ("withdrawn", "samal", False),
    ("withdrawn", "", False),
])  # fmt: skip
def test_a_product_is_off_with_its_provider_and_with_the_one_that_it_was_offered_for(
    demo, product, offered_by, off
):
    catalogue = demo.model_copy(update={"switched_off": ("kokjiek",)})
    assert catalogue.is_switched_off(product, offered_by=offered_by) is off
