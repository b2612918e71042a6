"""moto as a service: an endpoint made in it as a user makes one, so that the cases can be asked there.

    moto_service.py ENDPOINT REGION

Prints `name` and moto's version, `ready` and its address, and goes on until it is told to end.
"""

import logging
import os
import signal
import sys
import threading
from importlib.metadata import version

os.environ |= {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_EC2_METADATA_DISABLED": "true"}

import boto3
from moto.server import ThreadedMotoServer


def create(url: str, endpoint: str, region: str) -> None:
    """The control plane's part: moto keeps the names and starts nothing."""
    calls = boto3.client("sagemaker", endpoint_url=url, region_name=region)
    calls.create_model(
        ModelName=endpoint,
        ExecutionRoleArn="arn:aws:iam::123456789012:role/sagemaker",
        PrimaryContainer={
            "Image": "174872318107.dkr.ecr.us-west-2.amazonaws.com/knn:1",
            "ModelDataUrl": "s3://models/model.tar.gz",
        },
    )
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": endpoint,
        "InstanceType": "ml.m4.xlarge",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1,
    }
    calls.create_endpoint_config(EndpointConfigName=endpoint, ProductionVariants=[variant])
    calls.create_endpoint(EndpointName=endpoint, EndpointConfigName=endpoint)
    status = calls.describe_endpoint(EndpointName=endpoint)["EndpointStatus"]
    assert status == "InService", status


def main(endpoint: str, region: str) -> None:
    told_to_end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told_to_end.set())
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    create(url, endpoint, region)
    # Its log has a line for each request, and a traceback where it cannot read a body; the cases say what came of it.
    logging.disable()
    print(f"name moto {version('moto')}", flush=True)
    print(f"ready {url}", flush=True)
    told_to_end.wait()
    server.stop()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
