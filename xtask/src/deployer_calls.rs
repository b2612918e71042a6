//! The deployer's calls to AWS, beside AWS's own service models.

use std::{fs, path::Path};

use anyhow::{Result, ensure};

use crate::{
    checkout,
    feature_sharing::SHARED_FEATURES,
    process::{cargo, program, run, step},
    tools::python::PythonEnvironment,
    workspace,
};

/// The folder of the deployer's sources.
const SOURCES: &str = "crates/deploy/src";
/// The service that the deployer's tests call.
const FAKE_SERVICE: &str = "FakeService";

/// Records what the deployer's tests send to AWS and what they respond, and compares it with AWS's service models.
///
/// # Errors
/// If a test fails, if a request or a response differs from its model, or if an operation has no test.
pub fn check() -> Result<()> {
    let python = step("botocore (Python)", || PythonEnvironment::Clients.ensure())?;
    let folder = workspace::target().join("deployer-calls");
    workspace::remove_folder(&folder)?;
    fs::create_dir_all(&folder)?;
    step("the deployer's requests and responses follow AWS's service models", || {
        let mut test = cargo();
        test.arg("test").args(SHARED_FEATURES).args(["--quiet", "--lib", "--"]).args(recorded_modules()?);
        run(test.env("MYSFITS_RECORDED_CALLS", &folder))?;
        let mut compare = program(&python);
        compare.arg("tests/conformance/clients/recorded_calls.py").arg(&folder);
        run(compare.arg(Path::new(SOURCES).join("aws")))
    })
}

/// Returns the modules of the deployer's library whose tests call the fake service, as filters of tests.
fn recorded_modules() -> Result<Vec<String>> {
    let mut modules = Vec::new();
    for file in checkout::source_files()? {
        let Ok(path) = file.strip_prefix(SOURCES) else { continue };
        // Git also lists a file whose removal is not committed.
        let text = fs::read_to_string(workspace::root().join(&file)).unwrap_or_default();
        if text.contains(FAKE_SERVICE) {
            let path = path.with_extension("");
            let names = path.iter().filter_map(|part| part.to_str()).filter(|part| *part != "mod");
            modules.push(names.collect::<Vec<_>>().join("::") + "::");
        }
    }
    ensure!(!modules.is_empty(), "no file in {SOURCES} has {FAKE_SERVICE}");
    Ok(modules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_modules_with_the_fake_service() {
        let modules = recorded_modules().unwrap();
        assert!(modules.contains(&"aws::tests::operations::".to_owned()), "{modules:?}");
    }
}
