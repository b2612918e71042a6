"""Fixtures for pytest, which loads this module by itself where the package is installed."""

from __future__ import annotations

import os
from typing import Iterator, Mapping, Optional, Union

import pytest

from ._server import Faults, LocalSageMaker, ModelServer, StrPath


@pytest.fixture(scope="session")
def local_sagemaker() -> Iterator[LocalSageMaker]:
    """SageMaker, S3, STS, IAM and CloudWatch Logs on this machine, for the whole session.

    Clients that are created while the fixture is in use call it: its :attr:`~local_sagemaker.Server.environment` is in
    ``os.environ`` until the session ends. Buckets and records are shared by the tests; call ``local_sagemaker.reset()`` for a
    clean state.
    """
    with LocalSageMaker() as server, pytest.MonkeyPatch.context() as patch:
        _point_clients_at(server.environment, patch)
        yield server


class EndpointFactory:
    """Starts endpoints for one test; see :func:`sagemaker_endpoint`."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._server: Optional[ModelServer] = None

    def __call__(
        self,
        model: Union[StrPath, Mapping[str, StrPath]],
        name: str = "knn-demo",
        faults: Optional[Faults] = None,
    ) -> ModelServer:
        """Start an endpoint, and point clients at it.

        Args:
            model: a ``model.tar.gz`` of SageMaker's k-NN or the folder with its files; or several by the name of the endpoint.
            name: the endpoint's name, for one model.
            faults: faults to inject into each endpoint.

        Raises:
            RuntimeError: at the second call in a test; give it all models at once.
        """
        if self._server is not None:
            raise RuntimeError("sagemaker_endpoint was called before in this test: pass all models at once, {name: model}")
        models = {name: model} if isinstance(model, (str, os.PathLike)) else model
        chosen = {} if faults is None else {name: faults for name in models}
        self._server = ModelServer(models, chosen).start()
        _point_clients_at(self._server.environment, self._patch)
        return self._server

    def stop(self) -> None:
        """Stop the endpoints."""
        if self._server is not None:
            self._server.stop()


@pytest.fixture
def sagemaker_endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[EndpointFactory]:
    """A function that serves a model as an endpoint until the test ends.

    ``sagemaker_endpoint("model.tar.gz")`` returns the running :class:`~local_sagemaker.ModelServer`. Clients of
    ``sagemaker-runtime`` that the test or the code under test creates afterwards call it.
    """
    factory = EndpointFactory(monkeypatch)
    yield factory
    factory.stop()


def _point_clients_at(environment: Mapping[str, str], patch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        patch.setenv(name, value)
    # They would take precedence over the credentials above, or make them invalid.
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"):
        patch.delenv(name, raising=False)
