-- the UTM parameters of each person: those of the row with the smallest id
SELECT
    airmeet_id, person, CLEAN(utm_source) AS utm_source, CLEAN(utm_medium) AS utm_medium,
    CLEAN(utm_campaign) AS utm_campaign, CLEAN(utm_term) AS utm_term, CLEAN(utm_content) AS utm_content
FROM (
    SELECT
        utms.airmeet_id, utms.utm_source, utms.utm_medium, utms.utm_campaign, utms.utm_term, utms.utm_content,
        COALESCE(owners.user_id, utms.email) AS person,
        ROW_NUMBER() OVER (
            PARTITION BY utms.airmeet_id, COALESCE(owners.user_id, utms.email) ORDER BY utms.id
        ) AS position
    FROM utms
    LEFT JOIN owners ON owners.airmeet_id = utms.airmeet_id AND owners.email = utms.email
    WHERE utms.email IS NOT NULL
) AS numbered
WHERE position = 1
