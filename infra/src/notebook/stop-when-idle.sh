#!/bin/bash
# Stops this notebook instance if no kernel and no terminal was used for $1 minutes. Doubt keeps it running.
set -euo pipefail
idle_minutes=$1

# While Rust and the kernel are being installed nobody uses Jupyter, and nobody wants the instance to stop.
flock --nonblock "${MYSFITS_LOCK:-/run/lock/mysfits-notebook-install}" true || { echo "installing"; exit 0; }

# Jupyter answers on this port with a certificate of its own.
jupyter() { curl --silent --show-error --fail --insecure --max-time 10 "https://localhost:8443/api/$1"; }

kernels=$(jupyter kernels)
terminals=$(jupyter terminals)
status=$(jupyter status)
verdict=$(python3 - "$idle_minutes" "$kernels" "$terminals" "$status" <<'PYTHON'
import json, sys
from datetime import datetime, timedelta, timezone

idle = timedelta(minutes=int(sys.argv[1]))
kernels, terminals, status = (json.loads(text) for text in sys.argv[2:5])
if any(kernel.get("execution_state") == "busy" for kernel in kernels):
    print("busy")
    sys.exit()
stamps = [thing["last_activity"] for thing in [*kernels, *terminals, status] if "last_activity" in thing]
last = max(datetime.fromisoformat(stamp.replace("Z", "+00:00")) for stamp in stamps)
print("idle" if datetime.now(timezone.utc) - last > idle else "in use")
PYTHON
)
echo "Jupyter is $verdict"
[ "$verdict" = idle ] || exit 0

name=$(python3 -c 'import json; print(json.load(open("/opt/ml/metadata/resource-metadata.json"))["ResourceName"])')
arn=$(python3 -c 'import json; print(json.load(open("/opt/ml/metadata/resource-metadata.json"))["ResourceArn"])')
aws sagemaker stop-notebook-instance --notebook-instance-name "$name" --region "$(cut -d: -f4 <<<"$arn")"
