-- the events whose attendance is known
SELECT airmeet_id FROM event_attendance
UNION DISTINCT
SELECT airmeet_id FROM sync_log WHERE resource = 'event_attendance' AND outcome = 'loaded'
