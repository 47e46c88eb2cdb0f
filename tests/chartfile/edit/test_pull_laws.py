"""After `pull`, `plan` is empty: for any chart, a new file and any existing one."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chartfile.charts import charts, drifted
from xerosync.chartfile.edit.first_file import new_file
from xerosync.chartfile.edit.merge import update_file
from xerosync.chartfile.load import parse
from xerosync.desired import DesiredChart
from xerosync.model import Chart
from xerosync.plan.build import build

LAW = settings(deadline=None, suppress_health_check=list(HealthCheck))
ODD = st.booleans()


def assert_planned_empty(chart: Chart, text: str) -> DesiredChart:
    desired = parse(text, "accounts.yaml", lint=False).chart
    plan = build(chart, desired)
    assert plan.empty, (text, plan.changes, plan.blocked)
    assert not plan.unmanaged, (text, plan.unmanaged)
    return desired


def decorate(data: st.DataObject, text: str, *, unfinished: bool = False) -> tuple[str, list[str]]:
    """Return a file as people edit it, with its comments: blank lines, other line ends.

    The dashes may be in column 0; an `unfinished` file may lack its last line end.
    """
    lines: list[str] = []
    marks: list[str] = []
    block = -1
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip())
        if block >= 0 and (not line.strip() or indent > block):
            lines.append(line)
            continue
        block = -1
        mark = f"mark{len(marks)};"
        where = data.draw(st.integers(0, 7))
        if line.endswith((": |", ": |-")) and not line.strip().startswith("#"):
            block = indent + 2 * line.lstrip().startswith("- ")
        if where == 0 and line.strip():
            marks.append(mark)
            line += f"   # {mark}"  # noqa: PLW2901
        elif where == 1:
            marks.append(mark)
            lines.append(" " * indent + f"# {mark}")
        elif where == 2:
            lines.append("")
        lines.append(line)
    decorated = "\n".join(lines)
    if data.draw(st.booleans()):
        head, colon, accounts = decorated.partition("\naccounts:")
        decorated = head + colon + re.sub(r"(?m)^  ", "", accounts)
    if unfinished and data.draw(st.booleans()):
        decorated = decorated.rstrip("\n")
    return (decorated.replace("\n", "\r\n") if data.draw(st.booleans()) else decorated), marks


@LAW
@given(ODD.flatmap(lambda odd: charts(odd=odd)))
def test_a_file_just_written_by_pull_needs_no_changes(chart: Chart) -> None:
    text = new_file(chart).text
    desired = assert_planned_empty(chart, text)
    assert update_file(text.encode(), desired, chart).text == text


@LAW
@given(st.data(), ODD)
def test_after_a_pull_the_plan_is_empty_and_the_comments_are_kept(
    data: st.DataObject, odd: bool
) -> None:
    before = data.draw(charts(odd=odd))
    text, marks = decorate(data, new_file(before).text, unfinished=True)
    desired = parse(text, "accounts.yaml", lint=False).chart
    now = data.draw(drifted(before, odd=odd))
    pulled = update_file(text.encode(), desired, now).text
    again = assert_planned_empty(now, pulled)
    assert [mark for mark in marks if mark not in pulled] == []
    assert update_file(pulled.encode(), again, now).text == pulled
    assert ("\r\n" in text) == ("\r\n" in pulled)


@LAW
@given(st.data())
def test_without_changes_in_xero_the_text_stays_the_same(data: st.DataObject) -> None:
    chart = data.draw(charts())
    text, _ = decorate(data, new_file(chart).text)
    desired = parse(text, "accounts.yaml", lint=False).chart
    assert update_file(text.encode(), desired, chart).text == text
