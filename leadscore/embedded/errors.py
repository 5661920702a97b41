"""What the launcher may end with. The text is shown as it is, so each one is a sentence that says what to do."""


class CannotStart(Exception):
    """Something on this machine is in the way."""


class AlreadyRunning(CannotStart):
    """Another launcher holds the lock of this folder."""


class ChildDied(CannotStart):
    """A program that should have gone on running has ended."""


class Stopped(Exception):
    """The person asked to stop while things were still starting. Not an error."""
