"""Why a request has no good reply, and how an iteration ends early.

A `Failure` is data: the host has counted the request that failed by the time a task sees it. Where a task
does not catch it, the iteration ends, but is no failed iteration. Any other exception makes it one.
"""

from __future__ import annotations

__all__ = [
    "Failure",
    "Fault",
    "StatusError",
    "Timeout",
    "TransportError",
    "ProtocolError",
    "Rejected",
    "Interrupted",
    "Reported",
    "Interrupt",
    "StopUser",
]


class Failure(Exception):
    """A request without a good reply. Its text is what the host's reports say, as in `timeout: total`."""

    kind: str = "failure"
    """The kind of failure in one word, as in the host's reports."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message: str = message
        """What there is to say beside the kind."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}" if self.message else self.kind


class Fault(Failure):
    """The target answered a fault."""

    kind = "fault"

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code: int = code
        """`faultCode`."""

    def __str__(self) -> str:
        return f"fault {self.code}: {self.message}"

    @property
    def faultCode(self) -> int:
        """The code, by its name in XML-RPC."""
        return self.code

    @property
    def faultString(self) -> str:
        """The message, by its name in XML-RPC."""
        return self.message


class StatusError(Failure):
    """The target answered an HTTP status other than 200."""

    kind = "status"

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status: int = status
        """The status, for example 503."""

    def __str__(self) -> str:
        return f"status {self.status}"


class Timeout(Failure):
    """A time-out struck; the message says which: `connect`, `first byte` or `total`."""

    kind = "timeout"


class TransportError(Failure):
    """The connection could not be made, or broke."""

    kind = "transport"


class ProtocolError(Failure):
    """The reply was not HTTP, or not XML-RPC."""

    kind = "protocol"


class Rejected(Failure):
    """The call was not sent: it cannot be written as XML-RPC, or breaks a limit."""

    kind = "rejected"


class Interrupted(Failure):
    """The run is over. What is called now is neither sent nor counted."""

    kind = "interrupted"


class Reported(Failure):
    """A request of the scenario's own (see `measure`) failed for this reason."""

    kind = "reported"


class EndIteration(Exception):
    """The iteration ends here, and nothing is wrong with that."""


class Interrupt(Exception):
    """Leave the innermost task set; outside of all sets: go on. Raised by `TaskSet.interrupt`."""


class StopUser(Exception):
    """This user has done enough: it ends with `on_stop` and is not replaced."""
