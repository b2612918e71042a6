//! The tools of the parts: those of the system are checked before the first compilation, packages are fetched meanwhile.

use std::{collections::BTreeSet, thread};

use anyhow::{Result, ensure};
use mysfits_output::errln;

use super::parts::TestPart;
use crate::{
    fuzz,
    process::{choice_name, step},
    tools::{
        browser::InstalledBrowser,
        engines,
        node::{JavaScript, Scripts},
        python::{self, PythonEnvironment},
        system,
    },
};

impl TestPart {
    fn needs_browser(self) -> bool {
        matches!(self, Self::Wasm | Self::Browser | Self::Lighthouse | Self::E2e)
    }

    fn needs_curl(self) -> bool {
        matches!(self, Self::Conformance | Self::Distribution | Self::Browser | Self::E2e | Self::Guide)
    }

    fn environments(self) -> &'static [PythonEnvironment] {
        match self {
            Self::SupplyChain => &[PythonEnvironment::CargoDeny],
            Self::Templates => &[PythonEnvironment::Templates],
            Self::Docs => &[PythonEnvironment::MdBook, PythonEnvironment::Node],
            Self::Unit | Self::Browser | Self::Lighthouse => &[PythonEnvironment::Node],
            Self::Differential => &[PythonEnvironment::Oracle, PythonEnvironment::Cognito],
            Self::Conformance => &[
                PythonEnvironment::Clients,
                PythonEnvironment::SageMaker,
                PythonEnvironment::SageMakerV3,
                PythonEnvironment::Node,
                PythonEnvironment::Wheel,
                PythonEnvironment::Schemathesis,
            ],
            Self::Distribution => &[PythonEnvironment::Wheel],
            Self::E2e => &[PythonEnvironment::LocalCloud],
            Self::Guide => &[PythonEnvironment::Clients, PythonEnvironment::LocalCloud],
            Self::Notebook => &[PythonEnvironment::Notebook, PythonEnvironment::LocalCloud],
            _ => &[],
        }
    }

    fn scripts(self) -> Option<Scripts> {
        match self {
            Self::Conformance => Some(Scripts::Conformance),
            Self::Browser | Self::Lighthouse => Some(Scripts::Site),
            Self::Docs => Some(Scripts::Book),
            _ => None,
        }
    }
}

/// Installs what the parts need of the system, or says what is missing, before anything is compiled. Firefox and WebKitGTK,
/// which are large, come with the packages where they can be installed.
pub(super) fn check(parts: &[TestPart]) -> Result<()> {
    step("the tools of the system", || {
        if parts.iter().any(|part| part.needs_browser()) {
            InstalledBrowser::ensure()?;
        }
        if parts.iter().any(|part| part.needs_curl()) {
            system::ensure_curl()?;
        }
        if parts.iter().any(|part| !part.environments().is_empty()) {
            python::base()?;
        }
        if parts.contains(&TestPart::Engines) && engines::are_supported() && !system::can_install() {
            engines::ensure_firefox()?;
            engines::ensure_webkit()?;
        }
        if parts.contains(&TestPart::Fuzz) {
            ensure!(
                fuzz::has_nightly(),
                "fuzz tests need a nightly compiler: rustup toolchain install nightly --profile minimal"
            );
        }
        Ok(())
    })
}

/// Starts to fetch the packages that the parts need, in the order of the parts. A part that comes first waits for its own.
/// What fails here is tried again by the part, which then fails.
pub(super) fn fetch(parts: &[TestPart]) {
    let parts = parts.to_owned();
    thread::spawn(move || {
        let mut fetched = BTreeSet::new();
        for part in parts {
            let environments =
                part.environments().iter().filter(|environment| fetched.insert(environment.describe()));
            let made = environments.map(|environment| environment.ensure().map(drop));
            let installed = part.scripts().map(|scripts| JavaScript::ensure(scripts).map(drop));
            let browsers = (part == TestPart::Engines && engines::are_supported()).then(|| {
                engines::ensure_firefox()?;
                engines::ensure_webkit().map(drop)
            });
            for error in made.chain(installed).chain(browsers).filter_map(Result::err) {
                errln!(
                    "  fetching packages for {}: {error:#}; it is tried again when they are needed",
                    choice_name(part)
                );
            }
        }
    });
}
