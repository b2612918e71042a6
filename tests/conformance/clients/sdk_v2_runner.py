"""The SageMaker Python SDK v2 against `local-sagemaker start`: what programs do with it, with the k-NN.

    sdk_v2_runner.py

The address comes from AWS_ENDPOINT_URL. Beside it only `default_bucket` is given: without it the SDK calls STS at a
regional address. The SDK is unchanged, except that its pauses are shortened.
"""

import io
import os
import sys

os.environ["SAGEMAKER_SUPPRESS_V2_WARNING"] = "1"
# The SDK logs to standard output, where the caller expects a line for each case.
sys.stdout = sys.stderr

import boto3
import numpy as np
import sagemaker
from sagemaker import KNN, KNNModel, image_uris
from sagemaker.amazon.common import write_numpy_to_dense_tensor
from sagemaker.async_inference import AsyncInferenceConfig
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.model_monitor import DataCaptureConfig
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer
from sagemaker.serverless import ServerlessInferenceConfig
from sagemaker.tuner import HyperparameterTuner, IntegerParameter
from suite import Report, shorten_pauses

ROLE = "arn:aws:iam::111122223333:role/SageMakerRole"
BUCKET = "sdk-v2"
STEPS = "Programs with the SDK"
AWS_TESTS = "AWS's integration tests of k-NN"
INSTANCE = "ml.m5.large"
SECONDS = 30


def clusters() -> tuple[np.ndarray, np.ndarray]:
    """Ten clusters of 40 samples in 16 dimensions, and their labels."""
    random = np.random.default_rng(7)
    labels = np.repeat(np.arange(10), 40)
    samples = random.uniform(0, 16, (10, 16))[labels] + random.normal(0, 1, (400, 16))
    return samples.astype("float32"), labels.astype("float32")


class Sdk:
    """The state that one step leaves to the next."""

    def __init__(self) -> None:
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        self.session = sagemaker.Session(default_bucket=BUCKET)
        self.sm = self.session.sagemaker_client
        self.samples, self.labels = clusters()
        order = np.random.default_rng(8).permutation(len(self.labels))
        self.train, self.test = order[:320], order[320:]

    def knn(self, **changes) -> KNN:
        given = {"k": 5, "sample_size": 320, "predictor_type": "classifier"}
        return KNN(
            role=ROLE,
            instance_count=1,
            instance_type=INSTANCE,
            sagemaker_session=self.session,
            **(given | changes),
        )

    def record_sets(self, estimator: KNN, channels=("train", "test")) -> list:
        rows = {"train": self.train, "test": self.test}
        return [
            estimator.record_set(self.samples[rows[channel]], self.labels[rows[channel]], channel=channel)
            for channel in channels
        ]

    def upload(self, name: str, text: str | bytes) -> str:
        boto3.client("s3").put_object(Bucket=BUCKET, Key=name, Body=text)
        return f"s3://{BUCKET}/{name}"

    def download(self, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()

    def check_predicts(self, predictor: Predictor) -> None:
        result = predictor.predict(self.samples[:10])
        assert len(result) == 10 and all(record.label["predicted_label"] for record in result)

    def check_records(self, records: list, rows: np.ndarray) -> None:
        found = [record.label["predicted_label"].float32_tensor.values[0] for record in records]
        assert found == self.labels[rows].tolist(), found


def steps(report: Report, sdk: Sdk) -> None:
    """Each step is what a program does with the SDK; later steps use what earlier ones made."""
    state: dict = {}

    def fit() -> None:
        state["knn"] = sdk.knn()
        state["knn"].fit(sdk.record_sets(state["knn"]), logs=True)

    def metrics() -> None:
        job = sdk.sm.describe_training_job(TrainingJobName=state["knn"].latest_training_job.name)
        values = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
        assert values["test:accuracy"] > 0.9, values

    def attach() -> None:
        attached = KNN.attach(state["knn"].latest_training_job.name, sagemaker_session=sdk.session)
        assert attached.model_data == state["knn"].model_data

    def deploy() -> None:
        state["predictor"] = state["knn"].deploy(1, INSTANCE)
        sdk.check_records(state["predictor"].predict(sdk.samples[sdk.test[:20]]), sdk.test[:20])

    def predictor() -> None:
        name = state["predictor"].endpoint_name
        predictor = Predictor(name, sdk.session, CSVSerializer(), JSONDeserializer())
        verbose = {"Accept": "application/json; verbose=true"}
        answer = predictor.predict(sdk.samples[sdk.test[:5]], initial_args=verbose)
        assert [len(row["distances"]) for row in answer["predictions"]] == [5] * 5

    def estimator() -> None:
        rows = np.column_stack([sdk.labels[sdk.train], sdk.samples[sdk.train]])
        text = io.StringIO()
        np.savetxt(text, rows, delimiter=",", fmt="%g")
        image = image_uris.retrieve("knn", sdk.session.boto_region_name)
        state["estimator"] = Estimator(
            image,
            ROLE,
            1,
            INSTANCE,
            sagemaker_session=sdk.session,
            output_path=f"s3://{BUCKET}/out",
            hyperparameters={"k": 5, "sample_size": 320, "predictor_type": "classifier", "feature_dim": 16},
        )
        channel = TrainingInput(sdk.upload("csv/train.csv", text.getvalue()), content_type="text/csv;label_size=1")
        state["estimator"].fit({"train": channel}, logs=True)

    def transformer() -> None:
        text = io.StringIO()
        np.savetxt(text, sdk.samples[sdk.test], delimiter=",", fmt="%g")
        output = f"s3://{BUCKET}/transformed"
        transformer = state["estimator"].transformer(
            1, INSTANCE, strategy="MultiRecord", assemble_with="Line", output_path=output
        )
        transformer.transform(sdk.upload("csv/rows.csv", text.getvalue()), content_type="text/csv", split_type="Line")
        transformer.wait()
        assert sdk.download(f"{output}/rows.csv.out")

    def tuner() -> None:
        ranges = {"k": IntegerParameter(1, 20)}
        tuner = HyperparameterTuner(state["knn"], "test:accuracy", ranges, max_jobs=3, max_parallel_jobs=1)
        tuner.fit(sdk.record_sets(state["knn"]))
        tuner.wait()
        assert tuner.best_training_job()

    def serverless() -> None:
        predictor = state["knn"].deploy(serverless_inference_config=ServerlessInferenceConfig(2048, 5))
        sdk.check_records(predictor.predict(sdk.samples[sdk.test[:3]]), sdk.test[:3])
        predictor.delete_endpoint()

    def asynchronous() -> None:
        config = AsyncInferenceConfig(output_path=f"s3://{BUCKET}/async")
        predictor = state["knn"].deploy(1, INSTANCE, async_inference_config=config)
        # AsyncPredictor sends neither the type of its serializer nor that of its deserializer.
        types = dict.fromkeys(["ContentType", "Accept"], "application/x-recordio-protobuf")
        sdk.check_records(predictor.predict(sdk.samples[sdk.test[:3]], initial_args=types), sdk.test[:3])
        predictor.delete_endpoint()

    def data_capture() -> None:
        config = DataCaptureConfig(True, 100, f"s3://{BUCKET}/captured")
        predictor = state["knn"].deploy(1, INSTANCE, data_capture_config=config)
        predictor.predict(sdk.samples[sdk.test[:3]])
        predictor.delete_endpoint()

    def variants() -> None:
        model = sdk.sm.list_models()["Models"][0]["ModelName"]
        config = [sagemaker.production_variant(model, INSTANCE, 1, name) for name in ("A", "B")]
        sdk.session.endpoint_from_production_variants("two", config)
        row = ",".join(f"{value:g}" for value in sdk.samples[0])
        answer = boto3.client("sagemaker-runtime").invoke_endpoint(
            EndpointName="two", TargetVariant="B", ContentType="text/csv", Body=row
        )
        assert answer["InvokedProductionVariant"] == "B"
        weights = [{"VariantName": "A", "DesiredWeight": 0}]
        sdk.sm.update_endpoint_weights_and_capacities(EndpointName="two", DesiredWeightsAndCapacities=weights)

    def update() -> None:
        model = sdk.sm.list_models()["Models"][0]["ModelName"]
        Predictor(state["predictor"].endpoint_name, sdk.session).update_endpoint(
            initial_instance_count=2, instance_type=INSTANCE, model_name=model
        )

    def delete() -> None:
        state["predictor"].delete_model()
        state["predictor"].delete_endpoint()

    def jobs() -> None:
        jobs = sdk.sm.list_training_jobs(SortBy="CreationTime", SortOrder="Descending")["TrainingJobSummaries"]
        assert len(jobs) >= 2, len(jobs)
        assert sdk.sm.list_tags(ResourceArn=jobs[0]["TrainingJobArn"])["Tags"] == []

    for name, step in {
        "KNN.fit on record_set, with logs": fit,
        "the metrics of a job": metrics,
        "KNN.attach": attach,
        "deploy, predict RecordIO": deploy,
        "Predictor: CSV to verbose JSON": predictor,
        "Estimator.fit on CSV": estimator,
        "Transformer on CSV": transformer,
        "HyperparameterTuner": tuner,
        "deploy serverless": serverless,
        "deploy asynchronous": asynchronous,
        "deploy with data capture": data_capture,
        "two variants, TargetVariant, weights": variants,
        "update_endpoint": update,
        "delete_model, delete_endpoint": delete,
        "list jobs and tags": jobs,
    }.items():
        report.case(STEPS, name, step, SECONDS)


def aws_tests(report: Report, sdk: Sdk) -> None:
    """The calls of aws/sagemaker-python-sdk (v2), tests/integ/test_knn.py, with other data.

    The one that attaches to a running job is in sdk_v2_attach_runner.py.
    """

    def regressor() -> None:
        knn = sdk.knn(predictor_type="regressor")
        knn.fit(knn.record_set(sdk.samples, sdk.labels), job_name="knn-regressor")
        model = KNNModel(knn.model_data, role="SageMakerRole", sagemaker_session=sdk.session)
        sdk.check_predicts(model.deploy(1, INSTANCE, endpoint_name="knn-regressor"))
        sdk.session.delete_endpoint("knn-regressor")

    def serverless() -> None:
        knn = sdk.knn(predictor_type="regressor")
        knn.fit(knn.record_set(sdk.samples, sdk.labels), job_name="knn-serverless")
        model = KNNModel(knn.model_data, role="SageMakerRole", sagemaker_session=sdk.session)
        config = ServerlessInferenceConfig()
        sdk.check_predicts(model.deploy(serverless_inference_config=config, endpoint_name="knn-serverless"))
        sdk.session.delete_endpoint("knn-serverless")

    for name, test in {
        "regressor on record_set": regressor,
        "serverless endpoint": serverless,
    }.items():
        report.case(AWS_TESTS, name, test, SECONDS)


def recordio_transform(report: Report, sdk: Sdk) -> None:
    """A movie recommender's notebook: inner products, RecordIO in, verbose JSON lines out."""

    def check() -> None:
        knn = sdk.knn(index_metric="INNER_PRODUCT", k=10)
        knn.fit(knn.record_set(sdk.samples, sdk.labels))
        output = f"s3://{BUCKET}/recommended"
        transformer = knn.transformer(
            1,
            INSTANCE,
            output_path=output,
            accept="application/jsonlines; verbose=true",
            assemble_with="Line",
            strategy="MultiRecord",
        )
        rows = io.BytesIO()
        write_numpy_to_dense_tensor(rows, sdk.samples[:30])
        uri = sdk.upload("recordio/rows.pbr", rows.getvalue())
        transformer.transform(uri, content_type="application/x-recordio-protobuf", split_type="RecordIO")
        transformer.wait()
        lines = JSONDeserializer().deserialize
        found = [
            lines(io.BytesIO(line), "application/json") for line in sdk.download(f"{output}/rows.pbr.out").splitlines()
        ]
        assert len(found) == 30 and all(len(row["labels"]) == len(row["distances"]) == 10 for row in found)

    report.case("Published examples", "a recommender: RecordIO to verbose JSON lines", check, SECONDS)


def main() -> None:
    shorten_pauses()
    report = Report("SageMaker Python SDK")
    report.version(f"sagemaker {sagemaker.__version__}")
    sdk = Sdk()
    steps(report, sdk)
    aws_tests(report, sdk)
    recordio_transform(report, sdk)


if __name__ == "__main__":
    main()
