"""Plans → one HTML page that a controller reads, filters, prints and signs.

The page stands alone: it asks nothing of any server, and its policy forbids it to, so that
no name in it can either. Jinja escapes every value, after `visible`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from xerosync import __version__
from xerosync.plan import estimate, limits
from xerosync.plan.impact import Move, moves
from xerosync.plan.plan import Action, Change, Plan
from xerosync.render import words
from xerosync.render.plan.footnotes import Note, Notes
from xerosync.text import visible

if TYPE_CHECKING:
    from jinja2 import Template

_QUOTED = re.compile(r"`([^`\n]{1,120})`")
_TITLE = {
    Action.DELETE: ("Delete", "This cannot be undone."),
    Action.ARCHIVE: ("Archive", "No new transaction can use these; their history stays."),
    Action.UPDATE: ("Update", ""),
    Action.RESTORE: ("Restore", "Archived accounts that come back into use."),
    Action.CREATE: ("Create", "Accounts that Xero does not have yet."),
}


@dataclass(frozen=True, slots=True)
class _Section:
    """The changes of one kind, each with its index in the plan."""

    action: Action
    title: str
    means: str
    changes: tuple[tuple[int, Change], ...]


@dataclass(frozen=True, slots=True)
class _Page:
    """What the template shows of one plan. `number` counts the plans of the page from 1."""

    number: int
    plan: Plan
    headline: str
    rest: str
    facts: str
    effort: str
    address: str
    sections: tuple[_Section, ...]
    moves: tuple[Move, ...]
    warnings: tuple[Note, ...]
    breaches: tuple[limits.Breach, ...]
    detours: tuple[tuple[int, str], ...]
    nothing: str


def plans_as_html(plans: Sequence[Plan], *, created_at: str = "", digest: str = "") -> str:
    """Give the page; `created_at` and `digest` are those of the plans' document."""
    pages = [_page(number, plan) for number, plan in enumerate(plans, start=1)]
    style, script = asset("plan.css"), asset("plan.js")
    page: str = template("plan.html.j2").render(
        pages=pages,
        title=", ".join(plan.organisation.name for plan in plans[:3]),
        changes=sum(len(plan.changes) for plan in plans),
        created_at=created_at,
        digest=digest,
        version=__version__,
        style=style,
        script=script,
        policy=policy(style, script),
    )
    return page


def policy(style: str, script: str = "") -> str:
    """Give a content security policy under which a page has this style and script alone."""
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


def _page(number: int, plan: Plan) -> _Page:
    ordered = words.in_reading_order(plan)
    return _Page(
        number=number,
        plan=plan,
        headline=words.headline(plan),
        rest=words.rest(plan),
        facts=words.facts(plan.organisation),
        effort=estimate.sentence(plan),
        address=words.chart_address(plan.organisation),
        sections=tuple(
            _Section(action, *_TITLE[action], found)
            for action in words.DESTRUCTIVE_FIRST
            if (found := tuple(item for item in ordered if item[1].action is action))
        ),
        moves=moves(plan),
        warnings=Notes(ordered).warnings,
        breaches=limits.check(plan),
        detours=words.detours(plan),
        nothing=words.nothing(plan),
    )


@cache
def template(name: str) -> Template:
    """Give a template that escapes every value, after `visible`."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 heavy
    from markupsafe import Markup, escape  # noqa: PLC0415 as above

    def show(value: object) -> object:
        return value if isinstance(value, Markup) else visible(str(value))

    def prose(text: str) -> Markup:
        parts = _QUOTED.split(text)
        return Markup().join(
            Markup("<code>{}</code>").format(visible(part)) if at % 2 else escape(visible(part))
            for at, part in enumerate(parts)
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
    environment.globals["rows"] = words.rows
    environment.globals["type_words"] = words.TYPE
    environment.globals["origin_words"] = words.ORIGIN
    return environment.get_template(name)


def asset(name: str) -> str:
    """Give the text of a file beside the templates."""
    return (files("xerosync.render") / "templates" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
