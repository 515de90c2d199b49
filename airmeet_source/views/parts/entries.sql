-- the rows of sync_log about what is still listed, and how many rows of the same unit are newer
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
