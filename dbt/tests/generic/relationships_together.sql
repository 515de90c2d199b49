{#- Each row refers to one of another table, which has columns of the same names. -#}
{% test relationships_together(model, to, columns) %}
{% if execute and not load_relation(model) %}
select 1 as nothing limit 0 -- a table that does not exist yet counts as empty
{% else %}
select {% for column in columns %}child.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
from {{ model }} as child
where {% for column in columns %}child.{{ column }} is not null{{ ' and ' if not loop.last }}{% endfor %}
{% if not execute or load_relation(to) %}
    and not exists (
        select 1 from {{ to }} as parent
        where {% for column in columns %}parent.{{ column }} = child.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    )
{% endif %}
{% endif %}
{% endtest %}
