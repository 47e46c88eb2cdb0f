"""Turns what keeps the sandbox from starting into one exception with a way out."""


class SandboxError(Exception):
    """The sandbox cannot be started as asked: ``message`` says why, ``hint`` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
