"""JSON Schemas of the files that an office writes by hand: editors complete and check by them what is being typed.

Made from the models, with words in Chinese. What only the whole file shows (levels that leave days out, steps that
nobody reaches) no schema knows: ``regime check`` does.
"""

from typing import Any

from pydantic import BaseModel

from duban.regimes.schema_words import EVERYWHERE, FIELDS, MODELS, VALUES
from duban.supervision.bodies.organisation import Organisation
from duban.supervision.rules.rulebook import Rulebook

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def regime_schema() -> Schema:
    """Of regime files."""
    return _schema_of(Rulebook)


def organisation_schema() -> Schema:
    """Of organisation files."""
    return _schema_of(Organisation)


def _schema_of(model: type[BaseModel]) -> Schema:
    made = model.model_json_schema()
    definitions = {name: _in_words(name, each) for name, each in made.pop("$defs", {}).items()}
    return {"$schema": DIALECT, **_in_words(model.__name__, made), "$defs": definitions}


def _in_words(name: str, made: Schema) -> Schema:
    """A model's or an enumeration's part with our words instead of the code's."""
    words = VALUES.get(name)
    described = "；".join(f"{value} {text}" for value, text in words.items()) if words else MODELS.get(name, "")
    plain = {key: _without_titles(value) for key, value in made.items() if key not in ("title", "description")}
    if "properties" in plain:
        plain["properties"] = {field: _field(name, field, each) for field, each in plain["properties"].items()}
    return {**({"description": described} if described else {}), **plain}


def _field(model: str, field: str, made: Schema) -> Schema:
    words = FIELDS.get(f"{model}.{field}") or EVERYWHERE.get(field, "")
    return {"description": words, **made} if words else made


def _without_titles(made: Any) -> Any:
    """Without the names that the code gives to types; a property that is called so stays."""
    match made:
        case dict():
            return {
                key: _without_titles(value)
                for key, value in made.items()
                if not (key in ("title", "description") and isinstance(value, str))
            }
        case list():
            return [_without_titles(each) for each in made]
        case _:
            return made
