"""The HTML page stands alone, has a strict policy, and shows the whole plan."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys

import pytest
from builders import chart, wanted

from render.hostile import Page
from render.plans import long_plan, rich_plan
from xerosync.plan.build import build
from xerosync.plan.impact import moves
from xerosync.render.plan.html import plan_as_html

PAGE = plan_as_html(rich_plan(), created_at="2026-11-24T09:00:00Z", digest="sha256:abc")


def policy() -> str:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', PAGE)
    assert found
    return found[1].replace("&#39;", "'")


def test_the_policy_allows_what_is_on_the_page_and_nothing_else() -> None:
    for tag in ("style", "script"):
        found = re.search(rf"<{tag}>(.*?)</{tag}>", PAGE, re.DOTALL)
        assert found
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy()
    assert policy().startswith("default-src 'none'; ")
    assert "unsafe" not in policy()


def test_nothing_is_fetched() -> None:
    page = Page(PAGE)
    assert not {"img", "iframe", "object", "embed", "audio", "video", "base"} & set(page.tags)
    assert not [value for name, value in page.attributes if name in {"src", "srcset", "action"}]
    assert "url(" not in PAGE
    assert "@import" not in PAGE


def test_ids_are_unique_and_links_have_a_target() -> None:
    page = Page(PAGE)
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    aimed = {value[1:] for name, value in page.attributes if name == "href" and value[:1] == "#"}
    assert aimed <= set(ids)


def test_the_page_has_every_change_and_every_blocked_change() -> None:
    plan = rich_plan()
    page = Page(PAGE)
    text = re.sub(r"\s+", " ", "".join(page.texts))
    assert [name for name, _ in page.attributes].count("data-item") == len(plan.changes) + len(
        plan.blocked
    )
    for change in plan.changes:
        assert change.name in text
        assert all(sentence.replace("`", "") in text for sentence in change.reasons)
        assert all(sentence in text for sentence in change.warnings)
    for item in plan.blocked:
        assert item.reason in text
        assert item.hint in text
    assert "--allow archives=3" in text
    assert "sha256:abc" in text


def test_moves_between_statements_come_first() -> None:
    found = moves(rich_plan())
    assert [(m.change.code, str(m.before), str(m.after)) for m in found] == [
        ("620", "balance sheet, assets", "profit and loss, expenses"),
        ("835", "balance sheet, liabilities", "profit and loss, income"),
    ]
    assert all(move.crosses for move in found)
    crossing = [move.crosses for move in moves(long_plan())]
    assert crossing == sorted(crossing, reverse=True)


def test_a_plan_without_changes_says_so() -> None:
    page = plan_as_html(build(chart(), wanted()))
    assert "No changes. Xero matches accounts.yaml." in page


def palettes() -> dict[str, dict[str, str]]:
    """Read the colours of the two schemes from the page."""
    light, dark = re.findall(r":root \{([^}]*--paper[^}]*)\}", PAGE)
    bright = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    return {
        "light": bright,
        "dark": bright | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark)),
    }


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "soft", "link", "red", "amber", "green", "blue", "teal"])
def test_every_colour_of_text_has_the_contrast_of_wcag_aa(scheme: str, ink: str) -> None:
    colours = palettes()[scheme]
    own = f"{ink}-wash"
    grounds = ["paper", "wash", "blue-wash", *([own] if own in colours else [])]
    grounds += ["amber-wash", "red-wash"] if ink in {"ink", "link"} else []
    for ground in grounds:
        pair = sorted((luminance(colours[ink]), luminance(colours[ground])))
        assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, ground


def test_five_hundred_changes_stay_small() -> None:
    assert len(plan_as_html(long_plan(500))) < 1_000_000


def test_the_template_engine_is_imported_only_for_a_page() -> None:
    code = "import sys, xerosync.render.plan.html; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
