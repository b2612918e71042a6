#!/usr/bin/env bash
# Installs and starts local-sagemaker, and tells the following steps of the job where it is.
set -euo pipefail
folder=$(mktemp --directory)
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "$PACKAGE"
# The arguments are words, as on a command line.
read -ra arguments <<<"${ARGUMENTS:-}"
nohup "$folder/venv/bin/local-sagemaker" start --port "$PORT" "${arguments[@]}" >"$folder/out" 2>"$folder/log" &
program=$!
for _ in $(seq 300); do
  url=$(sed --quiet 's/^ready //p' "$folder/out")
  if [ -n "$url" ]; then
    break
  fi
  if ! kill -0 "$program" 2>/dev/null; then
    echo "::error::local-sagemaker ended before it was ready"
    cat "$folder/log" >&2
    exit 1
  fi
  sleep 0.1
done
if [ -z "$url" ]; then
  echo "::error::local-sagemaker was not ready within 30 s"
  cat "$folder/log" >&2
  exit 1
fi
echo "url=$url" >>"$GITHUB_OUTPUT"
{
  echo "AWS_ENDPOINT_URL=$url"
  echo "AWS_ACCESS_KEY_ID=test"
  echo "AWS_SECRET_ACCESS_KEY=test"
  echo "AWS_REGION=us-east-1"
  echo "AWS_DEFAULT_REGION=us-east-1"
} >>"$GITHUB_ENV"
