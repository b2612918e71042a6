"""What the checks of this folder share: their argument, and the report of what they find."""

import pathlib
import sys
import time


def argument(documentation):
    """The path that the program is given; without one, the program ends with the usage in its documentation."""
    if len(sys.argv) != 2:
        sys.exit(documentation.split("\n\n")[1])
    return pathlib.Path(sys.argv[1]).resolve()


def as_list(value):
    return value if isinstance(value, list) else [value]


def report(what, begun, findings, detail=""):
    """Prints a line for a check, and its findings below; returns whether there are none."""
    findings = list(findings)
    verdict = f"{len(findings)} findings" if findings else "ok"
    print(f"{what}: {verdict}{detail} ({time.monotonic() - begun:.1f} s)", flush=True)
    for finding in findings:
        print(f"  {finding}")
    return not findings
