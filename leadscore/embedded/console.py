"""The launcher's own words on the terminal; its children write to their logs."""

import sys


def say(line: str = "") -> None:
    """Print one line at once, also where standard output is a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    """Print one line to standard error."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
