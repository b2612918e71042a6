//! The scripts inside the templates, run by what runs them.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use mysfits_infra::{Stack, website};

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
    let template = Stack::SageMaker.template();
    let lifecycle = template.resources().find(|resource| resource.logical_id == "NotebookLifecycle").unwrap();
    let script = lifecycle.properties["OnStart"][0]["Content"]["Fn::Base64"]["Fn::Sub"].as_str().unwrap();
    script.replace("${NotebookIdleMinutes}", "60").replace("${!", "${")
}

#[test]
fn bash_can_read_the_notebooks_start_script_and_the_script_that_it_writes() {
    let script = start_script();
    assert!(script.starts_with("#!/bin/bash\nIDLE_MINUTES=60\n"), "{script}");
    let (_, rest) = script.split_once("<<'SCRIPT'\n").unwrap();
    let (inner, _) = rest.split_once("\nSCRIPT\n").unwrap();
    for script in [&script, inner] {
        let (good, said) = fed("bash", &["-n"], script, "install bash");
        assert!(good && said.is_empty(), "{said}");
    }
    let (good, _) = fed("bash", &["-n"], &format!("{script}\nif\n"), "install bash");
    assert!(!good, "a script that is cut off is noticed");
}

/// Which file each path becomes, by the site's own function under node.
fn routed(paths: &[&str]) -> Vec<String> {
    let node = std::env::var("MYSFITS_NODE").unwrap_or_else(|_| "node".to_owned());
    let paths = serde_json::to_string(paths).unwrap();
    let script = format!(
        "{}\nfor (const uri of {paths}) console.log(handler({{ request: {{ uri }} }}).uri);",
        website::ROUTES
    );
    let remedy = "install Node.js, or name it in MYSFITS_NODE";
    let (good, said) = fed(&node, &["-"], &script, remedy);
    assert!(good, "{said}");
    said.lines().map(str::to_owned).collect()
}

#[test]
fn folders_mean_their_index_and_files_keep_their_names() {
    let cases = [
        ("/", "/index.html"),
        ("/ko", "/ko/index.html"),
        ("/ko/", "/ko/index.html"),
        ("/mysfits/atlantis", "/mysfits/atlantis/index.html"),
        ("/mysfits/atlantis/", "/mysfits/atlantis/index.html"),
        ("/v1.2/page", "/v1.2/page/index.html"),
        ("/index.html", "/index.html"),
        ("/config.json", "/config.json"),
        ("/assets/app-0123456789abcdef.wasm", "/assets/app-0123456789abcdef.wasm"),
    ];
    let expected: Vec<_> = cases.iter().map(|(_, file)| (*file).to_owned()).collect();
    assert_eq!(routed(&cases.map(|(path, _)| path)), expected);
}
