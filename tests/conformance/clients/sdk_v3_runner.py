"""The SageMaker Python SDK v3 (`sagemaker.core`) against `local-sagemaker start`: resources from creation to deletion.

    sdk_v3_runner.py

The address comes from AWS_ENDPOINT_URL. The SDK is unchanged, except that its pauses are shortened.
"""

import importlib.metadata
import json
import sys

# The SDK logs to standard output, where the caller expects a line for each case.
sys.stdout = sys.stderr

import boto3
import botocore.exceptions
from sagemaker.core.resources import Endpoint, EndpointConfig, Model, TrainingJob, TransformJob
from sagemaker.core.shapes import (
    AlgorithmSpecification,
    Channel,
    ContainerDefinition,
    DataSource,
    OutputDataConfig,
    ProductionVariant,
    ResourceConfig,
    S3DataSource,
    StoppingCondition,
    TransformDataSource,
    TransformInput,
    TransformOutput,
    TransformResources,
    TransformS3DataSource,
)
from suite import Report, shorten_pauses

GROUP = "Resources of sagemaker.core"
ROLE = "arn:aws:iam::111122223333:role/SageMakerRole"
IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/knn:1"
BUCKET = "sdk-v3"
INSTANCE = "ml.m5.large"
ROWS = [(label, x + i / 4, y) for label, x, y in ((0, 1, 1), (1, 9, 9)) for i in range(10)]


def put(key: str, rows: list[tuple]) -> str:
    text = "".join(",".join(str(value) for value in row) + "\n" for row in rows)
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=text)
    return f"s3://{BUCKET}/{key}"


def training_job() -> None:
    source = S3DataSource(
        s3_data_type="S3Prefix", s3_uri=put("train.csv", ROWS), s3_data_distribution_type="FullyReplicated"
    )
    job = TrainingJob.create(
        training_job_name="v3",
        role_arn=ROLE,
        algorithm_specification=AlgorithmSpecification(training_image=IMAGE, training_input_mode="File"),
        hyper_parameters={"k": "3", "sample_size": "20", "predictor_type": "classifier", "feature_dim": "2"},
        input_data_config=[
            Channel(
                channel_name="train",
                content_type="text/csv;label_size=1",
                data_source=DataSource(s3_data_source=source),
            )
        ],
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{BUCKET}/models"),
        resource_config=ResourceConfig(instance_type=INSTANCE, instance_count=1, volume_size_in_gb=1),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=600),
    )
    job.wait(logs=True)
    assert job.training_job_status == "Completed", job.training_job_status
    assert TrainingJob.get("v3").model_artifacts.s3_model_artifacts.endswith("/v3/output/model.tar.gz")
    assert "v3" in {found.training_job_name for found in TrainingJob.get_all(name_contains="v3")}


def model() -> None:
    data = TrainingJob.get("v3").model_artifacts.s3_model_artifacts
    container = ContainerDefinition(image=IMAGE, model_data_url=data)
    Model.create(model_name="v3", execution_role_arn=ROLE, primary_container=container)
    assert Model.get("v3").primary_container.model_data_url == data


def endpoint_config() -> None:
    variant = ProductionVariant(
        variant_name="only", model_name="v3", instance_type=INSTANCE, initial_instance_count=1
    )
    EndpointConfig.create(endpoint_config_name="v3", production_variants=[variant])
    assert EndpointConfig.get("v3").production_variants[0].variant_name == "only"


def endpoint() -> None:
    found = Endpoint.create(endpoint_name="v3", endpoint_config_name="v3")
    found.wait_for_status("InService")
    answer = Endpoint.get("v3").invoke(body="9,9", content_type="text/csv")
    assert answer.invoked_production_variant == "only"
    assert json.loads(answer.body.read()) == {"predictions": [{"predicted_label": 1.0}]}


def transform_job() -> None:
    source = TransformS3DataSource(s3_data_type="S3Prefix", s3_uri=put("rows.csv", [row[1:] for row in ROWS]))
    job = TransformJob.create(
        transform_job_name="v3",
        model_name="v3",
        transform_input=TransformInput(
            data_source=TransformDataSource(s3_data_source=source), content_type="text/csv", split_type="Line"
        ),
        transform_output=TransformOutput(s3_output_path=f"s3://{BUCKET}/transformed", accept="application/jsonlines"),
        transform_resources=TransformResources(instance_type=INSTANCE, instance_count=1),
    )
    job.wait()
    assert TransformJob.get("v3").transform_job_status == "Completed"
    body = boto3.client("s3").get_object(Bucket=BUCKET, Key="transformed/rows.csv.out")["Body"].read()
    labels = [json.loads(line)["predicted_label"] for line in body.splitlines()]
    assert labels == [row[0] for row in ROWS], labels


def delete() -> None:
    endpoint = Endpoint.get("v3")
    endpoint.delete()
    endpoint.wait_for_delete()
    EndpointConfig.get("v3").delete()
    Model.get("v3").delete()
    try:
        Model.get("v3")
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Message"], "the error has no message"
    else:
        raise AssertionError("the model is still there")


def main() -> None:
    shorten_pauses()
    report = Report("SageMaker Python SDK v3")
    report.version(f"sagemaker-core {importlib.metadata.version('sagemaker-core')}")
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    for name, case in {
        "TrainingJob: create, wait with logs, get, get_all": training_job,
        "Model: create, get": model,
        "EndpointConfig: create, get": endpoint_config,
        "Endpoint: create, wait, get, invoke": endpoint,
        "TransformJob: create, wait, get": transform_job,
        "delete": delete,
    }.items():
        report.case(GROUP, name, case, seconds=30)


if __name__ == "__main__":
    main()
