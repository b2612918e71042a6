"""The program's processes, from the start to the end."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

import local_sagemaker
from local_sagemaker import ModelServer, StartError, find_program, serve


def post(url, body, content_type="text/csv"):
    request = urllib.request.Request(url, body.encode(), {"Content-Type": content_type})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as response:
        return json.load(response)


def test_serves_a_model(model):
    with serve(model, name="two") as endpoint:
        answer = post(f"{endpoint.url}/endpoints/two/invocations", "8,8")
        assert answer == {"predictions": [{"predicted_label": 9.0}]}
        assert endpoint.environment["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"] == endpoint.url
        assert "127.0.0.1" in endpoint.environment["NO_PROXY"]


def test_ends_with_the_block(model):
    with serve(model) as endpoint:
        process = endpoint._process
        assert process.poll() is None
    assert process.poll() == 0
    endpoint.stop()
    with pytest.raises(RuntimeError, match="not running"):
        endpoint.url


def test_starts_again_after_its_end(model):
    server = serve(model)
    for _ in range(2):
        with server:
            with pytest.raises(RuntimeError, match="running already"):
                server.start()
            assert post(f"{server.url}/endpoints/knn-demo/invocations", "1,1")["predictions"]


def test_several_endpoints_with_faults(model):
    faults = {"b": {"model_error": 1, "latency": 1}}
    with ModelServer({"a": model, "b": model}, faults) as server:
        assert server.endpoint_names == ["a", "b"]
        assert post(f"{server.url}/endpoints/a/invocations", "1,1")["predictions"]
        with pytest.raises(urllib.error.HTTPError, match="424"):
            post(f"{server.url}/endpoints/b/invocations", "1,1")
        assert "fault injection is enabled" in server.log


def test_says_why_it_did_not_start(tmp_path):
    with pytest.raises(StartError, match="no such file or folder"):
        serve(tmp_path / "missing.tar.gz").start()
    with pytest.raises(ValueError):
        ModelServer({})


def test_process_ends_with_the_interpreter(model):
    script = "import sys, local_sagemaker as ls; s = ls.serve(sys.argv[1]).start(); print(s._process.pid)"
    printed = subprocess.run([sys.executable, "-c", script, str(model)], check=True, stdout=subprocess.PIPE)
    with pytest.raises(ProcessLookupError):
        os.kill(int(printed.stdout), 0)


def test_module_is_the_program():
    versions = [[find_program(), "--version"], [sys.executable, "-m", "local_sagemaker", "--version"]]
    outputs = [subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout for command in versions]
    assert outputs[0] == outputs[1] and outputs[0].startswith(b"local-sagemaker ")


def test_every_public_item_is_documented():
    for name in local_sagemaker.__all__:
        assert getattr(local_sagemaker, name).__doc__, name
