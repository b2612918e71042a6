"""Writes the subsets of the heading fonts that the site serves.

Usage: subset_fonts.py NODE_MODULES FOLDER

Reads the fonts from the packages of FOLDER/package.json, and the characters of each language from FOLDER/characters.*.txt.
Writes FOLDER/heading-en.woff2 and FOLDER/heading-ko.woff2, and beside them the licence of each font. The same input gives the
same bytes.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FRAUNCES = "@fontsource-variable/fraunces"
GOWUN_BATANG = "@fontsource/gowun-batang"
# Bold, soft, and with the optical size of subheadings, whose hairlines are visible in small headings too.
FRAUNCES_AXES = {"wght": 700, "opsz": 48, "SOFT": 100, "WONK": 0}

# 1970-01-01 in seconds since 1904, as fonts count.
UNIX_EPOCH = 2_082_844_800


def characters(folder: Path, language: str) -> str:
    return (folder / f"characters.{language}.txt").read_text(encoding="utf-8").replace("\n", "")


def subsetted(font: TTFont, text: str) -> TTFont:
    options = subset.Options()
    options.layout_features = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk"]
    options.name_IDs = [0, 1, 2, 13, 14]
    options.hinting = False
    options.notdef_outline = True
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    return font


def write(font: TTFont, path: Path) -> None:
    font.flavor = "woff2"
    font.recalcTimestamp = False
    # Merging sets both to the current time.
    font["head"].created = font["head"].modified = UNIX_EPOCH
    font.save(path)
    print(f"{path}: {path.stat().st_size} bytes, {len(font.getBestCmap())} characters")


def fraunces(package: Path, text: str) -> TTFont:
    font = TTFont(package / "files/fraunces-latin-full-normal.woff2", recalcTimestamp=False)
    return subsetted(instancer.instantiateVariableFont(font, FRAUNCES_AXES), text)


def gowun_batang(package: Path, text: str) -> TTFont:
    """The package splits the font by frequency, so parts with wanted characters are joined."""
    wanted = {ord(character) for character in text}
    parts = []
    for path in sorted(package.glob("files/gowun-batang-*-700-normal.woff2")):
        font = TTFont(path, recalcTimestamp=False)
        found = wanted & set(font.getBestCmap())
        if found:
            wanted -= found
            parts.append(subsetted(font, "".join(map(chr, sorted(found)))))
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, part in enumerate(parts):
            files.append(f"{folder}/{number}.ttf")
            part.flavor = None
            part.save(files[-1])
        return Merger().merge(files)


def main() -> None:
    modules, folder = map(Path, sys.argv[1:])
    write(fraunces(modules / FRAUNCES, characters(folder, "en")), folder / "heading-en.woff2")
    write(gowun_batang(modules / GOWUN_BATANG, characters(folder, "ko")), folder / "heading-ko.woff2")
    for package, name in [(FRAUNCES, "fraunces"), (GOWUN_BATANG, "gowun-batang")]:
        shutil.copyfile(modules / package / "LICENSE", folder / f"LICENSE-{name}.txt")


main()
