"""``python -m local_sagemaker`` is the program ``local-sagemaker``."""

import os
import subprocess
import sys

from ._program import find_program


def main() -> None:
    program = find_program()
    arguments = [program, *sys.argv[1:]]
    if sys.platform == "win32":
        sys.exit(subprocess.run(arguments).returncode)
    os.execv(program, arguments)


if __name__ == "__main__":
    main()
