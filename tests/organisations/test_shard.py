"""`--shard`: each file belongs to exactly one shard, whatever other files there are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync.cli.many.choose import shard_of
from xerosync.environment import shard_from_environment
from xerosync.errors import UsageError
from xerosync.organisations.shard import Shard, parse_shard

names = st.text("abcdefghij-/", min_size=1, max_size=20).filter(lambda s: s.strip("/"))


@given(names, st.integers(1, 40))
def test_shards_are_disjoint_and_complete(name: str, total: int) -> None:
    shards = [Shard(number, total) for number in range(1, total + 1)]
    assert sum(shard.holds(name) for shard in shards) == 1


def test_a_path_is_in_one_shard_however_it_is_written() -> None:
    for number in range(50):
        name = f"clients/c{number}.yaml"
        ways = (name, f"./{name}", f"clients/../{name}", str(Path.cwd() / name))
        for shard in (Shard(1, 2), Shard(2, 2)):
            assert len({shard.holds(way) for way in ways}) == 1


def test_shards_are_of_similar_size() -> None:
    files = [f"clients/client{number}.yaml" for number in range(1000)]
    sizes = Counter(n for n in range(1, 9) for f in files if Shard(n, 8).holds(f))
    assert min(sizes.values()) > 90
    assert max(sizes.values()) < 160


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/0", "1/2/3", "-1/3", "٣/٣"])
def test_a_text_that_is_not_a_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a shard"):
        parse_shard(text)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"XEROSYNC_SHARD_INDEX": "8", "XEROSYNC_SHARD_COUNT": "8"}, "9/8"),
        ({"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "abc"}, "1/abc"),
    ],
)
def test_auto_with_wrong_numbers_says_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], said: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=f"the environment says {said}, which") as refused:
        shard_of("auto")
    assert "XEROSYNC_SHARD_INDEX and JOB_COMPLETION_INDEX count from 0" in refused.value.hint


@pytest.mark.parametrize(
    ("environment", "shard"),
    [
        ({"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "5"}, "2/5"),
        ({"CI_NODE_TOTAL": "1"}, "1/1"),
        ({"XEROSYNC_SHARD_INDEX": "0", "XEROSYNC_SHARD_COUNT": "4"}, "1/4"),
        ({"JOB_COMPLETION_INDEX": "3", "XEROSYNC_SHARD_COUNT": "4"}, "4/4"),
        (
            {
                "XEROSYNC_SHARD_INDEX": "1",
                "XEROSYNC_SHARD_COUNT": "4",
                "CI_NODE_INDEX": "9",
                "CI_NODE_TOTAL": "9",
            },
            "2/4",
        ),
    ],
)
def test_auto_reads_the_numbers_of_each_ci_system(environment: dict[str, str], shard: str) -> None:
    assert shard_from_environment(environment) == shard
    parse_shard(shard)


@pytest.mark.parametrize(
    "environment",
    [{}, {"JOB_COMPLETION_INDEX": "3"}, {"XEROSYNC_SHARD_COUNT": "4", "XEROSYNC_SHARD_INDEX": "x"}],
)
def test_auto_without_numbers_says_how_to_set_them(environment: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="--shard auto") as refused:
        shard_from_environment(environment)
    assert "strategy.job-index" in refused.value.hint


def test_each_connected_organisation_is_named_by_a_chart_of_one_shard() -> None:
    connected = [(f"Client {number}", f"TENANT-{number}") for number in range(20)]
    charts = [chart for number in (1, 2, 3) for chart in Shard(number, 3).charts(connected)]
    pins = sorted((one.organisation.name, one.organisation.tenant_id) for one in charts)
    assert pins == sorted(connected)
    assert all(one.partial and not one.accounts for one in charts)
