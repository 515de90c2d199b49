-- the events, with what follows from their times
SELECT
    community, airmeet_id, name AS event_name, start_time AS event_start_time, end_time, status, timezone,
    last_listed_at,
    COALESCE(status = 'FINISHED', FALSE) OR COALESCE(end_time <= CURRENT_TIMESTAMP, FALSE) AS is_over,
    COALESCE(last_listed_at < MAX(last_listed_at) OVER (PARTITION BY community), FALSE) AS is_archived
FROM airmeets
