-- the rows of questions, and whose they are
SELECT
    r.airmeet_id, r.time_stamp,
    COALESCE(r.user_id, owners.user_id, r.email) AS person,
    COALESCE(r.user_id, owners.user_id) AS user_id, r.email, r.name
FROM questions AS r
LEFT JOIN owners ON owners.airmeet_id = r.airmeet_id AND owners.email = CASE WHEN r.user_id IS NULL THEN r.email END
