"""A line now and then, so that who waits sees that something goes on."""

import sys
import time

_BEGAN = time.monotonic()


def say(text: str) -> None:
    print(f"  {time.monotonic() - _BEGAN:7.1f} s  {text}", file=sys.stderr, flush=True)
