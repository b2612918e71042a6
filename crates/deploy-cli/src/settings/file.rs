//! The settings file.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

use super::{DeploySettings, DeploySettingsError, SettingError, keys, nearest};

/// The settings file that is read if no other one is named.
pub const SETTINGS_FILE: &str = "mysfits.toml";
/// The table of settings for all stages.
const DEFAULTS: &str = "defaults";
/// The table of the stages' tables.
const STAGE: &str = "stage";

/// A settings file: settings for all stages, and settings for each stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsFile {
    path: PathBuf,
    defaults: DeploySettings,
    stages: BTreeMap<String, DeploySettings>,
}

impl SettingsFile {
    /// Reads a settings file: `config`, or `mysfits.toml` in the current folder. Returns `None` if `config` is not given and
    /// there is no `mysfits.toml`.
    ///
    /// # Errors
    /// If the file cannot be read, is not TOML, or has an unknown key or an invalid value.
    pub fn load(config: Option<&Path>) -> Result<Option<Self>, DeploySettingsError> {
        let path = config.unwrap_or(Path::new(SETTINGS_FILE));
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text).map(Some),
            Err(error) if config.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(DeploySettingsError::Read { path: path.to_owned(), source }),
        }
    }

    /// Parses the text of the settings file at `path`. Files that it names are relative to its folder.
    ///
    /// # Errors
    /// If the text is not TOML, or has an unknown key or an invalid value.
    pub fn parse(path: &Path, text: &str) -> Result<Self, DeploySettingsError> {
        let document: Table = text.parse().map_err(|error: toml::de::Error| DeploySettingsError::Toml {
            path: path.to_owned(),
            problem: error.to_string().trim_end().to_owned(),
        })?;
        let in_file = |table: &str, problem| DeploySettingsError::InFile {
            path: path.to_owned(),
            table: table.to_owned(),
            problem: Box::new(problem),
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut file =
            Self { path: path.to_owned(), defaults: DeploySettings::default(), stages: BTreeMap::new() };
        for (key, value) in &document {
            match key.as_str() {
                DEFAULTS => {
                    file.defaults =
                        settings(value, DEFAULTS, folder).map_err(|problem| in_file(DEFAULTS, problem))?;
                }
                STAGE => {
                    for (stage, value) in as_table(value, STAGE).map_err(|problem| in_file(STAGE, problem))? {
                        let name = format!("{STAGE}.{stage}");
                        let settings =
                            settings(value, &name, folder).map_err(|problem| in_file(&name, problem))?;
                        file.stages.insert(stage.clone(), settings);
                    }
                }
                key => {
                    let nearest = nearest(key, [DEFAULTS, STAGE]);
                    let problem = SettingError::UnknownKey { key: key.to_owned(), nearest };
                    return Err(in_file("top level: expected defaults and stage.NAME", problem));
                }
            }
        }
        Ok(file)
    }

    /// Returns the settings for a stage: those for all stages, overridden by the stage's own.
    #[must_use]
    pub fn for_stage(&self, stage: &str) -> DeploySettings {
        let own = self.stages.get(stage).cloned().unwrap_or_default();
        self.defaults.clone().overridden_by(own)
    }

    /// Describes where the settings for a stage come from.
    #[must_use]
    pub fn source(&self, stage: &str) -> String {
        let path = self.path.display();
        if self.stages.contains_key(stage) {
            format!("{path}, tables {DEFAULTS} and {STAGE}.{stage}")
        } else {
            format!("{path}, table {DEFAULTS} (it has no table {STAGE}.{stage})")
        }
    }
}

fn settings(value: &Value, table: &str, folder: &Path) -> Result<DeploySettings, SettingError> {
    let mut settings = DeploySettings::default();
    for (key, value) in as_table(value, table)? {
        match key.as_str() {
            keys::TAGS => {
                for (tag, value) in as_table(value, key)? {
                    settings.set_tag(tag, &text(tag, value)?)?;
                }
            }
            keys::PARAMETERS => {
                for (name, value) in as_table(value, key)? {
                    settings.set_parameter(name, &text(name, value)?)?;
                }
            }
            _ => settings.set(key, &text(key, value)?)?,
        }
    }
    settings.site_settings = settings.site_settings.map(|path| folder.join(path));
    Ok(settings)
}

fn as_table<'a>(value: &'a Value, key: &str) -> Result<&'a Table, SettingError> {
    value.as_table().ok_or_else(|| SettingError::Value {
        key: key.to_owned(),
        value: format!("a {}", value.type_str()),
        expected: "a table".to_owned(),
    })
}

/// Returns a value as the templates write it.
fn text(key: &str, value: &Value) -> Result<String, SettingError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Boolean(flag) => Ok(flag.to_string()),
        _ => Err(SettingError::Value {
            key: key.to_owned(),
            value: format!("a {}", value.type_str()),
            expected: "a string, a whole number, true or false".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::EXAMPLE, *};

    fn parse(text: &str) -> Result<SettingsFile, String> {
        SettingsFile::parse(Path::new("conf/mysfits.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_example_is_valid() {
        let file = parse(EXAMPLE).unwrap();
        let dev = file.for_stage("dev");
        assert_eq!(dev.parameters["Backend"], "embedded");
        assert_eq!(dev.parameters["AlarmEmail"], "team@example.com", "from the defaults");
        let production = file.for_stage("production");
        assert_eq!(production.region.as_deref(), Some("eu-west-1"));
        assert_eq!(production.parameters["Backend"], "fallback");
        assert_eq!(production.parameters["AlarmEmail"], "on-call@example.com", "of the stage");
        assert_eq!(production.parameters["LogLevel"], "warn");
        assert_eq!(production.tags["cost-center"], "1234");
        assert_eq!(file.for_stage("other").parameters.get("Backend"), None);
        assert!(file.source("other").contains("no table stage.other"));
    }

    #[test]
    fn files_are_relative_to_the_settings_file() {
        let file = parse("[defaults]\nsite-settings = \"modules.json\"").unwrap();
        assert_eq!(file.for_stage("dev").site_settings.as_deref(), Some(Path::new("conf/modules.json")));
    }

    #[test]
    fn refuses_unknown_keys_and_names_the_nearest_one() {
        for (text, expected) in [
            (
                "[defaults]\nbackent = \"endpoint\"",
                "[defaults]: unknown key \"backent\"; did you mean \"backend\"?",
            ),
            (
                "[stage.dev]\nalarm_email = \"\"",
                "[stage.dev]: unknown key \"alarm_email\"; did you mean \"alarm-email\"?",
            ),
            ("[stages.dev]\nbackend = \"endpoint\"", "unknown key \"stages\"; did you mean \"stage\"?"),
            ("[stage.dev.parameters]\nLogLvl = \"info\"", "did you mean \"LogLevel\"?"),
            ("[stage.dev.parameters]\nModelDataUrl = \"\"", "use --train"),
            ("[defaults]\nxyz = 1", "unknown key \"xyz\""),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with("conf/mysfits.toml: ") && error.contains(expected), "{error}");
        }
    }

    #[test]
    fn refuses_invalid_values() {
        for (text, expected) in [
            ("[defaults]\nbackend = \"lambda\"", "expected one of endpoint, embedded, fallback"),
            ("[defaults]\nmemory = 64", "expected a whole number from 128 to 10240"),
            ("[defaults]\nmemory = 256.5", "a float (expected a string"),
            ("[defaults]\nttl = \"1s\"", "\"ttl\""),
            ("[defaults]\nregion = \"Dublin\"", "such as eu-west-1"),
            ("[defaults]\ntags = \"a\"", "expected a table"),
            ("[defaults]\ntrain = \"cloud\"", "expected local or sagemaker"),
            ("[defaults", "not valid TOML"),
            ("defaults = 1", "expected a table"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn only_the_default_file_may_be_missing() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("other.toml");
        let error = SettingsFile::load(Some(&missing)).unwrap_err();
        assert!(error.to_string().contains("other.toml"), "{error}");
        assert_eq!(SettingsFile::load(None).unwrap(), None, "tests run in the crate's folder");
    }
}
