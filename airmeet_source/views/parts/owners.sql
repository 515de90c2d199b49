-- the user id that each of these addresses belongs to
SELECT airmeet_id, email, user_id
FROM (
    SELECT
        airmeet_id, email, user_id,
        ROW_NUMBER() OVER (
            PARTITION BY airmeet_id, email
            ORDER BY is_listed DESC, registration_date IS NULL, registration_date, user_id
        ) AS position
    FROM shown
) AS candidates
WHERE position = 1
