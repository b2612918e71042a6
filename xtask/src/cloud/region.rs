//! The region of the environment and the profile, as AWS's SDKs find it: an unsupported one is refused before anything is built.

use std::{env, fs, path::PathBuf};

/// Returns the region of the environment, or that of the profile; `None` if neither has one.
pub fn configured() -> Option<String> {
    region(|name| env::var(name).ok())
}

fn region(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let given = |name: &str| variable(name).filter(|value| !value.is_empty());
    let of_profile = || {
        let default = || Some(env::home_dir()?.join(".aws/config"));
        let file = given("AWS_CONFIG_FILE").map(PathBuf::from).or_else(default)?;
        let profile = given("AWS_PROFILE").unwrap_or_else(|| "default".to_owned());
        of_profile(&fs::read_to_string(file).ok()?, &profile)
    };
    given("AWS_REGION").or_else(|| given("AWS_DEFAULT_REGION")).or_else(of_profile)
}

/// Returns the region of a profile in the text of a configuration file.
fn of_profile(config: &str, profile: &str) -> Option<String> {
    let mut is_in_profile = false;
    for line in config.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let section = section.trim();
            // The section of the default profile has its bare name, too.
            let name = section.strip_prefix("profile ").map(str::trim);
            is_in_profile = name == Some(profile) || (section == profile && profile == "default");
        } else if is_in_profile
            && let Some((key, value)) = line.split_once('=')
            && key.trim() == "region"
        {
            return Some(value.trim().to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "\
# comment
[default]
region = eu-west-1
output = json

[profile china]
sso_session = company
region=cn-north-1
[sso-session company]
region = us-west-2
[profile none]
";

    #[test]
    fn reads_the_profiles_region() {
        let of = |profile| of_profile(CONFIG, profile);
        assert_eq!(of("default").as_deref(), Some("eu-west-1"));
        assert_eq!(of("china").as_deref(), Some("cn-north-1"));
        assert_eq!((of("none"), of("company"), of("sso-session company")), (None, None, None));
        assert_eq!(
            of_profile("[profile default]\nregion = us-east-2", "default").as_deref(),
            Some("us-east-2")
        );
    }

    #[test]
    fn the_environment_overrides_the_profile() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        fs::write(&file, CONFIG).unwrap();
        let file = file.display().to_string();
        let found = |variables: &[(&str, &str)]| {
            let variables = [variables, &[("AWS_CONFIG_FILE", file.as_str())]].concat();
            region(|name| {
                let value = variables.iter().find(|(known, _)| *known == name);
                value.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(found(&[]).as_deref(), Some("eu-west-1"));
        assert_eq!(found(&[("AWS_PROFILE", "china")]).as_deref(), Some("cn-north-1"));
        let both = [("AWS_REGION", "us-east-1"), ("AWS_DEFAULT_REGION", "us-east-2")];
        assert_eq!(found(&both).as_deref(), Some("us-east-1"));
        assert_eq!(found(&both[1..]).as_deref(), Some("us-east-2"));
        assert_eq!(found(&[("AWS_REGION", "")]).as_deref(), Some("eu-west-1"));
    }
}
