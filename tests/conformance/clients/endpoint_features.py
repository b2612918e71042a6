"""What an endpoint can be configured to do: variants, data capture, asynchronous invocations, streams."""

import json

from local_service import BUCKET, LocalService
from operations import GROUP, get, list_keys, wait_for
from suite import Report


def run(report: Report, service: LocalService) -> None:
    for name, feature in {
        "variants, weights, capacities": variants,
        "data capture": data_capture,
        "asynchronous invocations": asynchronous,
        "response streams": streams,
    }.items():

        def check(feature=feature) -> None:
            feature(service)
            service.model_of.check()

        report.case(GROUP, name, check, seconds=30)


def variants(service: LocalService) -> None:
    sm, name = service.sm, {"EndpointName": "two"}
    service.create_endpoint("two", service.variant("A", "birds", 3), service.variant("B", "birds"))
    for variant in ("A", "B"):
        answer = service.predict("two", TargetVariant=variant)
        assert answer["InvokedProductionVariant"] == variant
    met = [service.predict("two")["InvokedProductionVariant"] for _ in range(40)]
    assert 20 < met.count("A") < 40, f"A with three quarters of the weight was invoked {met.count('A')} of 40 times"
    weights = [{"VariantName": "A", "DesiredWeight": 0}, {"VariantName": "B", "DesiredInstanceCount": 2}]
    sm.update_endpoint_weights_and_capacities(**name, DesiredWeightsAndCapacities=weights)
    service.in_service("two")
    described = {v["VariantName"]: v for v in sm.describe_endpoint(**name)["ProductionVariants"]}
    assert described["A"]["CurrentWeight"] == 0 and described["B"]["CurrentInstanceCount"] == 2, described
    assert {service.predict("two")["InvokedProductionVariant"] for _ in range(10)} == {"B"}
    sm.delete_endpoint(**name)


def data_capture(service: LocalService) -> None:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{BUCKET}/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        # Otherwise bodies are captured in Base64.
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
    }
    service.create_endpoint("captured", service.variant("only", "birds"), DataCaptureConfig=capture)
    service.predict("captured", InferenceId="first")
    keys = wait_for(lambda: list_keys(service, "captured/captured/only/"))
    event = json.loads(service.get(f"s3://{BUCKET}/{keys[0]}").splitlines()[0])
    assert event["captureData"]["endpointInput"]["data"] == "9,9", event
    assert "predictions" in event["captureData"]["endpointOutput"]["data"], event
    assert event["eventMetadata"]["inferenceId"] == "first", event
    service.sm.delete_endpoint(EndpointName="captured")


def asynchronous(service: LocalService) -> None:
    output = {"OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/async"}}
    service.create_endpoint("later", service.variant("AllTraffic", "birds"), AsyncInferenceConfig=output)
    answer = service.runtime.invoke_endpoint_async(
        EndpointName="later", ContentType="text/csv", InputLocation=service.rows_uri
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202 and answer["InferenceId"]
    body = wait_for(lambda: get(service, answer["OutputLocation"]))
    assert len(json.loads(body)["predictions"]) == 60, body[:80]
    service.sm.delete_endpoint(EndpointName="later")


def streams(service: LocalService) -> None:
    service.create_endpoint("streamed", service.variant("AllTraffic", "birds"))
    stream = service.runtime.invoke_endpoint_with_response_stream(
        EndpointName="streamed", ContentType="text/csv", Body="9,9"
    )
    parts = b"".join(event["PayloadPart"]["Bytes"] for event in stream["Body"])
    assert json.loads(parts) == {"predictions": [{"predicted_label": 1.0}]}, parts
    service.sm.delete_endpoint(EndpointName="streamed")
