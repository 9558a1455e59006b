# Reads OpenLineage events, one a line, through the classes that OpenLineage generates from its published JSON schemas:
# unknown keys, missing ones and values of another type are errors, and every facet must name the schema of its class.
import json
import sys
from datetime import datetime
from importlib import import_module
from uuid import UUID

import cattrs
from cattrs import Converter
from openlineage.client.generated import base

FACETS = {
    "processing_engine": ("processing_engine_run", "ProcessingEngineRunFacet"),
    "parent": ("parent_run", "ParentRunFacet"),
    "errorMessage": ("error_message_run", "ErrorMessageRunFacet"),
    "jobType": ("job_type_job", "JobTypeJobFacet"),
    "dataSource": ("datasource_dataset", "DatasourceDatasetFacet"),
    "schema": ("schema_dataset", "SchemaDatasetFacet"),
    "columnLineage": ("column_lineage_dataset", "ColumnLineageDatasetFacet"),
    "dataQualityAssertions": ("data_quality_assertions_dataset", "DataQualityAssertionsDatasetFacet"),
    "inputStatistics": ("input_statistics_input_dataset", "InputStatisticsInputDatasetFacet"),
    "dataQualityMetrics": ("data_quality_metrics_input_dataset", "DataQualityMetricsInputDatasetFacet"),
    "outputStatistics": ("output_statistics_output_dataset", "OutputStatisticsOutputDatasetFacet"),
}
# A facet of datasets that has the name of one of inputs.
DATASET_FACETS = {"dataQualityMetrics": ("data_quality_metrics_dataset", "DataQualityMetricsDatasetFacet")}
# Where each may stand, as its class says.
PLACES = {"run": base.RunFacet, "job": base.JobFacet, "dataset": base.DatasetFacet, "input": base.InputDatasetFacet,
          "output": base.OutputDatasetFacet}

converter = Converter(forbid_extra_keys=True)
for kind in (str, int, float, bool):
    def exact(value, _, kind=kind):
        fits = type(value) is kind or (kind is float and type(value) is int)
        if not fits:
            raise ValueError(f"{value!r} is no {kind.__name__}")
        return value
    converter.register_structure_hook(kind, exact)


def check_facets(place, facets):
    for name, content in facets.items():
        module, class_name = DATASET_FACETS.get(name, FACETS[name]) if place == "dataset" else FACETS[name]
        found = getattr(import_module(f"openlineage.client.generated.{module}"), class_name)
        assert issubclass(found, PLACES[place]), f"{name} does not belong to {place}"
        rest = dict(content)
        assert rest.pop("_schemaURL") == found._get_schema(), f"{name}: {content['_schemaURL']}"
        assert rest.pop("_producer").startswith("urn:scoremill:")
        converter.structure(rest, found)


def check(event):
    assert set(event) == {"eventType", "eventTime", "run", "job", "inputs", "outputs", "producer", "schemaURL"}
    assert event["schemaURL"] == base.RunEvent._get_schema()
    assert event["eventType"] in {"START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"}
    assert datetime.fromisoformat(event["eventTime"]).tzinfo is not None
    UUID(event["run"]["runId"])
    base.Run(runId=event["run"]["runId"])
    base.Job(namespace=event["job"]["namespace"], name=event["job"]["name"])
    check_facets("run", event["run"]["facets"])
    check_facets("job", event["job"]["facets"])
    for key, place, kind in (("inputs", "input", base.InputDataset), ("outputs", "output", base.OutputDataset)):
        for dataset in event[key]:
            assert set(dataset) == {"namespace", "name", "facets", f"{place}Facets"}
            kind(namespace=dataset["namespace"], name=dataset["name"])
            check_facets("dataset", dataset["facets"])
            check_facets(place, dataset[f"{place}Facets"])


for number, line in enumerate(sys.stdin, 1):
    try:
        check(json.loads(line))
    except cattrs.BaseValidationError as error:
        sys.exit(f"event {number}: {cattrs.transform_error(error)}")
    except (AssertionError, KeyError, ValueError, TypeError) as error:
        sys.exit(f"event {number}: {type(error).__name__}: {error}")
    print(json.loads(line)["eventType"])
