-- the rows of replay_attendance, and whose they are
SELECT
    r.airmeet_id, r.id, r.session_id,
    BOUNDED(r.duration_viewed, 1e15) AS duration_viewed, -- so that any sum is a number
    COALESCE(r.user_id, owners.user_id, r.email, 'replay-' || CAST(r.id AS TEXT)) AS person,
    COALESCE(r.user_id, owners.user_id) AS user_id, r.email, r.name
FROM replay_attendance AS r
LEFT JOIN owners ON owners.airmeet_id = r.airmeet_id AND owners.email = CASE WHEN r.user_id IS NULL THEN r.email END
