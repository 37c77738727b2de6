"""Importing gradio without the work nobody asked for."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


def import_serving() -> ModuleType:
    """Import `assistant.web.serving`, and with it the page and gradio, in about two thirds of the time.

    Each time it is imported, gradio parses the source of each of its components to write a type
    stub beside it: 1.7 of 4.4 CPU seconds, and a write into the installed package. It leaves that
    out for a component that has no file, so for its sake no component has one meanwhile. Analytics
    are switched off because gradio reads that setting when imported, and calls home otherwise.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    getfile: Callable[[Any], str] = inspect.getfile

    def getfile_unless_for_stubs(thing: Any) -> str:
        if sys._getframe(1).f_globals.get("__name__") == "gradio.component_meta":
            raise OSError("no type stubs")
        return getfile(thing)

    inspect.getfile = getfile_unless_for_stubs  # type: ignore[assignment]
    try:
        return importlib.import_module("assistant.web.serving")
    finally:
        inspect.getfile = getfile  # type: ignore[assignment]
