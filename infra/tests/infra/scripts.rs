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
