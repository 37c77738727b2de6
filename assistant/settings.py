"""All settings, read once: environment over `.env` over defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import ConfigurationError

DEFAULT_DATA_DIR = Path("data")
DEFAULT_MODEL = "gpt-4o-mini"


class Settings(BaseSettings):
    """Frozen settings of one process; only the entry points make one, with `load_settings`.

    `data_dir` is the folder of the stores. `answerer` "auto" takes the OpenAI-compatible
    endpoint when a key or a base URL is set, else the extractive answerer. `context_window` is in
    tokens, for models whose window is not known; `timeout` in seconds without a word from the
    model. `rewrite` asks the model for other wordings of a question to search with, one more
    request each. With `login` "required" the web chat and its interfaces want an account, each with
    at most `rate_limit` questions a minute. `crawl_year` completes listing dates
    that were printed without a year.
    """

    model_config = SettingsConfigDict(
        env_prefix="ASSISTANT_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    data_dir: Path = DEFAULT_DATA_DIR
    answerer: Literal["auto", "extractive", "openai"] = "auto"
    model: str = DEFAULT_MODEL
    context_window: int | None = Field(default=None, ge=1024, le=10_000_000)
    timeout: float = Field(default=120.0, gt=0, le=3600)  # a CPU reads 3,000 tokens in a minute
    rewrite: bool = False
    embedding: str = "bundled"
    chroma_url: str | None = None
    catalogue_url: str | None = None
    login: Literal["off", "required"] = "off"
    rate_limit: int = Field(default=60, ge=1, le=100_000)
    metrics: bool = False
    log: Literal["text", "json"] = "text"
    log_questions: bool = False
    crawl_year: int = Field(default=2026, ge=1990, le=2100)
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")

    @property
    def resolved_answerer(self) -> Literal["extractive", "openai"]:
        """The answerer that is at work once "auto" is decided."""
        if self.answerer != "auto":
            return self.answerer
        return "openai" if self.openai_api_key or self.openai_base_url else "extractive"

    @property
    def resolved_catalogue_url(self) -> str:
        return self.catalogue_url or f"sqlite:///{self.data_dir / 'catalogue.sqlite3'}"

    @property
    def is_default_store(self) -> bool:
        """True when the seeds may be loaded without being asked for."""
        return self.data_dir == DEFAULT_DATA_DIR and self.catalogue_url is None


def load_settings(data_dir: Path | None = None, answerer: str | None = None) -> Settings:
    """Read the settings; arguments given on a command line win over the environment.

    Raises:
        ConfigurationError: a value cannot be used; the message names the variable.
    """
    given: dict[str, object] = {}
    if data_dir is not None:
        given["data_dir"] = data_dir
    if answerer is not None:
        given["answerer"] = answerer
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic validates the values
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"ASSISTANT_{name.upper()}"
        raise ConfigurationError(
            f"{variable} = {first['input']!r} cannot be used: {first['msg']};"
            " see the settings table in README.md"
        ) from error
