"""Load as a locustfile says it."""

from __future__ import annotations

from typing import Any, ClassVar, Optional

from ..hooks import HOOK, Status

__all__ = ["LoadTestShape"]


class LoadTestShape:
    """Derive from it, and say by `tick` how many users there are to be and how many may start in each second:
    a pair, or `None` at the end of the run."""

    abstract: ClassVar[bool] = True

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        if not vars(cls).get("abstract", False):
            cls.abstract = False
            setattr(cls, HOOK, "shape")

    def __init__(self) -> None:
        self._now: Optional[Status] = None
        self._users = 0.0

    def tick(self) -> Any:
        """Asked each second."""
        raise NotImplementedError(f"{type(self).__name__} has no tick()")

    def get_run_time(self) -> float:
        """Seconds since the run began."""
        return self._now.elapsed if self._now else 0.0

    def get_current_user_count(self) -> int:
        """Users alive."""
        return self._now.users if self._now else 0

    def asked(self, now: Status) -> Optional[int]:
        """What the host is answered: the users on the way to those that `tick` wants, at its rate."""
        self._now = now
        wanted = self.tick()
        if wanted is None:
            return None
        if len(wanted) != 2:
            raise ValueError("tick() answers a number of users and a rate; classes of users cannot be chosen")
        users, rate = wanted
        least, most = self._users - rate, self._users + rate
        self._users = min(max(users, least), most)
        return round(self._users)
