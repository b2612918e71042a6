//! `check`: whether a step of the tutorial is done, what is missing, and how to get it.
//!
//! Each step looks at what is really there: a server is asked, a model is tested, a cloud is searched. Nothing is changed.
//! The tutorial's checkpoints name the steps; the exit code tells.

mod cloud;
mod http;
mod local;
mod served;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::ValueEnum;
use mysfits_output::outln;

use crate::{cloud::CloudTarget, process::choice_name, readme::ADDRESS};

/// Say whether a step of the tutorial is done, what is missing, and how to get it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which step
    #[arg(value_enum)]
    step: GuideStep,
    /// Where the server answers
    #[arg(long, env = "MYSFITS_URL", default_value = ADDRESS)]
    url: String,
    /// The model artifact, by default the workspace's target/model.tar.gz
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Whose cloud: for the steps deployed and gone
    #[arg(long, value_enum, default_value_t = CloudTarget::Aws)]
    target: CloudTarget,
}

/// A step of the tutorial or of a page that continues it, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GuideStep {
    /// The tools that the commands need are installed or can be
    Tools,
    /// The server answers and recommends a mysfit
    Server,
    /// The model artifact is complete, and nearly as accurate as possible
    Model,
    /// The SageMaker endpoint gives the API's answer in every format
    Endpoint,
    /// The API has a description, rejects invalid input, and allows browsers
    Api,
    /// The page is served in both languages, with all mysfits and its code
    Site,
    /// The templates are up to date
    Templates,
    /// The stacks exist, and API and site answer
    Deployed,
    /// The cloud is empty
    Gone,
}

pub fn run(args: &Args) -> Result<()> {
    let url = args.url.trim_end_matches('/');
    let findings = match args.step {
        GuideStep::Tools => local::tools(),
        GuideStep::Server => served::server(url),
        GuideStep::Model => local::model(args.model.as_deref()),
        GuideStep::Endpoint => served::endpoint(url),
        GuideStep::Api => served::api(url),
        GuideStep::Site => served::site(url),
        GuideStep::Templates => local::templates(),
        GuideStep::Deployed => cloud::deployed(args.target)?,
        GuideStep::Gone => cloud::gone(args.target)?,
    };
    for finding in &findings.0 {
        match &finding.remedy {
            None => outln!("ok       {}", finding.what)?,
            Some(remedy) => outln!("missing  {}\n         {remedy}", finding.what)?,
        }
    }
    let n_missing = findings.0.iter().filter(|finding| finding.remedy.is_some()).count();
    let name = choice_name(args.step);
    if n_missing > 0 {
        bail!("step {name}: {n_missing} of {} missing", findings.0.len());
    }
    outln!("step {name}: done")?;
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
struct Finding {
    what: String,
    /// How to get what is missing; none if nothing is.
    remedy: Option<String>,
}

/// The results of all checks, in order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Findings(Vec<Finding>);

impl Findings {
    fn ok(&mut self, what: impl Into<String>) {
        self.0.push(Finding { what: what.into(), remedy: None });
    }

    fn missing(&mut self, what: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Finding { what: what.into(), remedy: Some(remedy.into()) });
    }

    /// Notes what was found, or what is wrong and how to mend it. Whether it is good.
    fn note(&mut self, found: Result<String, String>, remedy: &str) -> bool {
        let is_good = found.is_ok();
        match found {
            Ok(what) => self.ok(what),
            Err(what) => self.missing(what, remedy),
        }
        is_good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_has_a_remedy() {
        let mut findings = Findings::default();
        assert!(findings.note(Ok("there".to_owned()), "unused"));
        assert!(!findings.note(Err("not there".to_owned()), "fetch it"));
        let remedies: Vec<_> = findings.0.iter().map(|finding| finding.remedy.as_deref()).collect();
        assert_eq!(remedies, [None, Some("fetch it")]);
    }
}
