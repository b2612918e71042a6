"""CloudFormation resource types that MiniStack does not have, made through their services' APIs.

The services answer at MYSFITS_AWS_JSON_URL; botocore calls them as any deployed program would, so a property of the
wrong type or name fails the resource here as it does on AWS. Which properties replace a resource, and what Ref and
GetAtt return, is CloudFormation's resource specification.
"""

import re
import threading
import time

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from ministack.core.responses import get_region
from ministack.services.cloudformation import provisioners, stacks

# Longer than any resource takes, in seconds.
PATIENCE = 120
POLL = 0.2

_clients = {}
_lock = threading.Lock()
_url = None
_credentials = None


def client(service):
    """The service's client in the region of the request; made once."""
    key = (service, get_region())
    with _lock:
        if key not in _clients:
            _clients[key] = botocore.session.get_session().create_client(
                service,
                endpoint_url=_url,
                region_name=get_region(),
                aws_access_key_id=_credentials.key_id,
                aws_secret_access_key=_credentials.secret_of(_credentials.key_id),
                config=Config(retries={"max_attempts": 2}, connect_timeout=5, read_timeout=60),
            )
        return _clients[key]


def call(service, operation, members):
    """Calls an operation; its error, in the service's words, fails the resource."""
    api = client(service)
    shape = api.meta.service_model.operation_model(operation).input_shape
    method = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower()
    try:
        return getattr(api, method)(**coerce(shape, members))
    except (BotoCoreError, ClientError) as error:
        raise ValueError(f"{operation}: {error}") from error


def coerce(shape, value):
    """The value with the types of the API: CloudFormation's parameters are texts, whatever they are used for."""
    match shape.type_name:
        case "structure":
            for name in value:
                if name not in shape.members:
                    raise ValueError(f"Encountered unsupported property {name}")
            return {name: coerce(shape.members[name], member) for name, member in value.items()}
        case "list":
            return [coerce(shape.member, member) for member in value]
        case "map":
            return {str(key): coerce(shape.value, member) for key, member in value.items()}
        case "integer" | "long":
            return int(value)
        case "float" | "double":
            return float(value)
        case "boolean":
            return value if isinstance(value, bool) else str(value).lower() == "true"
        case "string":
            return str(value).lower() if isinstance(value, bool) else str(value)
        case _:
            return value


def absent(error):
    """Whether the error says that there is no such thing."""
    return any(text in str(error) for text in ("Could not find", "RecordNotFound", "NotFoundException"))


def wait(describe, status, wanted, kind):
    """Describes until the status is the wanted one (None: until it is gone)."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            described = describe()
        except ValueError as error:
            if wanted is None and absent(error):
                return None
            raise
        if described[status] == wanted:
            return described
        if described[status] == "Failed" and wanted is not None:
            raise ValueError(described.get("FailureReason", f"{kind} failed"))
        time.sleep(POLL)
    raise ValueError(f"{kind} did not stabilize in {PATIENCE} seconds")


def tag_map(props):
    """CloudFormation's list of tags as a map."""
    return {tag["Key"]: str(tag["Value"]) for tag in props.get("Tags") or []}


class Resource:
    """A type of SageMaker whose API's members are named as CloudFormation's properties."""

    service = "sagemaker"

    def __init__(self, thing, name, create_only):
        """`thing` as in CreateThing and ThingArn, the property with its name, and those that replace it."""
        self.thing, self.name, self.create_only = thing, name, create_only

    def describe(self, name):
        return call(self.service, f"Describe{self.thing}", {self.name: name})

    def identity(self, arn, name):
        return arn, {self.name: name, f"{self.thing}Arn": arn, "Arn": arn}

    def named(self, logical_id, props, stack_name):
        name = props.get(self.name) or provisioners._physical_name(stack_name, logical_id, max_len=63)
        return {**props, self.name: name}

    def create(self, logical_id, props, stack_name):
        members = self.named(logical_id, props, stack_name)
        arn = call(self.service, f"Create{self.thing}", self.creation(members))[f"{self.thing}Arn"]
        try:
            self.created(members[self.name])
        except ValueError:
            # What CloudFormation was not told of, it could not roll back.
            self.delete(arn, members)
            raise
        return self.identity(arn, members[self.name])

    def creation(self, members):
        return members

    def created(self, name):
        pass

    def update(self, physical_id, old, new, _stack_name):
        # The ARN is lower case, whatever the name is.
        name = self.describe(physical_id.rsplit("/", 1)[1])[self.name]
        self.change(name, old, new)
        was, tags = tag_map(old), tag_map(new)
        if gone := [key for key in was if key not in tags]:
            call(self.service, "DeleteTags", {"ResourceArn": physical_id, "TagKeys": gone})
        if tags != was and tags:
            added = [{"Key": key, "Value": value} for key, value in tags.items()]
            call(self.service, "AddTags", {"ResourceArn": physical_id, "Tags": added})
        return self.identity(physical_id, name)

    def change(self, name, old, new):
        pass

    def delete(self, physical_id, _props):
        name = physical_id.rsplit("/", 1)[1]
        try:
            self.remove(name)
        except ValueError as error:
            if not absent(error):
                raise

    def remove(self, name):
        call(self.service, f"Delete{self.thing}", {self.name: name})


class Endpoint(Resource):
    """In service when its stack is."""

    # These say how an update is done, and only an update knows them.
    RETAIN = ("RetainAllVariantProperties", "ExcludeRetainedVariantProperties", "RetainDeploymentConfig")

    def creation(self, members):
        return {name: value for name, value in members.items() if name not in self.RETAIN}

    def created(self, name):
        wait(lambda: self.describe(name), "EndpointStatus", "InService", "The endpoint")

    def change(self, name, old, new):
        members = ("EndpointConfigName", "DeploymentConfig", *self.RETAIN)
        if all(old.get(member) == new.get(member) for member in members):
            return
        given = {member: new[member] for member in members if member in new}
        call(self.service, "UpdateEndpoint", {self.name: name, **given})
        described = wait(lambda: self.describe(name), "EndpointStatus", "InService", "The endpoint")
        if described["EndpointConfigName"] != new["EndpointConfigName"]:
            raise ValueError(described.get("FailureReason", "The endpoint was rolled back"))

    def remove(self, name):
        super().remove(name)
        wait(lambda: self.describe(name), "EndpointStatus", None, "The endpoint")


class NotebookInstance(Resource):
    """Runs when its stack is made; stopped before it is changed or deleted, as CloudFormation does."""

    STATUS = "NotebookInstanceStatus"

    def created(self, name):
        wait(lambda: self.describe(name), self.STATUS, "InService", "The notebook instance")

    def stop(self, name):
        if self.describe(name)[self.STATUS] != "Stopped":
            call(self.service, "StopNotebookInstance", {self.name: name})
            wait(lambda: self.describe(name), self.STATUS, "Stopped", "The notebook instance")

    def change(self, name, old, new):
        changed = {key: value for key, value in new.items() if key != "Tags" and old.get(key) != value}
        if not changed:
            return
        self.stop(name)
        call(self.service, "UpdateNotebookInstance", {self.name: name, **changed})
        wait(lambda: self.describe(name), self.STATUS, "Stopped", "The notebook instance")
        call(self.service, "StartNotebookInstance", {self.name: name})
        wait(lambda: self.describe(name), self.STATUS, "InService", "The notebook instance")

    def remove(self, name):
        if self.describe(name)[self.STATUS] != "Failed":
            self.stop(name)
        super().remove(name)
        wait(lambda: self.describe(name), self.STATUS, None, "The notebook instance")


class LifecycleConfig(Resource):
    """Scripts of a notebook instance."""

    def change(self, name, old, new):
        scripts = {key: new.get(key) or [] for key in ("OnCreate", "OnStart")}
        if scripts != {key: old.get(key) or [] for key in scripts}:
            call(self.service, "UpdateNotebookInstanceLifecycleConfig", {self.name: name, **scripts})


class Repository:
    """AWS::CodeCommit::Repository: a record with addresses; nothing can be pushed to it."""

    create_only = ()

    def create(self, logical_id, props, stack_name):
        members = {name[:1].lower() + name[1:]: value for name, value in props.items() if name != "Tags"}
        members.setdefault("repositoryName", provisioners._physical_name(stack_name, logical_id, max_len=100))
        made = call("codecommit", "CreateRepository", {**members, "tags": tag_map(props)})
        return self.identity(made["repositoryMetadata"])

    def identity(self, found):
        names = {"Arn": "Arn", "CloneUrlHttp": "cloneUrlHttp", "CloneUrlSsh": "cloneUrlSsh", "Name": "repositoryName"}
        return found["repositoryId"], {name: found[member] for name, member in names.items()}

    def find(self, physical_id):
        """The name of the repository with this id; none if it is gone."""
        repositories = call("codecommit", "ListRepositories", {})["repositories"]
        names = [found["repositoryName"] for found in repositories if found["repositoryId"] == physical_id]
        return names[0] if names else None

    def update(self, physical_id, old, new, _stack_name):
        name = self.find(physical_id)
        if name is None:
            raise ValueError(f"the repository {physical_id} is gone")
        for prop in old.keys() | new.keys():
            if prop not in ("RepositoryDescription", "Tags") and old.get(prop) != new.get(prop):
                raise ValueError(f"a change of {prop} is not emulated")
        description = new.get("RepositoryDescription", "")
        call("codecommit", "UpdateRepositoryDescription", {"repositoryName": name, "repositoryDescription": description})
        found = call("codecommit", "GetRepository", {"repositoryName": name})["repositoryMetadata"]
        call("codecommit", "TagResource", {"resourceArn": found["Arn"], "tags": tag_map(new)})
        return self.identity(found)

    def delete(self, physical_id, _props):
        if name := self.find(physical_id):
            call("codecommit", "DeleteRepository", {"repositoryName": name})


class ScalableTarget:
    """AWS::ApplicationAutoScaling::ScalableTarget: a record; nothing scales."""

    service = "application-autoscaling"
    create_only = ("ResourceId", "ScalableDimension", "ServiceNamespace")

    def create(self, _logical_id, props, _stack_name):
        members = {name: value for name, value in props.items() if name != "Tags"}
        call(self.service, "RegisterScalableTarget", {**members, "Tags": tag_map(props)})
        return "|".join(str(props[name]) for name in self.create_only), {}

    def update(self, _physical_id, _old, new, stack_name):
        return self.create(None, new, stack_name)

    def delete(self, physical_id, _props):
        try:
            call(self.service, "DeregisterScalableTarget", dict(zip(self.create_only, physical_id.split("|"))))
        except ValueError as error:
            if "ObjectNotFoundException" not in str(error):
                raise


class ScalingPolicy:
    """AWS::ApplicationAutoScaling::ScalingPolicy."""

    service = "application-autoscaling"
    create_only = ("PolicyName", "ServiceNamespace", "ResourceId", "ScalableDimension", "ScalingTargetId")

    def members(self, props):
        members = {name: value for name, value in props.items() if name != "ScalingTargetId"}
        if target := props.get("ScalingTargetId"):
            members.update(zip(ScalableTarget.create_only, target.split("|")))
        return members

    def create(self, _logical_id, props, _stack_name):
        arn = call(self.service, "PutScalingPolicy", self.members(props))["PolicyARN"]
        return arn, {"Arn": arn, "PolicyName": props["PolicyName"]}

    def update(self, _physical_id, _old, new, stack_name):
        return self.create(None, new, stack_name)

    def delete(self, _physical_id, props):
        names = ("PolicyName", *ScalableTarget.create_only)
        try:
            call(self.service, "DeleteScalingPolicy", {name: self.members(props)[name] for name in names})
        except ValueError as error:
            # Deregistering its target took the policy along.
            if "ObjectNotFoundException" not in str(error):
                raise


TYPES = {
    "AWS::SageMaker::Model": Resource(
        "Model",
        "ModelName",
        (
            "Containers",
            "EnableNetworkIsolation",
            "ExecutionRoleArn",
            "InferenceExecutionConfig",
            "ModelName",
            "PrimaryContainer",
            "VpcConfig",
        ),
    ),
    "AWS::SageMaker::EndpointConfig": Resource(
        "EndpointConfig",
        "EndpointConfigName",
        (
            "AsyncInferenceConfig",
            "DataCaptureConfig",
            "EnableNetworkIsolation",
            "EndpointConfigName",
            "ExecutionRoleArn",
            "ExplainerConfig",
            "KmsKeyId",
            "ProductionVariants",
            "ShadowProductionVariants",
            "VpcConfig",
        ),
    ),
    "AWS::SageMaker::Endpoint": Endpoint("Endpoint", "EndpointName", ("EndpointName",)),
    "AWS::SageMaker::NotebookInstance": NotebookInstance(
        "NotebookInstance",
        "NotebookInstanceName",
        (
            "DirectInternetAccess",
            "KmsKeyId",
            "NotebookInstanceName",
            "PlatformIdentifier",
            "SecurityGroupIds",
            "SubnetId",
        ),
    ),
    "AWS::SageMaker::NotebookInstanceLifecycleConfig": LifecycleConfig(
        "NotebookInstanceLifecycleConfig",
        "NotebookInstanceLifecycleConfigName",
        ("NotebookInstanceLifecycleConfigName",),
    ),
    "AWS::CodeCommit::Repository": Repository(),
    "AWS::ApplicationAutoScaling::ScalableTarget": ScalableTarget(),
    "AWS::ApplicationAutoScaling::ScalingPolicy": ScalingPolicy(),
}

# Those of the types that have tags, to which the stack's are added.
TAGGED = tuple(name for name in TYPES if name.startswith(("AWS::SageMaker::", "AWS::CodeCommit::")))


def register(url, credentials):
    """Makes the types known to CloudFormation."""
    global _url, _credentials
    _url, _credentials = url, credentials
    for name, resource in TYPES.items():
        if name in provisioners._RESOURCE_HANDLERS:
            raise SystemExit(f"MiniStack has {name} itself: decide which of the two is right, and remove the other")
        provisioners._RESOURCE_HANDLERS[name] = {
            "create": resource.create,
            "update": resource.update,
            "delete": resource.delete,
        }
        provisioners._REPLACING_PROPERTIES[name] = resource.create_only
    # A lifecycle configuration has no tags in CloudFormation.
    for name in TAGGED:
        if not name.endswith("LifecycleConfig"):
            provisioners._STACK_TAG_PROPERTY[name] = ("Tags", "list")
    # A name of one's own cannot be taken twice: CloudFormation refuses to replace such a resource.
    for name, resource in TYPES.items():
        if isinstance(resource, Resource):
            replacing = [prop for prop in resource.create_only if prop != resource.name]
            provisioners._CUSTOM_NAME_REPLACEMENT[name] = {
                "name": resource.name,
                "requires_replacement": lambda old, new, replacing=replacing: any(
                    old.get(prop) != new.get(prop) for prop in replacing
                ),
            }
    # They wait for what they make, and SageMaker reads from the S3 of this very process: not on its event loop.
    runs_on_worker_thread = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda name: name in TYPES or runs_on_worker_thread(name)
