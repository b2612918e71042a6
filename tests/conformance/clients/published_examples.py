"""The calls of published examples that use the built-in k-NN, with boto3.

- apache/airflow, providers/amazon/tests/system/amazon/aws/example_sagemaker_endpoint.py and example_sagemaker.py. Left
  out of the second: processing, AutoML and experiments, which are other services of SageMaker.
- AWS's Developer Guide, "Create a Multi-Model Endpoint", whose model is a k-NN.
"""

import json

from local_service import BUCKET, IMAGE, INSTANCES, LABELS, POINTS, ROLE, LocalService, refused
from suite import Report

GROUP = "Published examples"


def run(report: Report, service: LocalService) -> None:
    for name, example in {
        "Airflow: train, deploy, wait, invoke, delete": airflow_endpoint,
        "Airflow: train, register, tune, transform": airflow_jobs,
        "AWS: a multi-model endpoint of k-NN models": multi_model,
    }.items():

        def check(example=example) -> None:
            example(service)
            service.model_of.check()

        report.case(GROUP, name, check, seconds=30)


def airflow_endpoint(service: LocalService) -> None:
    sm, name = service.sm, "env1-endpoint"
    rows = "0,4.9,2.5,4.5,1.7\n1,7.0,3.2,4.7,1.4\n0,7.3,2.9,6.3,1.8\n2,5.1,3.5,1.4,0.2\n"
    # No label_size: the first column is the label anyway.
    channel = service.channel("train", service.put("env1/input-data/train.csv", rows))
    channel["ContentType"] = "text/csv"
    job = service.training_job("env1-train", feature_dim="4", sample_size="3")
    job["OutputDataConfig"] = {"S3OutputPath": f"s3://{BUCKET}/env1/results/"}
    assert not sm.list_training_jobs(NameContains="env1-train")["TrainingJobSummaries"]
    sm.create_training_job(**job | {"InputDataConfig": [channel]})
    sm.get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName="env1-train", WaiterConfig={"Delay": 0.1}
    )
    assert service.log("/aws/sagemaker/TrainingJobs", "env1-train/"), "the job has no log"
    service.create_model("env1-KNN-model", f"s3://{BUCKET}/env1/results/env1-train/output/model.tar.gz")
    variant = service.variant("env1-demo", "env1-KNN-model")
    del variant["InitialVariantWeight"]
    sm.create_endpoint_config(EndpointConfigName=f"{name}-config", ProductionVariants=[variant])
    sm.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-config")
    service.in_service(name)
    answer = service.runtime.invoke_endpoint(
        EndpointName=name, ContentType="text/csv", Body="6.4,3.2,4.5,1.5"
    )
    assert answer["InvokedProductionVariant"] == "env1-demo", answer["InvokedProductionVariant"]
    assert len(json.loads(answer["Body"].read())["predictions"]) == 1
    sm.delete_endpoint_config(EndpointConfigName=f"{name}-config")
    sm.delete_endpoint(EndpointName=name)
    sm.delete_model(ModelName="env1-KNN-model")


def airflow_jobs(service: LocalService) -> None:
    sm, n_rows = service.sm, 600
    rows = [(i % 100, i, n_rows - i) for i in range(n_rows)]
    train = service.put("env2/train.csv", "".join(f"{c},{x},{y}\n" for c, x, y in rows[: n_rows * 7 // 10]))
    test = service.put("env2/test.csv", "".join(f"{x},{y}\n" for _, x, y in rows[n_rows * 7 // 10 :]))
    channels = [service.channel(name, train) | {"ContentType": "text/csv"} for name in ("train", "test")]
    job = service.training_job("env2-train", sample_size=str(n_rows)) | {"InputDataConfig": channels[:1]}
    sm.create_training_job(**job)
    service.until(
        lambda: sm.describe_training_job(TrainingJobName="env2-train")["TrainingJobStatus"], "Completed"
    )
    data = f"s3://{BUCKET}/models/env2-train/output/model.tar.gz"
    service.create_model("env2-KNN-model", data)

    sm.create_model_package_group(ModelPackageGroupName="env2-group", ModelPackageGroupDescription="")
    package = sm.create_model_package(
        ModelPackageGroupName="env2-group",
        ModelPackageDescription="",
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": [{"Image": IMAGE, "ModelDataUrl": data}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )["ModelPackageArn"]

    ranges = [{"Name": name, "MinValue": "1", "MaxValue": str(n_rows)} for name in ("k", "sample_size")]
    sm.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="env2-tune",
        HyperParameterTuningJobConfig={
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"MetricName": "test:accuracy", "Type": "Maximize"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 10, "MaxParallelTrainingJobs": 10},
            "ParameterRanges": {"CategoricalParameterRanges": [], "IntegerParameterRanges": ranges},
        },
        TrainingJobDefinition={
            "StaticHyperParameters": {"predictor_type": "classifier", "feature_dim": "2"},
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "InputDataConfig": channels,
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/env2/results"},
            "ResourceConfig": INSTANCES,
            "RoleArn": ROLE,
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        },
    )
    tuning = {"HyperParameterTuningJobName": "env2-tune"}
    service.until(
        lambda: sm.describe_hyper_parameter_tuning_job(**tuning)["HyperParameterTuningJobStatus"], "Completed"
    )
    assert "BestTrainingJob" in sm.describe_hyper_parameter_tuning_job(**tuning)

    transform = service.transform_job("env2-transform", "env2-KNN-model", test)
    sm.create_transform_job(**transform)
    service.until(
        lambda: sm.describe_transform_job(TransformJobName="env2-transform")["TransformJobStatus"], "Completed"
    )
    assert service.get(f"s3://{BUCKET}/env2-transform/test.csv.out"), "the output is empty"
    assert service.log("/aws/sagemaker/TransformJobs", "env2-transform/"), "the job has no log"

    sm.delete_model_package(ModelPackageName=package)
    sm.delete_model_package_group(ModelPackageGroupName="env2-group")
    sm.delete_model(ModelName="env2-KNN-model")


def multi_model(service: LocalService) -> None:
    sm, prefix = service.sm, f"s3://{BUCKET}/several"
    service.put("several/by-corner.tar.gz", service.get(service.train("by-corner")))
    sm.create_model(
        ModelName="several",
        ExecutionRoleArn=ROLE,
        Containers=[{"Image": IMAGE, "ModelDataUrl": f"{prefix}/", "Mode": "MultiModel"}],
    )
    service.create_endpoint("several", service.variant("AllTraffic", "several"))

    def predicted(model: str) -> float:
        answer = service.predict("several", TargetModel=model)
        return json.loads(answer["Body"].read())["predictions"][0]["predicted_label"]

    assert predicted("by-corner.tar.gz") == 1
    # A model that is added later is found without a change of the endpoint.
    rows = "".join(f"{label + 5},{x},{y}\n" for label, (x, y) in zip(LABELS, POINTS, strict=True))
    job = service.training_job("other-labels")
    uri = service.put("data/other-labels.csv", rows)
    sm.create_training_job(**job | {"InputDataConfig": [service.channel("train", uri)]})
    service.until(
        lambda: sm.describe_training_job(TrainingJobName="other-labels")["TrainingJobStatus"], "Completed"
    )
    service.put("several/other-labels.tar.gz", service.get(f"s3://{BUCKET}/models/other-labels/output/model.tar.gz"))
    assert predicted("other-labels.tar.gz") == 6
    assert predicted("by-corner.tar.gz") == 1
    refused(lambda: service.predict("several", TargetModel="missing.tar.gz"), ["ValidationError"])
    refused(lambda: service.predict("several"), ["ValidationError"])
    sm.delete_endpoint(EndpointName="several")
