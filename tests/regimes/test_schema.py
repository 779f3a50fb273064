"""The JSON Schemas for editors say what the models say, in Chinese, and the bundled files are right by them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # it comes without types
from pydantic import BaseModel

from duban.office_files import examine_office_file
from duban.regimes import available_regimes
from duban.regimes.loading import BUNDLED
from duban.regimes.schema import organisation_schema, regime_schema
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.rules.rulebook import Rulebook

PROJECT = Path(__file__).resolve().parents[2]
SCHEMAS: list[tuple[str, Callable[[], dict[str, Any]], str]] = [
    ("regime.schema.json", regime_schema, ""),
    ("organisation.schema.json", organisation_schema, " --organisation"),
]


def stated(path: Path, model: type[BaseModel]) -> object:
    """What a file says, as YAML has it."""
    return examine_office_file(path, model).stated


def objections(schema: dict[str, Any], value: object) -> list[str]:
    return [error.json_path for error in Draft202012Validator(schema).iter_errors(value)]


@pytest.mark.parametrize(("file", "made", "option"), SCHEMAS)
def test_the_published_schema_is_what_the_models_say(
    file: str, made: Callable[[], dict[str, Any]], option: str
) -> None:
    published = json.loads((PROJECT / "docs" / file).read_text(encoding="utf-8"))
    assert published == made(), f"run: python starter.py regime schema{option} > docs/{file}"
    Draft202012Validator.check_schema(published)


@pytest.mark.parametrize(("file", "made", "option"), SCHEMAS)
def test_everything_that_may_be_written_is_explained_in_chinese(
    file: str, made: Callable[[], dict[str, Any]], option: str
) -> None:
    schema = made()
    parts = {file: schema, **schema["$defs"]}
    unexplained = [name for name, part in parts.items() if part.get("description", "").isascii()]
    for name, part in parts.items():
        for field, each in part.get("properties", {}).items():
            if each.get("description", "").isascii() and "const" not in each:
                unexplained.append(f"{name}.{field}")
    assert unexplained == [], f"to be explained in duban/regimes/schema_words.py (regime schema{option})"


@pytest.mark.parametrize("name", sorted(path.stem for path in BUNDLED.glob("*.yaml")))
def test_a_bundled_regime_is_right_by_the_schema(name: str) -> None:
    assert name in available_regimes()
    assert objections(regime_schema(), stated(BUNDLED / f"{name}.yaml", Rulebook)) == []


def test_a_bundled_organisation_is_right_by_the_schema() -> None:
    files = list((PROJECT / "plans").glob("*.organisation.yaml"))
    assert files
    for path in files:
        assert objections(organisation_schema(), stated(path, Organisation)) == []


def test_the_schema_objects_where_the_model_does(tmp_path: Path) -> None:
    text = (BUNDLED / "kunming.yaml").read_text(encoding="utf-8")
    path = tmp_path / "kunming.yaml"
    for old, new, place in (
        ("above: 15, through: 30", "above: x, through: 30", "$.ladder.rungs[0].triggers[0]"),
        ("issuers: [supervising_body]", "issuer: [supervising_body]", "$.ladder.rungs[0]"),
        ("call_record: {days: 2, unit: working", "call_record: {days: 2, unit: moons", "$.limits.call_record.unit"),
        ("    suspend: [supervising_body", "    suspended: [supervising_body", "$.authority.acts"),
    ):
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        assert place in objections(regime_schema(), stated(path, Rulebook))
