//! The commands of the README, run in order; what they print is compared.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    process::{Cluster, knn_score},
    support::write_model,
};

/// The address of the scheduler in the README.
const SCHEDULER: &str = "127.0.0.1:50050";

fn readme() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap()
}

/// Returns the commands of the `console` blocks with what they print.
fn commands(markdown: &str) -> Vec<(String, String)> {
    let blocks = markdown.split("```console\n").skip(1).filter_map(|block| block.split("```").next());
    let shown = blocks.flat_map(|block| block.split("$ ").skip(1));
    shown
        .map(|shown| {
            // A quoted query may have several lines.
            let quotes = |text: &str| text.matches('"').count();
            let end =
                shown.match_indices('\n').map(|(end, _)| end).find(|end| quotes(&shown[..*end]) % 2 == 0);
            let (command, printed) = shown.split_at(end.unwrap());
            (command.to_owned(), printed.trim().to_owned())
        })
        .collect()
}

#[test]
fn the_commands_print_what_the_readme_shows() {
    let readme = readme();
    let folder = tempfile::tempdir().unwrap();
    write_model(&folder.path().join("model.tar.gz"), 500, 3, 4);
    let cluster = Cluster::start(2);
    let program = Path::new(env!("CARGO_BIN_EXE_knn-score")).parent().unwrap();
    let path = format!("{}:{}", program.display(), env::var("PATH").unwrap());
    let commands = commands(&readme);
    assert!(commands.len() >= 5, "{commands:?}");
    for (command, expected) in commands {
        let mut bash = Command::new("bash");
        bash.arg("-c").arg(command.replace(SCHEDULER, cluster.scheduler())).current_dir(folder.path());
        let output = bash.env("PATH", &path).stderr(Stdio::inherit()).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{command}: {}", cluster.logs());
        assert_eq!(printed.trim(), expected, "{command}");
    }
}

/// The commands that start a cluster are those of the other tests.
#[test]
fn the_readme_starts_a_cluster_with_options_that_exist() {
    let readme = readme();
    let block = readme.split("```sh\n").find(|block| block.starts_with("knn-score scheduler"));
    let lines: Vec<_> = block.unwrap().split("```").next().unwrap().lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    for line in lines {
        let words = line.trim_end_matches(" &").split(' ').skip(1);
        let status = knn_score().args(words).arg("--help").stdout(Stdio::null()).status().unwrap();
        assert!(status.success(), "{line}");
    }
}
