//! Which deployment a command is about.

use std::path::PathBuf;

use clap::Args;
use mysfits_infra::Stage;

use crate::settings::{DeploySettingsError, SettingsFile, is_region};

/// The stage of a command, and where it is deployed.
#[derive(Debug, Clone, Default, Args)]
pub struct StageArgs {
    /// Stage: a part of the name of everything that is deployed
    #[arg(long, value_name = "NAME", default_value_t)]
    pub stage: Stage,
    /// Settings file [default: mysfits.toml, if it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Region [default: that of the settings file, the environment or the profile]
    #[arg(long, value_name = "REGION", value_parser = region_name)]
    pub region: Option<String>,
}

impl StageArgs {
    /// Reads the settings file, if there is one.
    ///
    /// # Errors
    /// If it is invalid, or the named one cannot be read.
    pub fn settings_file(&self) -> Result<Option<SettingsFile>, DeploySettingsError> {
        SettingsFile::load(self.config.as_deref())
    }

    /// Returns the region: that of the option, else that of the stage's settings. `None` leaves it to the environment and the
    /// profile.
    #[must_use]
    pub fn region_in(&self, file: Option<&SettingsFile>) -> Option<String> {
        self.region.clone().or_else(|| file?.for_stage(self.stage.as_str()).region)
    }
}

/// Returns a region's name.
fn region_name(text: &str) -> Result<String, &'static str> {
    if is_region(text) {
        return Ok(text.to_owned());
    }
    Err("expected the name of an AWS region, such as us-east-1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_overrides_the_region_of_the_stages_settings() {
        let text = "[defaults]\nregion = \"us-west-2\"\n[stage.prod]\nregion = \"eu-west-1\"";
        let file = SettingsFile::parse("mysfits.toml".as_ref(), text).unwrap();
        let region = |stage: &str, option: Option<&str>, file| {
            let (stage, region) = (stage.parse().unwrap(), option.map(str::to_owned));
            StageArgs { stage, config: None, region }.region_in(file)
        };
        assert_eq!(region("prod", None, Some(&file)).as_deref(), Some("eu-west-1"));
        assert_eq!(region("dev", None, Some(&file)).as_deref(), Some("us-west-2"));
        assert_eq!(region("prod", Some("ap-east-1"), Some(&file)).as_deref(), Some("ap-east-1"));
        assert_eq!(region("prod", None, None), None);
    }

    #[test]
    fn rejects_what_is_no_region() {
        assert!(region_name("ap-southeast-3").is_ok() && region_name("us-gov-west-1").is_ok());
        for wrong in ["", "REGION", "us", "us--1", "us-east-1 ", "us-east-1/x"] {
            assert!(region_name(wrong).is_err(), "{wrong}");
        }
    }
}
