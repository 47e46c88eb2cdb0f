"""The doctor prints no secret, and its bundle holds no secret and nothing private."""

from __future__ import annotations

import base64
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Xerosync
from network.scripted_server import Server, respond
from render.test_published_schemas import check
from xero.auth.test_store import Login, expire

from cli.doctor.conftest import SCHEMA, Doctor
from xerosync.sandbox import Sandbox

Connect = Callable[..., Sandbox]

SECRET = "pl4nted-s3cret-text"
NAME = "Kererū Quarries"
CHART = f"""version: 1
organisation: {{name: "{NAME} Ltd", tenant_id: 0badcafe-1234-4321-9876-00000000beef}}
accounts:
  - {{code: "7777", name: {NAME} Royalty, type: REVENUE}}
  - {{code: "7777", name: {NAME} Levy, type: REVENUE}}
"""


def texts_of(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_bundle_says_what_is_in_it_and_matches_the_schema(
    connection: Connect, xerosync: Xerosync
) -> None:
    connection()
    said = xerosync("doctor", "--bundle", "report.zip")
    assert said.code == 0
    assert "Wrote report.zip" in said.err
    texts = texts_of(Path("report.zip"))
    assert set(texts) == {"README.txt", "doctor.txt", "doctor.json"}
    assert all(name in texts["README.txt"] for name in ("doctor.txt", "doctor.json"))
    document = json.loads(texts["doctor.json"])
    check(SCHEMA, document)
    assert document["public"] is True
    assert "xerosync 0" in texts["doctor.txt"]
    assert "(text left out) exists: yes" in texts["doctor.txt"]


def test_the_bundle_has_nothing_of_the_books_or_of_the_person(
    connection: Connect, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even from an invalid file with a telling name, in another folder, for a profile."""
    server = connection()
    folder = Path("clients-of-zed")
    folder.mkdir()
    (folder / "kereru.yaml").write_text(CHART, encoding="utf-8")
    Path(".xerosync/runs").mkdir(parents=True)
    Path(".xerosync/runs/kereru.jsonl").write_text("{", encoding="utf-8")
    monkeypatch.setenv("XERO_PROFILE", "zedsprofile")
    for name in ("CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"XERO_{name}_ZEDSPROFILE", "sandbox")
    said = xerosync("doctor", "-f", "clients-of-zed/kereru.yaml", "--bundle", "out.zip")
    assert said.code == 1
    assert "clients-of-zed/kereru.yaml" in said.out
    assert "Demo Company (NZ)" in said.out
    whole = "".join(texts_of(Path("out.zip")).values()).casefold()
    for private in (
        "kerer", "royalty", "7777", "0badcafe", server.tenant_id, "demo company", "zed",
        str(Path.cwd()).casefold(), str(Path.home()).casefold(), "127.0.0.1",
    ):  # fmt: skip
        assert private.casefold() not in whole, private
    assert "duplicate-code" in whole


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="no such paths here")
def test_a_bundle_is_not_mixed_with_the_text_in_a_file(xerosync: Xerosync, project: Path) -> None:
    """Such a stream is never replaced, so the message does not say that."""
    with Path("said.txt").open("w+", encoding="utf-8") as file:
        file.write("before")
        file.flush()
        path = f"/dev/fd/{file.fileno()}"
        said = xerosync("doctor", "--offline", "--bundle", path)
    assert said.code == 64
    assert f"{path} already exists and is not a bundle, so nothing was written to it." in said.err
    assert "Move it away, or choose another name." in said.err
    assert Path("said.txt").read_text(encoding="utf-8") == "before"


def test_a_bundle_has_only_the_first_characters_of_a_tenant_id(
    connection: Connect, xerosync: Xerosync
) -> None:
    server = connection()
    assert xerosync("doctor", "--bundle", "out.zip").code == 0
    whole = "".join(texts_of(Path("out.zip")).values())
    assert f"{server.tenant_id[:8]}…" in whole
    assert server.tenant_id[:12] not in whole


def plant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a secret of its own into every variable that can hold one."""
    texts = {
        **{
            f"XERO_{name}{suffix}": "{}"
            for name in ("ACCESS_TOKEN", "CLIENT_SECRET")
            for suffix in ("", "_ACME")
        },
        "XERO_TOKEN_COMMAND_ACME": "echo {}",
        "HTTPS_PROXY": "http://user:{}@127.0.0.1:9",
        "NO_PROXY": "{}.example",
        "REQUESTS_CA_BUNDLE": "/{}/ca.pem",
        "SSL_CERT_DIR": "/{}",
        **dict.fromkeys(
            ("GITHUB_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN", "ACTIONS_RUNTIME_TOKEN"), "{}"
        ),
    }
    for number, (name, text) in enumerate(texts.items()):
        monkeypatch.setenv(name, text.format(f"{SECRET}-{number}"))
    monkeypatch.setenv("XERO_CLIENT_ID", "app")


def test_a_secret_that_is_also_a_name_is_masked(
    connection: Connect, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection()
    monkeypatch.setenv("XERO_CLIENT_SECRET", SECRET)
    Path(f"{SECRET}.yaml").write_text("version: 1\n", encoding="utf-8")
    said = xerosync("doctor", "-f", f"{SECRET}.yaml", "--bundle", "out.zip")
    assert "***.yaml has" in said.out
    assert SECRET not in said.out + said.err + "".join(texts_of(Path("out.zip")).values())


@pytest.mark.parametrize("arguments", [(), ("--profile", "acme"), ("--offline",)])
@pytest.mark.parametrize("status", [200, 401, 400, 503])
def test_no_output_holds_a_secret_of_a_variable_or_an_answer(
    xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, status: int, arguments: tuple[str, ...]
) -> None:
    """Whatever the server echoes, as text, in a header, as a scope or as a name."""
    plant(monkeypatch)
    claims = base64.urlsafe_b64encode(json.dumps({"scope": [SECRET]}).encode()).decode()
    echo = {
        "error": SECRET, "detail": f"bearer {SECRET}", "message": SECRET, "scope": SECRET,
        "issuer": SECRET, "access_token": f"a.{claims}.{SECRET}", "token_type": "Bearer",
        "Organisations": [{"OrganisationID": SECRET, "Name": SECRET, "CountryCode": SECRET}],
    }  # fmt: skip
    headers = {"X-Echo": SECRET, "WWW-Authenticate": f"Bearer {SECRET}", "Date": SECRET}
    with Server(respond(status, json.dumps(echo).encode(), headers)) as server:
        for name in ("API", "IDENTITY", "LOGIN"):
            monkeypatch.setenv(f"XEROSYNC_{name}_URL", server.url)
        outputs = [
            xerosync("doctor", "--debug", "--format", form, "--bundle", "out.zip", *arguments)
            for form in ("text", "json")
        ]
    said = "".join(output.out + output.err for output in outputs)
    assert "debug: " in said or "--offline" in arguments
    assert SECRET not in said
    assert SECRET not in "".join(texts_of(Path("out.zip")).values())


def test_no_output_holds_a_secret_of_the_stored_sign_in(
    books: Sandbox, login: Login, xerosync: Xerosync, no_sign_in_of_ours: Path
) -> None:
    assert login().code == 0
    path = no_sign_in_of_ours / "sign-in.json"
    for damage in (None, "expired", "exposed", "damaged"):
        stored = json.loads(path.read_text("utf-8"))
        secrets = [stored["access_token"], stored["refresh_token"]]
        if damage == "expired":
            expire(no_sign_in_of_ours, books)
        if damage == "exposed" and os.name != "nt":
            path.chmod(0o644)
        if damage == "damaged":
            path.write_text(json.dumps(stored | {"version": 9}), encoding="utf-8")
        said = xerosync("doctor", "--debug", "--bundle", "out.zip")
        secrets += [
            value
            for name, value in json.loads(path.read_text("utf-8")).items()
            if name.endswith("_token")
        ]
        whole = said.out + said.err + "".join(texts_of(Path("out.zip")).values())
        assert not [one for one in secrets if one in whole], damage


def test_a_bundle_that_cannot_be_written_is_an_error(
    connection: Connect, xerosync: Xerosync
) -> None:
    connection()
    said = xerosync("doctor", "--bundle", "no/such/folder/out.zip")
    assert said.code == 64
    assert "no/such/folder/out.zip cannot be written" in said.err
    assert "Calls left today" in said.out


def test_json_is_the_same_in_a_pipe_as_to_a_program(doctor: Doctor) -> None:
    found = doctor("--offline")
    assert set(found.checks["version"]) == {"id", "label", "level", "message", "hint", "facts"}


def test_a_bundle_replaces_another_one_and_no_other_file(
    connection: Connect, xerosync: Xerosync
) -> None:
    connection()
    chart = Path("accounts.yaml").read_bytes()
    said = xerosync("doctor", "--offline", "--bundle", "accounts.yaml")
    assert (said.code, said.out) == (64, "")
    assert "accounts.yaml already exists" in said.err
    assert Path("accounts.yaml").read_bytes() == chart
    assert xerosync("doctor", "--offline", "--bundle", "out.zip").code == 0
    assert xerosync("doctor", "--offline", "--bundle", "out.zip").code == 0
