"""Scores each day with scoremill, started by Airflow's BashOperator on a machine that has it.

A day whose output is there already is skipped. An attempt that was killed is finished by the next one, from the splits
that were done. What a run came to is the XCom of its task.
"""

import json
import os
from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, task

# The folder with dist/, where paths in the command start.
folder = os.environ.get("SCORING_FOLDER", "/srv/scoremill")

with DAG(
    "score_nightly",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    end_date=datetime(2024, 3, 31),
    catchup=False,
) as dag:
    score = BashOperator(
        task_id="score",
        cwd=folder,
        # exec: a signal from Airflow reaches scoremill, which finishes its batches and can be resumed.
        bash_command=(
            "exec node dist/cli/main.js run examples/nightly.yaml --date {{ ds }} --run-id '{{ run_id }}' "
            "--quiet --result-line --nothing-to-do-code 99"
        ),
        skip_on_exit_code=99,
        # The last line on stdout: an object with verdict, output, rows, scored, rejected, ...
        output_processor=json.loads,
        # What is wrong with the job or the data fails again within seconds; what passes by itself has passed by then.
        retries=2,
        retry_delay=timedelta(minutes=5),
        execution_timeout=timedelta(hours=2),
    )

    @task
    def tell(result: dict) -> str:
        return f"{result['scored']} of {result['rows']} rows are scored, in {result['output']}"

    tell(score.output)
