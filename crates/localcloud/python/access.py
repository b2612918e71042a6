"""Access control in front of MiniStack: which hosts, web pages and access keys may call it.

MiniStack's own checks (AUTH=true) do not suffice: its administrator's keys include "test" and every account id, their
signatures are not verified, its /_ministack routes are open, and it answers every host and every origin. Here every
request needs a valid signature (AWS Signature Version 4, header or presigned URL), except what is public on AWS:
deployed APIs, and the distributions behind the local cloud's edge. Those get no further than to API and distribution.
Container images are pushed with a token of GetAuthorizationToken; IAM is asked for that call, not for each push.
Signed requests go to MiniStack, which evaluates the IAM policies.

`Credentials` in src/signature.rs derives the same secrets.
"""

import hashlib
import hmac
import http.server
import ipaddress
import json
import re
import threading
import uuid
from urllib.parse import parse_qs, quote

import registry
from ministack import app as ministack_app
from ministack.core import iam_evaluator, lambda_runtime, sigv4
from ministack.services import iam, lambda_svc, sts

# What the edges send with the requests of viewers: a secret.
EDGE = b"x-mysfits-edge"
# A deployed API, as MiniStack serves it under a path.
API_PATH = re.compile(r"/restapis/[^/]+/[^/]+/_user_request_(/|$)")
DISTRIBUTION_HOST = re.compile(r"[a-z0-9]+\.cloudfront\.net(:\d+)?$")
# Where services outside the emulator ask whether a caller may do something.
AUTHORIZE = "/_ministack/mysfits/authorize"
# Headers that decide who calls: a repeated one could be read differently by two readers.
SINGLE = (b"host", b"origin", b"authorization", b"x-amz-date", b"x-amz-content-sha256", b"x-amz-security-token")


class Refused(Exception):
    """A request that is answered here."""

    def __init__(self, status, code, message, service=None, headers=None):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.service, self.headers = service, headers or {}


class Credentials:
    """The access key of this cloud, and the secrets that are derived from it."""

    def __init__(self, key_id, secret):
        if not key_id or not secret:
            raise SystemExit("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set to this cloud's access key")
        self.key_id, self._secret = key_id, secret

    def derive(self, purpose):
        return hmac.new(self._secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    def issued(self, key_id):
        """The secret of a key that this cloud issues."""
        return self.derive(f"key:{key_id}")

    def secret_of(self, key_id):
        """The secret of an existing key; None for any other."""
        if key_id == self.key_id:
            return self._secret
        is_issued = key_id in sts._sessions or any(key == key_id for _, key in iam._access_keys.to_dict())
        return self.issued(key_id) if is_issued else None


def is_loopback(host):
    """Whether a Host header names this machine's loopback interface, with or without a port."""
    match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^:@/\[\]]+)(:\d{1,5})?", host)
    if not match:
        return False
    name = match[1].strip("[]").removesuffix(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def check_page(host, origin, fetch_site):
    """Refuses requests for other hosts, and requests that web pages of other origins send."""
    if not is_loopback(host):
        raise Refused(421, "MisdirectedRequest", f'host "{host[:100]}" is not allowed; use 127.0.0.1 or localhost')
    if origin is not None and origin.lower() != f"http://{host.lower()}":
        raise Refused(403, "AccessDenied", f'requests from pages of origin "{origin[:100]}" are not allowed')
    if fetch_site not in (None, "same-origin", "none"):
        raise Refused(403, "AccessDenied", "requests from pages of other sites are not allowed")


class AccessControl:
    """An ASGI application that lets only permitted requests through to another one."""

    def __init__(self, inner, credentials, calls):
        self.inner, self.credentials, self.calls = inner, credentials, calls
        self._edge_secret = credentials.derive("edge").encode()

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return await self.inner(scope, receive, send)
        if scope["type"] != "http":
            # Nothing here speaks WebSocket.
            await receive()
            return await send({"type": "websocket.close", "code": 1008})
        try:
            if self.is_public(scope):
                return await serve_public(scope, receive, send)
            headers = joined(scope, ", ")
            if registry.is_addressed(scope["path"], headers):
                return await self.serve_registry(headers, scope, receive, send)
            access_key_id, receive = await self.authenticate(scope, receive)
            if scope["path"] == AUTHORIZE:
                return await authorize(receive, send)
        except Refused as refused:
            return await answer(send, refused)
        return await self.calls.run(access_key_id, self.inner, scope, receive, send)

    async def serve_registry(self, headers, scope, receive, send):
        """Answers a request to the registry of container images, whose credentials are a token."""
        region = registry.region_of_token(self.credentials, headers)
        if region is None:
            raise Refused(401, "UNAUTHORIZED", "the registry's token is not one of this local cloud")
        response = await registry.answer(region, scope, headers, await read(receive))
        if response is None:
            raise Refused(404, "NotFound", "this is no address of the registry")
        await ministack_app._send_if_handled(send, response, receive, head=scope["method"] == "HEAD")

    def is_public(self, scope):
        """Whether the request is for a deployed API or a distribution; refuses those that no client may send."""
        values = {}
        for name, value in scope["headers"]:
            values.setdefault(name.lower(), []).append(value)
        for name in SINGLE:
            if len(values.get(name, [])) > 1:
                raise Refused(400, "InvalidRequest", f"the header {name.decode()} is repeated")
        headers = joined(scope, ",")
        host = headers.get("host", "")
        if edge := headers.get(EDGE.decode()):
            # The edges have checked host and origin: the distribution's domain is no name of this machine.
            is_public = DISTRIBUTION_HOST.match(host.lower()) or API_PATH.match(scope["path"])
            if not hmac.compare_digest(edge.encode(), self._edge_secret) or not is_public:
                raise Refused(403, "AccessDenied", "the request does not come from the edge")
            return True
        check_page(host, headers.get("origin"), headers.get("sec-fetch-site"))
        return bool(API_PATH.match(scope["path"]))

    async def authenticate(self, scope, receive):
        """Verifies the signature; returns its key and the channel from which the request can be received once more."""
        # Signed as its values joined by a bare comma, if a header is repeated.
        headers = joined(scope, ",")
        query = parse_qs(scope["query_string"].decode("utf-8", "replace"), keep_blank_values=True)
        authorization = headers.get("authorization", "")
        is_presigned = not authorization and any(name.lower() == "x-amz-signature" for name in query)
        if is_presigned:
            signature = sigv4.parse_query_signature(query)
        elif authorization.startswith("AWS4-HMAC-SHA256 "):
            signature = sigv4.parse_header_signature(headers)
        else:
            message = "the request is not signed; sign it with the access key in the local cloud's env.json"
            raise Refused(403, "MissingAuthenticationToken", message)
        if isinstance(signature, tuple):
            raise Refused(400, *signature)
        service = signature.service
        secret = self.credentials.secret_of(signature.access_key_id)
        if secret is None or signature.region_set is not None:
            message = "the access key does not exist in this local cloud; use the one in its env.json"
            raise Refused(403, "UnrecognizedClientException", message, service, headers)
        # MiniStack checks the lifetime of a presigned URL itself.
        if not is_presigned and (skewed := sigv4.request_time_failure(signature)):
            raise Refused(403, *skewed, service, headers)
        if "host" not in signature.signed_headers.split(";"):
            raise Refused(403, "AccessDenied", "the signature does not cover the header host", service, headers)
        body = await read(receive)
        raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
        failure = sigv4.header_signature_failure(
            signature,
            secret,
            scope["method"],
            raw_path.decode("latin-1"),
            query,
            headers,
            body,
            presigned=is_presigned,
        )
        # A body that is not covered by the declared hash is only possible where S3 allows it.
        declared = headers.get("x-amz-content-sha256")
        if not failure and not is_presigned and declared and re.fullmatch("[0-9a-f]{64}", declared):
            if declared != hashlib.sha256(body).hexdigest():
                failure = ("XAmzContentSHA256Mismatch", "the body does not match x-amz-content-sha256")
        if failure:
            raise Refused(403, *failure, service, headers)
        if scope["path"].startswith("/_ministack") and signature.access_key_id != self.credentials.key_id:
            raise Refused(403, "AccessDenied", "only the local cloud's own access key may do this", service, headers)
        return signature.access_key_id, replay(body, receive)


def joined(scope, separator):
    """The headers by their names in lower case."""
    values = {}
    for name, value in scope["headers"]:
        values.setdefault(name.decode("latin-1").lower(), []).append(sigv4.decode_header_value(value))
    return {name: separator.join(found) for name, found in values.items()}


async def serve_public(scope, receive, send):
    """Answers a viewer's request by the distribution or the API that it names, and by nothing else of MiniStack."""
    method, path, raw_path = scope["method"], scope["path"], (scope.get("raw_path") or b"").decode("ascii") or None
    raw_query = scope["query_string"].decode("utf-8", "replace")
    query = parse_qs(raw_query, keep_blank_values=True)
    headers = joined(scope, ", ")
    headers.pop(EDGE.decode(), None)
    host, client = headers.get("host", ""), (scope.get("client") or ("127.0.0.1",))[0]
    is_distribution = DISTRIBUTION_HOST.match(host.lower())
    ministack_app.set_request_client_ip(client)
    # The edges are what TLS ends at on AWS.
    ministack_app.pin_request_origin(client, True)
    iam_evaluator.pin_signed_request(method, raw_path or quote(path), query, scope["headers"])
    body = await read(receive)
    if is_distribution:
        response = await ministack_app._handle_cloudfront_dataplane_request(
            host, path, raw_path or path, raw_query, method, headers, body, query, client
        )
    else:
        # Named by the path alone: a host name could lead to another service.
        response = await ministack_app._handle_execute_api_request(
            "localhost", path, method, headers, body, query, raw_path=raw_path, raw_query_string=raw_query
        )
        response = ministack_app._with_data_plane_headers(response, str(uuid.uuid4()), wildcard_cors=False)
    if response is None:
        raise Refused(404, "NotFound", "there is no such API or distribution")
    await ministack_app._send_if_handled(
        ministack_app._with_date_header(send), response, receive, head=method == "HEAD"
    )


async def authorize(receive, send):
    """Evaluates IAM policies for a service outside the emulator: whether a key may do an action to a resource."""
    asked = json.loads(await read(receive))
    key_id, action, resource = asked["accessKeyId"], asked["action"], asked["resource"]
    service = action.split(":")[0]
    denied = iam_evaluator.enforce(key_id, action, service, asked["region"], resource, asked["context"])
    reason = None
    if isinstance(denied, iam_evaluator.AuthError):
        reason = denied.message
    elif denied is not None:
        reason = f"User: {denied.principal_arn} is not authorized to perform: {action} on resource: {resource}"
    body = json.dumps({"denied": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def read(receive):
    """The whole body."""
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "IncompleteBody", "the client has closed the connection")
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def replay(body, receive):
    """A `receive` that gives the body that was read, and then what comes after it."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def again():
        return pending.pop() if pending else await receive()

    return again


async def answer(send, refused):
    """The refusal, in the protocol of the service that the signature names; without CORS headers."""
    if refused.service:
        error = iam_evaluator.AuthError(refused.code, refused.message)
        status, headers, body = ministack_app._credential_failure(
            refused.service, "", str(uuid.uuid4()), error, refused.headers
        )
    else:
        status = refused.status
        headers = {"Content-Type": "application/json", "x-amzn-errortype": refused.code}
        body = json.dumps({"__type": refused.code, "message": refused.message}).encode()
    headers = [
        (name.lower().encode("latin-1"), str(value).encode("latin-1"))
        for name, value in headers.items()
        if name.lower() != "content-length"
    ]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def protect_runtime_api():
    """The Runtime API of functions, a server on a port of its own for each: it refuses web pages, too."""
    parse_request = http.server.BaseHTTPRequestHandler.parse_request

    def parse(handler):
        if not parse_request(handler):
            return False
        hosts = handler.headers.get_all("host", [])
        try:
            if len(hosts) != 1:
                raise Refused(400, "InvalidRequest", "the request must have exactly one Host header")
            check_page(hosts[0], handler.headers.get("origin"), handler.headers.get("sec-fetch-site"))
        except Refused as refused:
            handler.send_error(refused.status, refused.message)
            return False
        return True

    http.server.BaseHTTPRequestHandler.parse_request = parse


def issue_secrets(credentials, expect):
    """Keys that are issued get the secrets that are derived from this cloud's own."""
    create_access_key = expect(iam, "_create_access_key", ["p"])
    expect(sts, "_gen_session_access_key", [])
    expect(sts, "_gen_secret", [])
    expect(sts, "register_session", ["access_key", "session"])
    for module in (lambda_runtime, lambda_svc):
        expect(module, "execution_credentials", ["config"])

    def access_key(p):
        known = set(iam._access_keys)
        status, headers, body = create_access_key(p)
        for key_id in set(iam._access_keys) - known:
            record = iam._access_keys[key_id]
            secret = credentials.issued(key_id)
            body = body.replace(record["SecretAccessKey"].encode(), secret.encode())
            iam._access_keys[key_id] = {**record, "SecretAccessKey": secret}
        return status, headers, body

    issuing = threading.local()
    new_session_key = sts._gen_session_access_key

    def session_key():
        issuing.key_id = new_session_key()
        return issuing.key_id

    def execution_credentials(config):
        # MiniStack's own are a hash of the function's name: every process could compute them.
        account, _ = lambda_runtime._account_region_from_function_config(config)
        role = config.get("Role", "")
        digest = credentials.derive(f"function:{config.get('FunctionArn', '')}:{role}")
        key_id, token = f"ASIA{digest[:32].upper()}", credentials.derive(f"token:{digest}")
        role_name, session = role.rsplit("/", 1)[-1], config.get("FunctionName", "")[:64]
        secret = credentials.issued(key_id)
        sts.register_session(
            key_id,
            {
                "Arn": f"arn:aws:sts::{account}:assumed-role/{role_name}/{session}",
                "UserId": f"{role_name}:{session}",
                "SecretAccessKey": secret,
                "SessionToken": token,
            },
        )
        return {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}

    handlers = [name for name, handler in iam._IAM_HANDLERS.items() if handler is create_access_key]
    if handlers != ["CreateAccessKey"]:
        raise SystemExit(f"MiniStack creates access keys by {handlers}; the local cloud expects CreateAccessKey")
    iam._create_access_key = iam._IAM_HANDLERS["CreateAccessKey"] = access_key
    sts._gen_session_access_key = session_key
    sts._gen_secret = lambda: credentials.issued(issuing.key_id)
    lambda_runtime.execution_credentials = lambda_svc.execution_credentials = execution_credentials


def protect(credentials, calls, expect):
    """Puts access control in front of MiniStack."""
    expect(ministack_app, "app", ["scope", "receive", "send"])
    viewer = ["host", "path", "raw_path", "raw_query_string", "method", "headers", "body", "query_params", "client_ip"]
    expect(ministack_app, "_handle_cloudfront_dataplane_request", viewer)
    call = ["host", "path", "method", "headers", "body", "query_params", "raw_path", "raw_query_string"]
    expect(ministack_app, "_handle_execute_api_request", call)
    expect(iam_evaluator, "is_root_access_key", ["access_key_id"])
    registry.protect(credentials, expect)
    calls.watch(expect)
    # Not "test", nor the number of an account. An empty one is that of requests without a signature inside MiniStack.
    is_administrator = lambda access_key_id: access_key_id in ("", credentials.key_id)  # noqa: E731
    iam_evaluator.is_root_access_key = sts.is_root_access_key = is_administrator
    issue_secrets(credentials, expect)
    protect_runtime_api()
    ministack_app.app = AccessControl(ministack_app.app, credentials, calls)
