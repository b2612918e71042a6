"""boto3's clients of `local-sagemaker start`, found by environment only; data; and requests that create records."""

import time
from collections.abc import Callable, Iterable
from typing import Any

import boto3
from service_model import ServiceModel

ROLE = "arn:aws:iam::111122223333:role/service-role/Conformance"
IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/knn:1"
BUCKET = "conformance"
INSTANCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
# Two features; the label is the number of the corner that a point is near to.
CORNERS = [(1, 1), (9, 9), (1, 9)]
POINTS = [(x + dx / 4, y + dy / 4) for x, y in CORNERS for dx in range(4) for dy in range(5)]
LABELS = [label for label in range(len(CORNERS)) for _ in range(20)]
LABELLED = "".join(f"{label},{x},{y}\n" for label, (x, y) in zip(LABELS, POINTS, strict=True))
UNLABELLED = "".join(f"{x},{y}\n" for x, y in POINTS)


class LocalService:
    """Clients of every service, and requests with defaults. What the SageMaker client receives is validated."""

    def __init__(self) -> None:
        self.s3 = boto3.client("s3")
        self.sm = boto3.client("sagemaker")
        self.runtime = boto3.client("sagemaker-runtime")
        self.logs = boto3.client("logs")
        self.model_of = ServiceModel(self.sm)
        self.s3.create_bucket(Bucket=BUCKET)
        self.train_uri = self.put("data/train.csv", LABELLED)
        self.rows_uri = self.put("data/rows.csv", UNLABELLED)

    def put(self, key: str, body: str | bytes) -> str:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body.encode() if isinstance(body, str) else body)
        return f"s3://{BUCKET}/{key}"

    def get(self, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def channel(self, name: str, uri: str | None = None) -> dict:
        source = {
            "S3DataType": "S3Prefix",
            "S3Uri": uri or self.train_uri,
            "S3DataDistributionType": "FullyReplicated",
        }
        return {
            "ChannelName": name,
            "ContentType": "text/csv;label_size=1",
            "CompressionType": "None",
            "DataSource": {"S3DataSource": source},
        }

    def training_job(self, name: str, **hyperparameters: str) -> dict:
        given = {"k": "3", "sample_size": "60", "predictor_type": "classifier", "feature_dim": "2"}
        return {
            "TrainingJobName": name,
            "RoleArn": ROLE,
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "HyperParameters": given | hyperparameters,
            "InputDataConfig": [self.channel("train"), self.channel("test")],
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
            "ResourceConfig": INSTANCES,
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        }

    def train(self, name: str, **hyperparameters: str) -> str:
        """Trains a model; the address of its artifact."""
        self.sm.create_training_job(**self.training_job(name, **hyperparameters))
        self.until(lambda: self.sm.describe_training_job(TrainingJobName=name)["TrainingJobStatus"], "Completed")
        return f"s3://{BUCKET}/models/{name}/output/model.tar.gz"

    def create_model(self, name: str, data: str) -> None:
        container = {"Image": IMAGE, "ModelDataUrl": data, "Mode": "SingleModel"}
        self.sm.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)

    def variant(self, name: str, model: str, weight: float = 1.0) -> dict:
        return {
            "VariantName": name,
            "ModelName": model,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
            "InitialVariantWeight": weight,
        }

    def create_endpoint(self, name: str, *variants: dict, **config: Any) -> None:
        self.sm.create_endpoint_config(EndpointConfigName=name, ProductionVariants=list(variants), **config)
        self.sm.create_endpoint(EndpointName=name, EndpointConfigName=name)
        self.in_service(name)

    def in_service(self, name: str) -> None:
        self.until(lambda: self.sm.describe_endpoint(EndpointName=name)["EndpointStatus"], "InService")

    def transform_job(self, name: str, model: str, uri: str | None = None) -> dict:
        source = {"S3DataType": "S3Prefix", "S3Uri": uri or self.rows_uri}
        return {
            "TransformJobName": name,
            "ModelName": model,
            "TransformInput": {
                "DataSource": {"S3DataSource": source},
                "ContentType": "text/csv",
                "SplitType": "Line",
            },
            "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/{name}"},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        }

    def predict(self, endpoint: str, **members: str) -> Any:
        return self.runtime.invoke_endpoint(
            EndpointName=endpoint, ContentType="text/csv", Body="9,9", **members
        )

    def log(self, group: str, prefix: str) -> list[str]:
        """The lines of the log streams whose names begin like this."""
        streams = self.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=prefix)["logStreams"]
        names = [stream["logStreamName"] for stream in streams]
        pages = [
            self.logs.get_log_events(logGroupName=group, logStreamName=name, startFromHead=True) for name in names
        ]
        return [event["message"] for page in pages for event in page["events"]]

    @staticmethod
    def until(status: Callable[[], str], wanted: str, seconds: float = 20) -> list[str]:
        """Asks until the status is the wanted one; the statuses that were met, each once in a row."""
        met: list[str] = []
        end = time.monotonic() + seconds
        while not met or met[-1] != wanted:
            now = status()
            if not met or now != met[-1]:
                met.append(now)
            assert now not in ("Failed", "Stopped") or now == wanted, f"the statuses are {met}"
            assert time.monotonic() < end, f"not {wanted} after {seconds} s; the statuses are {met}"
            time.sleep(0.02)
        return met


def refused(call: Callable[[], Any], kinds: Iterable[str] = ("ValidationException",)) -> str:
    """The message of the error that a call must raise."""
    from botocore.exceptions import ClientError

    try:
        found = call()
    except ClientError as error:
        assert error.response["Error"]["Code"] in kinds, str(error)
        return error.response["Error"]["Message"]
    raise AssertionError(f"answered {found}")
