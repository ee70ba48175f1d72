"""Settings whose value lies in a file, as containers are given secrets."""

import json
from pathlib import Path

import pytest

from sharehub.cli import main
from sharehub.errors import UsageError
from sharehub.settings import Settings

URL = "postgresql+psycopg://hub:s3cret@db/hub"
VARIABLE = "SHAREHUB_DATABASE__URL"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings but those of the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)


def in_file(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str, variable: str = VARIABLE) -> None:
    file = folder / "secret"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv(f"{variable}_FILE", str(file))


def test_a_setting_is_read_from_the_file_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    in_file(monkeypatch, tmp_path, URL + "\n")
    assert Settings.read(None, None, {}).database.url == URL


def test_any_setting_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    in_file(monkeypatch, tmp_path, "9", "SHAREHUB_KAFKA__PARTITIONS")
    (tmp_path / "sharehub.toml").write_text("kafka.replication_factor = 3\n", encoding="utf-8")
    found = Settings.read(None, None, {}).kafka
    assert (found.partitions, found.replication_factor) == (9, 3)


def test_the_environment_wins_over_the_file_and_the_file_over_toml(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secrets.toml").write_text('database.url = "lowest"\n', encoding="utf-8")
    in_file(monkeypatch, tmp_path, URL)
    assert Settings.read(None, None, {}).database.url == URL
    monkeypatch.setenv(VARIABLE, "highest")
    assert Settings.read(None, None, {}).database.url == "highest"


def test_a_file_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(f"{VARIABLE}_FILE", str(tmp_path / "absent"))
    with pytest.raises(UsageError, match="SHAREHUB_DATABASE__URL_FILE"):
        Settings.read(None, None, {})


def test_a_setting_that_is_itself_a_file_keeps_its_meaning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHAREHUB_WEB__ACCESS_FILE", str(tmp_path / "tokens.json"))
    assert Settings.read(None, None, {}).web.access_file == tmp_path / "tokens.json"


def test_config_show_says_where_it_came_from_and_hides_the_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_file(monkeypatch, tmp_path, URL)
    assert main(["--json", "config", "show", "--origin"]) == 0
    (shown,) = [one for one in json.loads(capsys.readouterr().out) if one["setting"] == "database.url"]
    assert shown["origin"] == f"file named by {VARIABLE}_FILE"
    assert "s3cret" not in shown["value"]
