-- what is pending or failed of events that are not archived
SELECT
    COALESCE(events.community, units.community) AS community, units.airmeet_id, units.entity_id, events.event_name,
    units.resource, CASE units.severity WHEN 1 THEN 'failed' WHEN 2 THEN 'pending' END AS state, units.since, units.tries,
    units.failures, units.error
FROM units
LEFT JOIN events ON events.airmeet_id = units.airmeet_id
WHERE units.severity <= 2 AND NOT COALESCE(events.is_archived, FALSE)
