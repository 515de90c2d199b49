"""Habits of the API that a client has to live with, each one a switch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ErrorShape = Literal["errors", "message", "status"]
PendingShape = Literal["status_and_body", "status_only", "body_only"]


@dataclass(frozen=True)
class Quirks:
    """How the sandbox's answers deviate from what one would expect.

    Attributes:
        token_shape: where /auth puts the token.
        bad_token_status: the answer to an unknown token; None: 401, in the first version 400.
        after_on_last_page: whether the last page still carries a number in `after`.
        cursors: whether the `cursors` object is there, is missing on the last page, or is always missing.
        total_count: whether `totalCount` is there.
        page_count: whether `pageCount` is there.
        airmeets_cursor_repeats: whether the last page of /airmeets points at itself, so that it never ends.
        empty_data: what the paged endpoints send as `data` when there are no rows.
        empty_lists: what the other endpoints send instead of an empty list.
        ties: how /participants orders people with the same sort key: always alike, or anew for each page
            number, or for each request.
        fresh_urls: whether /participants signs the `profile_url` of everybody anew in each answer.
        ignores_sorting: whether /participants comes newest first whatever is asked.
        error_shape: the shape of all error bodies; None is each endpoint's own.
        pending_shape: the shape of all pending answers; None is by unit.
        numeric_time_spent: whether `time_spent` is a number and not a string.
        archived_data: whether data of archived events can still be fetched; otherwise it answers 404.
        revoked_stay_listed: whether /participants goes on showing people whose access was taken away.
        date_off: seconds by which the `Date` of answers is off from this machine's clock.
        gated: endpoint to status (400, 403, 404) of what the community's plan does not include.
    """

    token_shape: Literal["data", "top"] = "data"  # noqa: S105 (no password)
    bad_token_status: int | None = None
    after_on_last_page: bool = True
    cursors: Literal["always", "not_on_last_page", "never"] = "always"
    total_count: bool = True
    page_count: bool = True
    airmeets_cursor_repeats: bool = False
    empty_data: Literal["list", "object", "null"] = "list"
    empty_lists: Literal["list", "null", "missing"] = "list"
    ties: Literal["stable", "by_page", "random"] = "stable"
    fresh_urls: bool = False
    ignores_sorting: bool = False
    error_shape: ErrorShape | None = None
    pending_shape: PendingShape | None = None
    numeric_time_spent: bool = False
    archived_data: bool = True
    revoked_stay_listed: bool = False
    date_off: float = 0.0
    gated: Mapping[str, int] = field(default_factory=dict)
