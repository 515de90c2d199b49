WITH entries AS (
    SELECT
        CASE WHEN sync_log.airmeet_id IS NULL THEN sync_log.community END AS of_community, sync_log.community,
        sync_log.resource, sync_log.airmeet_id, sync_log.entity_id, sync_log.outcome, sync_log.final, sync_log.rows,
        sync_log.error, sync_log.finished_at,
        CASE WHEN sync_log.outcome IN ('pending', 'failed') THEN 1 ELSE 0 END AS is_problem,
        ROW_NUMBER() OVER (
            PARTITION BY CASE WHEN sync_log.airmeet_id IS NULL THEN sync_log.community END, sync_log.airmeet_id,
                sync_log.resource, sync_log.entity_id
            ORDER BY sync_log.finished_at DESC, sync_log.started_at DESC
        ) AS recency
    FROM sync_log
    LEFT JOIN (
        SELECT airmeet_id, session_id AS entity_id FROM sessions
        UNION DISTINCT
        SELECT airmeet_id, booth_id FROM booths
    ) AS listed
        ON listed.airmeet_id = sync_log.airmeet_id AND listed.entity_id = sync_log.entity_id
    WHERE sync_log.entity_id IS NULL OR listed.entity_id IS NOT NULL
),
tries AS (
    SELECT
        entries.*,
        SUM(1 - is_problem) OVER (
            PARTITION BY of_community, airmeet_id, resource, entity_id ORDER BY recency ROWS UNBOUNDED PRECEDING
        ) AS good_ones_since,
        ROW_NUMBER() OVER (
            PARTITION BY of_community, airmeet_id, resource, entity_id, outcome ORDER BY recency
        ) AS recency_of_outcome
    FROM entries
),
units AS (
    SELECT
        of_community, airmeet_id, resource, entity_id,
        MAX(CASE WHEN recency = 1 THEN community END) AS community,
        MIN(CASE
            WHEN recency > 1 THEN NULL
            WHEN outcome = 'failed' THEN 1
            WHEN outcome = 'pending' THEN 2
            WHEN outcome = 'loaded' AND COALESCE(final, FALSE) THEN 5
            WHEN outcome = 'loaded' THEN 3
            WHEN outcome = 'not_available' THEN 4
        END) AS severity,
        MIN(CASE WHEN good_ones_since = 0 THEN finished_at END) AS since,
        COUNT(CASE WHEN good_ones_since = 0 THEN 1 END) AS tries,
        MAX(CASE WHEN outcome = 'loaded' THEN finished_at END) AS last_loaded_at,
        MAX(CASE WHEN outcome = 'loaded' AND recency_of_outcome = 1 THEN rows END) AS rows,
        MAX(CASE WHEN recency = 1 AND is_problem = 1 THEN error END) AS error,
        MAX(CASE WHEN recency = 1 AND is_problem = 1 AND error IS NOT NULL THEN finished_at END) AS error_at
    FROM tries
    GROUP BY of_community, airmeet_id, resource, entity_id
),
ranked AS (
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
