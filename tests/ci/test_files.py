"""The action, the example workflows and the other CI files are valid, pinned and safe."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from chromium import missing

from ci.jobs import ROOT
from xerosync.cli.app import load as load_command

ACTION = ROOT / "action.yml"
EXAMPLES = sorted((ROOT / "ci" / "github").rglob("*.yml"))
GITLAB = ROOT / "ci" / "gitlab.yml"
GITLAB_MANY = ROOT / "ci" / "gitlab-many.yml"
START = ROOT / "ci" / "start.sh"
SCRIPTS = sorted(set((ROOT / "ci").glob("*.sh")) - {START})
OURS = "your-organisation/xerosync@" + "0" * 40

NAMED = "${{ inputs.name && format('-{0}', inputs.name) }}"
"""What the action adds to the names of artifacts for one of several organisations."""


def tool(name: str) -> str:
    """Return the path of a tool of the dev group."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        missing(name)
    return str(path)


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def steps(path: Path) -> list[dict[str, Any]]:
    """Return every step of an action or a workflow."""
    document = load(path)
    if "runs" in document:
        found: list[dict[str, Any]] = document["runs"]["steps"]
        return found
    return [step for job in document["jobs"].values() for step in job["steps"]]


def check(*arguments: str) -> None:
    """Run a tool that must succeed without a network: its proxy is a closed port."""
    closed = {f"{scheme}_PROXY": "http://127.0.0.1:9" for scheme in ("HTTP", "HTTPS", "ALL")}
    known = {name: value for name, value in os.environ.items() if name.upper() != "NO_PROXY"}
    done = subprocess.run(
        arguments, capture_output=True, text=True, check=False, cwd=ROOT,
        env=known | closed | {name.lower(): value for name, value in closed.items()},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "paths", "more"),
    [
        ("vendor.github-actions", [ACTION], ()),
        ("vendor.github-workflows", EXAMPLES, ()),
        ("vendor.gitlab-ci", [GITLAB, GITLAB_MANY], ("--data-transform", "gitlab-ci")),
    ],
)
def test_each_file_is_valid_by_its_published_schema(
    schema: str, paths: list[Path], more: tuple[str, ...]
) -> None:
    check(tool("check-jsonschema"), "--builtin-schema", schema, *more, *map(str, paths))


def test_zizmor_finds_nothing_at_its_strictest() -> None:
    files = [str(path) for path in (ACTION, *EXAMPLES)]
    check(tool("zizmor"), "--offline", "--no-progress", "--persona", "pedantic", *files)


@pytest.mark.parametrize("path", [ACTION, *EXAMPLES], ids=lambda path: path.name)
def test_no_input_becomes_part_of_a_script(path: Path) -> None:
    for step in steps(path):
        assert "${{" not in step.get("run", ""), step
        assert "${{" not in step.get("uses", ""), step


@pytest.mark.parametrize("path", [ACTION, *EXAMPLES], ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_commit(path: Path) -> None:
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each) for each in used)
    known = {each for each in used if each != OURS}
    assert {each.split("/")[0] for each in known} <= {"actions"}


def test_one_action_is_pinned_to_one_commit_everywhere() -> None:
    text = "".join(p.read_text(encoding="utf-8") for p in (ACTION, *EXAMPLES))
    used = set(re.findall(r"(actions/[\w-]+)@(\w+)", text))
    assert len(used) == len({name for name, _ in used})


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_a_workflow_has_only_the_permissions_that_it_needs(path: Path) -> None:
    document = load(path)
    assert document["permissions"] == {}
    writes = {
        f"{name}: {scope}"
        for name, job in document["jobs"].items()
        for scope, access in job["permissions"].items()
        if access != "read"
    }
    allowed = {"plan.yml": {"plan: pull-requests"}, "drift.yml": {"drift: issues"}}
    assert writes == allowed.get(path.name, set())
    assert "pull_request_target" not in path.read_text(encoding="utf-8")
    for job in document["jobs"].values():
        assert job["timeout-minutes"]
        assert job["steps"][0]["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", ["apply.yml", "again.yml"])
def test_only_applies_have_the_secrets_that_write_and_they_run_one_at_a_time(name: str) -> None:
    group = {"group": "xerosync-apply", "cancel-in-progress": False}
    for folder, environments in (("", {"xero"}), ("many", {"canary", "rest"})):
        document = load(ROOT / "ci" / "github" / folder / name)
        assert document["concurrency"] == group
        jobs = document["jobs"].values()
        assert {job["environment"] for job in jobs if "environment" in job} == environments
    for path in EXAMPLES:
        for job in load(path)["jobs"].values():
            writing = re.search(r"secrets\.XERO_(CLIENT_SECRET|TOKEN_COMMAND)", str(job))
            assert bool(writing) == ("environment" in job)


@pytest.mark.parametrize("name", ["apply.yml", "again.yml"])
def test_the_rest_waits_for_the_canaries_and_each_wave_has_its_own_reviewers(name: str) -> None:
    jobs = load(ROOT / "ci" / "github" / "many" / name)["jobs"]
    assert jobs["rest"]["needs"] == "canary"
    assert "if" not in jobs["rest"], "a failed canary stops it"
    for wave in ("canary", "rest"):
        given = jobs[wave]["steps"][1]["with"]
        assert {jobs[wave]["environment"], given["wave"], given["environment"]} == {wave}
    apply = load(GITLAB_MANY)["xerosync-apply-rest"]
    assert apply["needs"] == [{"job": "xerosync-apply-canary", "artifacts": False}]


def test_the_first_commands_at_gitlab_are_the_same_for_one_chart_and_for_a_folder() -> None:
    assert load(GITLAB)[".xerosync"] == load(GITLAB_MANY)[".xerosync"]


def test_a_job_compares_with_the_base_only_where_it_has_its_history() -> None:
    checkout, ours = load(ROOT / "ci" / "github" / "many" / "plan.yml")["jobs"]["plan"]["steps"]
    assert (checkout["with"]["fetch-depth"], ours["with"]["only-changed"]) == (0, "yes")
    plan = load(GITLAB_MANY)["xerosync-plan"]
    assert plan["variables"]["GIT_DEPTH"] == "0"
    assert "${XEROSYNC_ONLY_CHANGED:-yes}" in plan["script"][-1]


@pytest.mark.parametrize(
    ("path", "name", "environment"),
    [
        (GITLAB, "xerosync-apply", "xero"),
        (GITLAB_MANY, "xerosync-apply-canary", "canary"),
        (GITLAB_MANY, "xerosync-apply-rest", "rest"),
    ],
)
def test_at_gitlab_applies_run_one_at_a_time_and_are_deployments(
    path: Path, name: str, environment: str
) -> None:
    """The nightly job finds their journals by their deployments."""
    apply = load(path)[name]
    assert apply["resource_group"] == "xerosync"
    assert apply["interruptible"] is False
    assert apply["environment"]["name"] == environment
    assert "XEROSYNC_REQUIRE_APPROVAL=yes " in apply["script"][-1]
    assert "result.jsonl" in apply["artifacts"]["paths"]
    assert apply["artifacts"]["when"] == "always"
    (rule,) = apply["rules"]
    assert '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT' in rule["if"]


def test_on_gitlab_the_jobs_run_when_the_file_named_by_chart_changes() -> None:
    document = load(GITLAB)
    for name in ("xerosync-plan", "xerosync-apply"):
        (rule,) = document[name]["rules"]
        assert rule["changes"] == ["$CHART"]
    assert "$" not in document["variables"]["CHART"], "GitLab expands once"


def test_xerosync_is_never_installed_by_its_name() -> None:
    """Every job with secrets installs it by an address and a commit."""
    for path in (ACTION, GITLAB, GITLAB_MANY, *EXAMPLES):
        text = path.read_text(encoding="utf-8")
        for line in re.findall(r"pip install[^\n]*", text):
            assert re.fullmatch(r"pip install( --[a-z-]+)* (\"\$\w+\"|\./[\w.-]+)", line), line
    assert load(GITLAB)["variables"]["XEROSYNC_COMMIT"] == "0" * 40


def test_only_the_csv_workflow_needs_a_csv() -> None:
    """Elsewhere a fork's pull request would fail without an export that nobody keeps."""
    users = [
        path.name
        for path in EXAMPLES
        if any("current" in step.get("with", {}) for step in steps(path))
    ]
    assert users == ["csv.yml"]


def test_the_examples_use_only_inputs_that_the_action_has() -> None:
    inputs = set(load(ACTION)["inputs"])
    for path in EXAMPLES:
        for step in steps(path):
            if step.get("uses") == OURS:
                assert set(step["with"]) <= inputs


@pytest.mark.parametrize(
    "path", [ACTION, GITLAB, GITLAB_MANY, ROOT / "ci" / "Dockerfile"], ids=lambda path: path.name
)
def test_the_build_requirements_are_pinned_too(path: Path) -> None:
    """`pip --constraint` leaves the build's own requirements out; seen with pip 23.2 and 26.3."""
    text = path.read_text(encoding="utf-8")
    assert re.search(r"PIP_CONSTRAINT=\S+constraints.txt", text)
    assert re.search(r"PIP_BUILD_CONSTRAINT=\S+constraints.txt", text)
    assert "--constraint" not in text
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert re.search(r"^hatchling==", pinned, re.MULTILINE)


def test_a_second_attempt_does_not_replace_the_record_of_the_first() -> None:
    (keeps,) = (s["with"] for s in steps(ACTION) if "apply/" in s.get("with", {}).get("path", ""))
    wave = "${{ inputs.wave && format('-{0}', inputs.wave) }}"
    assert keeps["name"] == f"xerosync-result{NAMED}{wave}-${{{{ github.run_attempt }}}}"
    assert "overwrite" not in keeps


def test_even_an_apply_that_could_not_be_installed_leaves_a_record() -> None:
    """A re-run without the record of the first attempt is refused."""
    (install,) = (step["run"] for step in steps(ACTION) if "pip install" in step.get("run", ""))
    assert 0 < install.index("xerosync-apply/started.txt") < install.index("python -I")
    (run,) = (step["run"] for step in steps(ACTION) if "$MODE.sh" in step.get("run", ""))
    assert 'rm -rf "$XEROSYNC_OUT"' in run, "the script takes only an empty folder"


def test_the_plan_of_a_failed_job_is_saved_under_another_name() -> None:
    """Perhaps nobody has seen it: the comment may show the plan of an earlier commit."""
    kept = {s["with"]["name"]: s["if"] for s in steps(ACTION) if "name" in s.get("with", {})}
    assert kept[f"xerosync-plan{NAMED}"] == "${{ success() && inputs.mode == 'plan' }}"
    assert kept[f"xerosync-failed-plan{NAMED}"] == "${{ failure() && inputs.mode == 'plan' }}"


def test_the_journal_of_a_cancelled_apply_is_saved_too() -> None:
    (keep,) = (s for s in steps(ACTION) if "apply/" in s.get("with", {}).get("path", ""))
    assert keep["if"] == "${{ always() && inputs.mode == 'apply' }}"
    (run,) = (s["run"] for s in steps(ACTION) if "$MODE.sh" in s.get("run", ""))
    assert run.splitlines()[-1] == 'exec bash "$ACTION/ci/$MODE.sh"', "it is what signals come to"


def test_a_missing_tool_fails_in_ci_instead_of_skipping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-tool is missing"):
        tool("no-such-tool")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_bash_that_stops_at_the_first_error(script: Path) -> None:
    check("bash", "-n", str(script))
    text = script.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert lines[:2] == ["set -euo pipefail", '. "$(dirname "${BASH_SOURCE[0]}")/start.sh"']
    assert "eval" not in text + START.read_text(encoding="utf-8")
    assert script.stat().st_mode & 0o111


@pytest.mark.parametrize("name", ["plan", "apply", "drift"])
def test_the_jobs_of_gitlab_run_the_scripts_of_the_action(name: str) -> None:
    script = load(GITLAB)[f"xerosync-{name}"]["script"]
    assert script[-1].endswith(f'bash "$SOURCE/ci/{name}.sh"')
    assert "xerosync ci" not in GITLAB.read_text(encoding="utf-8")


def test_no_variable_of_a_pipeline_drops_the_approval_at_gitlab() -> None:
    """Whoever may push can set variables, which win over those of the file."""
    assert "XEROSYNC_REQUIRE_APPROVAL=yes " in load(GITLAB)["xerosync-apply"]["script"][-1]


def commands(text: str) -> Iterator[list[str]]:
    """Return the words of each call of xerosync in a shell text."""
    joined = re.sub(r"\\\n|\n      (?=-)", " ", text)
    for found in re.finditer(r"\bxerosync ((?:ci )?[a-z]+) ([^;|)\n]*)", joined):
        yield [*found[1].split(), *re.findall(r"(?<!\S)--[a-z-]+", found[2])]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_command_and_option_in_a_script_exists(path: Path) -> None:
    used = list(commands(path.read_text(encoding="utf-8")))
    assert used
    for words in used:
        command: Any = load_command(words[0])
        for word in words[1:]:
            if word.startswith("--"):
                known = {option for one in command.params for option in one.opts}
                assert word in known, words
            else:
                command = command.commands[word]
