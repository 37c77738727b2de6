"""Ask a corpus of research papers.

`open_assistant(load_settings())` gives an `Assistant` with `.ask`, `.search`, `.summarize` and `.papers`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.engine import Assistant, open_assistant
    from assistant.settings import Settings, load_settings

__all__ = ["Assistant", "Settings", "load_settings", "open_assistant"]


def __getattr__(name: str) -> Any:
    # The engine takes seconds to import; commands that do without it must not pay for it.
    if name in ("Assistant", "open_assistant"):
        from assistant import engine

        return getattr(engine, name)
    if name in ("Settings", "load_settings"):
        from assistant import settings

        return getattr(settings, name)
    raise AttributeError(f"module 'assistant' has no attribute {name!r}")
