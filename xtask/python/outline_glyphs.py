"""Writes the outlines of the words on the cards for link previews.

Usage: outline_glyphs.py FONTS MYSFITS OUTLINES

Reads the fonts of the site's headings from the folder FONTS, web/fonts, and the names from MYSFITS, data/mysfits.json. Writes OUTLINES,
web/bundle/tests/pictures/outlines.txt: a line for each character with the character, its advance, and its outline as a path of SVG, in
thousandths of the font size, separated by tabs. The same input gives the same bytes.
"""

import json
import sys
from pathlib import Path

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

UNITS = 1000
# The words of web/bundle/tests/pictures/drawings.rs.
WORDS = {"en": "Mythical Mysfits the Find yours!", "ko": "미시컬 미스핏츠 내 미스핏 찾기"}


def outline(font: TTFont, character: str) -> str:
    glyphs = font.getGlyphSet()
    glyph = glyphs[font.getBestCmap()[ord(character)]]
    scale = UNITS / font["head"].unitsPerEm
    pen = SVGPathPen(glyphs, ntos=lambda number: str(round(number)))
    glyph.draw(TransformPen(pen, (scale, 0, 0, -scale, 0, 0)))
    return f"{character}\t{round(glyph.width * scale)}\t{pen.getCommands()}\n"


def main() -> None:
    folder, mysfits, target = map(Path, sys.argv[1:])
    catalogue = json.loads(mysfits.read_text(encoding="utf-8"))["mysfits"]
    lines = {}
    for language, words in WORDS.items():
        font = TTFont(folder / f"heading-{language}.woff2")
        names = [mysfit[text][language] for mysfit in catalogue for text in ("name", "species")]
        for character in "".join([words, *names]):
            lines.setdefault(character, outline(font, character))
    target.write_text("".join(lines[character] for character in sorted(lines)), encoding="utf-8")
    print(f"{target}: {target.stat().st_size} bytes, {len(lines)} characters")


main()
