"""What this installation knows about its shelters: the standard each has published, and its own municipality."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StrictBool, TypeAdapter, ValidationError

from havn_chassis.settings import SettingMissing
from havn_events.codes import ComplaintRoute
from havn_events.intake import StandardId
from havn_events.municipalities import KnownMunicipality

VARIABLE = "HAVN_SHELTERS"
NATIONAL = "serviceloven"
"""The standard of a shelter that has none of its own."""

FROM_ITS_STANDARD = frozenset({"anonymous_to_home_municipality", "complaint_routes"})
"""What a standard says and a shelter's setting repeats, since intake reads no standard."""


class Shelter(BaseModel):
    """One shelter's setting.

    ``standard``: the id of its quality standard; the national one where none is named. ``municipality``: its own municipality.
    ``anonymous_to_home_municipality``: whether a woman who is admitted anonymously may be so to her home municipality too.
    ``complaint_routes``: whom the standard names above the leader for complaints of conditions and of case handling.
    ``cpr_numbers``: whether the shelter may hold CPR numbers, for which it needs a legal basis (databeskyttelsesloven § 11).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    standard: StandardId = NATIONAL
    municipality: KnownMunicipality | None = None
    anonymous_to_home_municipality: StrictBool = True
    complaint_routes: dict[Literal["conditions", "case-handling"], ComplaintRoute] = {}
    cpr_numbers: StrictBool = False


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
