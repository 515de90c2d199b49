-- the exhibitors of each booth as persons: whoever shows an exhibitor's address is one
SELECT DISTINCT booth_exhibitors.airmeet_id, booth_exhibitors.booth_id,
    COALESCE(shown.user_id, booth_exhibitors.email) AS person
FROM booth_exhibitors
LEFT JOIN shown ON shown.airmeet_id = booth_exhibitors.airmeet_id AND shown.email = booth_exhibitors.email
WHERE booth_exhibitors.email IS NOT NULL
