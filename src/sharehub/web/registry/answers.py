"""What the registry's answers and errors look like."""

import json
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from sharehub.web.problems import KINDS, ProblemError
from sharehub.wire.registry import Schema
from sharehub.wire.subjects import Subject

log = structlog.get_logger()

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"


class ErrorAnswer(BaseModel):
    """What went wrong, as Confluent's registry says it."""

    error_code: int
    message: str


class RegistryError(Exception):
    """Ends a request; the status is the first three digits of the code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class RegistryJson(JSONResponse):
    """JSON in ASCII under the registry's media type."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """The content as bytes."""
        return json.dumps(content, separators=(",", ":")).encode("ascii")


def text_of(schema: Schema) -> str:
    """The schema as a text within JSON."""
    return json.dumps(schema.raw, ensure_ascii=False, separators=(",", ":"))


def version_of(subject: Subject, version: int) -> dict[str, Any]:
    """One version of a subject."""
    schema = subject.schemas[version - 1]
    return {"subject": subject.name, "version": version, "id": schema.id, "schema": text_of(schema)}


def answer_errors(app: FastAPI) -> None:
    """Turn everything that goes wrong into Confluent's form."""
    app.add_exception_handler(RegistryError, lambda _, error: _error(getattr(error, "code", 50001), str(error)))
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _failed)


def _error(code: int, message: str) -> Response:
    return RegistryJson({"error_code": code, "message": message}, int(str(code)[:3]))


def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    return _error(error.status_code, f"HTTP {error.status_code} {error.detail}")


def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for it
    return _error(KINDS[error.code].status, error.detail)


def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    found = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return _error(422, "; ".join(found))


def _failed(request: Request, error: Exception) -> Response:
    log.error("request_failed", path=request.url.path, exc_info=error)
    return _error(50001, "the operator's log has the reason")
