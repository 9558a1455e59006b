"""Runs the example DAGs in Airflow itself (`dag.test`, on SQLite) and writes what became of them as JSON.

Usage: run_airflow.py FOLDER SCORES REPORT: the folder with dist/, where the scores go, and where the report goes.
"""

import json
import os
import signal
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

examples = Path(__file__).resolve().parents[2] / "examples/airflow"
folder, output, report = sys.argv[1:]
# A cluster that is never asked: a pod can be described without one.
kubeconfig = Path(os.environ["AIRFLOW_HOME"], "kubeconfig")
kubeconfig.parent.mkdir(parents=True, exist_ok=True)
kubeconfig.write_text(
    json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "none", "cluster": {"server": "http://127.0.0.1:1"}}],
            "contexts": [{"name": "none", "context": {"cluster": "none", "user": "none"}}],
            "users": [{"name": "none", "user": {}}],
            "current-context": "none",
        }
    )
)
os.environ.update(
    KUBECONFIG=str(kubeconfig),
    AIRFLOW__CORE__DAGS_FOLDER=str(examples),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__LOGGING__LOGGING_LEVEL="WARNING",
    SCORING_FOLDER=folder,
    SCORES=output,
    # Many small splits, so that an attempt can be killed between them.
    SCOREMILL_BATCH_ROWS="512",
    SCOREMILL_ROWS_PER_FILE="512",
    SCOREMILL_WORKERS="1",
)
sys.path.insert(0, str(examples))

from airflow.utils.db import initdb  # noqa: E402

initdb()

import score_in_containers  # noqa: E402
import score_nightly  # noqa: E402
from kubernetes.client import ApiClient  # noqa: E402


def kill_when_half_done(day: str) -> None:
    """Kills scoremill with SIGKILL once its ledger has some splits: what a lost machine looks like to the next attempt."""
    meta = Path(output, day, "_scoremill")
    while True:
        try:
            done = (meta / "ledger.jsonl").read_text().count('"outcome"')
            if done >= 5:
                os.kill(json.loads((meta / "lock").read_text())["pid"], signal.SIGKILL)
                return
        except (FileNotFoundError, json.JSONDecodeError):
            pass
        time.sleep(0.002)


def run(day: str) -> dict:
    when = datetime.fromisoformat(day).replace(tzinfo=timezone.utc)
    run = score_nightly.dag.test(logical_date=when)
    return {
        "state": run.state,
        "tasks": {
            one.task_id: {"state": one.state, "tries": one.try_number, "xcom": one.xcom_pull(task_ids=one.task_id)}
            for one in run.get_task_instances()
        },
    }


def pod_of(operator) -> dict:
    return ApiClient().sanitize_for_serialization(operator.build_pod_request_obj())


score_nightly.score.retry_delay = timedelta(seconds=1)
threading.Thread(target=kill_when_half_done, args=["2024-03-01"], daemon=True).start()
runs = [run("2024-03-01"), run("2024-03-01")]
in_docker = score_in_containers.dag.task_dict["score_with_docker"]
docker = {name: getattr(in_docker, name) for name in ("command", "mounts", "skip_on_exit_code", "xcom_all", "user")}
pod = pod_of(score_in_containers.dag.task_dict["score_with_kubernetes"])
Path(report).write_text(json.dumps({"runs": runs, "docker": docker, "pod": pod}, default=str))
