//! Programs that leave this machine: compiled without its paths, and checked for them.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use crate::workspace;

/// Between the flags in `CARGO_ENCODED_RUSTFLAGS`, in which a path may have spaces.
pub const SEPARATOR: &str = "\x1f";

/// Tells a build to write fixed names instead of this machine's folders into the program, besides `flags` and what the
/// environment asks for.
pub fn remap_paths(build: &mut Command, flags: &[&str]) {
    let inherited = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_else(|_| {
        let flags = env::var("RUSTFLAGS").unwrap_or_default();
        flags.split_whitespace().collect::<Vec<_>>().join(SEPARATOR)
    });
    let remaps = folders().into_iter().map(|(path, name)| {
        // Of several that match the compiler takes the last; the folders come from the outermost to the innermost.
        format!("--remap-path-prefix={}={name}", path.display())
    });
    let all = [inherited].into_iter().chain(flags.iter().map(|&flag| flag.to_owned())).chain(remaps);
    let all: Vec<_> = all.filter(|flag| !flag.is_empty()).collect();
    build.env("CARGO_ENCODED_RUSTFLAGS", all.join(SEPARATOR));
}

/// Checks that a program names none of this machine's folders.
pub fn check_paths(program: &Path) -> Result<()> {
    let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    for (folder, _) in folders() {
        // With a slash: a short name such as /root may be in a program for other reasons.
        let path = format!("{}/", folder.display());
        ensure!(
            !bytes.windows(path.len()).any(|window| window == path.as_bytes()),
            "{} contains the path {path}, which only this machine has",
            program.display()
        );
    }
    Ok(())
}

/// Returns the folders whose files are compiled, each with the name that is written instead.
fn folders() -> Vec<(PathBuf, &'static str)> {
    let home = env::home_dir().filter(|home| home.parent().is_some());
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| Some(home.as_ref()?.join(".cargo")));
    [(home, "/home"), (cargo_home, "/cargo"), (Some(workspace::root().to_owned()), "/workspace")]
        .into_iter()
        .filter_map(|(path, name)| Some((path?, name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_this_machine_are_found_in_a_program() {
        let program = workspace::target().join("xtask").join("paths-in-a-program");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::write(&program, "\0/cargo/registry/src/\0/workspace/crates\0").unwrap();
        check_paths(&program).unwrap();
        for (folder, _) in folders() {
            fs::write(&program, format!("\0{}/src/main.rs\0", folder.display())).unwrap();
            let refused = check_paths(&program).unwrap_err().to_string();
            assert!(refused.contains("which only this machine has"), "{refused}");
        }
        fs::remove_file(&program).unwrap();
    }

    #[test]
    fn builds_are_told_of_every_folder() {
        let mut build = Command::new("cargo");
        remap_paths(&mut build, &["-C", "target-feature=+crt-static"]);
        let flags = build.get_envs().next().unwrap().1.unwrap().to_str().unwrap();
        assert!(flags.contains("-C\u{1f}target-feature=+crt-static\u{1f}--remap-path-prefix="), "{flags}");
        assert!(flags.ends_with(&format!("{}=/workspace", workspace::root().display())), "{flags}");
    }
}
