//! The environment of child processes: nothing of the developer's own.

use std::env;

use tokio::process::Command;

/// The variables that child processes inherit; those that begin with `LC_` are inherited, too.
const INHERITED: [&str; 4] = ["PATH", "LANG", "TMPDIR", "TZ"];

/// Clears a command's environment except for search path, locale, time zone and temporary folder.
///
/// The emulator gives functions its own environment: a token in the developer's environment must not reach it. The AWS
/// SDKs do not read the developer's profiles either.
pub fn clear(command: &mut Command) {
    command.env_clear();
    let is_inherited = |name: &str| INHERITED.contains(&name) || name.starts_with("LC_");
    command.envs(env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_inherited)));
    command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_only_path_locale_and_temporary_folder() {
        let mut command = Command::new("env");
        command.env("AWS_SECRET_ACCESS_KEY", "real");
        clear(&mut command);
        let names = command.as_std().get_envs().map(|(name, _)| name.to_str().unwrap());
        for name in names {
            let is_ours = name == "AWS_CONFIG_FILE" || name == "AWS_SHARED_CREDENTIALS_FILE";
            assert!(is_ours || INHERITED.contains(&name) || name.starts_with("LC_"), "{name}");
        }
        // Cargo sets variables for every test: they are there, and not inherited.
        assert!(env::var_os("CARGO_MANIFEST_DIR").is_some());
    }
}
