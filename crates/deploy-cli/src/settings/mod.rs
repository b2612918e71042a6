//! The settings of a deployment: from a file, overridden by options.
//!
//! A setting that is given nowhere keeps its deployed value.

mod error;
mod file;
mod keys;
mod reference;
mod tag;

use std::{collections::BTreeMap, path::PathBuf, str::FromStr as _, sync::LazyLock};

use clap::ValueEnum as _;
use mysfits_infra::{Stack, Template};

pub use error::{DeploySettingsError, SettingError};
pub use file::{SETTINGS_FILE, SettingsFile};
pub use reference::settings_reference;
pub(crate) use tag::assignment;

use crate::{Training, Ttl};
use keys::{COMPUTED, OTHER_KEYS, PARAMETER_KEYS, nearest};

/// The example that the documentation shows.
const EXAMPLE: &str = include_str!("../../mysfits.example.toml");

/// The templates, whose parameters are settings.
static TEMPLATES: LazyLock<Vec<Template>> =
    LazyLock::new(|| Stack::ALL.into_iter().map(Stack::template).collect());

/// The settings of a deployment that were given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeploySettings {
    /// The region.
    pub region: Option<String>,
    /// Where the endpoint's model is trained.
    pub train: Option<Training>,
    /// The endpoint's time to live.
    pub ttl: Option<Ttl>,
    /// JSON file with addresses of the workshop's other modules.
    pub site_settings: Option<PathBuf>,
    /// Whether the workshop's notebook instance is created.
    pub notebook: bool,
    /// Whether the workshop's code repository is created.
    pub repository: bool,
    /// Tags beside this tool's own.
    pub tags: BTreeMap<String, String>,
    /// Parameters, by their names in the templates.
    pub parameters: BTreeMap<String, String>,
}

impl DeploySettings {
    /// Returns these settings with those of `other`, which win.
    #[must_use]
    pub fn overridden_by(mut self, other: Self) -> Self {
        self.tags.extend(other.tags);
        self.parameters.extend(other.parameters);
        Self {
            region: other.region.or(self.region),
            train: other.train.or(self.train),
            ttl: other.ttl.or(self.ttl),
            site_settings: other.site_settings.or(self.site_settings),
            notebook: other.notebook || self.notebook,
            repository: other.repository || self.repository,
            tags: self.tags,
            parameters: self.parameters,
        }
    }

    /// Sets a parameter by its name in the templates.
    ///
    /// # Errors
    /// If no template has it, the deployer computes it, or a template does not accept the value.
    pub fn set_parameter(&mut self, name: &str, value: &str) -> Result<(), SettingError> {
        if let Some((_, instead)) = COMPUTED.iter().find(|(computed, _)| *computed == name) {
            return Err(SettingError::Computed { name: name.to_owned(), instead });
        }
        let names = || TEMPLATES.iter().flat_map(Template::parameters);
        if !names().any(|known| known == name) {
            let nearest =
                nearest(name, names().filter(|name| COMPUTED.iter().all(|(known, _)| known != name)));
            return Err(SettingError::UnknownParameter { name: name.to_owned(), nearest });
        }
        for template in TEMPLATES.iter() {
            template.check_parameter(name, value)?;
        }
        self.parameters.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// Sets a tag.
    ///
    /// # Errors
    /// If AWS does not accept it, or it is one of this tool's own.
    pub fn set_tag(&mut self, key: &str, value: &str) -> Result<(), SettingError> {
        tag::check(key, value)?;
        self.tags.insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    /// Sets a key of the settings file that is not a table.
    fn set(&mut self, key: &str, value: &str) -> Result<(), SettingError> {
        if let Some((_, parameter)) = PARAMETER_KEYS.iter().find(|(known, _)| *known == key) {
            return self.set_parameter(parameter, value);
        }
        let invalid = |expected: String| SettingError::Value {
            key: key.to_owned(),
            value: format!("{value:?}"),
            expected,
        };
        match key {
            keys::REGION if is_region(value) => self.region = Some(value.to_owned()),
            keys::REGION => return Err(invalid("a region, such as eu-west-1".to_owned())),
            keys::TRAIN => {
                let train = Training::from_str(value, false);
                self.train = Some(train.map_err(|_| invalid("local or sagemaker".to_owned()))?);
            }
            keys::TTL => {
                let ttl = Ttl::from_str(value);
                self.ttl = Some(ttl.map_err(|error| {
                    invalid(error.to_string().trim_start_matches("expected ").to_owned())
                })?);
            }
            keys::SITE_SETTINGS => self.site_settings = Some(PathBuf::from(value)),
            keys::NOTEBOOK => {
                self.notebook = value.parse().map_err(|_| invalid("true or false".to_owned()))?;
            }
            keys::REPOSITORY => {
                self.repository = value.parse().map_err(|_| invalid("true or false".to_owned()))?;
            }
            _ => {
                let names = PARAMETER_KEYS.iter().map(|(name, _)| *name);
                let nearest = nearest(key, names.chain(OTHER_KEYS.iter().map(|(name, ..)| *name)));
                return Err(SettingError::UnknownKey { key: key.to_owned(), nearest });
            }
        }
        Ok(())
    }
}

/// Returns whether a text looks like the name of a region. The longest ones have 20 characters.
pub(crate) fn is_region(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.len() <= 20 && text.contains('-') && text.split('-').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_sets_a_parameter_that_the_deployer_does_not_compute() {
        let has = |name: &str| TEMPLATES.iter().any(|t| t.parameters().any(|known| known == name));
        for (key, parameter) in PARAMETER_KEYS {
            assert!(has(parameter), "{key}");
            assert!(COMPUTED.iter().all(|(computed, _)| computed != parameter), "{key}");
        }
        for (name, _) in COMPUTED {
            assert!(has(name), "{name}");
        }
    }

    #[test]
    fn refuses_what_the_templates_do_not_accept() {
        let set = |name: &str, value: &str| {
            let mut settings = DeploySettings::default();
            settings.set_parameter(name, value).map_err(|error| error.to_string())
        };
        assert_eq!(set("MemorySize", "512"), Ok(()));
        assert!(set("MemorySize", "64").unwrap_err().contains("expected a whole number from 128 to 10240"));
        assert!(set("MemorySise", "512").unwrap_err().contains("did you mean \"MemorySize\"?"));
        assert!(set("EndpointExpiry", "").unwrap_err().contains("use --ttl"));
        assert_eq!(set("Qwerty", "").unwrap_err(), "unknown parameter \"Qwerty\"");
    }

    #[test]
    fn the_later_settings_win() {
        let mut file = DeploySettings { train: Some(Training::Local), ..DeploySettings::default() };
        file.set("backend", "endpoint").unwrap();
        file.set("memory", "512").unwrap();
        let mut options = DeploySettings { train: Some(Training::Sagemaker), ..DeploySettings::default() };
        options.set_parameter("Backend", "fallback").unwrap();
        let both = file.overridden_by(options);
        assert_eq!(both.train, Some(Training::Sagemaker));
        assert_eq!(both.parameters["Backend"], "fallback");
        assert_eq!(both.parameters["MemorySize"], "512");
    }
}
