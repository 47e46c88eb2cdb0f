"""The errors that the sandbox raises for its users."""


class SandboxError(Exception):
    """An option is wrong, or the books or the port cannot be used. ``hint`` may say what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class WrongOption(SandboxError):
    """An option has a wrong value, or names an account or organisation that does not exist."""
