-- the rows of booth_attendance, and whose they are
SELECT
    r.airmeet_id, r.id, r.booth_id, r.time_stamp, r.time_spent, r.visits,
    r.interested_in_being_contacted,
    COALESCE(r.user_id, owners.user_id, r.email) AS person,
    COALESCE(r.user_id, owners.user_id) AS user_id, r.email, r.name
FROM booth_attendance AS r
LEFT JOIN owners ON owners.airmeet_id = r.airmeet_id AND owners.email = CASE WHEN r.user_id IS NULL THEN r.email END
