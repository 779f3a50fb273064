"""A year's holidays as the State Council announces them (放假调休安排): days off, and the weekends worked in exchange.

Written by hand from the notice, therefore looked at closely: each problem is told at its own place.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from duban.supervision.days.calendar import ONE_DAY
from duban.supervision.model import Frozen

SATURDAY = 5
DECEMBER = 12
LONGEST = timedelta(days=12)
WEEKDAYS = "一二三四五六日"
STATUTORY = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
"""Each of them is in every notice, alone or joined with another."""


class Holiday(Frozen):
    """Days off without a gap, from the first to the last."""

    name: str = Field(min_length=1, max_length=100)
    first: date
    last: date

    @model_validator(mode="after")
    def _from_first_to_last(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"{self.name}的最后一天（{self.last}）早于第一天（{self.first}），请核对日期")
        if self.last - self.first > LONGEST:
            raise ValueError(f"{self.name}从{self.first}至{self.last}，长得不像一个假期，请核对日期")
        return self

    def days(self) -> Iterator[date]:
        """Its days, weekends included."""
        day = self.first
        while day <= self.last:
            yield day
            day += ONE_DAY


class AnnouncedYear(Frozen):
    """A year as announced.

    Attributes:
        source: The notice, with its number, or the library that knows it.
        holidays: Days off; those of the December before the year may be among them.
        worked_weekends: Saturdays and Sundays on which offices work.
    """

    year: int = Field(ge=2001, le=2100)
    source: str = Field(min_length=1, max_length=200)
    holidays: tuple[Holiday, ...]
    worked_weekends: tuple[date, ...]

    @property
    def closed(self) -> tuple[date, ...]:
        """Weekdays on which offices are closed."""
        return tuple(sorted(day for h in self.holidays for day in h.days() if day.weekday() < SATURDAY))

    @property
    def worked(self) -> tuple[date, ...]:
        """Weekend days on which they work."""
        return tuple(sorted(self.worked_weekends))


def _of_the_year(day: date, year: int) -> bool:
    """Of the year itself, or of the December before it: the first holiday may begin there."""
    return day.year == year or (day.year == year - 1 and day.month == DECEMBER)


def _in_the_year(holiday: Holiday, told: ValidationInfo) -> Holiday:
    year: int | None = told.data.get("year")
    if year is not None and not (_of_the_year(holiday.first, year) and _of_the_year(holiday.last, year)):
        raise ValueError(f"{holiday.name}（{holiday.first}至{holiday.last}）不在{year}年，请核对年份")
    return holiday


def _worked_weekend(day: date, told: ValidationInfo) -> date:
    year: int | None = told.data.get("year")
    if year is not None and not _of_the_year(day, year):
        raise ValueError(f"{day}不在{year}年，请核对年份")
    if day.weekday() < SATURDAY:
        raise ValueError(f"{day}是星期{WEEKDAYS[day.weekday()]}，不是周末，不能列为调休上班日，请核对日期")
    holidays: tuple[Holiday, ...] = told.data.get("holidays", ())
    for holiday in holidays:
        if holiday.first <= day <= holiday.last:
            raise ValueError(f"{day}既在{holiday.name}假期内，又列为上班日，请核对日期")
    return day


class WrittenYear(Frozen):
    """A year as somebody has written it down from the notice: looked at closely, because it is believed for a year."""

    year: int = Field(ge=2001, le=2100)
    source: str = Field(min_length=1, max_length=200)
    holidays: tuple[Annotated[Holiday, AfterValidator(_in_the_year)], ...] = Field(max_length=30)
    worked_weekends: tuple[Annotated[date, AfterValidator(_worked_weekend)], ...] = Field(max_length=60)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        names = "、".join(holiday.name for holiday in self.holidays)
        if missing := [festival for festival in STATUTORY if festival not in names]:
            raise ValueError(f"没有写明这些节日的安排：{'、'.join(missing)}。请对照通知补上（合并放假的，名称里写全）")
        if not self.worked_weekends:
            raise ValueError("没有调休上班日（worked_weekends），请对照通知补上")
        return self

    @model_validator(mode="after")
    def _each_day_once(self) -> Self:
        seen: set[date] = set()
        for holiday in self.holidays:
            if twice := [day for day in holiday.days() if day in seen]:
                raise ValueError(f"{twice[0]}同时写在{holiday.name}和另一个假期里，请核对日期")
            seen.update(holiday.days())
        if len(set(self.worked_weekends)) != len(self.worked_weekends):
            raise ValueError("调休上班日（worked_weekends）里有重复的日期，请核对")
        return self

    @property
    def announced(self) -> AnnouncedYear:
        """The year that it says."""
        return AnnouncedYear.model_validate(self.model_dump())
