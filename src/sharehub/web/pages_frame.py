"""How every page is made: templates, words, headers, forms, and errors as pages.

No page has a script, and none loads anything from elsewhere; the headers forbid both. Texts go through gettext.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from gettext import NullTranslations
from importlib.resources import files
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import structlog
from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from sharehub.errors import UnreachableError, UsageError
from sharehub.web.body import bounded_body
from sharehub.web.page_words import FILTERS
from sharehub.web.problems import KINDS, ProblemError

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
log = structlog.get_logger()

_FORM = "application/x-www-form-urlencoded"
_FORM_BYTES_MAX, _FORM_FIELDS_MAX = 32_768, 20
_STATIC = {"site.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}


def _static() -> dict[str, tuple[bytes, str]]:
    """What is served under names that change with the content, so that browsers may keep it."""
    found = {}
    for name, media_type in _STATIC.items():
        content = (files("sharehub.web") / "static" / name).read_bytes()
        found[f"{hashlib.sha256(content).hexdigest()[:12]}-{name}"] = (content, media_type)
    return found


STATIC = _static()


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("sharehub.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = NullTranslations()
    made.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(FILTERS)
    made.globals |= {"lang": "en", "dir": "ltr", "static": {one.partition("-")[2]: f"/static/{one}" for one in STATIC}}
    return made


_TEMPLATES = _environment()


def page(template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
    """The page of a template; what a template needs and nobody gave is an error."""
    text = _TEMPLATES.get_template(template).render(**values)
    return HTMLResponse(text, status, dict(HEADERS))


def problem_page(error: ProblemError) -> HTMLResponse:
    """The page of a problem, with the headers that belong to it."""
    kind = KINDS[error.code]
    answer = page("problem.html", kind.status, title=kind.title, detail=error.detail, status=kind.status, here="")
    answer.headers.update(error.headers)
    return answer


class PageRoute(APIRoute):
    """A route for people: what goes wrong is a page, and a form from another site is refused."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """The handler with both."""
        handler = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                _refuse_foreign(request)
                return await handler(request)
            except Exception as error:  # noqa: BLE001 - whatever it is, people get a page
                return problem_page(_problem_of(error, request.url.path))

        return handled


def _problem_of(error: Exception, path: str) -> ProblemError:
    match error:
        case ProblemError():
            return error
        case RequestValidationError():
            where = ", ".join(str(one["loc"][-1]) for one in error.errors())
            return ProblemError("bad-request", f"this cannot be read: {where}")
        case UsageError():
            return ProblemError("bad-request", str(error))
        case UnreachableError():
            log.warning("page_without_database", path=path, reason=str(error))
            return ProblemError("view-away", "its database does not answer", headers={"Retry-After": "5"})
        case _:
            log.error("page_failed", path=path, exc_info=error)
            return ProblemError("internal-error", "the operator's log has the reason")


def _refuse_foreign(request: Request) -> None:
    """No form of another site: browsers say where a request began (Fetch Metadata), older ones at least its origin.

    What sends neither header is no browser, and carries nobody's cookie unknowingly.
    """
    if request.method in ("GET", "HEAD"):
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    same = site in ("same-origin", "none") if site else origin is None or _authority(origin) == request.url.netloc
    if not same:
        raise ProblemError("cross-site", "the form was sent from another site; nothing was done")


def _authority(origin: str) -> str:
    return urlsplit(origin).netloc


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form, each once, without blanks around them.

    Raises:
        ProblemError: it is no form, or too large.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM:
        raise ProblemError("unsupported-type", f"a form comes as {_FORM}")
    body = await bounded_body(request, _FORM_BYTES_MAX)
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_FORM_FIELDS_MAX)
    except ValueError as error:
        raise ProblemError("bad-body", "the form cannot be read") from error
    return {name: values[-1].replace("\0", "").strip() for name, values in fields.items()}


Form = Annotated[Mapping[str, str], Depends(_form)]
"""The fields of the form that was posted."""
