//! The scripts inside the templates, run by what runs them.

use std::{
    fs::{self, Permissions},
    io::Write as _,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::{Command, Stdio},
};

use mysfits_infra::{Stack, notebook, website};

fn fed(program: &str, args: &[&str], input: &str, remedy: &str) -> (bool, String) {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} cannot be run: {error}; {remedy}"));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

/// The start script as the notebook gets it.
fn start_script() -> String {
    let template = Stack::Notebook.template();
    let lifecycle = template.resources().find(|resource| resource.logical_id == "Lifecycle").unwrap();
    let script = lifecycle.properties["OnStart"][0]["Content"]["Fn::Base64"]["Fn::Sub"].as_str().unwrap();
    let values = [
        ("NotebookIdleMinutes", "60"),
        ("Stage", "prod"),
        ("NotebookRepository", ""),
        ("NotebookCommit", ""),
        ("DataBucketName", "data"),
        ("TrainingRoleArn", "arn:aws:iam::123456789012:role/training"),
        ("ModelRoleArn", "arn:aws:iam::123456789012:role/model"),
        ("AWS::Region", "eu-west-1"),
        ("AWS::URLSuffix", "amazonaws.com"),
    ];
    let filled =
        |script: String, (name, value): &(&str, &str)| script.replace(&format!("${{{name}}}"), value);
    let script = values.iter().fold(script.to_owned(), filled).replace("${!", "${");
    assert_eq!(script, notebook::start_script(&values), "the program prints what the template holds");
    script
}

/// The scripts that the start script writes.
fn written(script: &str) -> Vec<&str> {
    script.split("<<'SCRIPT'\n").skip(1).map(|rest| rest.split_once("SCRIPT\n").unwrap().0).collect()
}

#[test]
fn bash_can_read_the_notebooks_start_script_and_the_scripts_that_it_writes() {
    let script = start_script();
    assert!(script.starts_with("#!/bin/bash\nIDLE_MINUTES=60\n"), "{script}");
    let written = written(&script);
    assert_eq!(written.len(), 2);
    for script in [&script[..]].iter().chain(&written) {
        assert!(script.starts_with("#!/bin/bash\n") && !script.contains("#INCLUDE"), "{script}");
        let (good, said) = fed("bash", &["-n"], script, "install bash");
        assert!(good && said.is_empty(), "{said}");
    }
    let (good, _) = fed("bash", &["-n"], &format!("{script}\nif\n"), "install bash");
    assert!(!good, "a script that is cut off is noticed");
}

#[test]
fn sagemaker_takes_a_start_script_of_this_length() {
    // 16,384 characters in base64, which makes four of three.
    let length = start_script().len();
    assert!(length.div_ceil(3) * 4 <= 16_384, "{length} bytes");
}

#[test]
fn without_a_repository_of_its_own_the_notebook_clones_the_stacks() {
    let head = start_script().lines().take(10).collect::<Vec<_>>().join("\n");
    let (good, said) = fed("bash", &["-s"], &format!("{head}\necho \"$REPOSITORY\""), "install bash");
    let own = "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/Mysfits-prod-Recommendations";
    assert!(good && said.trim() == own, "{said}");
    let named = head.replace("REPOSITORY=''", "REPOSITORY='https://example.com/a.git'");
    let (_, said) = fed("bash", &["-s"], &format!("{named}\necho \"$REPOSITORY\""), "install bash");
    assert_eq!(said.trim(), "https://example.com/a.git");
}

#[test]
fn an_instance_that_is_still_being_set_up_is_not_stopped() {
    let script = start_script();
    let check = written(&script)[0];
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("lock");
    let held = format!(
        "exec 8>'{0}'; flock --nonblock 8\nexport MYSFITS_LOCK='{0}'\nbash -s 60 8>&- <<'CHECK'\n{check}\nCHECK\n",
        lock.display()
    );
    let (good, said) = fed("bash", &["-s"], &held, "install bash and util-linux");
    assert!(good && said.trim() == "installing", "{said}");
}

/// What the installation does as the notebook's user, in an empty home folder: whether it ends well, and what it prints.
///
/// `commands` are scripts for the programs that it must not really run.
fn installed(home: &Path, commands: &[(&str, &str)], settings: &str) -> (bool, String) {
    let start = start_script();
    let install = written(&start)[1];
    let part = install.split_once("<<'USER'\n").unwrap().1.split_once("\nUSER").unwrap().0;
    let bin = home.join("bin");
    fs::create_dir_all(&bin).unwrap();
    for (name, script) in commands {
        fs::write(bin.join(name), format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(bin.join(name), Permissions::from_mode(0o755)).unwrap();
    }
    // All programs of this machine but its own Rust.
    for folder in ["/usr/bin", "/bin"] {
        for program in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()) {
            if !["cargo", "rustc", "rustup"].iter().any(|name| program == *name)
                && !bin.join(&program).exists()
            {
                let _ = symlink(Path::new(folder).join(&program), bin.join(&program));
            }
        }
    }
    let script = format!(
        "set -euo pipefail\nexec 2>&1\nexport HOME='{home}' PATH='{home}/bin'\n{settings}\n{part}",
        home = home.display()
    );
    fed("bash", &["-s"], &script, "install bash")
}

/// A repository with two commits; returns their hashes.
fn repository(path: &Path) -> [String; 2] {
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        git.arg("-C").arg(path).args(["-c", "user.name=t", "-c", "user.email=t@example.org"]).args(args);
        let output = git.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    fs::create_dir(path).unwrap();
    git(&["init", "--quiet"]);
    ["one", "two"].map(|text| {
        fs::write(path.join("Cargo.toml"), text).unwrap();
        git(&["add", "."]);
        git(&["commit", "--quiet", "--message", text]);
        git(&["rev-parse", "HEAD"])
    })
}

#[test]
fn the_notebook_checks_out_the_commit_that_was_deployed() {
    let folder = tempfile::tempdir().unwrap();
    let url = folder.path().join("repository");
    let [first, second] = repository(&url);
    let check_out = |name: &str, commit: &str| {
        let home = folder.path().join(name);
        let settings = format!("RUST=: REPOSITORY='file://{}' COMMIT='{commit}'", url.display());
        let (good, said) = installed(&home, &[("cargo", "exit 0")], &settings);
        let project = home.join("SageMaker/mysfits");
        (good, said, fs::read_to_string(project.join("Cargo.toml")).unwrap_or_default())
    };
    for (name, commit, expected) in [("a", &first[..], "one"), ("b", &second, "two"), ("c", "", "two")] {
        let (good, said, found) = check_out(name, commit);
        assert!(good && found == expected, "{name}: {found}: {said}");
    }
    let missing = "0123456789abcdef0123456789abcdef01234567";
    let (good, said, found) = check_out("d", missing);
    assert!(!good && found.is_empty(), "{said}");
    assert!(said.contains(&format!("The project at commit {missing} is not in file://")), "{said}");
}

#[test]
fn the_notebook_runs_no_rustup_but_the_pinned_one() {
    let folder = tempfile::tempdir().unwrap();
    // In place of the download: another program, which leaves a trace.
    let curl = "for last; do :; done; echo \"$last\" >>$HOME/asked
        while [ $# -gt 1 ]; do [ \"$1\" != --output ] || printf '#!/bin/sh\\ntouch $HOME/ran\\n' >\"$2\"; shift; done";
    for processor in ["x86_64", "aarch64", "riscv64"] {
        let home = folder.path().join(processor);
        let commands = [("curl", curl), ("uname", &format!("echo {processor}"))];
        let (good, said) = installed(&home, &commands, "RUST=install_rust REPOSITORY=/none COMMIT=");
        assert!(!good && !home.join("ran").exists(), "{said}");
        let asked = fs::read_to_string(home.join("asked")).unwrap_or_default();
        if processor == "riscv64" {
            assert_eq!((asked.as_str(), said.trim()), ("", "rustup is not pinned for the processor riscv64"));
        } else {
            let target = format!("1.28.2/{processor}-unknown-linux-gnu/rustup-init\n");
            assert_eq!(asked, format!("https://static.rust-lang.org/rustup/archive/{target}"));
            assert!(said.contains("rustup-init: FAILED"), "{said}");
        }
    }
}

/// The site's own function and a script around it, under node: what the script prints.
fn under_node(script: &str) -> String {
    let node = std::env::var("MYSFITS_NODE").unwrap_or_else(|_| "node".to_owned());
    let remedy = "install Node.js, or name it in MYSFITS_NODE";
    let (good, said) = fed(&node, &["-"], &format!("{}\n{script}", website::ROUTES), remedy);
    assert!(good, "{said}");
    said
}

#[test]
fn cloudfront_takes_a_function_of_this_size() {
    assert!(website::ROUTES.len() < 10_000, "{} bytes; the limit is 10 KB", website::ROUTES.len());
}

#[test]
fn a_path_means_the_same_file_as_on_our_own_server() {
    let script = format!(
        "for (const [path, file] of {}) {{
           const event = {{ request: {{ method: 'GET', uri: path, querystring: {{}}, headers: {{}}, cookies: {{}} }} }};
           const found = handler(event).uri;
           if (found !== file) console.log(path, 'became', found, 'and not', file);
         }}",
        mysfits_site::paths::CASES
    );
    assert_eq!(under_node(&script), "");
}

#[test]
fn a_result_is_the_same_page_of_the_api_as_on_our_own_server() {
    let script = format!(
        "for (const [path, expected] of {}) {{
           const headers = {{ host: {{ value: 'm.example' }} }};
           const request = {{ method: 'GET', uri: path, querystring: {{ x: {{ value: '1' }} }}, headers, cookies: {{}} }};
           const found = handler({{ request }});
           const host = found.headers['x-forwarded-host'];
           const query = found.querystring.lang ? '?lang=' + found.querystring.lang.value : '';
           const target = host ? found.uri + query : null;
           const isWrong = host && (host.value !== 'm.example' || found.querystring.x);
           if (target !== expected || isWrong) console.log(path, 'became', target, 'and not', expected);
         }}",
        mysfits_site::results::CASES
    );
    assert_eq!(under_node(&script), "");
}

/// Makes the event of a request: names in lower case, what is there once as a value, what is there more than once as all
/// its values, the first of them in front; cookies apart from the other headers.
const EVENT: &str = "
    function fields(pairs) {
      const fields = {};
      for (const [name, value] of pairs) {
        if (!fields[name]) { fields[name] = { value }; continue; }
        fields[name].multiValue = fields[name].multiValue || [{ value: fields[name].value }];
        fields[name].multiValue.push({ value });
      }
      return fields;
    }
    function parts(text, separator) {
      const parts = text.split(separator).map(part => part.trim()).filter(part => part !== '');
      return parts.map(part => {
        const end = part.indexOf('=');
        return end < 0 ? [part, ''] : [part.slice(0, end), part.slice(end + 1)];
      });
    }
    function event(asked) {
      const cookies = asked.headers.filter(([name]) => name === 'cookie').flatMap(([, value]) => parts(value, ';'));
      return { request: {
        method: asked.method || 'GET',
        uri: asked.path || '/',
        querystring: fields(parts(asked.query || '', '&')),
        headers: fields(asked.headers.filter(([name]) => name !== 'cookie')),
        cookies: fields(cookies),
      } };
    }
";

#[test]
fn a_visitor_is_met_in_the_same_language_as_on_our_own_server() {
    let script = format!(
        "{EVENT}
         let n = 0;
         for (const asked of {}) {{
           const answer = handler(event(asked));
           const location = answer.statusCode ? answer.headers.location.value : null;
           const kept = answer.statusCode && answer.headers['cache-control'].value !== 'no-store';
           if (location !== asked.location || kept) console.log(asked.name, location, asked.location);
           n += 1;
         }}
         if (n < 40) console.log(n, 'cases');",
        mysfits_site::language::CASES
    );
    assert_eq!(under_node(&script), "");
}
