"""Some of the cases by the AWS CLI: `aws sagemaker-runtime invoke-endpoint`, a process each.

    cli_runner.py PLAN

The CLI prints only an error's class and message, so nothing else is checked.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from suite import Answer, Plan, Refusal, attributes_of, body_of, check_answer, check_refusal

# The program that was installed beside this Python.
AWS = Path(sys.executable).parent / "aws"


def aws(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([AWS, *arguments], capture_output=True, text=True, check=False)


def invoke(plan: Plan, request: dict) -> Answer:
    with tempfile.TemporaryDirectory() as folder:
        body, out = Path(folder, "body"), Path(folder, "out")
        body.write_bytes(body_of(request))
        options = {
            "--endpoint-url": plan.url,
            "--region": plan.region,
            "--endpoint-name": request.get("endpoint", plan.endpoint),
            "--body": f"fileb://{body}",
            "--content-type": request.get("content_type"),
            "--accept": request.get("accept"),
            "--target-variant": request.get("target_variant"),
            "--inference-id": request.get("inference_id"),
            "--custom-attributes": attributes_of(request),
        }
        given = [word for option, value in options.items() if value is not None for word in (option, value)]
        done = aws("sagemaker-runtime", "invoke-endpoint", *given, str(out))
        if done.returncode != 0:
            error = re.search(r"An error occurred \((\w+)\) when calling the InvokeEndpoint operation: (.*)", done.stderr)
            assert error, done.stderr.strip()
            raise Refusal(error[1], message=error[2], request_id="not printed")
        answer = json.loads(done.stdout)
        return Answer(
            out.read_bytes(),
            answer.get("ContentType"),
            answer.get("InvokedProductionVariant"),
            answer.get("CustomAttributes"),
            "not printed",
        )


def single(plan: Plan, case: dict) -> None:
    try:
        answer = invoke(plan, case["request"])
    except Refusal as refusal:
        printed = {name: case["expect"][name] for name in ("error", "message") if name in case["expect"]}
        check_refusal(case | {"expect": printed}, refusal)
    else:
        check_answer(case, answer)


def main(plan: Plan) -> None:
    plan.version(aws("--version").stdout.split()[0].replace("/", " "))
    for case in plan.cases:
        if case.get("cli"):
            plan.case(case["group"], case["name"], lambda case=case: single(plan, case))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Plan("AWS CLI", Path(sys.argv[1])))
