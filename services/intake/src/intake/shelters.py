"""What this installation knows about its shelters: the standard each has published, and its own municipality."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, Strict, StrictBool, TypeAdapter, ValidationError, model_validator

from havn_chassis.settings import SettingMissing
from havn_events.codes import ComplaintAbout, ComplaintRoute
from havn_events.intake import StandardId
from havn_events.municipalities import KnownMunicipality
from intake.domain.complaint import ComplaintTerm

VARIABLE = "HAVN_SHELTERS"
NATIONAL = "serviceloven"
"""The standard of a shelter that has none of its own."""

FROM_ITS_STANDARD = frozenset({"anonymous_to_home_municipality", "complaint_routes", "complaint_terms"})
"""What a standard says and a shelter's setting repeats, since intake reads no standard."""

_SAID: dict[str, Any] = json.loads(files("intake").joinpath("national.json").read_bytes())
"""What the national standard says: the answer of ``havn standards setting`` for it, which a test compares."""

_Number = Annotated[int, Strict(), Field(ge=1, le=20_000)]


class TermSaid(BaseModel):
    """How long after receiving the decision it may be complained of, in exactly one unit, and where the standard has it from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: _Number | None = None
    weeks: _Number | None = None
    months: _Number | None = None
    document: Annotated[str, Field(min_length=1)]
    section: Annotated[str, Field(min_length=1)]
    basis: Literal["statute", "standard", "assumed"]

    @model_validator(mode="after")
    def _has_one_unit(self) -> Self:
        if len(self._lengths()) != 1:
            raise ValueError("needs exactly one unit: days, weeks or months")
        return self

    @property
    def term(self) -> ComplaintTerm:
        [term] = self._lengths()
        return term

    @property
    def source(self) -> dict[str, str]:
        return {"document": self.document, "section": self.section, "basis": self.basis}

    def _lengths(self) -> list[ComplaintTerm]:
        units: tuple[Literal["days", "weeks", "months"], ...] = ("days", "weeks", "months")
        return [ComplaintTerm(number, unit) for unit in units if (number := getattr(self, unit)) is not None]


class Shelter(BaseModel):
    """One shelter's setting.

    ``standard``: the id of its quality standard; the national one where none is named. ``municipality``: its own municipality.
    ``anonymous_to_home_municipality``: whether a woman who is admitted anonymously may be so to her home municipality too.
    ``complaint_routes``: whom the standard names above the leader for complaints of conditions and of case handling.
    ``complaint_terms``: until when a decision may be complained of, by what it is complained of.
    ``cpr_numbers``: whether the shelter may hold CPR numbers, for which it needs a legal basis (databeskyttelsesloven § 11).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    standard: StandardId = NATIONAL
    municipality: KnownMunicipality | None = None
    anonymous_to_home_municipality: StrictBool = _SAID["anonymous_to_home_municipality"]
    complaint_routes: dict[Literal["conditions", "case-handling"], ComplaintRoute] = _SAID["complaint_routes"]
    complaint_terms: dict[ComplaintAbout, TermSaid] = Field(default=_SAID["complaint_terms"], validate_default=True)
    cpr_numbers: StrictBool = False

    def term_of(self, about: ComplaintAbout) -> ComplaintTerm | None:
        """Until when it may be complained of; None where the standard gives no term."""
        said = self.complaint_terms.get(about)
        return None if said is None else said.term


_SHELTERS = TypeAdapter(dict[UUID, Shelter])
_UNLISTED = Shelter()


@dataclass(frozen=True)
class Shelters:
    """The shelters' settings by shelter id."""

    by_id: Mapping[UUID, Shelter] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Shelters":
        """Read from the JSON object in HAVN_SHELTERS, ``{shelter id: {"standard": …, "municipality": …}}``; empty when unset.

        A shelter with a standard of its own says what that says of anonymity and complaints: neither is guessed.
        Raises SettingMissing, naming the entry that is wrong.
        """
        try:
            shelters = _SHELTERS.validate_python(json.loads(environment.get(VARIABLE) or "{}"))
        except json.JSONDecodeError as error:
            raise SettingMissing(f"{VARIABLE} is not JSON: {error}") from None
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'it'}: {e['msg']}" for e in error.errors())
            raise SettingMissing(f"{VARIABLE} must be an object of shelters by id: {problems}") from None
        unsaid = [
            f"{shelter_id}.{name}"
            for shelter_id, shelter in shelters.items()
            for name in sorted(FROM_ITS_STANDARD - shelter.model_fields_set)
            if shelter.standard != NATIONAL
        ]
        if unsaid:
            raise SettingMissing(f"{VARIABLE} lacks {', '.join(unsaid)}: `havn standards setting ID` prints what the standard says")
        return cls(shelters)

    def of(self, shelter_id: UUID) -> Shelter:
        """A shelter's setting; one that is not listed follows the national standard and has no municipality of its own."""
        return self.by_id.get(shelter_id, _UNLISTED)
