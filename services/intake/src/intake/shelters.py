"""What this installation knows about its shelters: the standard each has published, and its own municipality."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StrictBool, TypeAdapter, ValidationError

from havn_chassis.settings import SettingMissing
from havn_events.intake import StandardId
from havn_events.municipalities import KnownMunicipality

VARIABLE = "HAVN_SHELTERS"
ASKING_WHO_SHE_IS = frozenset({"kobenhavn"})
"""The standards under which a woman cannot stay anonymous to her home municipality, so that she is asked at the admission."""


class Shelter(BaseModel):
    """One shelter's setting.

    ``standard``: the id of its quality standard; the national one where none is named. ``municipality``: its own municipality.
    ``identified_to_home_municipality``: an anonymous woman is not anonymous to her home municipality here.
    ``anonymous_admissions``: whether a woman may be admitted anonymously; left out: as the standard has it (not in Copenhagen).
    ``cpr_numbers``: whether the shelter may hold CPR numbers, for which it needs a legal basis (databeskyttelsesloven § 11).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    standard: StandardId = "serviceloven"
    municipality: KnownMunicipality | None = None
    identified_to_home_municipality: StrictBool = False
    anonymous_admissions: StrictBool | None = None
    cpr_numbers: StrictBool = False

    @property
    def admits_anonymously(self) -> bool:
        """Whether a woman may be admitted here without saying who she is."""
        return self.standard not in ASKING_WHO_SHE_IS if self.anonymous_admissions is None else self.anonymous_admissions


_SHELTERS = TypeAdapter(dict[UUID, Shelter])
_UNLISTED = Shelter()


@dataclass(frozen=True)
class Shelters:
    """The shelters' settings by shelter id."""

    by_id: Mapping[UUID, Shelter] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Shelters":
        """Read from the JSON object in HAVN_SHELTERS, ``{shelter id: {"standard": …, "municipality": …}}``; empty when unset.

        Raises SettingMissing, naming the entry that is wrong.
        """
        try:
            return cls(_SHELTERS.validate_python(json.loads(environment.get(VARIABLE) or "{}")))
        except json.JSONDecodeError as error:
            raise SettingMissing(f"{VARIABLE} is not JSON: {error}") from None
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'it'}: {e['msg']}" for e in error.errors())
            raise SettingMissing(f"{VARIABLE} must be an object of shelters by id: {problems}") from None

    def of(self, shelter_id: UUID) -> Shelter:
        """A shelter's setting; one that is not listed follows the national standard and has no municipality of its own."""
        return self.by_id.get(shelter_id, _UNLISTED)
