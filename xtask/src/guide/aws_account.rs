//! An emulated AWS account, for the commands that the guide shows for a real one. It is a second local cloud, apart from the one
//! of `--target local`. The commands run as they are shown; environment variables lead them to it.

use std::{path::Path, process::Command};

use anyhow::Result;

use crate::localcloud::LocalCloud;

/// The commands that ask for confirmation.
const CONFIRMED: [&str; 2] = ["deploy", "destroy"];

/// An emulated account, empty at the start.
pub struct EmulatedAccount {
    cloud: LocalCloud,
}

impl EmulatedAccount {
    /// Starts the emulators.
    pub fn start(folder: &Path) -> Result<Self> {
        let cloud = LocalCloud::at(folder.to_owned());
        cloud.ensure()?;
        Ok(Self { cloud })
    }

    /// Sets the variables that lead a command to the account.
    pub fn configure(&self, command: &mut Command) -> Result<()> {
        self.cloud.reach(command)
    }

    /// Fails if anything is left in the account.
    pub fn check_empty(&self) -> Result<()> {
        self.cloud.check_empty()
    }
}

impl Drop for EmulatedAccount {
    fn drop(&mut self) {
        let _ = self.cloud.stop();
    }
}

/// Returns a command with `--yes`, if it would ask for confirmation.
pub fn confirmed(command: &str) -> String {
    let asks = CONFIRMED.iter().any(|name| command.starts_with(&format!("cargo xtask {name}")));
    let is_confirmed = ["--yes", "--dry-run", "--help"].iter().any(|option| command.contains(option));
    if asks && !is_confirmed { format!("{command} --yes") } else { command.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confirms_commands_that_ask() {
        assert_eq!(confirmed("cargo xtask deploy --ttl 2h"), "cargo xtask deploy --ttl 2h --yes");
        assert_eq!(confirmed("cargo xtask destroy"), "cargo xtask destroy --yes");
        for unchanged in ["cargo xtask deploy --dry-run", "cargo xtask status", "cargo xtask check deployed"]
        {
            assert_eq!(confirmed(unchanged), unchanged);
        }
    }
}
