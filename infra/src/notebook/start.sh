# Runs as root at each start of the notebook instance, after lines that set IDLE_MINUTES, STAGE, REPOSITORY, COMMIT,
# DATA_BUCKET, TRAINING_ROLE_ARN and MODEL_ROLE_ARN.
# Leaves behind a timer that stops the instance once Jupyter was not used for that long, for a notebook bills by the hour, and an
# installation that goes on in the background. SageMaker gives this script five minutes and treats a failure as a failed start,
# so it only writes files and starts what takes longer.
# It is this script and not one for the instance's creation: only the folder SageMaker outlives a stop of the instance.
set -euo pipefail

readonly check=/usr/local/sbin/mysfits-stop-when-idle
readonly install=/usr/local/sbin/mysfits-notebook-install
readonly settings=/etc/mysfits-notebook
readonly units=/etc/systemd/system

cat >"$check" <<'SCRIPT'
#INCLUDE stop-when-idle.sh
SCRIPT

cat >"$install" <<'SCRIPT'
#INCLUDE install.sh
SCRIPT
chmod 755 "$check" "$install"

printf '%s=%q\n' STAGE "$STAGE" REPOSITORY "$REPOSITORY" COMMIT "$COMMIT" DATA_BUCKET "$DATA_BUCKET" \
    TRAINING_ROLE_ARN "$TRAINING_ROLE_ARN" MODEL_ROLE_ARN "$MODEL_ROLE_ARN" >"$settings"

cat >"$units/mysfits-stop-when-idle.service" <<UNIT
[Unit]
Description=Stops this notebook instance when it is idle

[Service]
Type=oneshot
ExecStart=$check $IDLE_MINUTES
UNIT

cat >"$units/mysfits-stop-when-idle.timer" <<'UNIT'
[Unit]
Description=Looks whether this notebook instance is idle

[Timer]
OnActiveSec=5min
OnUnitActiveSec=5min

[Install]
WantedBy=timers.target
UNIT

nohup "$install" >/var/log/mysfits-notebook-install.log 2>&1 &

systemctl daemon-reload
systemctl start mysfits-stop-when-idle.timer
