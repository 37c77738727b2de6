"""Starts the web chat: `python app.py`."""

from __future__ import annotations

import argparse
import ipaddress
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import AssistantError, ConfigurationError, EmptyStoreError
from assistant.settings import Settings, load_settings
from assistant.web.importing import import_serving
from assistant.web.memory import limit_arenas

if TYPE_CHECKING:
    from rich.progress import TaskID

    from assistant.engine import Assistant

_OPEN_TO_ALL = (
    "Warning: whoever reaches {} can ask, add and remove papers, and use /v1 and /mcp, without a password;"
    " set ASSISTANT_LOGIN=required"
)
_SEEDS = Path(__file__).resolve().parent / "seeds"


def main(arguments: list[str] | None = None) -> int:
    """Start the web chat and serve it until interrupted; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(options.data, options.answerer)
        limit_arenas()
        _check_address(options.host, options.port)
        # Importing gradio is half of the start; beside the opening of the stores it takes 2 s less.
        threading.Thread(target=import_serving, daemon=True).start()
        assistant = _open(settings)
        with assistant:
            _serve(assistant, settings, options.host, options.port)
    except AssistantError as error:
        return _fail(error, error.exit_code, debug=options.debug)
    except KeyboardInterrupt:
        return 0
    except Exception as error:  # the edge of the program: one line instead of a traceback
        return _fail(error, 1, debug=options.debug)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="app.py", description="Ask a corpus of papers in a web chat.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=7860, help="port to listen on (default: %(default)s)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the stores (default: data)")
    parser.add_argument("--answerer", choices=("auto", "extractive", "openai"), help="who writes the answers")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    return parser


def _check_address(host: str, port: int) -> None:
    """Find out that the port is taken now, not after the engine has been loaded."""
    if not 0 < port < 65536:
        raise ConfigurationError(f"--port {port} is not a port; choose one between 1024 and 65535")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise ConfigurationError(f"--host {host} is no known address; try --host 127.0.0.1") from error
    except OSError as error:
        other = port + 1 if port < 65535 else 7860
        raise AssistantError(
            f"port {port} of {host} cannot be opened ({error.strerror}); choose another: "
            f"python app.py --port {other}"
        ) from error


def _open(settings: Settings) -> Assistant:
    from assistant.engine import open_assistant

    try:
        return open_assistant(settings)
    except EmptyStoreError:
        if not settings.is_default_store:
            raise
    _ingest_seeds(settings)
    return open_assistant(settings)


def _ingest_seeds(settings: Settings) -> None:
    """Fill the empty default store with the papers the project brings, telling so on the terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from assistant.embedding import open_embedding_model
    from ingest.pipeline import ingest_paths

    print(f"First start: reading the papers in {_SEEDS.name}/ into {settings.data_dir}/", flush=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns) as bars:
        stages: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int | None) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total)

        report = ingest_paths([_SEEDS], settings, open_embedding_model(settings.embedding), progress=show)
    print(report.summary(), flush=True)


def _serve(assistant: Assistant, settings: Settings, host: str, port: int) -> None:
    serve = import_serving().serve
    from assistant.api.logs import log_as_json
    from assistant.web.services import services_for

    services = services_for(settings)
    if services.team is None and not _is_loopback(host):
        print(_OPEN_TO_ALL.format(host), file=sys.stderr, flush=True)

    def announce(url: str) -> None:
        if settings.log == "json":  # now that the server has set up its own
            log_as_json()
        print(f"{assistant.description}\nOpen {url} in a browser; Ctrl+C ends the chat.", flush=True)

    # As an interruption from the keyboard: what is open is closed in order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    serve(assistant, services, host, port, announce)


def _is_loopback(host: str) -> bool:
    """Whether all that this name stands for can be reached from this machine alone."""
    found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    return all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in found)


def _fail(error: Exception, code: int, *, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    else:
        print(f"app.py: {' '.join(str(error).split()) or type(error).__name__}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
