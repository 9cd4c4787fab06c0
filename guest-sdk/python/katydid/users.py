"""Virtual users."""

from __future__ import annotations

from typing import Any, Callable, ClassVar, NoReturn, Optional, Union

from .client import Client
from .failures import StopUser
from .waits import Wait

__all__ = ["User"]


class User:
    """A kind of virtual user: derive from it, and give it tasks.

        class ApiUser(User):
            host = "http://127.0.0.1:8877/"
            wait_time = between(0.1, 1)

            @task
            def get_time(self):
                self.client.get_time()

    Each virtual user is an object of such a class, in an instance of the module of its own: it shares nothing
    with other users, no global variable either.

    A pair of functions lets what a user knows outlive the exchange of its module while a run goes on. A state
    is any value that a call may have; with `None` the user stops and starts anew:

        def save_state(self): return {"token": self.token}         # in place of on_stop
        def restore_state(self, state): self.token = state["token"]   # in place of on_start
    """

    host: ClassVar[Optional[str]] = None
    """The URL of the target; a run may override it (`-H`)."""
    wait_time: ClassVar[Union[Wait, Callable[[Any], float], None]] = None
    """The pause between iterations: none, `between(...)` and so on, or a function of your own, in seconds."""
    weight: ClassVar[int] = 1
    """Its share of the users, against the other classes."""
    fixed_count: ClassVar[Optional[int]] = None
    """So many users exactly, counted before the weights are looked at."""
    abstract: ClassVar[bool] = False
    """Whether this class is only there to be derived from. Not inherited."""
    tasks: ClassVar[Any] = ()
    """Tasks beside those with `@task`: functions and sets in a list, or with their weights in a dict."""
    sequential: ClassVar[bool] = False
    """Chooses tasks in the order of declaration, over and over, in place of by weight."""

    def __init__(self) -> None:
        self.client: Client = Client()
        """Calls the target."""

    @classmethod
    def made(cls) -> User:
        """A user, as whoever carries it out makes it."""
        return cls()

    def on_start(self) -> None:
        """Runs before the first task. Who does not get through it, be it for a request that failed, has not
        started, and is tried anew."""

    def on_stop(self) -> None:
        """Runs after the last task."""

    def stop(self) -> NoReturn:
        """Ends this user, from within a task or `on_start`."""
        raise StopUser
