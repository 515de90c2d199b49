"""A session of ``requests`` that waits for results in preparation the obvious way: sleep and ask again."""

import time
from typing import Any

import requests


class PatientSession(requests.Session):
    """Answers with the result, however often it has to ask. ``wait``: seconds between two asks."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.trust_env = False
        self._wait = wait

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send until the result is there."""
        while is_pending(response := super().send(request, **kwargs)):
            time.sleep(self._wait)
        return response


def is_pending(response: requests.Response) -> bool:
    """Whether the result is being prepared: 202 as status or in the body."""
    if response.status_code == 202:
        return True
    return response.ok and response.json().get("statusCode") == 202
