//! `open`: shows the site in the user's browser.

use std::process::{Command, Stdio};

use mysfits_infra::Stack;

use crate::{addresses::AddressOverrides, deployer::StackDeployer, error::DeployError};

/// The program that opens an address, and the arguments before it.
const OPENER: (&str, &[&str]) = if cfg!(target_os = "macos") {
    ("open", &[])
} else if cfg!(windows) {
    ("rundll32", &["url.dll,FileProtocolHandler"])
} else {
    ("xdg-open", &[])
};

impl StackDeployer {
    /// Prints the site's address, and opens it in the browser.
    pub(crate) async fn open_site(&self, addresses: &AddressOverrides) -> Result<(), DeployError> {
        let website = self.aws.stack(Stack::Website).await?.ok_or_else(|| self.nothing())?;
        let url = addresses.site(&website)?;
        self.console.line(&url);
        let (program, arguments) = OPENER;
        let opened = Command::new(program).args(arguments).arg(&url).stdout(Stdio::null()).status();
        if opened.is_ok_and(|status| status.success()) {
            return Ok(());
        }
        Err(DeployError::NoBrowser { program, url })
    }
}
