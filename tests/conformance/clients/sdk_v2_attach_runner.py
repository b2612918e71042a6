"""The SageMaker Python SDK v2 against `local-sagemaker start --pace MS`: it attaches to a job that is still running.

    sdk_v2_attach_runner.py

The address comes from AWS_ENDPOINT_URL. Without --pace, a job would have ended before a client could attach to it.
"""

import time

# First of all: it moves the SDK's log away from standard output, where the caller expects a line for each case.
from sdk_v2_runner import AWS_TESTS, INSTANCE, SECONDS, Sdk

import sagemaker
from sagemaker import KNN, KNNModel
from suite import Report, shorten_pauses

JOB = "knn-attached"


def attach_to_a_running_job(sdk: Sdk) -> None:
    """The calls of aws/sagemaker-python-sdk (v2), tests/integ/test_knn.py, `test_async_knn_classifier`, with other data."""
    knn = sdk.knn(index_type="faiss.IVFFlat", index_metric="L2")
    knn.fit(knn.record_set(sdk.samples, sdk.labels), wait=False, job_name=JOB)
    time.sleep(20)  # Shortened, as all pauses are.
    job = sdk.sm.describe_training_job(TrainingJobName=JOB)
    assert job["TrainingJobStatus"] == "InProgress", job

    estimator = KNN.attach(training_job_name=JOB, sagemaker_session=sdk.session)
    job = sdk.sm.describe_training_job(TrainingJobName=JOB)
    steps = [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    assert steps == ["Starting", "Downloading", "Training", "Uploading", "Completed"], steps
    model = KNNModel(estimator.model_data, role="SageMakerRole", sagemaker_session=sdk.session)
    sdk.check_predicts(model.deploy(1, INSTANCE, endpoint_name=JOB))
    sdk.session.delete_endpoint(JOB)


def main() -> None:
    shorten_pauses()
    report = Report("SageMaker Python SDK")
    report.version(f"sagemaker {sagemaker.__version__}")
    sdk = Sdk()
    report.case(AWS_TESTS, "attach to a running job", lambda: attach_to_a_running_job(sdk), SECONDS)


if __name__ == "__main__":
    main()
