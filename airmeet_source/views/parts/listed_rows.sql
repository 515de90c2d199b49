-- the rows of participants and registrations, and whose they are
SELECT
    people.airmeet_id, people.person_key, people.is_registration,
    COALESCE(people.user_id, owners.user_id, people.email, people.person_key) AS person,
    COALESCE(people.user_id, owners.user_id) AS user_id,
    people.email, people.name, people.organisation, people.designation, people.city, people.country,
    people.registration_date, LOWER_TEXT(people.user_type) AS user_type
FROM (
    SELECT
        airmeet_id, person_key, 0 AS is_registration, user_id, email, name, organisation, designation, city, country,
        registration_date, user_type
    FROM participants
    UNION ALL
    SELECT
        airmeet_id, person_key, 1, NULL, email, name, organisation, designation, city, country,
        registration_date, NULL
    FROM registrations
) AS people
LEFT JOIN owners
    ON owners.airmeet_id = people.airmeet_id
    AND owners.email = CASE WHEN people.user_id IS NULL THEN people.email END
