"""A running ``local-sagemaker``."""

from __future__ import annotations

import atexit
import os
import subprocess
import tempfile
import threading
import urllib.request
from types import TracebackType
from typing import IO, Any, Dict, List, Mapping, Optional, Sequence, Type, TypeVar, Union

from ._program import find_program

StrPath = Union[str, "os.PathLike[str]"]
#: Faults as the option ``--fault`` has them, ``"latency=200,throttling=0.5"``, or by name. Latency is in milliseconds; the others,
#: ``model_error``, ``unavailable``, ``throttling``, ``not_ready``, are shares of the requests, 0 to 1.
Faults = Union[str, Mapping[str, float]]

_T = TypeVar("_T", bound="Server")

#: How much of the log an error repeats, in bytes.
_LOG_TAIL_BYTES = 4000
#: How long a server may take to finish its requests, in seconds; its own limit is 25.
_STOP_SECONDS = 30


class StartError(RuntimeError):
    """The program ended, or was not ready in time. The message has the end of its log."""


class Server:
    """A ``local-sagemaker`` process. Use :class:`LocalSageMaker` or :func:`serve`.

    It is a context manager: it runs from ``__enter__`` to ``__exit__``. Instead, call :meth:`start` and :meth:`stop`. A process
    that is still running at the end of the interpreter is stopped.
    """

    #: The variables that point AWS's clients at the server.
    _url_variables: Sequence[str] = ()

    def __init__(self, arguments: Sequence[str], *, region: str, start_timeout: float) -> None:
        self._arguments = list(arguments)
        self._start_timeout = start_timeout
        self._process: Optional["subprocess.Popen[str]"] = None
        self._log: Optional[IO[bytes]] = None
        self._url: Optional[str] = None
        #: The region that clients sign for.
        self.region = region

    def start(self: _T) -> _T:
        """Start the process, and return when it is ready.

        Raises:
            StartError: if it ends, or is not ready in time.
            FileNotFoundError: if the program is missing.
        """
        if self._process is not None:
            raise RuntimeError("the server is running already")
        self._log = tempfile.TemporaryFile(prefix="local-sagemaker-")
        self._process = process = subprocess.Popen(
            [find_program(), *self._arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            universal_newlines=True,
        )
        atexit.register(self.stop)
        timer = threading.Timer(self._start_timeout, process.kill)
        timer.daemon = True
        timer.start()
        try:
            self._url = self._read_url(process)
        except BaseException:
            self.stop()
            raise
        finally:
            timer.cancel()
        return self

    def stop(self) -> None:
        """Stop the process after its requests under way. Does nothing if it is not running."""
        process, self._process, self._url = self._process, None, None
        if process is None:
            return
        atexit.unregister(self.stop)
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._log is not None:
            self._log.close()

    def __enter__(self: _T) -> _T:
        return self.start()

    def __exit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address, ``http://127.0.0.1:PORT``.

        Raises:
            RuntimeError: if the server is not running.
        """
        if self._url is None:
            raise RuntimeError("the server is not running")
        return self._url

    @property
    def log(self) -> str:
        """What the running server has logged so far."""
        if self._process is None or self._log is None:
            raise RuntimeError("the server is not running")
        return self._read_log(0)

    @property
    def environment(self) -> Dict[str, str]:
        """Environment variables by which AWS's clients find the server: its address, a region, and test credentials.

        They are not set anywhere: put them into ``os.environ`` or the environment of a child process.
        """
        environment = {variable: self.url for variable in self._url_variables}
        environment.update(
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
            AWS_REGION=self.region,
            AWS_DEFAULT_REGION=self.region,
            AWS_EC2_METADATA_DISABLED="true",
        )
        # This machine is reached without a proxy.
        for variable in ("NO_PROXY", "no_proxy"):
            others = os.environ.get(variable)
            environment[variable] = ",".join(filter(None, [others, "127.0.0.1", "localhost"]))
        return environment

    def client(self, service: str, **options: Any) -> Any:
        """Return a boto3 client of a service, such as ``"sagemaker-runtime"``, that calls this server.

        Args:
            service: the service by boto3's name.
            options: further arguments of ``boto3.client``.

        Raises:
            ModuleNotFoundError: if boto3 is not installed; this package does not depend on it.
        """
        import boto3

        # boto3-stubs declares a function for each service by its literal name.
        create: Any = boto3.client
        settings: Dict[str, Any] = {
            "endpoint_url": self.url,
            "region_name": self.region,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
        }
        settings.update(options)
        return create(service, **settings)

    def _read_url(self, process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("ready "):
                # The pipe must not fill up if a model's own process writes to it.
                threading.Thread(target=_discard, args=(process.stdout,), daemon=True).start()
                return line[len("ready ") :].strip()
        status = process.wait()
        log = self._read_log(_LOG_TAIL_BYTES).strip()
        command = " ".join(["local-sagemaker", *self._arguments])
        raise StartError(f"{command} ended with status {status} before it was ready:\n{log}")

    def _read_log(self, tail_bytes: int) -> str:
        assert self._log is not None
        size = os.fstat(self._log.fileno()).st_size
        offset = max(0, size - tail_bytes) if tail_bytes else 0
        # Not by seek: the process writes at the same position.
        if hasattr(os, "pread"):
            return os.pread(self._log.fileno(), size - offset, offset).decode(errors="replace")
        return ""


class LocalSageMaker(Server):
    """SageMaker, S3, STS, IAM and CloudWatch Logs on one port: ``local-sagemaker start``.

    Args:
        port: the port; 0 means any free one.
        data: the folder that keeps buckets and records; by default they end with the process.
        endpoints: endpoints that exist from the start, by name. A value is a ``model.tar.gz``, a folder with its files, the address of
            a server with ``/ping`` and ``/invocations``, or ``exec:COMMAND``, which starts such a server.
        faults: faults to inject, by the endpoint's name.
        region: the region that clients sign for.
        start_timeout: seconds until the server must be ready.
    """

    _url_variables = ("AWS_ENDPOINT_URL",)

    def __init__(
        self,
        port: int = 0,
        data: Optional[StrPath] = None,
        endpoints: Optional[Mapping[str, StrPath]] = None,
        faults: Optional[Mapping[str, Faults]] = None,
        *,
        region: str = "us-east-1",
        start_timeout: float = 30.0,
    ) -> None:
        arguments = ["start", "--port", str(port), *_model_options(endpoints or {}, faults or {})]
        if data is not None:
            arguments += ["--data", os.fspath(data)]
        super().__init__(arguments, region=region, start_timeout=start_timeout)

    def reset(self) -> None:
        """Remove all buckets, records and logs."""
        request = urllib.request.Request(self.url + "/_local/reset", data=b"", method="POST")
        # Not through a proxy.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(request, timeout=30).close()


class ModelServer(Server):
    """Endpoints whose models are files: ``local-sagemaker serve``. See :func:`serve`."""

    _url_variables = ("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "AWS_ENDPOINT_URL_SAGEMAKER")

    def __init__(
        self,
        endpoints: Mapping[str, StrPath],
        faults: Optional[Mapping[str, Faults]] = None,
        *,
        port: int = 0,
        region: str = "us-east-1",
        start_timeout: float = 30.0,
    ) -> None:
        if not endpoints:
            raise ValueError("there is no endpoint")
        arguments = ["serve", "--port", str(port), *_model_options(endpoints, faults or {})]
        super().__init__(arguments, region=region, start_timeout=start_timeout)
        #: The names of the endpoints.
        self.endpoint_names: List[str] = list(endpoints)

    @property
    def endpoint_name(self) -> str:
        """The name of the first endpoint."""
        return self.endpoint_names[0]


def serve(
    model: StrPath,
    name: str = "knn-demo",
    *,
    faults: Optional[Faults] = None,
    port: int = 0,
    region: str = "us-east-1",
    start_timeout: float = 30.0,
) -> ModelServer:
    """Serve one model as an endpoint, as a context manager::

        with local_sagemaker.serve("model.tar.gz") as endpoint:
            runtime = endpoint.client("sagemaker-runtime")
            runtime.invoke_endpoint(EndpointName=endpoint.endpoint_name, ContentType="text/csv", Body="1,2,3")

    Args:
        model: a ``model.tar.gz`` of SageMaker's k-NN, or the folder with its files.
        name: the endpoint's name.
        faults: faults to inject.
        port: the port; 0 means any free one.
        region: the region that clients sign for.
        start_timeout: seconds until the server must be ready.
    """
    chosen = None if faults is None else {name: faults}
    return ModelServer({name: model}, chosen, port=port, region=region, start_timeout=start_timeout)


def _model_options(endpoints: Mapping[str, StrPath], faults: Mapping[str, Faults]) -> List[str]:
    options = []
    for name, model in endpoints.items():
        options += ["--endpoint", f"{name}={os.fspath(model)}"]
    for name, chosen in faults.items():
        if not isinstance(chosen, str):
            chosen = ",".join(f"{fault.replace('_', '-')}={value}" for fault, value in chosen.items())
        options += ["--fault", f"{name}={chosen}"]
    return options


def _discard(stream: IO[str]) -> None:
    with stream:
        for _ in stream:
            pass
