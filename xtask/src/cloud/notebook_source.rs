//! The repository and the commit that the notebook instance clones.

use anyhow::Result;
use mysfits_deploy_cli::DeployArgs;

/// Returns the deployer's options for what the notebook instance clones, unless `options` has them, and notes about what
/// could not be determined.
pub(super) fn notebook_source(
    options: &DeployArgs,
    git: impl Fn(&[&str]) -> Result<String>,
) -> (Vec<String>, Vec<String>) {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    // A saved plan has all settings; a hotswap changes none.
    if !options.with_notebook || options.apply.is_some() || options.hotswap {
        return (found, missing);
    }
    if options.notebook_repository.is_none() {
        // The notebook instance clones what this machine has cloned.
        let reason = match git(&["remote", "get-url", "origin"]) {
            Ok(url) if is_public(&url) => {
                found.extend(["--notebook-repository".to_owned(), url]);
                None
            }
            Ok(_) => Some("the remote origin has no public https address".to_owned()),
            Err(error) => Some(format!("{error:#}")),
        };
        missing.extend(reason.map(|reason| {
            format!(
                "the notebook instance clones the repository of an earlier deployment, or the module's CodeCommit \
                 repository ({reason}); name a public repository with --notebook-repository URL, or create that one \
                 with --with-repository and push the project there"
            )
        }));
    }
    if options.notebook_commit.is_none() {
        // The deployed commit; the repository's branch may have moved when the instance starts.
        match git(&["rev-parse", "HEAD"]) {
            Ok(commit) => found.extend(["--notebook-commit".to_owned(), commit]),
            // One note is enough.
            Err(error) if missing.is_empty() => missing.push(format!(
                "the notebook instance uses the default branch of its repository ({error:#}); name a commit with \
                 --notebook-commit HASH"
            )),
            Err(_) => {}
        }
    }
    (found, missing)
}

/// Returns whether a machine without credentials can clone this URL: it holds no name or password. The
/// deployer rejects all others.
fn is_public(url: &str) -> bool {
    url.starts_with("https://") && !url.contains('@')
}

#[cfg(test)]
mod tests {
    use super::{super::tests::options, *};

    #[test]
    fn deploys_without_git() {
        let no_git = |_: &[&str]| anyhow::bail!("/src is no Git checkout: it has no .git");
        let (found, missing) = notebook_source(&options("--with-notebook"), no_git);
        assert_eq!((found.len(), missing.len()), (0, 1));
        assert!(missing[0].contains("/src is no Git checkout"), "{missing:?}");
        assert!(missing[0].contains("--notebook-repository URL"), "{missing:?}");
        let given = options("--with-notebook --notebook-repository=https://git.example.org/m.git");
        let (found, missing) = notebook_source(&given, no_git);
        assert_eq!((found.len(), missing.len()), (0, 1));
        assert!(missing[0].contains("--notebook-commit HASH"), "{missing:?}");
        assert_eq!(notebook_source(&options(""), no_git), (vec![], vec![]));
    }

    #[test]
    fn deploys_the_commit_of_the_checkout() {
        let git = |arguments: &[&str]| {
            Ok(if arguments == ["rev-parse", "HEAD"] { "c0ffee" } else { "https://git.example.org/m" }
                .to_owned())
        };
        let (found, missing) = notebook_source(&options("--with-notebook"), git);
        let expected = ["--notebook-repository", "https://git.example.org/m", "--notebook-commit", "c0ffee"];
        assert_eq!(found, expected);
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn accepts_only_repositories_without_credentials() {
        assert!(is_public("https://git.example.org/mysfits.git"));
        for wrong in
            ["", "/srv/mysfits", "git@example.org:mysfits.git", "https://me:secret@example.org/mysfits.git"]
        {
            assert!(!is_public(wrong), "{wrong}");
        }
    }
}
