"""Locust's exceptions, as far as scenarios raise them."""

from __future__ import annotations

from ..failures import EndIteration, Interrupt, StopUser

__all__ = ["InterruptTaskSet", "LocustError", "RescheduleTask", "RescheduleTaskImmediately", "StopUser"]


class LocustError(Exception):
    """An error of a scenario."""


class InterruptTaskSet(Interrupt):
    """Leaves the innermost task set."""

    def __init__(self, reschedule: bool = True) -> None:
        super().__init__()
        self.reschedule = reschedule


class RescheduleTask(EndIteration):
    """Ends this iteration; the user goes on with the next one."""


class RescheduleTaskImmediately(RescheduleTask):
    """The same: the wait time is the host's to keep."""
