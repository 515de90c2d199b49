-- One row per event and person that a CRM can know: an example of a model on the views.
select
    airmeet_id, event_name, event_start_time, email, name, organisation, utm_campaign, crm_status,
    minutes_live, engagement_score_live
from {{ source('airmeet_views', 'event_people') }}
where crm_status is not null and email is not null
