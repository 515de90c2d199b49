-- the same, and how many of those that are not older were no problem, or did not fail
SELECT
    entries.*,
    SUM(1 - is_problem) OVER (
        PARTITION BY of_community, airmeet_id, resource, entity_id ORDER BY recency ROWS UNBOUNDED PRECEDING
    ) AS good_ones_since,
    SUM(CASE WHEN outcome = 'failed' THEN 0 ELSE 1 END) OVER (
        PARTITION BY of_community, airmeet_id, resource, entity_id ORDER BY recency ROWS UNBOUNDED PRECEDING
    ) AS others_since,
    ROW_NUMBER() OVER (
        PARTITION BY of_community, airmeet_id, resource, entity_id, outcome ORDER BY recency
    ) AS recency_of_outcome
FROM entries
