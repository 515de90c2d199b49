-- how each list of an event, session or booth stands
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
    COUNT(CASE WHEN others_since = 0 THEN 1 END) AS failures,
    MAX(CASE WHEN outcome = 'loaded' THEN finished_at END) AS last_loaded_at,
    MAX(CASE WHEN outcome = 'loaded' AND recency_of_outcome = 1 THEN rows END) AS rows,
    MAX(CASE WHEN recency = 1 AND is_problem = 1 THEN error END) AS error,
    MAX(CASE WHEN recency = 1 AND is_problem = 1 AND error IS NOT NULL THEN finished_at END) AS error_at
FROM tries
GROUP BY of_community, airmeet_id, resource, entity_id
