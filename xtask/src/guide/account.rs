//! The reader's AWS account, played by a cloud of its own on this machine: what is deployed into the one and into the
//! other do not meet. The commands are run as they are shown; the environment leads them there.

use std::{path::Path, process::Command};

use anyhow::Result;

use crate::localcloud::LocalCloud;

/// The commands that ask before they do something.
const ASKING: [&str; 2] = ["deploy", "destroy"];

/// An account in which there is nothing yet.
pub struct Account {
    cloud: LocalCloud,
}

impl Account {
    /// Opens one.
    pub fn open(folder: &Path) -> Result<Self> {
        let cloud = LocalCloud::at(folder.to_owned());
        cloud.ensure()?;
        Ok(Self { cloud })
    }

    /// Leads a command to it.
    pub fn lead(&self, command: &mut Command) -> Result<()> {
        self.cloud.reach(command)
    }

    /// Closes it; fails if anything is left in it.
    pub fn close(&self) -> Result<()> {
        self.cloud.check_empty()
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let _ = self.cloud.stop();
    }
}

/// A command as it is run: where it asks the reader, the answer is yes.
pub fn answered(command: &str) -> String {
    let asks = ASKING.iter().any(|name| command.starts_with(&format!("cargo xtask {name}")));
    let is_answered = ["--yes", "--dry-run", "--help"].iter().any(|option| command.contains(option));
    if asks && !is_answered { format!("{command} --yes") } else { command.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_asks_is_answered() {
        assert_eq!(answered("cargo xtask deploy --ttl 2h"), "cargo xtask deploy --ttl 2h --yes");
        assert_eq!(answered("cargo xtask destroy"), "cargo xtask destroy --yes");
        for unchanged in ["cargo xtask deploy --dry-run", "cargo xtask status", "cargo xtask check deployed"]
        {
            assert_eq!(answered(unchanged), unchanged);
        }
    }
}
