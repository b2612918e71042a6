"""Gaps of MiniStack 1.5.33 that are closed from inside, each as small as it can be.

Every patch first checks that what it replaces is there and looks as it did when it was read.
"""

import inspect
import json
from urllib.parse import parse_qs

from ministack.core.responses import new_uuid
from ministack.services import apigateway_v1, cloudfront, eventbridge, scheduler, tagging
from ministack.services.cloudformation import changesets, engine, provisioners


def expect(holder, name, parameters):
    """The function `name` of `holder`, which must take these parameters."""
    function = getattr(holder, name, None)
    found = list(inspect.signature(function).parameters) if callable(function) else None
    if found != parameters:
        raise SystemExit(
            f"{holder.__name__}.{name} takes {found}; the local cloud expects {parameters}: this is not the MiniStack "
            "that its patches were written for"
        )
    return function


def boolean(value):
    """A CloudFormation boolean, which parameters make a text."""
    return value if isinstance(value, bool) else str(value).lower() == "true"


def answer(response, what):
    """The body of MiniStack's (status, headers, body), or the error that fails the resource."""
    status, _, body = response
    if status >= 400:
        raise ValueError(f"{what}: {body!r}")
    return json.loads(body) if body else {}


def request_validators():
    """CloudFormation's RequestValidator makes up an id, and Method forgets it: nothing would ever be validated."""
    create_validator = expect(apigateway_v1, "_create_request_validator", ["api_id", "data"])
    update_validator = expect(apigateway_v1, "_update_request_validator", ["api_id", "validator_id", "data"])
    delete_validator = expect(apigateway_v1, "_delete_request_validator", ["api_id", "validator_id"])
    update_method = expect(apigateway_v1, "_update_method", ["api_id", "resource_id", "http_method", "data"])
    method_parameters = ["logical_id", "props", "stack_name"]
    create_method = expect(provisioners, "_apigw_method_create", method_parameters)
    handlers = provisioners._RESOURCE_HANDLERS
    flags = {"ValidateRequestBody": "validateRequestBody", "ValidateRequestParameters": "validateRequestParameters"}

    def create(logical_id, props, stack_name):
        data = {member: boolean(props.get(prop, False)) for prop, member in flags.items()}
        data["name"] = props.get("Name") or provisioners._physical_name(stack_name, logical_id)
        made = answer(create_validator(props.get("RestApiId", ""), data), "AWS::ApiGateway::RequestValidator")
        return made["id"], {"RequestValidatorId": made["id"]}

    def update(physical_id, old, new, stack_name):
        if any(old.get(prop) != new.get(prop) for prop in ("RestApiId", "Name")):
            created = create(physical_id, new, stack_name)
            provisioners._delete_predecessor(delete, physical_id, old)
            return created
        operations = [
            {"op": "replace", "path": f"/{member}", "value": boolean(new.get(prop, False))}
            for prop, member in flags.items()
        ]
        changed = update_validator(new.get("RestApiId", ""), physical_id, {"patchOperations": operations})
        answer(changed, "AWS::ApiGateway::RequestValidator")
        return physical_id, {"RequestValidatorId": physical_id}

    def delete(physical_id, props):
        # Gone already if the API went first.
        delete_validator(props.get("RestApiId", ""), physical_id)

    def method(logical_id, props, stack_name):
        created = create_method(logical_id, props, stack_name)
        if validator := props.get("RequestValidatorId"):
            operations = [{"op": "replace", "path": "/requestValidatorId", "value": validator}]
            place = (props.get("RestApiId", ""), props.get("ResourceId", ""), props.get("HttpMethod", "ANY"))
            answer(update_method(*place, {"patchOperations": operations}), "AWS::ApiGateway::Method")
        return created

    handlers["AWS::ApiGateway::RequestValidator"] = {"create": create, "update": update, "delete": delete}
    # Method's own update calls create by its name in the module.
    provisioners._apigw_method_create = method
    handlers["AWS::ApiGateway::Method"]["create"] = method


def one_time_schedules(call):
    """SageMaker's operations are not among the Scheduler's targets, and a one-time schedule that has run once never runs
    again: not at another time, nor as another schedule of the same name."""
    create_parameters = ["logical_id", "props", "stack_name"]
    create_schedule = expect(provisioners, "_scheduler_schedule_create", create_parameters)
    update_parameters = ["physical_id", "old_props", "new_props", "stack_name"]
    update_schedule = expect(provisioners, "_scheduler_schedule_update", update_parameters)
    invoke_target = expect(eventbridge, "_invoke_target", ["target", "event", "rule", "view"])
    prefix = "arn:aws:scheduler:::aws-sdk:sagemaker:"

    def forget(name, props):
        wanted = f"{props.get('GroupName', 'default')}/{name}"
        for key in [key for key in scheduler._schedule_last_fired if key[2] == wanted]:
            del scheduler._schedule_last_fired[key]

    def create(logical_id, props, stack_name):
        name, attributes = create_schedule(logical_id, props, stack_name)
        forget(name, props)
        return name, attributes

    def update(physical_id, old, new, stack_name):
        name, attributes = update_schedule(physical_id, old, new, stack_name)
        if old.get("ScheduleExpression") != new.get("ScheduleExpression"):
            forget(name, new)
        return name, attributes

    def invoke(target, event, rule, view=None):
        arn = target.get("Arn", "")
        if not arn.startswith(prefix):
            return invoke_target(target, event, rule, view)
        operation = arn.removeprefix(prefix)
        return call(operation[:1].upper() + operation[1:], json.loads(target.get("Input") or "{}"))

    handlers = provisioners._RESOURCE_HANDLERS["AWS::Scheduler::Schedule"]
    handlers["create"], handlers["update"] = create, update
    eventbridge._invoke_target = invoke


def conditional_changes():
    """Change sets overlook conditions: they add what is not made, and replace what was not there."""
    resolve = expect(changesets, "_resolve_props_for_diff", ["template", "params", "stack_name", "stack_id"])
    evaluate = expect(engine, "_evaluate_conditions", ["template", "params"])

    def resolve_existing(template, params, stack_name, stack_id):
        resolved = resolve(template, params, stack_name, stack_id)
        conditions = evaluate(template, params) if template else {}
        kept = {
            name: resource
            for name, resource in resolved.get("Resources", {}).items()
            if conditions.get(resource.get("Condition"), True)
        }
        return {**resolved, "Resources": kept}

    changesets._resolve_props_for_diff = resolve_existing
    # Types whose create-only properties MiniStack does not list: it says of each of their changes that it may replace
    # them, and who refuses to lose data would be refused every update.
    for name, create_only in (
        ("AWS::ApiGateway::RestApi", ()),
        ("AWS::CloudFront::Distribution", ()),
        ("AWS::KMS::Key", ()),
        ("AWS::S3::Bucket", ("BucketName",)),
        ("AWS::S3::BucketPolicy", ("Bucket",)),
    ):
        provisioners._REPLACING_PROPERTIES.setdefault(name, create_only)


def names_of_roles():
    """Roles get a name of the stack and the logical id alone, and IAM has no regions: stacks of one name in two regions
    would share their roles."""
    create_role = expect(provisioners, "_iam_role_create", ["logical_id", "props", "stack_name"])
    seed = provisioners._NAME_SEED

    def create(logical_id, props, stack_name):
        if not props.get("RoleName") and not seed.get():
            # As for buckets: the seed is kept with the resource, so updates keep the name.
            seed.set(new_uuid()[:8])
        return create_role(logical_id, props, stack_name)

    provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]["create"] = create


def tags_of_distributions():
    """Conditions on aws:ResourceTag find no tags of CloudFront: who may change only tagged distributions may change none."""
    collect = expect(tagging, "_collect_cloudfront", [])
    if "cloudfront" in tagging._RESOURCE_TAG_COLLECTORS:
        raise SystemExit("MiniStack knows the tags of distributions itself: remove tags_of_distributions from patches.py")
    tagging._RESOURCE_TAG_COLLECTORS["cloudfront"] = collect


def api_origins():
    """Distributions do not request APIs of this cloud: names of AWS are refused, so that nothing reaches the real ones."""
    fetch_parameters = ["origin", "method", "uri", "query_string", "headers", "body"]
    fetch_parameters += ["viewer_is_https", "client_ip", "viewer_xff", "dist_arn"]
    fetch = expect(cloudfront, "_fetch_from_origin", fetch_parameters)
    execute_parameters = ["api_id", "stage_name", "method", "path", "headers", "body", "query_params"]
    execute = expect(apigateway_v1, "handle_execute", execute_parameters)
    merge = expect(cloudfront, "_multidict_from_pairs", ["pairs"])

    async def fetch_from_api(origin, method, uri, query_string, headers, body, *viewer):
        host = origin["domain_name"]
        api_id, is_api, _ = host.partition(".execute-api.")
        if not is_api or apigateway_v1.find_api_scope(api_id) is None:
            return await fetch(origin, method, uri, query_string, headers, body, *viewer)
        # API Gateway tells the function of TLS, which is all that it supports.
        headers = {**headers, "host": host, "x-forwarded-proto": "https"}
        query = parse_qs(query_string, keep_blank_values=True)
        stage = origin["origin_path"].strip("/")
        status, found, data = await execute(api_id, stage, method, uri, headers, body or b"", query)
        pairs = [(name, one) for name, value in found.items() for one in (value if isinstance(value, list) else [value])]
        return status, "", merge(pairs), data

    cloudfront._fetch_from_origin = fetch_from_api


def apply():
    """Closes all gaps."""
    import resources

    request_validators()
    conditional_changes()
    names_of_roles()
    tags_of_distributions()
    api_origins()
    one_time_schedules(lambda operation, members: resources.call("sagemaker", operation, members))
