WITH visitors AS (
    SELECT
        booth_rows.airmeet_id, booth_rows.booth_id, SUM(CAST(booth_rows.time_spent AS DOUBLE)) AS milliseconds,
        SUM(CAST(booth_rows.visits AS DOUBLE)) AS visits,
        MAX(CASE WHEN booth_rows.interested_in_being_contacted THEN 1 ELSE 0 END) AS wants_contact
    FROM booth_rows
    LEFT JOIN exhibitors
        ON exhibitors.airmeet_id = booth_rows.airmeet_id AND exhibitors.booth_id = booth_rows.booth_id
        AND exhibitors.person = booth_rows.person
    WHERE exhibitors.person IS NULL
    GROUP BY
        booth_rows.airmeet_id, booth_rows.booth_id, booth_rows.person,
        CASE WHEN booth_rows.person IS NULL THEN booth_rows.id END
),
counts AS (
    SELECT
        airmeet_id, booth_id, COUNT(*) AS visitors, TOTAL(visits) AS visits,
        AVG(milliseconds) / 60000 AS minutes_average, COUNT(CASE WHEN wants_contact = 1 THEN 1 END) AS wants_contact
    FROM visitors
    GROUP BY airmeet_id, booth_id
)
SELECT
    events.community, booths.airmeet_id, events.event_name, booths.booth_id, booths.name AS booth_name,
    COALESCE(counts.visitors, 0) AS visitors, COALESCE(counts.visits, 0) AS visits, counts.minutes_average,
    COALESCE(counts.wants_contact, 0) AS wants_contact
FROM booths
LEFT JOIN events ON events.airmeet_id = booths.airmeet_id
LEFT JOIN counts ON counts.airmeet_id = booths.airmeet_id AND counts.booth_id = booths.booth_id
