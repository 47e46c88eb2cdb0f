"""The error that the sandbox raises when it cannot start."""


class SandboxError(Exception):
    """The sandbox cannot start as asked: ``message`` says why, ``hint`` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
