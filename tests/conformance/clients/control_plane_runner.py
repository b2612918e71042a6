"""boto3 against `local-sagemaker start`: its SageMaker operations, validated with botocore's service model.

    control_plane_runner.py

The address comes from AWS_ENDPOINT_URL. The operations are found by a call to each one that botocore knows.
"""

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import boto3
import botocore
import endpoint_features
import operations
import published_examples
from botocore.exceptions import ClientError
from local_service import LocalService
from suite import Report, is_unsupported

REFERENCE = Path(__file__).parents[3] / "docs/local-sagemaker/reference.md"
LISTS = "Lists: pages, filters, sorting"
WAITERS = "Waiters"
# The waiters' own delay is 30 s and more.
FAST = {"Delay": 0.05, "MaxAttempts": 200}
# What a list request needs beside its page.
LIST_ARGUMENTS = {
    "ListModelPackages": {"ModelPackageGroupName": "listed-0"},
    "ListTags": {"ResourceArn": "arn:aws:sagemaker:us-east-1:000000000000:model/listed-0"},
    "ListTrainingJobsForHyperParameterTuningJob": {"HyperParameterTuningJobName": "listed-0"},
}


def supported(service: LocalService) -> list[str]:
    """The operations that the service has, by a request without members to each one of the service model."""
    sm = boto3.client("sagemaker", config=botocore.config.Config(parameter_validation=False))
    found = []
    for operation in sm.meta.service_model.operation_names:
        try:
            getattr(sm, botocore.xform_name(operation))()
        except ClientError as error:
            if is_unsupported(error):
                continue
        found.append(operation)
    assert found, "no operation is known"
    return found


def lists(report: Report, service: LocalService, operation: str) -> None:
    """A list by pages of one is the list by one page, and each filter and sort order of the service model counts."""
    sm = service.sm
    name = botocore.xform_name(operation)
    arguments = LIST_ARGUMENTS.get(operation, {})
    shape = sm.meta.service_model.operation_model(operation).input_shape
    paginator = sm.get_paginator(name)
    (result,) = paginator.result_keys
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.UTC)

    def all_of(**members) -> list:
        return getattr(sm, name)(**arguments, **members, **most)[result.expression]

    # A page of ListTags has at least 50 entries.
    page_size = shape.members["MaxResults"].metadata.get("min", 1)
    most = {"MaxResults": 100}

    def check() -> None:
        everything = all_of()
        assert len(everything) >= 2, f"{len(everything)} records; at least 2 are needed"
        pages = list(paginator.paginate(**arguments, PaginationConfig={"PageSize": page_size}))
        paged = [record for page in pages for record in page[result.expression]]
        assert paged == everything, f"{len(paged)} records in {len(pages)} pages, {len(everything)} in one page"
        assert page_size > 1 or len(pages) == len(everything), f"{len(pages)} pages of 1"
        if "NameContains" in shape.members:
            assert all_of(NameContains="no-such-name") == []
            assert 0 < len(all_of(NameContains="LISTED")) <= len(everything), "NameContains regards case"
        for time in ("CreationTime", "LastModifiedTime"):
            if f"{time}After" in shape.members:
                assert all_of(**{f"{time}After": now - day}) == everything, f"{time}After"
                assert all_of(**{f"{time}After": now + day}) == [], f"{time}After"
                assert all_of(**{f"{time}Before": now + day}) == everything, f"{time}Before"
                assert all_of(**{f"{time}Before": now - day}) == [], f"{time}Before"
        for value in enum(shape, "StatusEquals"):
            kept = all_of(StatusEquals=value)
            members = [item for record in kept for item in record.items()]
            status = {v for k, v in members if k.endswith("JobStatus") or k == "EndpointStatus"}
            assert status <= {value}, f"StatusEquals={value} gives {status}"
        for value in enum(shape, "SortBy"):
            up, down = (all_of(SortBy=value, SortOrder=order) for order in ("Ascending", "Descending"))
            assert len(up) == len(down) == len(everything), f"SortBy={value} loses records"
            keys = [sort_key(record, value) for record in up]
            assert keys == sorted(keys), f"SortBy={value} Ascending gives {keys[:3]}"
            keys = [sort_key(record, value) for record in down]
            assert keys == sorted(keys, reverse=True), f"SortBy={value} Descending gives {keys[:3]}"
        service.model_of.check()

    report.case(LISTS, operation, check, seconds=20)


def enum(shape, member: str) -> list[str]:
    return list(getattr(shape.members.get(member), "enum", None) or [])


def sort_key(record: dict, by: str) -> str:
    """What the list is sorted by, as far as its entries tell."""
    names = [name for name in record if name.endswith(by) and not name.endswith("SecondaryStatus")]
    return str(record[names[0]]).lower() if names else ""


def waiters(report: Report, service: LocalService, known: list[str]) -> None:
    """Every waiter whose operation is there ends: with a success, or with the error that the waiter is made for."""
    sm = service.sm
    for name, prepare in operations_of_waiters(service).items():
        waiter = sm.get_waiter(name)
        if waiter.config.operation not in known:
            continue

        def check(waiter=waiter, prepare=prepare) -> None:
            waiter.wait(**prepare(), WaiterConfig=FAST)
            service.model_of.check()

        report.case(WAITERS, name, check, seconds=20)
    others = {name for name in sm.waiter_names if sm.get_waiter(name).config.operation in known}
    others -= set(operations_of_waiters(service))
    report.case(WAITERS, "no other waiter's operation is there", lambda: equal(others, set()))


def equal(found: set[str], expected: set[str]) -> None:
    assert found == expected, f"missing: {sorted(expected - found)}; not expected: {sorted(found - expected)}"


def operations_of_waiters(service: LocalService) -> dict:
    sm = service.sm

    def training() -> dict:
        sm.create_training_job(**service.training_job("waited"))
        return {"TrainingJobName": "waited"}

    def transform() -> dict:
        sm.create_transform_job(**service.transform_job("waited", "listed-0"))
        return {"TransformJobName": "waited"}

    def endpoint() -> dict:
        variant = service.variant("AllTraffic", "listed-0")
        sm.create_endpoint_config(EndpointConfigName="waited", ProductionVariants=[variant])
        sm.create_endpoint(EndpointName="waited", EndpointConfigName="waited")
        return {"EndpointName": "waited"}

    def deleted_endpoint() -> dict:
        sm.delete_endpoint(EndpointName="waited")
        return {"EndpointName": "waited"}

    def notebook() -> dict:
        sm.create_notebook_instance(**operations.notebook("waited"))
        return {"NotebookInstanceName": "waited"}

    def stopped_notebook() -> dict:
        sm.stop_notebook_instance(NotebookInstanceName="waited")
        return {"NotebookInstanceName": "waited"}

    def deleted_notebook() -> dict:
        sm.delete_notebook_instance(NotebookInstanceName="waited")
        return {"NotebookInstanceName": "waited"}

    return {
        "training_job_completed_or_stopped": training,
        "transform_job_completed_or_stopped": transform,
        "endpoint_in_service": endpoint,
        "endpoint_deleted": deleted_endpoint,
        "notebook_instance_in_service": notebook,
        "notebook_instance_stopped": stopped_notebook,
        "notebook_instance_deleted": deleted_notebook,
    }


def paginated(service: LocalService, known: list[str]) -> Iterator[str]:
    for operation in known:
        if operation.startswith("List") and service.sm.can_paginate(botocore.xform_name(operation)):
            yield operation


def documented(service: LocalService) -> set[str]:
    """The operations in the section "Operations" of the reference."""
    section = REFERENCE.read_text().partition("\n## Operations\n")[2].partition("\n## ")[0]
    return set(re.findall(r"\w+", section)) & set(service.sm.meta.service_model.operation_names)


def main() -> None:
    report = Report("boto3")
    report.version(f"boto3 {boto3.__version__}")
    service = LocalService()
    found = supported(service)
    operations.run(report, service)
    endpoint_features.run(report, service)
    operations.prepare_lists(service)
    for operation in paginated(service, found):
        lists(report, service, operation)
    waiters(report, service, found)
    published_examples.run(report, service)
    report.case(
        operations.GROUP, "every operation was answered", lambda: equal(service.model_of.answered, set(found))
    )
    report.case(operations.GROUP, "the reference lists them all", lambda: equal(documented(service), set(found)))


if __name__ == "__main__":
    main()
