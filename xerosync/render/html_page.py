"""What all HTML pages share: templates that escape text from outside, and a security policy.

A page is one file. The policy forbids loading anything else, so no name can cause a request.
"""

from __future__ import annotations

import base64
import hashlib
import html
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING

from xerosync import __version__
from xerosync.render import words
from xerosync.render.account_usage import usage_sentence
from xerosync.render.inline import QUOTED
from xerosync.text import visible

if TYPE_CHECKING:
    from jinja2 import Template


def render(name: str, style: str, script: str = "", **values: object) -> str:
    """Return a page: the template `name`, filled with the values, the style and the script."""
    page: str = _template(name).render(
        style=style, script=script, policy=_policy(style, script), version=__version__, **values
    )
    return page


def asset(name: str) -> str:
    """Return the text of a file in `templates/`."""
    return (files("xerosync.render") / "templates" / name).read_text(encoding="utf-8")


def isolated(name: str) -> str:
    """Return a name as escaped HTML whose text direction does not affect the text around it."""
    return f"<bdi>{html.escape(visible(name))}</bdi>" if name else ""


def _policy(style: str, script: str) -> str:
    """Return a content security policy that allows this style, this script and inline images."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            *((f"script-src '{_digest(script)}'",) if script else ()),
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


@cache
def _template(name: str) -> Template:
    """Return a template that passes every value through `visible` and escapes it for HTML.

    The filter `ours` exempts HTML that xerosync itself wrote.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 heavy
    from markupsafe import Markup, escape  # noqa: PLC0415 as above

    def show(value: object) -> object:
        return value if isinstance(value, Markup) else visible(str(value))

    def prose(text: str) -> Markup:
        return Markup().join(
            Markup("<code>{}</code>").format(visible(part)) if at % 2 else escape(visible(part))
            for at, part in enumerate(QUOTED.split(text))
        )

    environment = Environment(
        loader=FunctionLoader(asset),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=show,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["prose"] = prose
    environment.filters["ours"] = Markup
    environment.filters["used"] = partial(usage_sentence, quote=isolated)
    environment.globals["rows"] = words.field_rows_of
    environment.globals["type_words"] = words.TYPE
    environment.globals["origin_words"] = words.ORIGIN
    return environment.get_template(name)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
