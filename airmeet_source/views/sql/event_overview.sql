WITH attendees AS (
    SELECT
        airmeet_id, minutes_live,
        ROW_NUMBER() OVER (PARTITION BY airmeet_id ORDER BY minutes_live) AS position,
        COUNT(*) OVER (PARTITION BY airmeet_id) AS persons
    FROM event_people
    WHERE attended_live AND population <> 'staff' AND minutes_live IS NOT NULL
),
minutes AS (
    SELECT
        airmeet_id, SUM(minutes_live) AS total, AVG(minutes_live) AS average,
        AVG(CASE WHEN 2 * position BETWEEN persons AND persons + 2 THEN minutes_live END) AS middle
    FROM attendees
    GROUP BY airmeet_id
),
people AS (
    SELECT
        airmeet_id,
        COUNT(CASE WHEN population = 'registrant' THEN 1 END) AS registrants,
        COUNT(CASE WHEN population = 'invited' THEN 1 END) AS invited,
        COUNT(CASE WHEN population = 'guest' THEN 1 END) AS guests,
        COUNT(CASE WHEN population = 'other' THEN 1 END) AS others,
        COUNT(CASE WHEN population = 'walk_in' THEN 1 END) AS walk_ins,
        COUNT(CASE WHEN population = 'unidentified' THEN 1 END) AS unidentified,
        COUNT(CASE WHEN population = 'staff' THEN 1 END) AS staff,
        COUNT(CASE WHEN population <> 'staff' AND attended_live THEN 1 END) AS attendees,
        COUNT(CASE WHEN population = 'registrant' AND attended_live THEN 1 END) AS registrants_attended,
        COUNT(CASE WHEN population = 'registrant' AND attendance = 'attended_on_demand' THEN 1 END)
            AS registrants_attended_on_demand,
        COUNT(CASE WHEN attendance = 'no_show' THEN 1 END) AS no_shows,
        COUNT(CASE WHEN population <> 'staff' AND attended_on_demand THEN 1 END) AS replay_viewers,
        SUM(CASE WHEN population <> 'staff' THEN minutes_on_demand END) AS replay_minutes
    FROM event_people
    GROUP BY airmeet_id
),
session_counts AS (SELECT airmeet_id, COUNT(*) AS sessions FROM sessions GROUP BY airmeet_id),
booth_counts AS (SELECT airmeet_id, COUNT(*) AS booths FROM booths GROUP BY airmeet_id),
poll_counts AS (
    SELECT airmeet_id, COUNT(NULLIF(answer, '')) AS poll_answers FROM poll_responses GROUP BY airmeet_id
),
question_counts AS (SELECT airmeet_id, COUNT(*) AS questions FROM questions GROUP BY airmeet_id),
visits AS (
    SELECT booth_rows.airmeet_id, TOTAL(booth_rows.visits) AS booth_visits
    FROM booth_rows
    LEFT JOIN exhibitors
        ON exhibitors.airmeet_id = booth_rows.airmeet_id AND exhibitors.booth_id = booth_rows.booth_id
        AND exhibitors.person = booth_rows.person
    WHERE exhibitors.person IS NULL
    GROUP BY booth_rows.airmeet_id
),
nobody AS (
    SELECT airmeet_id, COUNT(*) AS unidentified_rows
    FROM event_rows
    WHERE user_id IS NULL AND email IS NULL
    GROUP BY airmeet_id
),
states AS (
    SELECT
        airmeet_id, MIN(since) AS since,
        MIN(CASE state
            WHEN 'failed' THEN 1 WHEN 'pending' THEN 2 WHEN 'current' THEN 3 WHEN 'not_available' THEN 4
            WHEN 'final' THEN 5
        END) AS severity
    FROM data_status
    GROUP BY airmeet_id
)
SELECT
    events.community, events.airmeet_id, events.event_name, events.status, events.event_start_time AS start_time,
    events.end_time, events.timezone, events.is_archived, events.is_over,
    COALESCE(people.registrants, 0) AS registrants, COALESCE(people.invited, 0) AS invited,
    COALESCE(people.guests, 0) AS guests, COALESCE(people.others, 0) AS others,
    COALESCE(people.walk_ins, 0) AS walk_ins, COALESCE(people.unidentified, 0) AS unidentified,
    COALESCE(people.staff, 0) AS staff, COALESCE(people.attendees, 0) AS attendees,
    COALESCE(people.registrants_attended, 0) AS registrants_attended,
    COALESCE(people.registrants_attended_on_demand, 0) AS registrants_attended_on_demand,
    COALESCE(people.no_shows, 0) AS no_shows,
    RATE(known_attendance.airmeet_id, people.registrants_attended, people.registrants)
        AS attendance_rate_of_registrants,
    RATE(
        known_attendance.airmeet_id,
        people.registrants_attended + people.registrants_attended_on_demand,
        people.registrants
    ) AS attendance_rate_incl_on_demand_of_registrants,
    COALESCE(minutes.total, 0) AS minutes_total, minutes.average AS minutes_average, minutes.middle AS minutes_median,
    COALESCE(session_counts.sessions, 0) AS sessions, COALESCE(booth_counts.booths, 0) AS booths,
    COALESCE(poll_counts.poll_answers, 0) AS poll_answers, COALESCE(question_counts.questions, 0) AS questions,
    COALESCE(visits.booth_visits, 0) AS booth_visits, COALESCE(people.replay_viewers, 0) AS replay_viewers,
    COALESCE(people.replay_minutes, 0) AS replay_minutes,
    COALESCE(nobody.unidentified_rows, 0) AS unidentified_attendance_rows,
    CASE states.severity
        WHEN 1 THEN 'failed' WHEN 2 THEN 'pending' WHEN 3 THEN 'current' WHEN 4 THEN 'not_available' WHEN 5 THEN 'final'
    END AS data_state,
    states.since AS data_since
FROM events
LEFT JOIN people ON people.airmeet_id = events.airmeet_id
LEFT JOIN minutes ON minutes.airmeet_id = events.airmeet_id
LEFT JOIN session_counts ON session_counts.airmeet_id = events.airmeet_id
LEFT JOIN booth_counts ON booth_counts.airmeet_id = events.airmeet_id
LEFT JOIN poll_counts ON poll_counts.airmeet_id = events.airmeet_id
LEFT JOIN question_counts ON question_counts.airmeet_id = events.airmeet_id
LEFT JOIN visits ON visits.airmeet_id = events.airmeet_id
LEFT JOIN nobody ON nobody.airmeet_id = events.airmeet_id
LEFT JOIN states ON states.airmeet_id = events.airmeet_id
LEFT JOIN known_attendance ON known_attendance.airmeet_id = events.airmeet_id
