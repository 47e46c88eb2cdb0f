"""The page of a review: it stands alone, and has each change of each organisation."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from builders import account, chart, entry, wanted

from render.hostile import Page
from render.practice import many, practice, practice_review
from xerosync.model import Organisation
from xerosync.organisations.review import Review
from xerosync.plan.build import build
from xerosync.render.review.html import review_as_html

PAGE = review_as_html(
    practice_review(), created_at="2026-11-24T09:00:00Z", digest="sha256:" + "0" * 64
)


def test_the_policy_allows_what_is_on_the_page_and_nothing_else() -> None:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', PAGE)
    assert found
    policy = found[1].replace("&#39;", "'")
    for tag in ("style", "script"):
        content = re.search(rf"<{tag}>(.*?)</{tag}>", PAGE, re.DOTALL)
        assert content
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_ids_are_unique_and_links_have_a_target() -> None:
    page = Page(PAGE)
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    aimed = {value[1:] for name, value in page.attributes if name == "href" and value[:1] == "#"}
    assert aimed <= set(ids)


def test_the_page_has_each_change_of_each_organisation() -> None:
    page = Page(PAGE)
    members = [value for name, value in page.attributes if name == "data-o"]
    for number, plan in enumerate(practice()):
        assert members.count(str(number)) == len(plan.changes) + len(plan.blocked)
    text = re.sub(r"\s+", " ", "".join(page.texts))
    for part in (
        "Kea Tours", "clients/lake.yaml", "standard/chart.yaml:10", "Bank Fees", "Bank fees",
        "account_id: …", "id-480-7", "--allow deletes=1", "449 Motor Vehicle: unmanaged",
    ):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize(("organisations", "said"), [(6, "1 other value"), (7, "2 other values")])
def test_old_values_are_counted_after_the_fifth(organisations: int, said: str) -> None:
    asked = wanted(entry("404", "Bank Fees"))
    plans = [
        replace(
            build(chart(account("404", f"Fees {n}")), asked),
            organisation=Organisation(f"{n}", f"Co {n}"),
        )
        for n in range(organisations)
    ]
    assert f"<li>and {said}</li>" in review_as_html(Review.of(plans))


def test_a_review_without_plans_says_so() -> None:
    assert "No changes. Xero matches the files of 0 organisations" not in PAGE
    assert "Nothing was planned." in review_as_html(Review.of(()))


@pytest.mark.parametrize("number", [1_000])
def test_a_thousand_organisations_stay_small(number: int) -> None:
    assert len(review_as_html(Review.of(many(number)))) < 1_000_000
