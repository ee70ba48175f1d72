"""Releasing a schema: the next id, a file of its own, and nothing that an earlier reader or writer would trip over."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from sharehub.cli import main
from sharehub.errors import RefusedError, UsageError
from sharehub.shipped import shipped
from sharehub.wire.registry import load_registry
from sharehub.wire.releasing import carry_out, plan_release, read_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the released schemas."""
    return Path(shutil.copytree(shipped("schemas"), tmp_path / "schemas"))


def penalty(**added: Any) -> dict[str, Any]:
    """The newest penalty with one more field."""
    raw = load_registry().latest("penalty").raw
    return {**raw, "fields": [*raw["fields"], {"name": "more", "type": "string", "doc": "More.", **added}]}


def written(path: Path, raw: Any) -> Path:
    """A file with this JSON."""
    path.write_text(json.dumps(raw), encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, Any, str]:
    """Exit code, the answer as JSON, and what was said to people."""
    code = main(["--json", "schema", *map(str, words)])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else None, said.err


def test_a_compatible_schema_gets_the_next_id_of_its_namespace(folder: Path) -> None:
    before = load_registry(folder)
    release = plan_release(folder, penalty(default=""))
    taken = [schema.id for schema in before.all() if schema.says_record]
    assert release.id == max(taken) + 1
    assert release.file == "records/3/penalty.avsc"
    carry_out(folder, release)
    after = load_registry(folder)
    assert after.latest("penalty").id == release.id
    assert after.latest("penalty").raw == penalty(default="")
    assert {schema.id for schema in after.all()} == {schema.id for schema in before.all()} | {release.id}
    with pytest.raises(UsageError, match=f"released already, under id {release.id}"):
        plan_release(folder, penalty(default=""))


def test_the_first_schema_of_its_name_is_named_as_avro_names_it(folder: Path) -> None:
    raw = {"type": "record", "name": "TwoWords", "namespace": "gov.sharehub.state", "fields": []}
    assert plan_release(folder, raw).file == "state/two-words.avsc"
    elsewhere = plan_release(folder, {**raw, "namespace": "gov.sharehub.more"})
    assert elsewhere.id == load_registry(folder).all()[-1].id + 1


def test_what_earlier_schemas_cannot_bear_is_refused(folder: Path) -> None:
    with pytest.raises(RefusedError, match=r"READER_FIELD_MISSING_DEFAULT_VALUE: it cannot read what id 6 wrote"):
        plan_release(folder, penalty())
    raw = load_registry().latest("penalty").raw
    gone = {**raw, "fields": [field for field in raw["fields"] if field["name"] != "agency"]}
    with pytest.raises(RefusedError, match="id 26 cannot read what it wrote: agency is not written"):
        plan_release(folder, gone)


def test_a_plan_does_not_outlive_the_world_it_was_made_for(folder: Path) -> None:
    first, second = plan_release(folder, penalty(default="")), plan_release(folder, penalty(default="-"))
    carry_out(folder, first)
    kept = (folder / "released.json").read_bytes()
    with pytest.raises(RefusedError, match="changed since the plan was made"):
        carry_out(folder, second)
    with pytest.raises(RefusedError, match="is there already"):
        carry_out(folder, second.model_copy(update={"world": plan_release(folder, penalty(default="-")).world}))
    assert (folder / "released.json").read_bytes() == kept


@pytest.mark.parametrize("raw", ["{", [], {"type": "record"}, {"type": "record", "name": "N", "fields": []}])
def test_what_is_no_schema_of_a_record_is_refused(tmp_path: Path, raw: Any) -> None:
    path = tmp_path / "it.avsc"
    path.write_text(raw if isinstance(raw, str) else json.dumps(raw), encoding="utf-8")
    with pytest.raises(UsageError, match=r"it\.avsc"):
        read_file(path)
    with pytest.raises(UsageError):
        read_file(tmp_path / "nothing.avsc")


def test_the_commands_plan_and_carry_out(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, plan = written(tmp_path / "good.avsc", penalty(default="")), tmp_path / "plan.json"
    code, said, _ = run(capsys, "register", good, "--dry-run", "-o", plan, "--schemas", folder)
    assert (code, said["name"], plan.exists()) == (0, "penalty", False)
    assert run(capsys, "register", good, "-o", plan, "--schemas", folder)[0] == 0
    assert len(load_registry(folder).all()) == len(load_registry().all())
    assert run(capsys, "register", "--execute", plan, "--schemas", folder)[:2] == (0, said)
    assert load_registry(folder).latest("penalty").id == said["id"]
    assert run(capsys, "register", "--execute", plan, "--schemas", folder)[0] == 4
    assert run(capsys, "register", "--schemas", folder)[0] == 2
    assert run(capsys, "register", "--execute", good, "--schemas", folder)[0] == 2


def test_the_commands_check_and_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = written(tmp_path / "good.avsc", penalty(default="")), written(tmp_path / "bad.avsc", penalty())
    assert run(capsys, "check")[:2] == (0, {"checked": len(load_registry().all())})
    assert run(capsys, "check", good)[1]["compatible_with"] == [6, 26]
    code, _, words = run(capsys, "check", bad)
    assert code == 4 and "more is not written and has no default" in words
    said = run(capsys, "diff", "penalty", bad)[1]
    assert (said["added"], said["removed"], said["changed"]) == (["more"], [], [])
    assert len(said["new_cannot_read_old"]) == 1 and said["old_cannot_read_new"] == []
    assert run(capsys, "diff", "6", "26")[1]["new_cannot_read_old"] == []
    assert run(capsys, "diff", "6", "9999")[0] == 2
    assert run(capsys, "diff", "6", "nothing")[0] == 2
