"""All services on one port."""

import json
import os
import subprocess
import urllib.error
import urllib.request

import pytest

from local_sagemaker import LocalSageMaker, StartError, find_program

pytestmark = pytest.mark.skipif(
    subprocess.run([find_program(), "start", "--help"], capture_output=True).returncode != 0,
    reason="the program has no command start",
)


def test_fixture_points_clients_at_the_server(local_sagemaker):
    assert os.environ["AWS_ENDPOINT_URL"] == local_sagemaker.url
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(local_sagemaker.url + "/_local/health", timeout=10) as response:
        assert json.load(response)["status"] == "ok"


def test_buckets_survive_with_a_folder_until_reset(tmp_path):
    pytest.importorskip("boto3")
    for run in range(2):
        with LocalSageMaker(data=tmp_path / "data") as server:
            s3 = server.client("s3")
            if run == 0:
                s3.create_bucket(Bucket="models")
                s3.put_object(Bucket="models", Key="a", Body=b"1")
            assert s3.get_object(Bucket="models", Key="a")["Body"].read() == b"1"
            if run == 1:
                server.reset()
                assert s3.list_buckets()["Buckets"] == []


def post(url, body):
    request = urllib.request.Request(url, body.encode(), {"Content-Type": "text/csv"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as response:
        return json.load(response)


def test_endpoints_from_the_start_with_faults(model):
    with LocalSageMaker(endpoints={"a": model, "b": model}, faults={"b": {"model_error": 1}}) as server:
        answer = post(f"{server.url}/endpoints/a/invocations", "8,8")
        assert answer == {"predictions": [{"predicted_label": 9.0}]}
        with pytest.raises(urllib.error.HTTPError, match="424"):
            post(f"{server.url}/endpoints/b/invocations", "8,8")


def test_says_why_an_endpoint_cannot_be_created(tmp_path):
    broken = tmp_path / "model.tar.gz"
    broken.write_bytes(b"no archive")
    with pytest.raises(StartError, match="gzip"):
        LocalSageMaker(endpoints={"a": broken}).start()


def test_control_plane(local_sagemaker):
    pytest.importorskip("boto3")
    assert local_sagemaker.client("sagemaker").list_endpoints()["Endpoints"] == []
