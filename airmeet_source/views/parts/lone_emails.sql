-- the e-mail addresses that stand somewhere without a user id: only their owners have to be looked for
SELECT airmeet_id, email FROM participants WHERE user_id IS NULL AND email IS NOT NULL
UNION DISTINCT
SELECT airmeet_id, email FROM registrations WHERE email IS NOT NULL
UNION DISTINCT
SELECT airmeet_id, email FROM event_attendance WHERE user_id IS NULL AND email IS NOT NULL
UNION DISTINCT
SELECT airmeet_id, email FROM session_attendance WHERE user_id IS NULL AND email IS NOT NULL
UNION DISTINCT
SELECT airmeet_id, email FROM booth_attendance WHERE user_id IS NULL AND email IS NOT NULL
UNION DISTINCT
SELECT airmeet_id, email FROM poll_responses WHERE user_id IS NULL AND email IS NOT NULL
UNION DISTINCT
SELECT airmeet_id, email FROM questions WHERE user_id IS NULL AND email IS NOT NULL
UNION DISTINCT
SELECT airmeet_id, email FROM replay_attendance WHERE user_id IS NULL AND email IS NOT NULL
UNION DISTINCT
SELECT airmeet_id, email FROM utms WHERE email IS NOT NULL
UNION DISTINCT
SELECT airmeet_id, email FROM booth_exhibitors WHERE email IS NOT NULL
