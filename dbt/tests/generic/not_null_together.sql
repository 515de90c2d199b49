{#- None of the columns is null. -#}
{% test not_null_together(model, columns) %}
{% if execute and not load_relation(model) %}
select 1 as nothing limit 0 -- a table that does not exist yet counts as empty
{% else %}
select {{ columns | join(', ') }}
from {{ model }}
where {% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %}
{% endif %}
{% endtest %}
