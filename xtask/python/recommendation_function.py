"""The function of the workshop's module 7 as a Python programmer would write it today: what ours is measured against.

Run by Lambda's own runtime client: python -m awslambdaric recommendation_function.handler
"""

import json
import os

import boto3

ENDPOINT_NAME = os.environ["ENDPOINT_NAME"]
HEADERS = {
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": "*",
    "Access-Control-Allow-Origin": "*",
}
# The ids of the mysfits by label, handed in so that they stand in one place only.
MYSFITS = json.loads(os.environ["MYSFITS"])

runtime = boto3.client("sagemaker-runtime")


def handler(event, context):
    entry = json.loads(event["body"])["entry"]
    answer = runtime.invoke_endpoint(
        EndpointName=ENDPOINT_NAME,
        ContentType="application/jsonlines",
        Accept="application/json",
        Body=json.dumps({"features": entry}),
    )
    label = int(json.loads(answer["Body"].read())["predictions"][0]["predicted_label"])
    return {
        "statusCode": 200,
        "headers": HEADERS,
        "body": json.dumps({"recommendedMysfit": MYSFITS[label]}),
    }
