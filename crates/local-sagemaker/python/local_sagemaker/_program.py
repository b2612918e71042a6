"""Where the program of this package is."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Iterator


def find_program() -> str:
    """Return the path of the program ``local-sagemaker``.

    The path in ``LOCAL_SAGEMAKER_PROGRAM`` comes first, then the program of this installation, then one on the ``PATH``.

    Raises:
        FileNotFoundError: if it is missing.
    """
    chosen = os.environ.get("LOCAL_SAGEMAKER_PROGRAM")
    if chosen:
        return chosen
    name = "local-sagemaker" + (sysconfig.get_config_var("EXE") or "")
    for folder in _script_folders():
        program = os.path.join(folder, name)
        if os.path.isfile(program):
            return program
    found = shutil.which("local-sagemaker")
    if found is None:
        raise FileNotFoundError(
            f"cannot find the program {name} of the package local-sagemaker; install the package again"
        )
    return found


def _script_folders() -> Iterator[str]:
    """Yield the folders into which pip installs programs."""
    yield sysconfig.get_path("scripts")
    # pip install --prefix DIR: DIR/lib/python3.x/site-packages and DIR/bin. pip install --target DIR: DIR and DIR/bin.
    packages = Path(__file__).resolve().parent.parent
    folder = "Scripts" if sys.platform == "win32" else "bin"
    if len(packages.parents) > 2:
        yield str(packages.parents[2] / folder)
    yield str(packages / "bin")
    # pip install --user.
    scheme = f"{os.name}_user"
    if scheme in sysconfig.get_scheme_names():
        yield sysconfig.get_path("scripts", scheme=scheme)
