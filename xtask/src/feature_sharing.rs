//! One selection of features for all builds of a run.

use std::{
    env,
    sync::atomic::{AtomicBool, Ordering},
};

/// Every crate's programs and tests, with the features that the tests need.
pub const SHARED_FEATURES: [&str; 3] =
    ["--workspace", "--features", "mysfits-bundle/test-runner,mysfits-data/cli,mysfits-server/endpoint"];

/// Set for the commands that a run of many starts.
const SHARE: &str = "MYSFITS_SHARE_FEATURES";
static SHARES_FEATURES: AtomicBool = AtomicBool::new(false);

/// From now on, programs are built together with all other programs and tests, also in commands that this one starts. Each package built alone would choose other features of common dependencies and compile them again:
/// worth it for one command, not for a run of many.
pub fn share() {
    SHARES_FEATURES.store(true, Ordering::Relaxed);
}

/// Returns the variable that makes another xtask share features, if this one does.
pub fn inherited() -> Option<(&'static str, &'static str)> {
    is_shared().then_some((SHARE, "1"))
}

/// Returns whether all programs and tests are built together.
pub fn is_shared() -> bool {
    SHARES_FEATURES.load(Ordering::Relaxed) || env::var_os(SHARE).is_some()
}
