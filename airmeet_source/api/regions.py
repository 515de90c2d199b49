"""Where Airmeet's API is, and which version of it is there."""

from enum import Enum
from typing import NamedTuple


class Api(Enum):
    """The versions of Airmeet's API; the region decides which one is asked."""

    CURRENT = "the current API"
    LEGACY = "the first version"


class Region(NamedTuple):
    """Where requests go, and which version of the API is there."""

    url: str
    api: Api = Api.CURRENT


REGIONS = {
    "default": Region("https://api-gateway.airmeet.com/prod"),
    "eu": Region("https://api-gateway-prod.eu.airmeet.com/prod"),
    "us": Region("https://api-gateway-prod.us.airmeet.com/prod"),
    "legacy": Region("https://api.airmeet.com/api/v1", Api.LEGACY),
}
