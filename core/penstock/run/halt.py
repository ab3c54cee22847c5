"""Why nothing new starts in a run: it is being stopped, or a failure holds back what is left. Data only."""

from __future__ import annotations

from penstock.run.policy import StopMode


class Halt:
    """Of one run; its coordinator sets `mode` and `reason`. `held_back` names what failed under fail-fast."""

    __slots__ = ("held_back", "mode", "reason")

    def __init__(self) -> None:
        self.mode: StopMode | None = None
        self.reason = ""
        self.held_back: str | None = None

    @property
    def stopping(self) -> bool:
        return self.mode is not None

    @property
    def closing(self) -> bool:
        """Nothing new starts any more."""
        return self.stopping or self.held_back is not None
