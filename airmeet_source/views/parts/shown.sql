-- which user ids the rows of an event show beside these addresses
SELECT
    lone_emails.airmeet_id, lone_emails.email, everybody.user_id, everybody.is_listed,
    MIN(everybody.registration_date) AS registration_date
FROM lone_emails
JOIN (
    SELECT airmeet_id, email, user_id, 1 AS is_listed, registration_date FROM participants
    UNION ALL
    SELECT airmeet_id, email, user_id, 0, NULL FROM event_attendance
    UNION ALL
    SELECT airmeet_id, email, user_id, 0, NULL FROM session_attendance
    UNION ALL
    SELECT airmeet_id, email, user_id, 0, NULL FROM booth_attendance
    UNION ALL
    SELECT airmeet_id, email, user_id, 0, NULL FROM poll_responses
    UNION ALL
    SELECT airmeet_id, email, user_id, 0, NULL FROM questions
    UNION ALL
    SELECT airmeet_id, email, user_id, 0, NULL FROM replay_attendance
) AS everybody
    ON everybody.airmeet_id = lone_emails.airmeet_id AND everybody.email = lone_emails.email
WHERE everybody.user_id IS NOT NULL
GROUP BY lone_emails.airmeet_id, lone_emails.email, everybody.user_id, everybody.is_listed
