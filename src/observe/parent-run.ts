// The run that a scheduler says this one is a step of: Airflow's provider for OpenLineage gives it to the environment of a task.
import type { ParentRun } from './lineage-event.ts';

/** `NAMESPACE/JOB/RUN` as OPENLINEAGE_PARENT_ID holds it; null when it is not there, or is no such text. */
export function parentRun(text: string | undefined): ParentRun | null {
  const match = /^(.+?)\/(.+)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(text ?? '');
  return match === null ? null : { namespace: match[1], name: match[2], runId: match[3] };
}
