"""Records the signed calls: who called which action of which resource, and whether IAM allows it.

A line of JSON for each kind of call: `accessKeyId`, `action`, `resource`, `allowed`. Calls whose action MiniStack does not
know are not checked by it; they have `request` (method, path, target) and the response's `status` in place of action and
resource.
"""

import contextvars
import json
import threading

from ministack.core import iam_evaluator

# The actions of the request in progress.
_actions = contextvars.ContextVar("mysfits_actions", default=None)


class CallLog:
    """A file with the calls, each kind of call once."""

    def __init__(self, path):
        self._file = open(path, "w", buffering=1)  # noqa: SIM115
        self._known = set()
        self._lock = threading.Lock()

    def add(self, **call):
        line = json.dumps(call)
        with self._lock:
            if line not in self._known:
                self._known.add(line)
                self._file.write(line + "\n")

    def watch(self, expect):
        """Records what IAM is asked from now on."""
        allowed = ["access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"]
        enforce = expect(iam_evaluator, "enforce", allowed)

        def recorded(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
            denied = enforce(access_key_id, iam_action, service, region, resource_arn, service_context)
            self.add(accessKeyId=access_key_id, action=iam_action, resource=resource_arn, allowed=denied is None)
            if (actions := _actions.get()) is not None:
                actions.append(iam_action)
            return denied

        iam_evaluator.enforce = recorded

    async def run(self, access_key_id, inner, scope, receive, send):
        """Serves a signed request, and records it if IAM is not asked about it."""
        actions, statuses = [], []
        token = _actions.set(actions)

        async def watched(message):
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        try:
            await inner(scope, receive, watched)
        finally:
            _actions.reset(token)
        if not actions and not scope["path"].startswith("/_ministack"):
            target = dict(scope["headers"]).get(b"x-amz-target", b"").decode("latin-1")
            request = f"{scope['method']} {scope['path']} {target}".rstrip()
            self.add(accessKeyId=access_key_id, request=request, status=statuses[0] if statuses else 0)
