WITH answers AS (
    SELECT DISTINCT given.airmeet_id, given.field_id, given.value AS answer, listed_rows.person
    FROM participant_custom_fields AS given
    JOIN listed_rows
        ON listed_rows.airmeet_id = given.airmeet_id AND listed_rows.person_key = given.person_key
        AND listed_rows.is_registration = 0
    WHERE given.value <> ''
),
counts AS (
    SELECT
        answers.airmeet_id, answers.field_id, answers.answer, COUNT(*) AS people,
        COUNT(CASE WHEN event_people.population = 'registrant' THEN 1 END) AS registrants,
        COUNT(CASE WHEN event_people.population = 'registrant' AND event_people.attended_live THEN 1 END)
            AS registrants_attended
    FROM answers
    JOIN event_people ON event_people.airmeet_id = answers.airmeet_id AND event_people.person = answers.person
    GROUP BY answers.airmeet_id, answers.field_id, answers.answer
),
labels AS (
    SELECT airmeet_id, field_id, MAX(label) AS label
    FROM custom_fields
    GROUP BY airmeet_id, field_id
)
SELECT
    events.community, counts.airmeet_id, events.event_name, counts.field_id, labels.label AS field_label, counts.answer,
    counts.people, counts.registrants, counts.registrants_attended,
    RATE(known_attendance.airmeet_id, counts.registrants_attended, counts.registrants) AS attendance_rate_of_registrants
FROM counts
LEFT JOIN events ON events.airmeet_id = counts.airmeet_id
LEFT JOIN labels ON labels.airmeet_id = counts.airmeet_id AND labels.field_id = counts.field_id
LEFT JOIN known_attendance ON known_attendance.airmeet_id = counts.airmeet_id
