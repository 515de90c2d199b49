WITH counts AS (
    SELECT airmeet_id, question, answer, COUNT(*) AS answers
    FROM poll_responses
    WHERE answer <> ''
    GROUP BY airmeet_id, question, answer
)
SELECT
    events.community, counts.airmeet_id, events.event_name, counts.question, counts.answer, counts.answers,
    CAST(counts.answers AS DOUBLE) / SUM(counts.answers) OVER (PARTITION BY counts.airmeet_id, counts.question)
        AS share_of_answers
FROM counts
LEFT JOIN events ON events.airmeet_id = counts.airmeet_id
