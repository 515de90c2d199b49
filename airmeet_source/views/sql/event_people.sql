WITH listed AS (
    SELECT
        airmeet_id, person, MAX(user_id) AS user_id,
        FIRST_BY(email, position) AS email, FIRST_BY(NULLIF(name, ''), position) AS name,
        FIRST_BY(NULLIF(organisation, ''), position) AS organisation,
        FIRST_BY(NULLIF(designation, ''), position) AS designation,
        FIRST_BY(NULLIF(city, ''), position) AS city, FIRST_BY(NULLIF(country, ''), position) AS country,
        FIRST_BY(registration_date, position) AS registered_at,
        MAX(CASE
            WHEN user_type LIKE '%speaker%' OR user_type LIKE '%host%' OR user_type LIKE '%organi%'
                OR user_type LIKE '%admin%' OR user_type LIKE '%moderator%' OR user_type LIKE '%exhibitor%'
                OR user_type LIKE '%team%' THEN 1 ELSE 0
        END) AS is_staff,
        MAX(CASE
            WHEN is_registration = 1 THEN 1
            WHEN user_type LIKE '%registered%' AND user_type NOT LIKE '%unregistered%' THEN 1
            WHEN registration_date IS NOT NULL AND (user_type IS NULL OR (
                user_type NOT LIKE '%invit%' AND user_type NOT LIKE '%guest%'
                AND user_type NOT LIKE '%unregistered%'
            )) THEN 1 ELSE 0
        END) AS is_registrant,
        MAX(CASE WHEN user_type LIKE '%invit%' THEN 1 ELSE 0 END) AS is_invited,
        MAX(CASE WHEN user_type LIKE '%guest%' THEN 1 ELSE 0 END) AS is_guest
    FROM (
        SELECT
            listed_rows.*,
            ROW_NUMBER() OVER (
                PARTITION BY airmeet_id, person
                ORDER BY is_registration, registration_date IS NULL, registration_date, person_key
            ) AS position
        FROM listed_rows
        WHERE person IS NOT NULL
    ) AS numbered
    GROUP BY airmeet_id, person
),
at_event AS (
    SELECT
        airmeet_id, person, MAX(user_id) AS user_id, MIN(time_stamp) AS first_seen_at,
        SUM(CAST(time_spent AS DOUBLE)) AS milliseconds, FIRST_BY(email, id) AS email,
        FIRST_BY(NULLIF(name, ''), id) AS name,
        MAX(CASE WHEN user_id IS NULL AND email IS NULL THEN 1 ELSE 0 END) AS is_unidentified
    FROM event_rows
    WHERE person IS NOT NULL
    GROUP BY airmeet_id, person
),
at_sessions AS (
    SELECT
        airmeet_id, person, MAX(user_id) AS user_id, MIN(time_stamp) AS first_seen_at,
        SUM(CAST(time_spent AS DOUBLE)) AS milliseconds, COUNT(DISTINCT session_id) AS sessions
    FROM session_rows
    WHERE person IS NOT NULL
    GROUP BY airmeet_id, person
),
at_booths AS (
    SELECT
        airmeet_id, person, MAX(user_id) AS user_id, COUNT(DISTINCT booth_id) AS booths,
        MAX(CASE WHEN interested_in_being_contacted THEN 1 ELSE 0 END) AS wants_contact
    FROM booth_rows
    WHERE person IS NOT NULL
    GROUP BY airmeet_id, person
),
in_polls AS (
    SELECT airmeet_id, person, MAX(user_id) AS user_id, COUNT(NULLIF(answer, '')) AS answers
    FROM poll_rows
    WHERE person IS NOT NULL
    GROUP BY airmeet_id, person
),
in_questions AS (
    SELECT airmeet_id, person, MAX(user_id) AS user_id, COUNT(*) AS questions
    FROM question_rows
    WHERE person IS NOT NULL
    GROUP BY airmeet_id, person
),
at_replays AS (
    SELECT
        airmeet_id, person, MAX(user_id) AS user_id, SUM(duration_viewed) AS minutes,
        FIRST_BY(email, id) AS email, FIRST_BY(NULLIF(name, ''), id) AS name,
        MAX(CASE WHEN user_id IS NULL AND email IS NULL THEN 1 ELSE 0 END) AS is_unidentified
    FROM replay_rows
    WHERE person IS NOT NULL
    GROUP BY airmeet_id, person
),
persons AS (
    SELECT airmeet_id, person, MAX(user_id) AS user_id, MAX(is_unidentified) AS is_unidentified
    FROM (
        SELECT airmeet_id, person, user_id, 0 AS is_unidentified FROM listed
        UNION ALL
        SELECT airmeet_id, person, user_id, is_unidentified FROM at_event
        UNION ALL
        SELECT airmeet_id, person, user_id, 0 FROM at_sessions
        UNION ALL
        SELECT airmeet_id, person, user_id, 0 FROM at_booths
        UNION ALL
        SELECT airmeet_id, person, user_id, 0 FROM in_polls
        UNION ALL
        SELECT airmeet_id, person, user_id, 0 FROM in_questions
        UNION ALL
        SELECT airmeet_id, person, user_id, is_unidentified FROM at_replays
    ) AS everybody
    GROUP BY airmeet_id, person
),
complete AS (
    SELECT airmeet_id, person FROM listed WHERE email IS NOT NULL AND name IS NOT NULL
    UNION ALL
    SELECT airmeet_id, person FROM at_event WHERE email IS NOT NULL AND name IS NOT NULL
),
elsewhere AS (
    SELECT
        airmeet_id, person, FIRST_BY(email, position) AS email, FIRST_BY(NULLIF(name, ''), position) AS name
    FROM (
        SELECT
            mentions.airmeet_id, mentions.person, mentions.email, mentions.name,
            ROW_NUMBER() OVER (
                PARTITION BY mentions.airmeet_id, mentions.person
                ORDER BY source, id, time_stamp IS NULL, time_stamp, mentions.email, mentions.name
            ) AS position
        FROM (
            SELECT airmeet_id, person, email, name, 1 AS source, id, time_stamp FROM session_rows
            UNION ALL
            SELECT airmeet_id, person, email, name, 2, id, time_stamp FROM booth_rows
            UNION ALL
            SELECT airmeet_id, person, email, name, 3, NULL, time_stamp FROM poll_rows
            UNION ALL
            SELECT airmeet_id, person, email, name, 4, NULL, time_stamp FROM question_rows
        ) AS mentions
        LEFT JOIN complete ON complete.airmeet_id = mentions.airmeet_id AND complete.person = mentions.person
        WHERE mentions.person IS NOT NULL AND complete.person IS NULL
    ) AS numbered
    GROUP BY airmeet_id, person
),
people AS (
    SELECT
        persons.airmeet_id, persons.person, persons.user_id,
        COALESCE(listed.email, at_event.email, at_replays.email, elsewhere.email) AS email,
        COALESCE(listed.name, at_event.name, at_replays.name, elsewhere.name) AS name,
        listed.organisation, listed.designation, listed.city, listed.country, listed.registered_at,
        CASE
            WHEN listed.is_staff = 1 OR speakers.person_id IS NOT NULL OR own_booth.person IS NOT NULL THEN 'staff'
            WHEN listed.is_registrant = 1 THEN 'registrant'
            WHEN listed.is_invited = 1 THEN 'invited'
            WHEN listed.is_guest = 1 THEN 'guest'
            WHEN listed.person IS NOT NULL THEN 'other'
            WHEN persons.is_unidentified = 1 THEN 'unidentified'
            ELSE 'walk_in'
        END AS population,
        at_event.person IS NOT NULL OR at_sessions.person IS NOT NULL AS attended_live,
        CASE
            WHEN at_sessions.first_seen_at < at_event.first_seen_at THEN at_sessions.first_seen_at
            ELSE COALESCE(at_event.first_seen_at, at_sessions.first_seen_at)
        END AS first_seen_at,
        COALESCE(at_event.milliseconds, at_sessions.milliseconds) / 60000 AS minutes_live,
        COALESCE(at_sessions.sessions, 0) AS sessions_attended, COALESCE(at_booths.booths, 0) AS booths_visited,
        COALESCE(in_polls.answers, 0) AS poll_answers, COALESCE(in_questions.questions, 0) AS questions_asked,
        COALESCE(at_booths.wants_contact, 0) = 1 AS wants_contact,
        at_replays.person IS NOT NULL AS attended_on_demand, at_replays.minutes AS minutes_on_demand
    FROM persons
    LEFT JOIN listed ON listed.airmeet_id = persons.airmeet_id AND listed.person = persons.person
    LEFT JOIN elsewhere ON elsewhere.airmeet_id = persons.airmeet_id AND elsewhere.person = persons.person
    LEFT JOIN at_event ON at_event.airmeet_id = persons.airmeet_id AND at_event.person = persons.person
    LEFT JOIN at_sessions ON at_sessions.airmeet_id = persons.airmeet_id AND at_sessions.person = persons.person
    LEFT JOIN at_booths ON at_booths.airmeet_id = persons.airmeet_id AND at_booths.person = persons.person
    LEFT JOIN in_polls ON in_polls.airmeet_id = persons.airmeet_id AND in_polls.person = persons.person
    LEFT JOIN in_questions ON in_questions.airmeet_id = persons.airmeet_id AND in_questions.person = persons.person
    LEFT JOIN at_replays ON at_replays.airmeet_id = persons.airmeet_id AND at_replays.person = persons.person
    LEFT JOIN (SELECT DISTINCT airmeet_id, person_id FROM session_people) AS speakers
        ON speakers.airmeet_id = persons.airmeet_id AND speakers.person_id = persons.user_id
    LEFT JOIN (SELECT DISTINCT airmeet_id, person FROM exhibitors) AS own_booth
        ON own_booth.airmeet_id = persons.airmeet_id AND own_booth.person = persons.person
),
largest AS (
    SELECT
        airmeet_id, MAX(minutes_live) AS minutes_live, MAX(sessions_attended) AS sessions_attended,
        MAX(poll_answers) AS poll_answers, MAX(questions_asked) AS questions_asked,
        MAX(booths_visited) AS booths_visited, MAX(minutes_on_demand) AS minutes_on_demand
    FROM people
    WHERE population <> 'staff'
    GROUP BY airmeet_id
),
weights AS (
    SELECT
        SUM(CASE WHEN activity = 'minutes_live' THEN weight ELSE 0 END) AS minutes_live,
        SUM(CASE WHEN activity = 'sessions_attended' THEN weight ELSE 0 END) AS sessions_attended,
        SUM(CASE WHEN activity = 'poll_answers' THEN weight ELSE 0 END) AS poll_answers,
        SUM(CASE WHEN activity = 'questions_asked' THEN weight ELSE 0 END) AS questions_asked,
        SUM(CASE WHEN activity = 'booths_visited' THEN weight ELSE 0 END) AS booths_visited
    FROM (SELECT activity, COALESCE(weight, 0) AS weight FROM engagement_weights) AS chosen
),
factors AS (
    SELECT
        largest.airmeet_id, largest.minutes_on_demand,
        CASE WHEN largest.minutes_live > 0 THEN weights.minutes_live / largest.minutes_live ELSE 0 END AS minutes_live,
        CASE WHEN largest.sessions_attended > 0 THEN weights.sessions_attended / largest.sessions_attended ELSE 0 END
            AS sessions_attended,
        CASE WHEN largest.poll_answers > 0 THEN weights.poll_answers / largest.poll_answers ELSE 0 END AS poll_answers,
        CASE WHEN largest.questions_asked > 0 THEN weights.questions_asked / largest.questions_asked ELSE 0 END
            AS questions_asked,
        CASE WHEN largest.booths_visited > 0 THEN weights.booths_visited / largest.booths_visited ELSE 0 END
            AS booths_visited,
        CASE WHEN largest.minutes_live > 0 THEN weights.minutes_live ELSE 0 END
        + CASE WHEN largest.sessions_attended > 0 THEN weights.sessions_attended ELSE 0 END
        + CASE WHEN largest.poll_answers > 0 THEN weights.poll_answers ELSE 0 END
        + CASE WHEN largest.questions_asked > 0 THEN weights.questions_asked ELSE 0 END
        + CASE WHEN largest.booths_visited > 0 THEN weights.booths_visited ELSE 0 END AS total
    FROM largest
    CROSS JOIN weights
),
judged AS (
    SELECT
        people.*, events.community, events.event_name, events.event_start_time,
        CASE
            WHEN people.attended_live THEN 'attended'
            WHEN people.attended_on_demand THEN 'attended_on_demand'
            WHEN people.population <> 'registrant' THEN NULL
            WHEN events.is_over AND known_attendance.airmeet_id IS NOT NULL
                AND (people.user_id IS NOT NULL OR people.email IS NOT NULL) THEN 'no_show'
            ELSE 'expected'
        END AS attendance
    FROM people
    LEFT JOIN events ON events.airmeet_id = people.airmeet_id
    LEFT JOIN known_attendance ON known_attendance.airmeet_id = people.airmeet_id
)
SELECT
    judged.community, judged.airmeet_id, judged.event_name, judged.event_start_time, judged.person, judged.user_id,
    judged.email, judged.name, judged.organisation, judged.designation, judged.city, judged.country,
    judged.registered_at, judged.population, judged.attended_live, judged.first_seen_at, judged.minutes_live,
    judged.sessions_attended, judged.booths_visited, judged.poll_answers, judged.questions_asked,
    judged.wants_contact, judged.attended_on_demand, judged.minutes_on_demand, judged.attendance,
    CASE judged.attendance
        WHEN 'attended' THEN 'Attended'
        WHEN 'attended_on_demand' THEN 'Attended On-Demand'
        WHEN 'no_show' THEN 'No Show'
        WHEN 'expected' THEN 'Registered'
    END AS crm_status,
    utm_rows.utm_source, utm_rows.utm_medium, utm_rows.utm_campaign, utm_rows.utm_term, utm_rows.utm_content,
    CASE
        WHEN judged.population <> 'staff' AND factors.total > 0 THEN FLOOR(1000 * (
            COALESCE(judged.minutes_live, 0) * factors.minutes_live
            + judged.sessions_attended * factors.sessions_attended
            + judged.poll_answers * factors.poll_answers
            + judged.questions_asked * factors.questions_asked
            + judged.booths_visited * factors.booths_visited
        ) / factors.total + 0.5) / 10
    END AS engagement_score_live,
    CASE
        WHEN judged.population <> 'staff' AND factors.minutes_on_demand > 0
            THEN FLOOR(1000 * COALESCE(judged.minutes_on_demand, 0) / factors.minutes_on_demand + 0.5) / 10
    END AS engagement_score_on_demand
FROM judged
LEFT JOIN factors ON factors.airmeet_id = judged.airmeet_id
LEFT JOIN utm_rows ON utm_rows.airmeet_id = judged.airmeet_id AND utm_rows.person = judged.person
