"""Formatting keeps the chart and every comment, whatever the layout, and is idempotent."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xerosync.chartfile.format.canonical import canonical
from xerosync.chartfile.load import Loaded, parse
from xerosync.chartfile.syntax.quoting import double_quoted
from xerosync.desired import DesiredAccount, Source
from xerosync.errors import ChartError

Draw = Callable[..., object]
PLAIN = st.sampled_from(["Sales", "Rent & Rates", "Owner's", "2024", "NO", "a - b", "über", "~x"])
TEXTS = st.one_of(
    PLAIN, PLAIN.map(double_quoted), PLAIN.map(lambda t: "'" + t.replace("'", "''") + "'")
)
LONG = st.sampled_from(
    [
        '"one\n\n  # no comment\n     two"',
        "'it\n       is'",
        "|\n      # no comment\n        in\n\n      out",
        ">-\n      folded\n      text\n",
        "plain\n      goes on",
        "|2\n        two",
    ]
)


class Writer:
    """Writes a chart file in any layout that people use, and counts its comments."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.comments = 0

    def pick(self, *choices: str) -> str:
        return str(self.draw(st.sampled_from(choices)))

    def comment(self, *forms: str) -> str:
        self.comments += 1
        return self.pick(*(forms or ("# {}", "#{}", "# --- {}", "# {} ---", "#   {}: - x"))).format(
            f"c{self.comments}."
        )

    def beside(self) -> str:
        return (
            self.pick("", "", "", "  " + self.comment("# {}")) if self.pick("y", "n") == "y" else ""
        )

    def above(self, column: int) -> list[str]:
        lines = []
        for _ in range(self.draw(st.integers(0, 2))):  # type: ignore[call-overload]
            kind = self.pick("none", "none", "none", "blank", "comment", "deep", "shallow")
            at = {"deep": column + 2, "shallow": max(column - 2, 0)}.get(kind, column)
            if kind != "none":
                lines.append("" if kind == "blank" else " " * at + self.comment())
        return lines

    def value(self, name: str, number: int, indent: int) -> str:
        code, old, pad = f"{(number * 7) % 10}{number}", f"X{number}", " " * indent
        written = {
            "code": (code, f"'{code}'", f'"{code}"'),
            "name": (f"N{number}", f'"N {number}: x"'),
            "type": ("REVENUE", "'EXPENSE'"),
            "add_to_watchlist": ("true", "True", "FALSE"),
            "protect": ("true", "False"),
            "previously": (
                f"[{old}]",
                f"['{old}', Y{number}]",
                f"\n{pad}- {old}  # no\n{pad}- Z{number}",
            ),
            "waive": (f"\n{pad}  name-pattern: because",),
        }
        if name in written:
            return self.pick(*written[name])
        if name == "description" and self.pick("y", "n") == "y":
            return str(self.draw(LONG)).replace("\n      ", "\n  " + pad)
        return str(self.draw(TEXTS))

    def account(self, number: int, dash: int) -> list[str]:
        names = ["code", "name", "type", "tax_type", "description", "add_to_watchlist",
                 "previously", "protect", "waive", "note"]  # fmt: skip
        chosen = ["name", *self.draw(st.lists(st.sampled_from(names[:1] + names[2:]), unique=True))]  # type: ignore[misc]
        chosen = list(self.draw(st.permutations(chosen)))  # type: ignore[call-overload]
        if self.pick("block", "block", "flow") == "flow":
            inline = [c for c in chosen if c not in {"description", "note", "waive", "previously"}]
            written = ", ".join(
                f"{n}: {self.value(n, number, 0)}" for n in inline if n != "tax_type"
            )
            return [" " * dash + "- {" + written + "}" + self.beside()]
        column = dash + int(self.pick("2", "2", "4"))
        lines: list[str] = []
        for name in chosen:
            written = self.value(name, number, column)
            lines += self.above(column) if lines else []
            one = f"{name}: {written}" if not written.startswith("\n") else f"{name}:{written}"
            beside = self.beside() if "\n" not in written else ""
            lines += (" " * column + one + beside + self.pick("", "", "  ")).split("\n")
        if self.pick("same", "same", "alone") == "alone":
            return [" " * dash + "-" + self.beside(), *lines]
        lines[0] = " " * dash + "-" + " " * (column - dash - 1) + lines[0].lstrip()
        return lines

    def file(self) -> str:
        dash = int(self.pick("0", "2", "4"))
        accounts = [*self.above(dash)]
        for number in range(self.draw(st.integers(1, 5))):  # type: ignore[call-overload]
            accounts += self.account(number, dash) + self.above(dash)
        sections = [
            ["version: 1" + self.beside()],
            ["organisation:", *self.above(2), "  name: Demo" + self.beside()],
            ["limits:" + self.beside(), "    deletes: 2", *self.above(4), "    archives: 3"],
            ["lint:", "  severity: {near-duplicate-name: off, unused-waiver: off}"],
            ["accounts:" + self.beside(), *accounts],
        ]
        lines = self.above(0)
        for section in self.draw(st.permutations(sections)):  # type: ignore[attr-defined]
            lines += section + self.above(0)
        return "\n".join(lines) + self.pick("", "\n", "\n\n")

    def overlay(self) -> str:
        """Write a file that extends another one, which is not there."""
        dash = int(self.pick("0", "2", "4"))
        overrides = [*self.above(dash)]
        for number in range(self.draw(st.integers(1, 4))):  # type: ignore[call-overload]
            target = self.pick(f"40{number}", f"'40{number}'", f"Rent {number}")
            if self.pick("block", "flow") == "flow":
                line = " " * dash + f"- {{omit: {self.pick('true', 'True')}, standard: {target}}}"
                overrides += [line + self.beside()]
            else:
                fields = [
                    f"standard: {target}",
                    f"reason: {self.draw(TEXTS)}",
                    "keep:\n" + " " * (dash + 2) + "- name",
                    f"code: {self.value('code', number, 0)}",
                ]
                block: list[str] = []
                for one in self.draw(st.permutations(fields)):  # type: ignore[attr-defined]
                    block += self.above(dash + 2) if block else []
                    block += (" " * (dash + 2) + one + self.beside()).split("\n")
                block[0] = " " * dash + "- " + block[0].lstrip()
                overrides += block
            overrides += self.above(dash)
        sections = [
            ["version: 1" + self.beside()],
            ["extends: [a.yaml, b.yaml]" + self.beside()],
            ["organisation: {name: Demo, country: NZ}"],
            ["take: [615, '616']" + self.beside()],
            ["overrides:" + self.beside(), *overrides],
        ]
        lines = self.above(0)
        for section in self.draw(st.permutations(sections)):  # type: ignore[attr-defined]
            lines += section + self.above(0)
        return "\n".join(lines) + self.pick("", "\n", "\n\n")


@st.composite
def files(draw: Draw) -> tuple[str, int]:
    writer = Writer(draw)
    return writer.file(), writer.comments


def meaning(loaded: Loaded) -> object:
    def bare(account: DesiredAccount) -> DesiredAccount:
        return replace(account, source=Source())

    chart = loaded.chart
    organisation = replace(chart.organisation, source=Source())
    accounts = sorted(map(bare, chart.accounts), key=repr)
    return replace(
        chart, accounts=tuple(accounts), organisation=organisation
    ), loaded.policy.severity


@settings(max_examples=200, deadline=None)
@given(files())
def test_formatting_keeps_the_chart_and_the_comments_and_is_idempotent(
    file: tuple[str, int],
) -> None:
    text, comments = file
    before = parse(text, "f", lint=False)
    once = canonical(text.encode(), "f")
    assert meaning(parse(once, "f", lint=False)) == meaning(before)
    assert canonical(once.encode(), "f") == once
    written = [f"c{n}." for n in range(1, comments + 1) if f"c{n}." in text]
    for comment in written:
        assert once.count(comment) == text.count(comment)
    assert "unquoted-code" not in [w.rule for w in parse(once, "f").warnings]


@settings(max_examples=200, deadline=None)
@given(files())
def test_a_comment_beside_a_value_stays_beside_it(file: tuple[str, int]) -> None:
    text, _ = file
    once = canonical(text.encode(), "f")
    for line in text.split("\n"):
        found = re.search(r"(\w+): [^#]*  # (c\d+\.)", line)
        if found and "{" not in line and "code" not in line:
            [other] = [x for x in once.split("\n") if f"# {found[2]}" in x]
            assert f"{found[1]}:" in other


@st.composite
def overlays(draw: Draw) -> tuple[str, int]:
    writer = Writer(draw)
    return writer.overlay(), writer.comments


@settings(max_examples=100, deadline=None)
@given(overlays())
def test_formatting_an_overlay_is_idempotent_and_keeps_its_comments(file: tuple[str, int]) -> None:
    """`canonical` itself checks that both texts have the same content."""
    text, comments = file
    once = canonical(text.encode(), "f")
    assert canonical(once.encode(), "f") == once
    for number in range(1, comments + 1):
        assert once.count(f"c{number}.") == text.count(f"c{number}.")
    targets = re.findall(r'standard: (".*?")', once)
    assert len(targets) == text.count("standard: ")


@settings(max_examples=200)
@given(st.text())
def test_any_text_is_formatted_or_rejected(text: str) -> None:
    try:
        canonical(text.encode("utf-8", "surrogatepass"), "f")
    except ChartError:
        return


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@settings(max_examples=50, deadline=None)
@given(file=files())
def test_crlf_is_kept_and_a_lone_cr_becomes_lf(end: str, file: tuple[str, int]) -> None:
    text, _ = file
    once = canonical(text.encode(), "f")
    other = canonical(text.replace("\n", end).encode(), "f")
    assert other == (once.replace("\n", "\r\n") if end == "\r\n" and "\n" in text else once)


@settings(max_examples=100)
@given(
    st.permutations(range(6)), st.sampled_from([0, 2, 4]), st.booleans(), st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)  # fmt: skip
def test_comments_move_with_their_account(
    order: list[int], dash: int, apart: bool, sections: bool, end: str
) -> None:
    """Comments above, beside, in and below an account stay with it; banners do not move."""
    pad, inner = " " * dash, " " * (dash + 2)
    lines = ["version: 1", "organisation: {name: Demo}", "accounts:"]
    for place, number in enumerate(order):
        lines += [""] if apart and place else []
        lines += [f"{pad}# --- section {place // 3}"] if sections and place % 3 == 0 else []
        lines += [
            f"{pad}# above {number}", f"{pad}- name: N{number}  # beside {number}",
            f"{inner}# of its code {number}", f"{inner}code: 10{number}",
            f"{inner}# below {number}",
        ]  # fmt: skip
    once = canonical((end.join(lines) + end).encode(), "f").split(end)
    for number in range(6):
        at = once.index(f'  - code: "10{number}"')
        assert once[at - 2 : at + 3] == [
            f"  # above {number}", f"  # of its code {number}", f'  - code: "10{number}"',
            f"    name: N{number}  # beside {number}", f"    # below {number}",
        ]  # fmt: skip
    found = [int(line[-2]) for line in once if "- code" in line]
    wanted = [sorted(order[:3]), sorted(order[3:])] if sections else [sorted(order)]
    assert found == [number for section in wanted for number in section]
    assert [line for line in once if "section" in line] == [
        f"  # --- section {n}" for n in range(2 * sections)
    ]
    assert ("" in once[:-1]) == apart
