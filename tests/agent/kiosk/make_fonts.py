"""Makes the page's two fonts from the npm package @fontsource/onest: one file a weight, what is shown and no more.

`npm pack @fontsource/onest@5.3.1`, unpack it, then
`python tests/agent/kiosk/make_fonts.py PACKAGE/files`, from the top of the tree.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

WEIGHTS: Final = (400, 700)
SCRIPTS: Final = ("latin", "latin-ext", "cyrillic", "cyrillic-ext", "symbols")
SPACES: Final = {0x202F: 0.2}  # the thin space between thousands, which the source lacks: as parts of an em
CHARACTERS: Final = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *range(0x0400, 0x0460),
    *map(ord, "ӘәҒғҚқҢңӨөҰұҮүҺһІі"),
    *map(ord, "‐–—‘’‚“”„†•…‹›\u2007\u2009\u202f₸№™←↑→↓−×✓"),
)


def main(files: Path, target: Path) -> None:
    for weight in WEIGHTS:
        made = _merged([files / f"onest-{script}-{weight}-normal.woff2" for script in SCRIPTS])
        _add_spaces(made)
        subsetter = Subsetter(Options(layout_features=["kern", "liga", "tnum", "mark", "mkmk", "locl"]))
        subsetter.populate(unicodes=CHARACTERS)
        subsetter.subset(made)
        made.flavor = "woff2"
        made.save(target / f"onest-{weight}.woff2")


def _merged(paths: list[Path]) -> Any:
    """Merging wants plain TrueType files, so each is unpacked first."""
    with TemporaryDirectory() as folder:
        plain = [Path(folder) / f"{path.stem}.ttf" for path in paths]
        for packed, unpacked in zip(paths, plain, strict=True):
            font = TTFont(packed)
            font.flavor = None
            font.save(unpacked)
        return Merger().merge([str(path) for path in plain])


def _add_spaces(font: Any) -> None:
    table = font["cmap"].getBestCmap()
    for code, part in SPACES.items():
        if code not in table:
            name = f"uni{code:04X}"
            font["glyf"][name] = font["glyf"][table[0x20]]
            font.setGlyphOrder(font["glyf"].glyphOrder)
            font["hmtx"][name] = (int(font["head"].unitsPerEm * part), 0)
            for encoding in font["cmap"].tables:
                encoding.cmap[code] = name


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path("agent/kiosk/static"))
