//! The scripts inside the templates, run by what runs them.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use mysfits_infra::{Stack, sagemaker, website};

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
    let values = [
        ("NotebookIdleMinutes", "60"),
        ("NotebookRepository", ""),
        ("DataBucket", "data"),
        ("NotebookRole.Arn", "arn:aws:iam::123456789012:role/notebook"),
        ("AWS::Region", "eu-west-1"),
        ("AWS::URLSuffix", "amazonaws.com"),
    ];
    let filled =
        |script: String, (name, value): &(&str, &str)| script.replace(&format!("${{{name}}}"), value);
    let script = values.iter().fold(script.to_owned(), filled).replace("${!", "${");
    assert_eq!(script, sagemaker::notebook_start(&values), "the program prints what the template holds");
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
    let head = start_script().lines().take(7).collect::<Vec<_>>().join("\n");
    let (good, said) = fed("bash", &["-s"], &format!("{head}\necho \"$REPOSITORY\""), "install bash");
    let own = "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/MythicalMysfits-RecommendationsLambdaRepository";
    assert!(good && said.trim() == own, "{said}");
    let named = head.replace("REPOSITORY=''", "REPOSITORY='https://example.com/a.git'");
    let (_, said) = fed("bash", &["-s"], &format!("{named}\necho \"$REPOSITORY\""), "install bash");
    assert_eq!(said.trim(), "https://example.com/a.git");
}

#[test]
fn an_instance_that_is_still_being_set_up_is_not_stopped() {
    let script = start_script();
    let check = written(&script)[0];
    let folder = std::env::temp_dir().join(format!("mysfits-lock-{}", std::process::id()));
    let held = format!(
        "exec 8>'{0}'; flock --nonblock 8\nexport MYSFITS_LOCK='{0}'\nbash -s 60 8>&- <<'CHECK'\n{check}\nCHECK\n",
        folder.display()
    );
    let (good, said) = fed("bash", &["-s"], &held, "install bash and util-linux");
    std::fs::remove_file(&folder).unwrap();
    assert!(good && said.trim() == "installing", "{said}");
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
