"""Starts MiniStack with additional resource types, behind access control, and stops its children with it.

`mysfits-localcloud up` runs this program and holds the other end of its standard input. When that is closed, this process
and everything that it has started ends. Settings are MiniStack's own environment variables; MYSFITS_AWS_JSON_URL is the
URL of the services that MiniStack does not have, MYSFITS_CALLS the file for the signed calls. AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY are the administrator's access key.
"""

import importlib.metadata
import os
import signal
import sys
import threading

# The gaps are filled from inside, so the insides must be those that were read.
SUPPORTED = "1.5.33"

# How long MiniStack may take to end by itself, in seconds.
GRACE = 3


def end_with_parent():
    """Waits for the end of standard input, then ends the process group."""
    while sys.stdin.buffer.read(4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE)
    os.killpg(0, signal.SIGKILL)


def main():
    version = importlib.metadata.version("ministack")
    if version != SUPPORTED:
        sys.exit(
            f"MiniStack is {version}; the local cloud knows {SUPPORTED}: install the pinned requirements, or read "
            "what patches.py touches in the new version and raise SUPPORTED in launcher.py"
        )
    if os.getpgrp() != os.getpid():
        # The whole group is killed at the end: it must be our own.
        os.setpgid(0, 0)
    threading.Thread(target=end_with_parent, name="end-with-parent", daemon=True).start()

    # What is written is the owner's alone.
    os.umask(0o077)

    import access
    import calls
    import patches
    import resources

    credentials = access.Credentials(os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY"))
    patches.apply()
    access.protect(credentials, calls.CallLog(os.environ.pop("MYSFITS_CALLS")), patches.expect)
    # Functions inherit the environment: what they need not know is removed.
    resources.register(os.environ.pop("MYSFITS_AWS_JSON_URL"), credentials)

    from ministack.app import main as ministack

    try:
        ministack()
    finally:
        # Functions run as children in this group; MiniStack may leave them behind.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
