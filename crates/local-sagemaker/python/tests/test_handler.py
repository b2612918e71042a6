"""Code that uses boto3 and knows nothing of this package; skipped where boto3 is not installed."""

import json

import pytest

boto3 = pytest.importorskip("boto3")


def handler(event, context):
    """A Lambda function as it is deployed."""
    runtime = boto3.client("sagemaker-runtime")
    body = ",".join(str(feature) for feature in event["features"])
    answer = runtime.invoke_endpoint(EndpointName=event["endpoint"], ContentType="text/csv", Body=body)
    return {"label": json.load(answer["Body"])["predictions"][0]["predicted_label"]}


def test_handler_gets_the_prediction(sagemaker_endpoint, model):
    endpoint = sagemaker_endpoint(model)
    assert handler({"endpoint": endpoint.endpoint_name, "features": [2, 1]}, None) == {"label": 1.0}


def test_handler_meets_a_fault(sagemaker_endpoint, model):
    endpoint = sagemaker_endpoint(model, "broken", faults={"model_error": 1})
    with pytest.raises(boto3.client("sagemaker-runtime").exceptions.ModelError):
        handler({"endpoint": endpoint.endpoint_name, "features": [2, 1]}, None)


def test_client_of_the_server(sagemaker_endpoint, model):
    endpoint = sagemaker_endpoint({"a": model, "b": model})
    runtime = endpoint.client("sagemaker-runtime", region_name="eu-central-1")
    assert runtime.invoke_endpoint(EndpointName="b", ContentType="text/csv", Body="9,9")["Body"].read()
