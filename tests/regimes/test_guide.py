"""docs/writing-a-regime.zh.md: what it shows can be loaded, and what it lists is what there is."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import yaml

from duban.regimes.checking import check_organisation, check_regime
from duban.regimes.schema import regime_schema
from duban.supervision.plans.plan import ReportCycle
from duban.supervision.reckoning.appraisal import Counted
from duban.supervision.rules.authority import Act
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import PersonRole
from duban.supervision.rules.procedures import FactKind
from duban.supervision.rules.rhythms import Each, Period, Turn

TEXT = (Path(__file__).resolve().parents[2] / "docs/writing-a-regime.zh.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?ms)^```yaml\n(.*?)^```$", TEXT)
WHOLE = {found[1]: block for block in BLOCKS if (found := re.match(r"# 完整文件：(\S+)\n", block)) is not None}
PARTS = [block for block in BLOCKS if block not in WHOLE.values()]


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_guide_has_a_whole_regime_file_and_a_whole_organisation_file() -> None:
    assert set(WHOLE) == {"beihu.yaml", "organisation.yaml"}
    assert len(PARTS) >= 7


def test_the_whole_files_are_right_together(tmp_path: Path) -> None:
    organisation, problems = check_organisation(written(tmp_path, "organisation.yaml", WHOLE["organisation.yaml"]))
    assert problems == ()
    assert check_regime(written(tmp_path, "beihu.yaml", WHOLE["beihu.yaml"]), organisation=organisation).problems == ()


@pytest.mark.parametrize("part", PARTS, ids=[block.split(":")[0] for block in PARTS])
def test_a_part_fits_into_the_whole_file(tmp_path: Path, part: str) -> None:
    whole: dict[str, Any] = yaml.safe_load(WHOLE["beihu.yaml"])
    text = yaml.safe_dump({**whole, **yaml.safe_load(part)}, allow_unicode=True)
    organisation, _ = check_organisation(written(tmp_path, "organisation.yaml", WHOLE["organisation.yaml"]))
    checked = check_regime(written(tmp_path, "beihu.yaml", text), organisation=organisation)
    assert checked.problems == ()


def test_every_section_of_a_file_is_explained() -> None:
    assert [key for key in regime_schema()["properties"] if f"`{key}`" not in TEXT] == []


@pytest.mark.parametrize("values", [Act, Duty, Period, ReportCycle, Each, Turn, FactKind, Counted, PersonRole])
def test_every_value_that_may_be_written_is_named(values: type[StrEnum]) -> None:
    assert [each.value for each in values if f"`{each.value}`" not in TEXT] == []


def test_every_kind_of_trigger_is_in_its_table() -> None:
    kinds = {each["properties"]["kind"]["const"] for each in regime_schema()["$defs"].values() if _is_trigger(each)}
    assert kinds == set(re.findall(r"^\| `(\w+)` \|.*kind:", TEXT, re.MULTILINE))


def _is_trigger(part: dict[str, Any]) -> bool:
    return "const" in part.get("properties", {}).get("kind", {})
