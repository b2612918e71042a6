"""Amazon SageMaker on this machine, for tests and development.

The package brings the program ``local-sagemaker`` and starts it::

    from local_sagemaker import LocalSageMaker

    with LocalSageMaker() as sagemaker:
        print(sagemaker.client("sagemaker").list_endpoints())

:class:`LocalSageMaker` runs ``local-sagemaker start``: SageMaker's control plane and runtime, S3, STS, IAM and CloudWatch Logs on
one port. :func:`serve` runs ``local-sagemaker serve``: only the runtime, with models that are files. Both set nothing outside of
their process: point clients at :attr:`~Server.url`, use :meth:`~Server.client`, or put :attr:`~Server.environment` into
``os.environ``. The pytest plugin of this package does the latter.
"""

from ._program import find_program
from ._server import LocalSageMaker, ModelServer, Server, StartError, serve

__all__ = ["LocalSageMaker", "ModelServer", "Server", "StartError", "find_program", "serve"]
