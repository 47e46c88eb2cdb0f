"""The site builds without a warning, fits a phone, and loads nothing from other servers."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent.parent
OUTER = [ROOT / f"{name}.md" for name in ("README", "SECURITY", "CHANGELOG", "CONTRIBUTING")]
PAGES = [*OUTER, *sorted((ROOT / "docs").rglob("*.md"))]

FAULTS = {
    "[a](gone.md)": "'gone.md'",
    "[b](ci.md#no-such-part)": "'no-such-part'",
    "[c](#nowhere)": "'nowhere'",
    "[d](../ci/gone.yml)": "'../ci/gone.yml'",
    "[e](../GONE.md)": "'../GONE.md'",
    "[f](../README.md#two-comands)": "'two-comands'",
    "![g](pictures/gone.svg)": "docs/pictures/gone.svg",
}
"""Each broken link to plant in a page, and what the warning about it names."""

SCHEMES: dict[Literal["light", "dark"], range] = {"light": range(601, 766), "dark": range(200)}
"""The colour schemes, each with the sums of red, green and blue that its background may have."""

GOOD = (
    "[x](../ci/gitlab.yml), [y](../SECURITY.md#what-is-not-protected), "
    "[z](ci.md#cron-and-other-schedulers)"
)


def build(source: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the site of a copy of the repository, as `make site` does."""
    command = [sys.executable, str(ROOT / "docs" / "site" / "build.py"), str(folder), str(source)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site of the repository."""
    folder = tmp_path_factory.mktemp("site") / "site"
    done = build(ROOT, folder)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the pages, and the files that they may link to."""
    source = tmp_path / "repository"
    for name in ("docs", "ci", "schema", "examples"):
        shutil.copytree(ROOT / name, source / name)
    for path in [*OUTER, ROOT / "LICENSE"]:
        shutil.copy(path, source)
    return source


def test_a_broken_link_anchor_or_picture_and_an_unlisted_page_fail_the_build(
    copy: Path, tmp_path: Path
) -> None:
    """One build names every broken link with its line, no correct one, and the forgotten page."""
    page = copy / "docs" / "recipes.md"
    planted = [*FAULTS, GOOD]
    before = page.read_text(encoding="utf-8")
    page.write_text(before + "".join(f"\n{text}\n" for text in planted), encoding="utf-8")
    first = len(before.splitlines()) + 2
    (copy / "docs" / "decisions" / "9999-forgotten.md").write_text("# Forgotten\n")
    done = build(copy, tmp_path / "site")
    assert done.returncode == 1
    for line, (text, named) in enumerate(FAULTS.items()):
        warning = rf"recipes\.md:{first + 2 * line}: WARNING: .*{re.escape(named)}"
        assert re.search(warning, done.stderr), f"{text} passes:\n{done.stderr}"
    assert "9999-forgotten.md: WARNING: document isn't included in any toctree" in done.stderr
    assert done.stderr.count("WARNING") == len(FAULTS) + 1, done.stderr


def test_every_page_is_built_and_the_first_one_redirects_to_the_contents(site: Path) -> None:
    made = {path.relative_to(site).with_suffix(".md") for path in site.rglob("*.html")}
    assert made >= {page.relative_to(ROOT) for page in PAGES}
    assert "url=docs/README.html" in (site / "index.html").read_text(encoding="utf-8")


def test_a_link_to_another_file_downloads_it(site: Path) -> None:
    (copied,) = site.glob("_downloads/*/LICENSE")
    assert copied.read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert copied.relative_to(site).as_posix() in (site / "README.html").read_text("utf-8")


def test_pages_fit_a_phone_and_load_nothing_from_other_servers(
    site: Path, chromium: Browser
) -> None:
    """Each page is light where the reader's system is, and dark where it is dark."""
    context = chromium.new_context(viewport={"width": 400, "height": 900})
    asked: list[str] = []
    complaints: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in PAGES:
        page.goto((site / path.relative_to(ROOT).with_suffix(".html")).as_uri())
        for scheme, channels in SCHEMES.items():
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate("document.documentElement.scrollWidth") == 400, path
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            brightness = sum(int(part) for part in re.findall(r"\d+", ground)[:3])
            assert brightness in channels, (path, scheme, ground)
    assert not [url for url in asked if not url.startswith(("file:", "data:"))]
    assert not complaints
    context.close()


def test_the_search_finds_a_page_by_a_word(site: Path, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(f"{(site / 'search.html').as_uri()}?q=renumbered")
    page.get_by_role("link", name="How a renumbered account is found").first.wait_for()
    page.close()
