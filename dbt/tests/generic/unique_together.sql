{#- No two rows have the same key. A key with a null in it is none, as in dbt's own test. -#}
{% test unique_together(model, columns) %}
{% if execute and not load_relation(model) %}
select 1 as nothing limit 0 -- a table that does not exist yet counts as empty
{% else %}
select {{ columns | join(', ') }}, count(*) as rows_with_this_key
from {{ model }}
where {% for column in columns %}{{ column }} is not null{{ ' and ' if not loop.last }}{% endfor %}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endif %}
{% endtest %}
