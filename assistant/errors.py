"""Every error this project raises on purpose.

::

    AssistantError
    ├── ConfigurationError          a setting is missing, contradictory or unusable
    ├── QuestionError               the question itself cannot be asked (empty, far too long)
    ├── IngestError
    │   ├── UnsupportedFileError    no reader recognises the file
    │   └── UnreadableRecordError   one record is broken; counted, named and skipped
    ├── StoreError
    │   ├── EmptyStoreError         nothing has been ingested yet
    │   ├── EmbeddingMismatchError  the store was made with another embedding model
    │   └── StoreLockedError        another process is writing
    ├── EvaluationError             a run misses its thresholds, or its recording does not fit
    └── ProviderError               the language model's server failed; `retryable` says how

A message is one line: what failed, with which value, and the command that mends it.
"""

__all__ = [
    "AssistantError",
    "ConfigurationError",
    "EmbeddingMismatchError",
    "EmptyStoreError",
    "EvaluationError",
    "IngestError",
    "ProviderError",
    "QuestionError",
    "StoreError",
    "StoreLockedError",
    "UnreadableRecordError",
    "UnsupportedFileError",
]


class AssistantError(Exception):
    """Base of all errors that are told to the user as one line.

    `exit_code` is what a command line returns: 1 when the work failed, 2 when the
    input or the usage was wrong.
    """

    exit_code = 1


class ConfigurationError(AssistantError):
    exit_code = 2


class QuestionError(AssistantError):
    exit_code = 2


class IngestError(AssistantError):
    pass


class UnsupportedFileError(IngestError):
    exit_code = 2


class UnreadableRecordError(IngestError):
    pass


class StoreError(AssistantError):
    pass


class EmptyStoreError(StoreError):
    pass


class EmbeddingMismatchError(StoreError):
    pass


class StoreLockedError(StoreError):
    pass


class EvaluationError(AssistantError):
    """A run misses its thresholds, or its recording does not fit: what fails a CI."""


class ProviderError(AssistantError):
    """The OpenAI-compatible server failed; `retryable` is true when asking again may help."""

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable
