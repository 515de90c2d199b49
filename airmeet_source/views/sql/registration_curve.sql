WITH days AS (
    SELECT
        community, airmeet_id, event_name, event_start_time, DAY_OF(registered_at) AS day, COUNT(*) AS registrations
    FROM event_people
    WHERE population = 'registrant' AND registered_at IS NOT NULL
    GROUP BY community, airmeet_id, event_name, event_start_time, DAY_OF(registered_at)
)
SELECT
    community, airmeet_id, event_name, day, registrations,
    CAST(SUM(registrations) OVER (PARTITION BY airmeet_id ORDER BY day ROWS UNBOUNDED PRECEDING) AS BIGINT)
        AS registrations_so_far,
    DAYS_BETWEEN(day, DAY_OF(event_start_time)) AS days_before_start
FROM days
