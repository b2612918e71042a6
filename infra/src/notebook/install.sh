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
readonly rust=${MYSFITS_RUST:-install_rust}

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
    MYSFITS_STAGE="$STAGE" MYSFITS_DATA_BUCKET="$DATA_BUCKET" \
    MYSFITS_TRAINING_ROLE_ARN="$TRAINING_ROLE_ARN" MYSFITS_MODEL_ROLE_ARN="$MODEL_ROLE_ARN" \
    RUST="$rust" REPOSITORY="$REPOSITORY" COMMIT="$COMMIT" bash -euo pipefail 9>&- <<'USER'
export RUSTUP_HOME=$HOME/SageMaker/.rustup CARGO_HOME=$HOME/SageMaker/.cargo
export PATH=$CARGO_HOME/bin:$PATH JUPYTER_DATA_DIR=$HOME/.local/share/jupyter
# The volume is small, and nobody debugs here.
export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0

# One version of rustup, known by its hash; rustup verifies the toolchain itself.
install_rust() {
    local hash init processor
    processor=$(uname -m)
    case $processor in
    x86_64) hash=20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c ;;
    aarch64) hash=e3853c5a252fca15252d07cb23a1bdd9377a8c6f3efa01531109281ae47f841c ;;
    *) echo "rustup is not pinned for the processor $processor"; return 1 ;;
    esac
    init=$(mktemp -d)/rustup-init
    curl --proto =https --tlsv1.2 --silent --show-error --fail --output "$init" \
        "https://static.rust-lang.org/rustup/archive/1.28.2/$processor-unknown-linux-gnu/rustup-init"
    sha256sum --check --quiet <<<"$hash  $init"
    chmod 700 "$init"
    "$init" -y --quiet --no-modify-path --profile minimal --component rust-src
    rm -r "${init%/*}"
}
command -v cargo >/dev/null || eval "$RUST"

project=$HOME/SageMaker/mysfits
if [ ! -e "$project/Cargo.toml" ]; then
    rm -rf "$project"
    git init --quiet "$project"
    # CodeCommit wants the role's signature for a password; other addresses do not ask.
    fetch() {
        git -C "$project" -c credential.helper='!aws codecommit credential-helper $@' -c credential.UseHttpPath=true \
            fetch --quiet "$@"
    }
    # A server that gives no single commit gives all branches.
    if ! fetch --depth 1 "$REPOSITORY" "${COMMIT:-HEAD}" && ! fetch "$REPOSITORY" '+refs/heads/*:refs/remotes/origin/*' ||
        ! git -C "$project" checkout --quiet --detach "${COMMIT:-FETCH_HEAD}" || [ ! -e "$project/Cargo.toml" ]; then
        rm -rf "$project"
        echo "The project${COMMIT:+ at commit $COMMIT} is not in $REPOSITORY. Push it there, or deploy again with"
        echo "--notebook-repository URL and --notebook-commit HASH; then stop and start the notebook instance."
        exit 1
    fi
fi
cd "$project"
cargo xtask notebook --install
echo "Ready: open SageMaker's folder mysfits/notebook in Jupyter; the kernel is called Rust."
USER
