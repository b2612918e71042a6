"""The registry of container images: MiniStack's, with tokens of this cloud.

Images are pushed over HTTP with basic authentication. The token of GetAuthorizationToken is the password; IAM is asked
for that call, not for each push. MiniStack's own token is the same everywhere, and it does not check it.
"""

import base64
import hmac
import json
import re
from urllib.parse import parse_qs

from ministack import app as ministack_app
from ministack.core.responses import get_region, set_request_region
from ministack.services import ecr

# The registry's addresses of blobs, uploads and manifests.
PATH = re.compile(r"/v2/.+/(blobs|manifests)/")
SCHEME = "Basic "


def token(credentials, region):
    """The token for the registry of a region."""
    return base64.b64encode(f"AWS:{region}.{credentials.derive(f'registry:{region}')}".encode()).decode()


def is_addressed(path, headers):
    """Whether a request is for the registry: signed requests are not."""
    return bool(PATH.match(path)) and headers.get("authorization", "").startswith(SCHEME)


def region_of_token(credentials, headers):
    """The region for whose registry the request's token is; None if it is not one of this cloud."""
    given = headers["authorization"].removeprefix(SCHEME)
    try:
        region = base64.b64decode(given).decode().removeprefix("AWS:").split(".")[0]
    except ValueError:
        return None
    is_ours = hmac.compare_digest(given.encode("utf-8", "replace"), token(credentials, region).encode())
    return region if is_ours else None


async def answer(region, scope, headers, body):
    """MiniStack's response; None if this is no address of its registry."""
    query = parse_qs(scope["query_string"].decode("utf-8", "replace"), keep_blank_values=True)
    set_request_region(region)
    return await ministack_app._handle_ecr_registry_request(scope["method"], scope["path"], headers, body, query)


def protect(credentials, expect):
    """GetAuthorizationToken returns the tokens of this cloud."""
    request = ["method", "path", "headers", "body", "query_params"]
    expect(ministack_app, "_handle_ecr_registry_request", request)
    get_authorization_token = expect(ecr, "_get_authorization_token", ["data"])

    def authorization_token(data):
        status, headers, body = get_authorization_token(data)
        found = json.loads(body)
        for entry in found["authorizationData"]:
            entry["authorizationToken"] = token(credentials, get_region())
        return status, headers, json.dumps(found).encode()

    ecr._get_authorization_token = authorization_token
