"""The named endpoints that `gradio_client` and curl find: ask, search, summarize, papers."""

from __future__ import annotations

import logging
from collections.abc import Callable, MutableMapping
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any, TypeVar

import gradio as gr
from fastapi.exceptions import RequestValidationError
from gradio.components.api_component import Api
from gradio.events import api
from gradio.route_utils import FnIndexInferError
from pydantic import ValidationError, validate_call
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant.api.messages import describe_faults
from assistant.errors import AssistantError, QuestionError

if TYPE_CHECKING:
    from gradio.block_function import BlockFunction

    from assistant.api.asgi import AsgiApp, Receive, Scope, Send
    from assistant.engine import Assistant

log = logging.getLogger(__name__)

T = TypeVar("T")

_MOST = 1_000
_NAMES = "ask, search, summarize, papers"
GRADIO = "/gradio_api/"
CALLS = f"{GRADIO}call/"


class Page(gr.Blocks):
    """A page whose named endpoints fill in the defaults of values that a call leaves out at the end."""

    def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
        missing = block_fn.inputs[len(inputs) :]
        inputs += [block.value for block in missing if isinstance(block, Api)]
        super().validate_inputs(block_fn, inputs)


def add_endpoints(assistant: Assistant) -> None:
    """Add them to the current `Page`; each returns the JSON that its command prints."""

    def ask(question: str, history: list[str] | None = None) -> dict[str, Any]:
        """Answer a question from the corpus; `history` holds the earlier questions, oldest first."""
        return assistant.ask(question, tuple(history or ())).to_dict()

    def search(query: str, top: int = 10) -> list[dict[str, Any]]:
        """The best `top` papers for a query, best first."""
        if not 1 <= top <= _MOST:
            raise QuestionError(f"top = {top} is not between 1 and {_MOST:,}")
        return [scored.to_dict() for scored in assistant.search(query, top)]

    def summarize(topic: str) -> dict[str, Any]:
        """What the corpus holds on a topic, as a literature summary."""
        return assistant.summarize(topic).to_dict()

    def papers() -> list[dict[str, Any]]:
        """Every paper of the corpus."""
        return [paper.to_dict() for paper in assistant.papers()]

    for endpoint in (ask, search, summarize, papers):
        api(_told(endpoint), api_name=endpoint.__name__)


def _told(endpoint: Callable[..., T]) -> Callable[..., T]:
    """`endpoint` with its arguments checked; a caller is told in one line what does not fit."""
    checked, names = validate_call(endpoint), tuple(signature(endpoint).parameters)

    @wraps(endpoint)
    def called(*values: Any) -> T:
        try:
            return checked(**dict(zip(names, values, strict=True)))  # by name: faults name the value
        except ValidationError as error:
            raise gr.Error(describe_faults(error.errors())[0], print_exception=False) from error
        except AssistantError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return called


class RefuseMisfits:
    """ASGI middleware: a call that fits no endpoint is refused, where Gradio fails with a 500."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(GRADIO):
            await self._app(scope, receive, send)
            return
        has_begun, is_call = False, scope["path"].startswith(CALLS)

        async def noted(message: MutableMapping[str, Any]) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except (KeyError, FnIndexInferError) as error:
            if has_begun or not is_call:
                raise
            name = scope["path"].rpartition("/")[2]
            said = f"there is no endpoint {name[:100]!r}; there are {_NAMES}"
            log.debug("refused: %s", said, exc_info=error)
            await JSONResponse({"detail": said}, 404)(scope, receive, send)
        except TypeError as error:  # values by names that are missing or not known
            if has_begun or not is_call:
                raise
            said = str(error).partition(" Please click")[0]
            log.debug("refused: %s", said, exc_info=error)
            await JSONResponse({"detail": said}, 422)(scope, receive, send)
        except RuntimeError as error:
            # That there is no such event is found out within the stream, which tells so and breaks off.
            if not (has_begun and isinstance(error.__cause__, HTTPException)):
                raise
            await send({"type": "http.response.body", "body": b""})


async def refuse_body(_request: Request, failure: Exception) -> Response:
    """A body that does not fit: what is wrong where.

    FastAPI's own reply quotes the body, and fails when that holds NaN or half a character.
    """
    faults = failure.errors() if isinstance(failure, RequestValidationError) else ()
    told = [{key: fault[key] for key in ("type", "loc", "msg")} for fault in faults]
    return JSONResponse({"detail": told}, 422)
