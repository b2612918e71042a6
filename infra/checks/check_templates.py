"""Holds the generated templates against what others know of CloudFormation.

usage: PYTHON check_templates.py FOLDER

PYTHON has what `xtask/python/requirements-templates.txt` names: cfn-lint, checkov, PyYAML. Prints a line for each
check and exits with 1 if there is any finding. Before that, every check must report a template with a known fault:
a check that misses it would miss real faults too. No network, no AWS account.
"""

import base64
import collections
import copy
import json
import logging
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import yaml
from findings import argument, as_list, report

PROJECT_TAG = {"Key": "project", "Value": "mythical-mysfits"}
# The types of the templates that a region lacks: a line for each region. The deployer refuses such a region.
MISSING_TYPES = pathlib.Path(__file__).parent.parent / "src/missing_types.txt"
# Limits of CloudFormation, and of the services for texts inside templates.
MAX_INLINE_BYTES = 51_200
MAX_RESOURCES = 500
MAX_NAMES = 200
MAX_LIFECYCLE_SCRIPT = 16_384
# Actions that a policy may allow on every resource, for IAM knows no narrower one.
WITHOUT_RESOURCES = {
    "cloudwatch:PutMetricData",
    "ecr:GetAuthorizationToken",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
# The region whose schemas are complete.
HOME = "us-east-1"
# The statement of a key's own policy in which the asterisk means the key.
KEY_STATEMENT = ("AWS::KMS::Key", "kms:*")


def leaves(value, at=""):
    """Every scalar of a document with its place, keys included."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{at}.{key} (its name)", key
            yield from leaves(item, f"{at}.{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from leaves(item, f"{at}[{i}]")
    else:
        yield at, value


def strings_survive(template):
    """A reader of YAML 1.1 sees no dates, nulls and base-60 numbers, and booleans and numbers only where they belong."""
    try:
        document = yaml.safe_load(template)
    except yaml.YAMLError as error:
        yield f"cannot be read: {error}"
        return
    try:
        # The reader that makes texts of everything says how each scalar is written.
        as_text = yaml.load(template, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        yield f"cannot be read as texts: {error}"
        return
    for (at, value), (_, text) in zip(leaves(document), leaves(as_text), strict=True):
        if isinstance(value, str):
            same = value == text
        elif isinstance(value, bool):
            same = text == ("true" if value else "false") and "(its name)" not in at
        elif isinstance(value, int | float):
            same = text == str(value) and "(its name)" not in at
        else:
            same = False
        if not same:
            yield f"{at or 'the document'}: {text!r} is read as {value!r}; quote it"


def statements(value, at=""):
    """Every statement of every policy below a value."""
    if isinstance(value, dict):
        if "Effect" in value and ("Action" in value or "NotAction" in value):
            yield at, value
        for key, item in value.items():
            yield from statements(item, f"{at}.{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from statements(item, f"{at}[{i}]")


def wildcards_have_reasons(template):
    """No statement allows something on everything, save where IAM knows nothing narrower, and then with a reason."""
    for name, resource in yaml.safe_load(template)["Resources"].items():
        reasons = resource.get("Metadata", {}).get("wildcards", {})
        used = set()
        for at, statement in statements(resource["Properties"], name):
            if statement["Effect"] != "Allow":
                continue
            if "NotAction" in statement or "NotResource" in statement:
                yield f"{at} allows all but something"
                continue
            actions = as_list(statement["Action"])
            key_statement = (resource["Type"], "".join(actions)) == KEY_STATEMENT
            if not key_statement:
                yield from (f"{at} allows {action}" for action in actions if "*" in action)
            if "*" not in as_list(statement.get("Resource", [])):
                continue
            used.add(statement.get("Sid"))
            if not reasons.get(statement.get("Sid")):
                yield f"{at} has Resource * without a reason in Metadata.wildcards.{statement.get('Sid')}"
            if not key_statement:
                narrower = [action for action in actions if action not in WITHOUT_RESOURCES]
                yield from (f"{at} has Resource * for {action}, which knows resources" for action in narrower)
            if "cloudwatch:PutMetricData" in actions and "cloudwatch:namespace" not in json.dumps(statement):
                yield f"{at} allows metrics in every namespace"
        yield from (f"{name} has a reason for {sid}, which needs none" for sid in reasons.keys() - used)


def everything_is_tagged(template):
    """Each resource of a type that takes tags carries the project's."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    for name, resource in yaml.safe_load(template)["Resources"].items():
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource["Type"]).schema
        if "Tags" in schema["properties"] and PROJECT_TAG not in resource["Properties"].get("Tags", []):
            yield f"{name} ({resource['Type']}) lacks the tag {PROJECT_TAG['Key']}={PROJECT_TAG['Value']}"


def no_fixed_places(template):
    """Finds literal regions, partitions and account ids, except where AWS fixes them."""
    document = copy.deepcopy(yaml.safe_load(template))
    # CloudFront's certificates and web ACLs live in us-east-1 whatever the stack's region is.
    for parameter in document.get("Parameters", {}).values():
        parameter.pop("AllowedPattern", None)
        parameter.pop("ConstraintDescription", None)
        parameter.pop("Description", None)
    region = re.compile(r"\b(af|ap|ca|cn|eu|il|me|mx|sa|us)-[a-z]+-\d\b")
    for at, value in leaves(document):
        text = str(value)
        if found := region.search(text):
            yield f"{at} names the region {found.group()}"
        if found := re.search(r"\b\d{12}\b", text):
            yield f"{at} names the account {found.group()}"
        if "arn:aws:" in text:
            yield f"{at} fixes the partition"
        if "amazonaws.com" in text and "dkr" in text or "execute-api" in text and "amazonaws" in text:
            yield f"{at} fixes the URL suffix"


def within_limits(template):
    """Sizes that CloudFormation and the services accept."""
    size = len(template.encode())
    if size > MAX_INLINE_BYTES:
        yield f"{size} bytes; {MAX_INLINE_BYTES} can be sent with a request"
    document = yaml.safe_load(template)
    for section, limit in [("Resources", MAX_RESOURCES), ("Parameters", MAX_NAMES), ("Outputs", MAX_NAMES)]:
        if len(document.get(section, {})) > limit:
            yield f"{len(document[section])} {section}; {limit} are allowed"
    for name, resource in document["Resources"].items():
        for script in resource["Properties"].get("OnStart", []):
            text = script["Content"]["Fn::Base64"]["Fn::Sub"]
            encoded = len(base64.b64encode(text.encode()))
            if encoded > MAX_LIFECYCLE_SCRIPT:
                yield f"{name}: {encoded} characters of script; {MAX_LIFECYCLE_SCRIPT} are allowed"


def regions_are_current():
    """The regions for which the lengths of names are tested are those that cfn-lint knows."""
    from cfnlint.helpers import REGIONS as known

    tested = pathlib.Path(__file__).parent.parent.joinpath("tests/infra/regions.txt").read_text().split()
    yield from (f"tests/infra/regions.txt lacks {region}" for region in sorted(set(known) - set(tested)))
    yield from (f"tests/infra/regions.txt has {region}" for region in sorted(set(tested) - set(known)))


def removal_is_said_twice(template):
    """DeletionPolicy and UpdateReplacePolicy come together and say the same."""
    for name, resource in yaml.safe_load(template)["Resources"].items():
        if resource.get("DeletionPolicy") != resource.get("UpdateReplacePolicy"):
            yield f"{name} is not treated alike when it is deleted and when it is replaced"


def types(template):
    return {resource["Type"] for resource in yaml.safe_load(template)["Resources"].values()}


def schemas_by_region(kind):
    """For each region with a type, which of its schemas it has."""
    from cfnlint.helpers import REGIONS
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    found = PROVIDER_SCHEMA_MANAGER.get_resource_schemas_by_regions(kind, REGIONS)
    return {region: number for number, (regions, _) in enumerate(found) for region in regions}


def listed_as_missing(kind):
    """The regions that lack a type, as the deployer's list has it."""
    lines = [line.split() for line in MISSING_TYPES.read_text().splitlines()]
    return {region for region, *missing in lines if kind in missing}


def has_own_types(region):
    """Whether cfn-lint knows the types of a region; for regions of closed partitions it has those of the first region."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER as manager

    return region == HOME or manager._load_provider_module(region) != manager._load_provider_module(HOME)


def types_are_missing_where_known(template):
    """Each type exists in every region that cfn-lint knows, save those that are listed."""
    from cfnlint.helpers import REGIONS

    for kind in sorted(types(template)):
        missing, listed = set(REGIONS) - schemas_by_region(kind).keys(), listed_as_missing(kind)
        yield from (f"{kind} does not exist in {region}" for region in sorted(missing - listed))
        wrong = [region for region in sorted(listed - missing) if region not in REGIONS or has_own_types(region)]
        yield from (f"{kind} is listed as missing in {region}, and exists" for region in wrong)


def unlike_regions(template):
    """One region for each set of schemas that the template's types have in the regions where all of them exist."""
    kinds = sorted(types(template))
    schemas = [schemas_by_region(kind) for kind in kinds]
    everywhere = set.intersection(*(set(found) for found in schemas)).difference(*map(listed_as_missing, kinds))
    everywhere = sorted(everywhere, key=lambda region: (region != HOME, region))
    unlike = {}
    for region in everywhere:
        unlike.setdefault(tuple(found[region] for found in schemas), region)
    return tuple(unlike.values()), len(everywhere)


def lint_everywhere(paths):
    """What cfn-lint says of templates in every region that has their types; and the number of these regions by name.

    Regions with the same schemas of all types count as one. cfn-lint's other rules for regions concern instance types,
    layers and SnapStart, which the templates leave to parameters or do not have."""
    by_regions, counts = collections.defaultdict(list), {}
    for path in paths:
        regions, counts[path.name] = unlike_regions(path.read_text())
        by_regions[regions].append(str(path))
    return [line for regions, files in by_regions.items() for line in lint(files, regions)], counts


def lint(paths, regions):
    """What cfn-lint says, of any level."""
    command = [sys.executable, "-c", "from cfnlint.runner import main; main()"]
    command += ["--format", "parseable", "--include-checks", "I"]
    command += ["--configure-rule", "E3012:strict=true", "--regions", *regions, "--template", *paths]
    # In a folder without a configuration file: only what is said here counts.
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(command, cwd=empty, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    if done.returncode != 0 and not lines:
        lines = [f"cfn-lint ended with {done.returncode}: {done.stderr.strip()[-500:]}"]
    return lines


def scan(templates):
    """What checkov says of texts by file name: for each file what failed and what is skipped without a reason; and how
    many checks passed and were skipped in each. One run for all of them: it takes much longer to start than to look."""
    command = [sys.executable, "-m", "checkov.main", "--framework", "cloudformation", "--skip-download"]
    with tempfile.TemporaryDirectory() as folder:
        write(folder, templates)
        command += ["--compact", "--output", "json", "--directory", folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    try:
        results = json.loads(done.stdout)["results"]
    except (ValueError, KeyError, TypeError):
        sys.exit(f"checkov ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-500:]}")
    findings = {name: [] for name in templates}
    passed, skipped = (collections.Counter() for _ in range(2))
    for file in results["parsing_errors"]:
        findings[pathlib.Path(file).name].append("cannot be parsed")
    for check in results["passed_checks"]:
        passed[pathlib.Path(check["file_path"]).name] += 1
    for check in results["failed_checks"]:
        file = pathlib.Path(check["file_path"]).name
        findings[file].append(f"{check['resource']}: {check['check_id']} {check['check_name']}")
    for check in results["skipped_checks"]:
        file, reason = pathlib.Path(check["file_path"]).name, check["check_result"].get("suppress_comment", "")
        skipped[file] += 1
        if len(reason.split()) < 4:
            findings[file].append(f"{check['resource']}: {check['check_id']} is skipped without a reason")
    return findings, passed, skipped


# Checks of one template's text.
OWN_CHECKS = [
    strings_survive,
    wildcards_have_reasons,
    everything_is_tagged,
    no_fixed_places,
    within_limits,
    removal_is_said_twice,
    types_are_missing_where_known,
]

GOOD = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      KmsMasterKeyId: alias/of-ours
      Tags:
      - {Key: project, Value: mythical-mysfits}
"""
POLICY = """\
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: broken
      Users: [user]
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
        - %s
"""


def with_statement(statement):
    return GOOD + POLICY % statement


def with_resource(text):
    return GOOD + "  Broken:\n" + "\n".join(f"    {line}" for line in text.splitlines()) + "\n"


BUCKET = "Type: AWS::S3::Bucket\nProperties:\n  Tags:\n  - {Key: project, Value: mythical-mysfits}\n"
# For each check, templates that it must find fault with.
BROKEN = [
    (strings_survive, GOOD + "Outputs: {A: {Value: off}}\n"),
    (strings_survive, GOOD + "Outputs: {A: {Value: 12:30:45}}\n"),
    (strings_survive, GOOD + "Outputs: {A: {Value: 2012-10-17}}\n"),
    (strings_survive, GOOD + "Outputs: {A: {Value: 1_000}}\n"),
    (strings_survive, GOOD + "Outputs: {A: {Value: 0123}}\n"),
    (strings_survive, GOOD + "Outputs: {A: {Value: ~}}\n"),
    (strings_survive, GOOD + "Outputs: {on: {Value: text}}\n"),
    (strings_survive, GOOD + "Outputs: {A: {Value: =}}\n"),
    (strings_survive, GOOD + "Outputs: {A: {Value: !Service lambda.amazonaws.com}}\n"),
    (wildcards_have_reasons, with_statement("{Effect: Allow, Action: 's3:GetObject', Resource: '*'}")),
    (wildcards_have_reasons, with_statement("{Effect: Allow, Action: 's3:*', Resource: 'arn:x:s3:::b'}")),
    (wildcards_have_reasons, with_statement("{Effect: Allow, NotAction: 's3:Get', Resource: 'arn:x:s3:::b'}")),
    (wildcards_have_reasons, with_statement("{Effect: Allow, Action: ['xray:PutTraceSegments'], Resource: ['*']}")),
    (everything_is_tagged, with_resource("Type: AWS::S3::Bucket\nProperties: {}")),
    (no_fixed_places, GOOD + "Outputs: {A: {Value: eu-west-1}}\n"),
    (no_fixed_places, GOOD + "Outputs: {A: {Value: '123456789012'}}\n"),
    (no_fixed_places, GOOD + "Outputs: {A: {Value: 'arn:aws:s3:::bucket'}}\n"),
    (within_limits, GOOD + "# " + "x" * MAX_INLINE_BYTES + "\n"),
    (types_are_missing_where_known, with_resource("Type: AWS::RoboMaker::Fleet\nProperties: {}")),
    (removal_is_said_twice, with_resource("DeletionPolicy: Retain\n" + BUCKET)),
]
# What cfn-lint must notice.
BROKEN_LINT = {
    "unknown-type.yaml": with_resource("Type: AWS::S3::Bukket\nProperties: {}"),
    "unknown-property.yaml": with_resource("Type: AWS::S3::Bucket\nProperties: {Shiny: true}"),
    "unknown-reference.yaml": GOOD + "Outputs: {A: {Value: !Ref Nothing}}\n",
    # The reference needs the same condition.
    "conditional-reference.yaml": "Parameters: {Speed: {Type: String, AllowedValues: [fast, slow]}}\n"
    "Conditions: {Fast: !Equals [!Ref Speed, fast]}\n"
    + with_resource("Type: AWS::SNS::Topic\nCondition: Fast\nProperties: {KmsMasterKeyId: alias/of-ours}")
    + "Outputs: {A: {Value: !Ref Broken}}\n",
    "number-as-text.yaml": with_resource("Type: AWS::Logs::LogGroup\nProperties: {RetentionInDays: 15}"),
}
# What checkov must notice: a bucket with nothing said about it, and a skip for no reason.
SKIPPED = "Metadata: {checkov: {skip: [{id: CKV_AWS_18, comment: later}]}}\n"
BROKEN_SCAN = {"broken-open.yaml": with_resource(BUCKET), "broken-skip.yaml": with_resource(SKIPPED + BUCKET)}


def prove_own_checks():
    for check in OWN_CHECKS:
        if found := list(check(GOOD)):
            yield f"{check.__name__} finds fault with a good template: {found[0]}"
    for check, template in BROKEN:
        if not list(check(template)):
            yield f"{check.__name__} does not notice: {template.splitlines()[-1][:100]}"


def write(folder, templates):
    for name, text in templates.items():
        pathlib.Path(folder, name).write_text(text)
    return sorted(str(pathlib.Path(folder, name)) for name in templates)


def prove_lint():
    with tempfile.TemporaryDirectory() as folder:
        found = lint(write(folder, BROKEN_LINT), [HOME])
    for name in BROKEN_LINT:
        if not any(name in line for line in found):
            yield f"cfn-lint does not notice {name}"


def prove_scan(findings):
    if not any("CKV_AWS_53" in line for line in findings["broken-open.yaml"]):
        yield "checkov does not notice a bucket that may be made public"
    if not any("without a reason" in line for line in findings["broken-skip.yaml"]):
        yield "a skip without a reason is not noticed"


def main():
    folder = argument(__doc__)
    logging.disable(logging.CRITICAL)
    # checkov must not contact any service.
    os.environ["CHECKOV_RUN_SCA_PACKAGE_SCAN_V2"] = "false"
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        sys.exit(f"{folder} holds no templates; `cargo xtask synth` writes them")
    texts = {path.name: path.read_text() for path in paths}

    begun = time.monotonic()
    n_broken = len(BROKEN) + len(BROKEN_LINT)
    good = report(f"{n_broken} broken templates are noticed", begun, [*prove_own_checks(), *prove_lint()])
    for check in OWN_CHECKS:
        begun = time.monotonic()
        findings = [f"{name}: {finding}" for name, text in texts.items() for finding in check(text)]
        good &= report(check.__name__.replace("_", " "), begun, findings)
    begun = time.monotonic()
    good &= report("regions are current", begun, regions_are_current())
    begun = time.monotonic()
    findings, counts = lint_everywhere(paths)
    detail = "".join(f", {name} in {count} regions" for name, count in counts.items())
    good &= report("cfn-lint", begun, findings, detail)
    begun = time.monotonic()
    by_file, passed, skipped = scan(texts | BROKEN_SCAN)
    findings = [f"{name}: {finding}" for name in texts for finding in by_file[name]]
    n_passed, n_skipped = (sum(counts[name] for name in texts) for counts in (passed, skipped))
    detail = f", {n_passed} passed, {n_skipped} skipped with reasons"
    good &= report("checkov", begun, [*prove_scan(by_file), *findings], detail)
    if n_passed == 0:
        sys.exit("checkov checked nothing")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
