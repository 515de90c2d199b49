SELECT
    people.community, people.airmeet_id, people.event_name, people.utm_source, people.utm_medium, people.utm_campaign,
    COUNT(*) AS registrants, COUNT(CASE WHEN people.attended_live THEN 1 END) AS registrants_attended,
    RATE(
        MAX(known_attendance.airmeet_id), COUNT(CASE WHEN people.attended_live THEN 1 END), COUNT(*)
    ) AS attendance_rate_of_registrants,
    AVG(CASE WHEN people.attended_live THEN people.minutes_live END) AS minutes_average,
    COUNT(CASE WHEN people.attendance = 'attended_on_demand' THEN 1 END) AS registrants_attended_on_demand
FROM (
    SELECT
        community, airmeet_id, event_name, attended_live, minutes_live, attendance,
        COALESCE(utm_source, '(direct)') AS utm_source, COALESCE(utm_medium, '(direct)') AS utm_medium,
        COALESCE(utm_campaign, '(direct)') AS utm_campaign
    FROM event_people
    WHERE population = 'registrant'
) AS people
LEFT JOIN known_attendance ON known_attendance.airmeet_id = people.airmeet_id
GROUP BY
    people.community, people.airmeet_id, people.event_name, people.utm_source, people.utm_medium, people.utm_campaign
