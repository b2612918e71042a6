"""Every operation of the control plane, each kind of record from its creation to its deletion."""

import json
import time

import botocore.exceptions
from local_service import BUCKET, IMAGE, INSTANCES, ROLE, LocalService, refused
from suite import Report, is_unsupported

GROUP = "Operations, by botocore's service model"
NOT_FOUND = ["ValidationException", "ResourceNotFound"]
TAGS = [{"Key": "team", "Value": "birds"}, {"Key": "stage", "Value": "test"}]


def run(report: Report, service: LocalService) -> None:
    for name, operations in {
        "training jobs": training_jobs,
        "training jobs that are stopped or fail": ended_training_jobs,
        "models and endpoint configurations": models,
        "endpoints": endpoints,
        "transform jobs": transform_jobs,
        "tuning jobs": tuning_jobs,
        "model packages": model_packages,
        "notebook instances": notebook_instances,
        "tags": tags,
        "errors": errors,
    }.items():

        def check(operations=operations) -> None:
            operations(service)
            service.model_of.check()

        report.case(GROUP, name, check, seconds=30)


def training_jobs(service: LocalService) -> None:
    sm, name = service.sm, {"TrainingJobName": "birds"}
    arn = sm.create_training_job(**service.training_job("birds"), Tags=TAGS)["TrainingJobArn"]
    steps: list[str] = []

    def status() -> str:
        job = sm.describe_training_job(**name)
        if job["SecondaryStatus"] not in steps[-1:]:
            steps.append(job["SecondaryStatus"])
        return job["TrainingJobStatus"]

    assert service.until(status, "Completed") in (["InProgress", "Completed"], ["Completed"])
    job = sm.describe_training_job(**name)
    transitions = [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    assert transitions == ["Starting", "Downloading", "Training", "Uploading", "Completed"], transitions
    assert [step for step in transitions if step in steps] == steps, steps
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics["test:accuracy"] == 1, metrics
    assert job["TrainingJobArn"] == arn and sm.list_tags(ResourceArn=arn)["Tags"]
    assert any("#quality_metric" in line for line in service.log("/aws/sagemaker/TrainingJobs", "birds/"))
    assert service.get(job["ModelArtifacts"]["S3ModelArtifacts"])[:2] == b"\x1f\x8b"


def ended_training_jobs(service: LocalService) -> None:
    sm = service.sm
    sm.create_training_job(**service.training_job("stopped"))
    sm.stop_training_job(TrainingJobName="stopped")
    met = service.until(lambda: sm.describe_training_job(TrainingJobName="stopped")["TrainingJobStatus"], "Stopped")
    assert met in (["Stopping", "Stopped"], ["Stopped"]), met
    sm.create_training_job(**service.training_job("failed", k="0"))
    service.until(lambda: sm.describe_training_job(TrainingJobName="failed")["TrainingJobStatus"], "Failed")
    reason = sm.describe_training_job(TrainingJobName="failed")["FailureReason"]
    sm.delete_training_job(TrainingJobName="failed")
    refused(lambda: sm.describe_training_job(TrainingJobName="failed"), NOT_FOUND)
    assert reason.startswith("ClientError") and '"k"' in reason.replace("'", '"'), reason


def models(service: LocalService) -> None:
    sm = service.sm
    service.create_model("birds", f"s3://{BUCKET}/models/birds/output/model.tar.gz")
    assert sm.describe_model(ModelName="birds")["PrimaryContainer"]["Image"] == IMAGE
    variants = [service.variant("one", "birds")]
    sm.create_endpoint_config(EndpointConfigName="birds", ProductionVariants=variants, Tags=TAGS)
    found = sm.describe_endpoint_config(EndpointConfigName="birds")["ProductionVariants"]
    assert [variant["VariantName"] for variant in found] == ["one"]
    sm.create_endpoint_config(EndpointConfigName="short-lived", ProductionVariants=variants)
    sm.delete_endpoint_config(EndpointConfigName="short-lived")
    service.create_model("short-lived", f"s3://{BUCKET}/models/birds/output/model.tar.gz")
    sm.delete_model(ModelName="short-lived")
    refused(lambda: sm.describe_model(ModelName="short-lived"))


def endpoints(service: LocalService) -> None:
    sm, name = service.sm, {"EndpointName": "birds"}
    sm.create_endpoint(**name, EndpointConfigName="birds", Tags=TAGS)
    status = lambda: sm.describe_endpoint(**name)["EndpointStatus"]  # noqa: E731
    met = service.until(status, "InService")
    assert met in (["Creating", "InService"], ["InService"]), met
    answer = service.predict("birds")
    assert answer["InvokedProductionVariant"] == "one"
    assert json.loads(answer["Body"].read()) == {"predictions": [{"predicted_label": 1.0}]}
    serverless = {"VariantName": "serverless", "ModelName": "birds"}
    serverless["ServerlessConfig"] = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    sm.create_endpoint_config(EndpointConfigName="serverless", ProductionVariants=[serverless])
    sm.update_endpoint(**name, EndpointConfigName="serverless")
    service.until(status, "InService")
    assert service.predict("birds")["InvokedProductionVariant"] == "serverless"
    sm.delete_endpoint(**name)


def transform_jobs(service: LocalService) -> None:
    sm, name = service.sm, {"TransformJobName": "rows"}
    job = service.transform_job("rows", "birds")
    job["TransformOutput"] |= {"Accept": "application/jsonlines", "AssembleWith": "Line"}
    job["DataProcessing"] = {"InputFilter": "$", "JoinSource": "None", "OutputFilter": "$.predicted_label"}
    arn = sm.create_transform_job(**job, BatchStrategy="MultiRecord", MaxPayloadInMB=1, Tags=TAGS)["TransformJobArn"]
    service.until(lambda: sm.describe_transform_job(**name)["TransformJobStatus"], "Completed")
    labels = service.get(f"s3://{BUCKET}/rows/rows.csv.out").split()
    assert [float(label) for label in labels] == [label for label in range(3) for _ in range(20)], labels
    assert sm.describe_transform_job(**name)["TransformJobArn"] == arn
    sm.create_transform_job(**service.transform_job("stopped", "birds"))
    sm.stop_transform_job(TransformJobName="stopped")
    service.until(lambda: sm.describe_transform_job(TransformJobName="stopped")["TransformJobStatus"], "Stopped")
    refused(lambda: sm.describe_transform_job(TransformJobName="missing"), NOT_FOUND)


def tuning_jobs(service: LocalService) -> None:
    sm, name = service.sm, {"HyperParameterTuningJobName": "tuned"}
    sm.create_hyper_parameter_tuning_job(**tuning_job(service, "tuned"), Tags=TAGS)
    status = lambda: sm.describe_hyper_parameter_tuning_job(**name)["HyperParameterTuningJobStatus"]  # noqa: E731
    service.until(status, "Completed")
    job = sm.describe_hyper_parameter_tuning_job(**name)
    assert job["TrainingJobStatusCounters"]["Completed"] == 3, job["TrainingJobStatusCounters"]
    best = job["BestTrainingJob"]
    assert best["FinalHyperParameterTuningJobObjectiveMetric"]["MetricName"] == "test:accuracy"
    jobs = sm.list_training_jobs_for_hyper_parameter_tuning_job(**name)["TrainingJobSummaries"]
    assert best["TrainingJobName"] in {job["TrainingJobName"] for job in jobs} and len(jobs) == 3
    trained = sm.describe_training_job(TrainingJobName=best["TrainingJobName"])
    assert trained["TuningJobArn"] == job["HyperParameterTuningJobArn"]
    sm.create_hyper_parameter_tuning_job(**tuning_job(service, "stopped"))
    sm.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="stopped")
    name["HyperParameterTuningJobName"] = "stopped"
    service.until(status, "Stopped")
    sm.delete_hyper_parameter_tuning_job(**name)
    refused(status, NOT_FOUND)
    refused(lambda: sm.delete_hyper_parameter_tuning_job(**name))
    assert sm.describe_training_job(TrainingJobName=best["TrainingJobName"])["TrainingJobStatus"] == "Completed"


def tuning_job(service: LocalService, name: str) -> dict:
    job = service.training_job("unused")
    definition = {
        member: job[member]
        for member in ("AlgorithmSpecification", "InputDataConfig", "OutputDataConfig", "RoleArn", "StoppingCondition")
    }
    fixed = {"predictor_type": "classifier", "feature_dim": "2", "sample_size": "60"}
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"MetricName": "test:accuracy", "Type": "Maximize"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 3},
            "ParameterRanges": {"IntegerParameterRanges": [{"Name": "k", "MinValue": "1", "MaxValue": "9"}]},
        },
        "TrainingJobDefinition": definition | {"ResourceConfig": INSTANCES, "StaticHyperParameters": fixed},
    }


def model_packages(service: LocalService) -> None:
    sm, group = service.sm, {"ModelPackageGroupName": "birds"}
    sm.create_model_package_group(**group, ModelPackageGroupDescription="birds", Tags=TAGS)
    data = f"s3://{BUCKET}/models/birds/output/model.tar.gz"
    package = {"ModelPackageName": create_package(service, "birds", data)}
    described = sm.describe_model_package(**package)
    assert (described["ModelPackageVersion"], described["ModelPackageStatus"]) == (1, "Completed"), described
    assert sm.describe_model_package_group(**group)["ModelPackageGroupStatus"] == "Completed"
    arn = package["ModelPackageName"]
    sm.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    assert sm.describe_model_package(**package)["ModelApprovalStatus"] == "Approved"
    sm.create_model(ModelName="packaged", ExecutionRoleArn=ROLE, Containers=[package])
    service.create_endpoint("packaged", service.variant("AllTraffic", "packaged"))
    assert service.predict("packaged")["InvokedProductionVariant"] == "AllTraffic"
    sm.delete_endpoint(EndpointName="packaged")
    sm.delete_model(ModelName="packaged")
    sm.delete_model_package(**package)
    sm.delete_model_package_group(**group)


def create_package(service: LocalService, group: str, data: str) -> str:
    return service.sm.create_model_package(
        ModelPackageGroupName=group,
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": [{"Image": IMAGE, "ModelDataUrl": data}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )["ModelPackageArn"]


def notebook(name: str) -> dict:
    return {"NotebookInstanceName": name, "InstanceType": "ml.t3.medium", "RoleArn": ROLE}


def notebook_instances(service: LocalService) -> None:
    sm, name = service.sm, {"NotebookInstanceName": "book"}
    config = {"NotebookInstanceLifecycleConfigName": "book"}
    sm.create_notebook_instance_lifecycle_config(**config, OnStart=[{"Content": "ZWNobyBoaQ=="}])
    sm.update_notebook_instance_lifecycle_config(**config, OnCreate=[{"Content": "ZWNobyBoaQ=="}])
    assert sm.describe_notebook_instance_lifecycle_config(**config)["OnCreate"]
    sm.create_notebook_instance(**notebook("book"), LifecycleConfigName="book", Tags=TAGS)
    status = lambda: sm.describe_notebook_instance(**name)["NotebookInstanceStatus"]  # noqa: E731
    service.until(status, "InService")
    sm.stop_notebook_instance(**name)
    wait_for(lambda: status() == "Stopped")
    sm.update_notebook_instance(**name, InstanceType="ml.t3.large")
    wait_for(lambda: status() == "Stopped")
    sm.start_notebook_instance(**name)
    service.until(status, "InService")
    sm.stop_notebook_instance(**name)
    wait_for(lambda: status() == "Stopped")
    sm.delete_notebook_instance(**name)
    sm.get_waiter("notebook_instance_deleted").wait(**name, WaiterConfig={"Delay": 0.05})
    sm.delete_notebook_instance_lifecycle_config(**config)


def tags(service: LocalService) -> None:
    sm = service.sm
    arn = {"ResourceArn": sm.describe_model(ModelName="birds")["ModelArn"]}
    sm.add_tags(**arn, Tags=TAGS)
    assert sorted(tag["Key"] for tag in sm.list_tags(**arn)["Tags"]) == ["stage", "team"]
    sm.delete_tags(**arn, TagKeys=["stage"])
    assert sm.list_tags(**arn)["Tags"] == TAGS[:1]


def errors(service: LocalService) -> None:
    """Errors are of types that the service model has for the operation; that is checked for every response."""
    sm, missing = service.sm, "no-such-record"
    for call in (
        lambda: sm.describe_training_job(TrainingJobName=missing),
        lambda: sm.describe_model(ModelName=missing),
        lambda: sm.describe_endpoint(EndpointName=missing),
        lambda: sm.describe_endpoint_config(EndpointConfigName=missing),
        lambda: sm.create_endpoint(EndpointName=missing, EndpointConfigName=missing),
        lambda: sm.create_training_job(**service.training_job("birds")),
    ):
        refused(call, NOT_FOUND + ["ResourceInUse"])
    message = refused(lambda: sm.list_hubs(), ["UnknownOperationException"])
    assert "reference.md" in message, message


def prepare_lists(service: LocalService) -> None:
    """Two records of each kind, of which nothing else depends."""
    sm = service.sm
    for number in range(2):
        name = f"listed-{number}"
        data = service.train(name)
        service.create_model(name, data)
        sm.add_tags(ResourceArn=sm.describe_model(ModelName=name)["ModelArn"], Tags=TAGS)
        service.create_endpoint(name, service.variant("AllTraffic", name))
        sm.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=name)
        sm.create_notebook_instance(**notebook(name))
        tuning = {"HyperParameterTuningJobName": name}
        for create, status in (
            (
                lambda name=name: sm.create_transform_job(**service.transform_job(name, name)),
                lambda name=name: sm.describe_transform_job(TransformJobName=name)["TransformJobStatus"],
            ),
            (
                lambda name=name: sm.create_hyper_parameter_tuning_job(**tuning_job(service, name)),
                lambda: sm.describe_hyper_parameter_tuning_job(**tuning)["HyperParameterTuningJobStatus"],
            ),
            (lambda name=name: sm.create_model_package_group(ModelPackageGroupName=name), lambda: "Completed"),
            (lambda data=data: create_package(service, "listed-0", data), lambda: "Completed"),
        ):
            try:
                create()
            except botocore.exceptions.ClientError as error:
                if not is_unsupported(error):
                    raise
            else:
                # An entry of a job that runs would change between two requests.
                service.until(status, "Completed")
    service.model_of.check()


def list_keys(service: LocalService, prefix: str) -> list[str]:
    return [item["Key"] for item in service.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]


def get(service: LocalService, uri: str) -> bytes | None:
    try:
        return service.get(uri)
    except botocore.exceptions.ClientError:
        return None


def wait_for(check, seconds: float = 10):
    """Repeats a check until its result is true."""
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end, f"nothing after {seconds} s"
        time.sleep(0.05)
    return found
