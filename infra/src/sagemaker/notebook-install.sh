#!/bin/bash
# Brings Rust, this project and the notebook's kernel onto a notebook instance; about half an hour the first time, seconds later,
# for all of it lies in the folder SageMaker, which outlives a stop. Its log lies there, too, for whoever opens Jupyter meanwhile.
# What only the cloud has can be put elsewhere by a variable: so it is tested.
set -euo pipefail
# shellcheck source=/dev/null
. /etc/mysfits-notebook

readonly user=${MYSFITS_USER:-ec2-user}
readonly home=${MYSFITS_HOME:-/home/ec2-user}
readonly packages=${MYSFITS_PACKAGES:-dnf --quiet --assumeyes install gcc git}
readonly rust=${MYSFITS_RUST:-"curl --proto =https --tlsv1.2 --silent --show-error --fail https://sh.rustup.rs | sh -s -- -y --quiet --no-modify-path --profile minimal --component rust-src"}

exec 9>"${MYSFITS_LOCK:-/run/lock/mysfits-notebook-install}"
flock --nonblock 9 || exit 0

exec >"$home/SageMaker/mysfits-install.log" 2>&1
chown "$user:" "$home/SageMaker/mysfits-install.log"
trap 'echo "The installation failed; stop and start the notebook instance to try again."' ERR

echo "Installing a C compiler and git"
$packages

echo "Installing Rust, the project and the notebook's kernel, as $user"
# The lock is root's, not of what the user leaves running.
runuser --user "$user" -- env --chdir "$home" HOME="$home" \
    MYSFITS_DATA_BUCKET="$DATA_BUCKET" MYSFITS_NOTEBOOK_ROLE_ARN="$ROLE_ARN" \
    RUST="$rust" REPOSITORY="$REPOSITORY" bash -euo pipefail 9>&- <<'USER'
export RUSTUP_HOME=$HOME/SageMaker/.rustup CARGO_HOME=$HOME/SageMaker/.cargo
export PATH=$CARGO_HOME/bin:$PATH JUPYTER_DATA_DIR=$HOME/.local/share/jupyter
# The volume is small, and nobody debugs here.
export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0
command -v cargo >/dev/null || eval "$RUST"

project=$HOME/SageMaker/mysfits
if [ ! -e "$project/Cargo.toml" ]; then
    rm -rf "$project"
    # CodeCommit wants the role's signature for a password; other addresses do not ask.
    if ! git -c credential.helper='!aws codecommit credential-helper $@' -c credential.UseHttpPath=true \
        clone --quiet --depth 1 "$REPOSITORY" "$project" || [ ! -e "$project/Cargo.toml" ]; then
        echo "The project is not in $REPOSITORY. Push it there, or deploy again with --notebook-repository URL;"
        echo "then stop and start the notebook instance."
        exit 1
    fi
fi
cd "$project"
cargo xtask notebook --install
echo "Ready: open SageMaker's folder mysfits/notebook in Jupyter; the kernel is called Rust."
USER
