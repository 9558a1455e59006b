"""The same as score_nightly.py with scoremill in a container: on a Docker host, and as a pod of Kubernetes."""

from datetime import datetime, timedelta

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.docker.operators.docker import DockerOperator
from airflow.sdk import DAG
from docker.types import Mount
from kubernetes.client import models as k8s

image = "registry.example.org/scoremill:0.1.0"
words = ["run", "examples/nightly.yaml", "--date", "{{ ds }}", "--run-id", "{{ run_id }}", "--quiet"]
common = {
    "skip_on_exit_code": 99,
    "retries": 2,
    "retry_delay": timedelta(minutes=5),
}

with DAG(
    "score_in_containers",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    catchup=False,
) as dag:
    DockerOperator(
        task_id="score_with_docker",
        image=image,
        # The last line on stdout becomes the XCom.
        command=[*words, "--nothing-to-do-code", "99", "--result-line"],
        do_xcom_push=True,
        # Job files, data and scores, which belong to this user.
        mounts=[Mount(source="/srv/scoring", target="/work", type="bind")],
        user="1000:1000",
        network_mode="none",
        mount_tmp_dir=False,
        auto_remove="force",
        mem_limit="4g",
        cpus=4,
        **common,
    )

    KubernetesPodOperator(
        task_id="score_with_kubernetes",
        name="score-nightly",
        namespace="scoring",
        image=image,
        arguments=[*words, "--nothing-to-do-code", "99"],
        # Airflow's sidecar takes the result from /airflow/xcom/return.json, where scoremill leaves it.
        do_xcom_push=True,
        volumes=[
            k8s.V1Volume(
                name="work",
                persistent_volume_claim=k8s.V1PersistentVolumeClaimVolumeSource(claim_name="scoring"),
            )
        ],
        volume_mounts=[k8s.V1VolumeMount(name="work", mount_path="/work")],
        container_resources=k8s.V1ResourceRequirements(
            requests={"cpu": "4", "memory": "4Gi"}, limits={"cpu": "4", "memory": "4Gi"}
        ),
        security_context=k8s.V1PodSecurityContext(
            run_as_user=1000, run_as_group=1000, fs_group=1000, run_as_non_root=True
        ),
        container_security_context=k8s.V1SecurityContext(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=k8s.V1Capabilities(drop=["ALL"]),
        ),
        automount_service_account_token=False,
        # More than the 20 s that batches may take to end.
        termination_grace_period=30,
        startup_timeout_seconds=600,
        **common,
    )
