-- the rows of session_attendance, and whose they are
SELECT
    r.airmeet_id, r.id, r.session_id, r.time_stamp, r.time_spent,
    COALESCE(r.user_id, owners.user_id, r.email) AS person,
    COALESCE(r.user_id, owners.user_id) AS user_id, r.email, r.name
FROM session_attendance AS r
LEFT JOIN owners ON owners.airmeet_id = r.airmeet_id AND owners.email = CASE WHEN r.user_id IS NULL THEN r.email END
