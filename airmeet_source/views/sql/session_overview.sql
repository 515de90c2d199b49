WITH audience AS (
    SELECT
        session_rows.airmeet_id, session_rows.session_id,
        SUM(CAST(session_rows.time_spent AS DOUBLE)) AS milliseconds
    FROM session_rows
    LEFT JOIN event_people
        ON event_people.airmeet_id = session_rows.airmeet_id AND event_people.person = session_rows.person
    WHERE session_rows.person IS NULL OR event_people.population <> 'staff'
    GROUP BY
        session_rows.airmeet_id, session_rows.session_id, session_rows.person,
        CASE WHEN session_rows.person IS NULL THEN session_rows.id END
),
attendees AS (
    SELECT
        airmeet_id, session_id, milliseconds,
        ROW_NUMBER() OVER (
            PARTITION BY airmeet_id, session_id ORDER BY milliseconds IS NULL, milliseconds
        ) AS position,
        COUNT(milliseconds) OVER (PARTITION BY airmeet_id, session_id) AS timed
    FROM audience
),
attendance AS (
    SELECT
        attendees.airmeet_id, attendees.session_id, COUNT(*) AS attendees,
        AVG(attendees.milliseconds) / 60000 AS average,
        AVG(CASE
            WHEN 2 * attendees.position BETWEEN attendees.timed AND attendees.timed + 2 THEN attendees.milliseconds
        END) / 60000 AS middle,
        COUNT(CASE WHEN attendees.milliseconds >= 48000 * CAST(sessions.duration AS DOUBLE) THEN 1 END) AS completed
    FROM attendees
    JOIN sessions ON sessions.airmeet_id = attendees.airmeet_id AND sessions.session_id = attendees.session_id
    GROUP BY attendees.airmeet_id, attendees.session_id
),
viewers AS (
    SELECT replay_rows.airmeet_id, replay_rows.session_id, COUNT(DISTINCT replay_rows.person) AS viewers
    FROM replay_rows
    JOIN event_people
        ON event_people.airmeet_id = replay_rows.airmeet_id AND event_people.person = replay_rows.person
    WHERE event_people.population <> 'staff'
    GROUP BY replay_rows.airmeet_id, replay_rows.session_id
),
speakers AS (
    SELECT
        session_people.airmeet_id, session_people.session_id,
        STRING_AGG(event_people.name, ', ' ORDER BY event_people.name) AS names
    FROM session_people
    JOIN event_people
        ON event_people.airmeet_id = session_people.airmeet_id AND event_people.user_id = session_people.person_id
    WHERE session_people.role = 'speaker' AND event_people.name IS NOT NULL
    GROUP BY session_people.airmeet_id, session_people.session_id
),
of_event AS (
    SELECT airmeet_id, COUNT(*) AS attendees
    FROM event_people
    WHERE attended_live AND population <> 'staff'
    GROUP BY airmeet_id
)
SELECT
    events.community, sessions.airmeet_id, events.event_name, sessions.session_id, sessions.name AS session_name,
    sessions.start_time, sessions.duration, sessions.status,
    COALESCE(attendance.attendees, 0) AS attendees,
    attendance.average AS minutes_average, attendance.middle AS minutes_median,
    RATE(known_attendance.airmeet_id, COALESCE(attendance.attendees, 0), of_event.attendees)
        AS attendance_share_of_attendees,
    CASE
        WHEN sessions.duration <> 0 THEN RATE(known_attendance.airmeet_id, attendance.completed, attendance.attendees)
    END AS completion_rate_of_attendees,
    COALESCE(viewers.viewers, 0) AS replay_viewers, speakers.names AS speakers
FROM sessions
LEFT JOIN events ON events.airmeet_id = sessions.airmeet_id
LEFT JOIN attendance ON attendance.airmeet_id = sessions.airmeet_id AND attendance.session_id = sessions.session_id
LEFT JOIN viewers ON viewers.airmeet_id = sessions.airmeet_id AND viewers.session_id = sessions.session_id
LEFT JOIN speakers ON speakers.airmeet_id = sessions.airmeet_id AND speakers.session_id = sessions.session_id
LEFT JOIN of_event ON of_event.airmeet_id = sessions.airmeet_id
LEFT JOIN known_attendance ON known_attendance.airmeet_id = sessions.airmeet_id
