"""What stops a call: the same kinds of errors as on the command line, and the same exit codes.

A message says the problem, where it is, and what to do about it: ``problem (place): remedy``.
"""


class Error(Exception):
    """Base of all errors of clvsim.

    Attributes:
        exit_code: what the command line would exit with.
        place: file, folder, column or key that the problem is in; empty where the message has it all.
        remedy: what to do about it.
    """

    exit_code = 70

    def __init__(self, problem: str, place: object = "", remedy: str = ""):
        self.problem, self.place, self.remedy = problem, str(place), remedy
        message = problem + (f" ({place})" if self.place else "") + (f": {remedy}" if remedy else "")
        super().__init__(message)


class ConfigError(Error):
    """A command line or a configuration key is wrong."""

    exit_code = 2


class InputError(Error):
    """A file or folder is missing, unreadable or refused."""

    exit_code = 3


class ModelError(Error):
    """The inputs are sound, but the model they ask for cannot be simulated."""

    exit_code = 4


class BackendError(Error):
    """The backend asked for is not in this build or not on this machine."""

    exit_code = 5


class InfeasibleError(Error):
    """No plan keeps the limits that are set; the message names them."""

    exit_code = 6


class OutputError(Error):
    """A result could not be written; earlier results are as they were."""

    exit_code = 7
