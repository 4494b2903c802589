"""Places where jobs run: inline in this thread, or in worker processes."""

from fitting.runners.base import OnEvent, Runner
from fitting.runners.inline import InlineRunner
from fitting.runners.process import ProcessRunner

__all__ = ["InlineRunner", "OnEvent", "ProcessRunner", "Runner"]
