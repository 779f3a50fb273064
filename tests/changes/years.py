"""A year as an office writes it down from the notice. The dates of this one are invented."""

from pathlib import Path

from duban.office_files import read_office_file
from duban.supervision.days.announced_year import AnnouncedYear, WrittenYear

YEAR_2027 = """\
year: 2027
source: 国办发明电〔2026〕99号（示例）
holidays:
  - {name: 元旦, first: 2027-01-01, last: 2027-01-03}
  - {name: 春节, first: 2027-02-05, last: 2027-02-12}
  - {name: 清明节, first: 2027-04-03, last: 2027-04-05}
  - {name: 劳动节, first: 2027-05-01, last: 2027-05-05}
  - {name: 端午节, first: 2027-06-09, last: 2027-06-09}
  - {name: 中秋节, first: 2027-09-15, last: 2027-09-17}
  - {name: 国庆节, first: 2027-10-01, last: 2027-10-07}
worked_weekends: [2027-02-14, 2027-05-08, 2027-10-09]
"""


def year_file(folder: Path, text: str = YEAR_2027) -> Path:
    """The year as a file."""
    file = folder / "2027.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def year_2027(folder: Path) -> AnnouncedYear:
    """The year as read."""
    return read_office_file(year_file(folder), WrittenYear).announced
