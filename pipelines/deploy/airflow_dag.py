"""An Airflow DAG with a task for each community, which runs the command; copy it to the other DAGs.

The command is installed in an environment of its own, ``/opt/airmeet``, so that Airflow's dependencies and
those of dlt do not meet. Keys and credentials are in the environment of the workers.
"""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

COMMUNITIES = ("north", "south")
AIRMEET = "/opt/airmeet/bin/airmeet"

# --no-wait: a result that Airmeet is still preparing holds no worker, the next run asks again; 3 says so
LOAD = """
{airmeet} load --destination postgres --community {community} --no-wait || code=$?
[ "${{code:-0}}" -eq 3 ] && exit 0
exit "${{code:-0}}"
"""

with DAG(
    dag_id="airmeet",
    description="Airmeet events, registrations and attendance",
    schedule="15 * * * *",
    start_date=datetime(2026, 1, 1),  # noqa: DTZ001 - Airflow takes it for UTC
    catchup=False,  # a run loads everything that is due, whatever was missed
    max_active_runs=1,
    default_args={"retries": 1, "retry_delay": timedelta(minutes=5)},
) as dag:
    for community in COMMUNITIES:
        BashOperator(
            task_id=f"load_{community}",
            bash_command=LOAD.format(airmeet=AIRMEET, community=community),
            append_env=True,
            pool="airmeet",  # as many slots as loads should go on at a time; one for a DuckDB file
        )
