"""Lists the remaining resources of the local cloud; exit code 1 if there are any, 2 after an error.

Read from standard input by `mysfits-localcloud leftovers`, with the cloud's environment variables. Resources
of every account do not count, nor do records of training jobs and of deleted stacks, which cannot be removed.
"""

import sys
import traceback

import botocore.exceptions
import botocore.session

SESSION = botocore.session.get_session()
# SageMaker creates these groups for all jobs and notebook instances of the account.
SHARED_LOG_GROUPS = ("/aws/sagemaker/NotebookInstances", "/aws/sagemaker/TrainingJobs")


def client(service):
    return SESSION.create_client(service)


def pages(service, operation, key, **members):
    """Everything under `key` of all pages; `key` may have dots."""
    api = client(service)
    if api.can_paginate(operation):
        answers = api.get_paginator(operation).paginate(**members)
    else:
        answers = [getattr(api, operation)(**members)]
    for answer in answers:
        found = answer
        for part in key.split("."):
            found = (found or {}).get(part)
        yield from found or []


def marked(operation, outer, **members):
    """CloudFront's lists, most of which botocore cannot page."""
    api, marker = client("cloudfront"), {}
    while True:
        found = getattr(api, operation)(**members, **marker)[outer]
        yield from found.get("Items") or []
        if not found.get("NextMarker"):
            return
        marker = {"Marker": found["NextMarker"]}


def streams(group):
    """The log streams of a shared group, which belong to jobs and notebook instances."""
    try:
        for stream in pages("logs", "describe_log_streams", "logStreams", logGroupName=group):
            yield "log stream", f"{stream['logStreamName']} in {group}"
    except botocore.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise


def leftovers():
    """Pairs of a kind and a name."""
    for stack in pages("cloudformation", "describe_stacks", "Stacks"):
        if stack["StackStatus"] != "DELETE_COMPLETE":
            yield "stack", f"{stack['StackName']} ({stack['StackStatus']})"
    for bucket in pages("s3", "list_buckets", "Buckets"):
        yield "bucket", bucket["Name"]
    for function in pages("lambda", "list_functions", "Functions"):
        yield "function", function["FunctionName"]
    for api in pages("apigateway", "get_rest_apis", "items"):
        yield "API", f"{api['id']} ({api['name']})"
    for role in pages("iam", "list_roles", "Roles"):
        if not role["Path"].startswith("/aws-service-role/"):
            yield "role", role["RoleName"]
    for policy in pages("iam", "list_policies", "Policies", Scope="Local"):
        yield "policy", policy["PolicyName"]
    for group in pages("logs", "describe_log_groups", "logGroups"):
        if group["logGroupName"] not in SHARED_LOG_GROUPS:
            yield "log group", group["logGroupName"]
    for group in SHARED_LOG_GROUPS:
        yield from streams(group)
    for alarm in pages("cloudwatch", "describe_alarms", "MetricAlarms"):
        yield "alarm", alarm["AlarmName"]
    for dashboard in pages("cloudwatch", "list_dashboards", "DashboardEntries"):
        yield "dashboard", dashboard["DashboardName"]
    for topic in pages("sns", "list_topics", "Topics"):
        yield "topic", topic["TopicArn"]
    for key in pages("kms", "list_keys", "Keys"):
        state = client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if state["KeyManager"] == "CUSTOMER" and state["KeyState"] != "PendingDeletion":
            yield "key", key["KeyId"]
    for schedule in pages("scheduler", "list_schedules", "Schedules"):
        yield "schedule", schedule["Name"]
    for group in pages("scheduler", "list_schedule_groups", "ScheduleGroups"):
        if group["Name"] != "default":
            yield "schedule group", group["Name"]
    yield from cloudfront()
    yield from sagemaker()
    for repository in pages("codecommit", "list_repositories", "repositories"):
        yield "repository", repository["repositoryName"]
    for target in pages(
        "application-autoscaling", "describe_scalable_targets", "ScalableTargets", ServiceNamespace="sagemaker"
    ):
        yield "scalable target", target["ResourceId"]


def cloudfront():
    for distribution in marked("list_distributions", "DistributionList"):
        yield "distribution", f"{distribution['Id']} ({distribution['DomainName']})"
    for control in marked("list_origin_access_controls", "OriginAccessControlList"):
        yield "origin access control", control["Name"]
    for function in marked("list_functions", "FunctionList"):
        yield "CloudFront function", function["Name"]
    for policy in marked("list_cache_policies", "CachePolicyList", Type="custom"):
        yield "cache policy", policy["CachePolicy"]["CachePolicyConfig"]["Name"]
    for policy in marked("list_response_headers_policies", "ResponseHeadersPolicyList", Type="custom"):
        yield "response headers policy", policy["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]["Name"]


def sagemaker():
    for operation, key, kind, name in (
        ("list_models", "Models", "model", "ModelName"),
        ("list_endpoint_configs", "EndpointConfigs", "endpoint config", "EndpointConfigName"),
        ("list_endpoints", "Endpoints", "endpoint", "EndpointName"),
        ("list_notebook_instances", "NotebookInstances", "notebook instance", "NotebookInstanceName"),
        (
            "list_notebook_instance_lifecycle_configs",
            "NotebookInstanceLifecycleConfigs",
            "notebook lifecycle config",
            "NotebookInstanceLifecycleConfigName",
        ),
    ):
        for thing in pages("sagemaker", operation, key):
            yield kind, thing[name]
    for job in pages("sagemaker", "list_training_jobs", "TrainingJobSummaries"):
        if job["TrainingJobStatus"] in ("InProgress", "Stopping"):
            yield "running training job", job["TrainingJobName"]


def main():
    try:
        found = list(leftovers())
    except Exception:
        traceback.print_exc()
        sys.exit(2)
    for kind, name in found:
        print(f"left: {kind} {name}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
