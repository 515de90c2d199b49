WITH ranked AS (
    SELECT
        units.*,
        ROW_NUMBER() OVER (
            PARTITION BY of_community, airmeet_id, resource ORDER BY since IS NULL, since, tries DESC, entity_id
        ) AS seniority,
        ROW_NUMBER() OVER (
            PARTITION BY of_community, airmeet_id, resource ORDER BY error_at IS NULL, error_at DESC, entity_id
        ) AS novelty
    FROM units
),
resources AS (
    SELECT
        of_community, airmeet_id, resource, MAX(community) AS community, MIN(severity) AS severity,
        MIN(since) AS since, MAX(CASE WHEN seniority = 1 THEN tries END) AS tries,
        MAX(last_loaded_at) AS last_loaded_at, TOTAL(rows) AS rows,
        MAX(CASE WHEN novelty = 1 THEN error END) AS error
    FROM ranked
    GROUP BY of_community, airmeet_id, resource
)
SELECT
    COALESCE(events.community, resources.community) AS community, resources.airmeet_id, events.event_name,
    resources.resource,
    CASE resources.severity
        WHEN 1 THEN 'failed' WHEN 2 THEN 'pending' WHEN 3 THEN 'current' WHEN 4 THEN 'not_available' WHEN 5 THEN 'final'
    END AS state,
    resources.since, resources.tries, resources.last_loaded_at, COALESCE(resources.rows, 0) AS rows, resources.error
FROM resources
LEFT JOIN events ON events.airmeet_id = resources.airmeet_id
