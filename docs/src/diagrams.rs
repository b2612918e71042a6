//! The guide's diagrams, in Mermaid. The one of the stacks is generated from the templates. The others are written in the
//! guides; what they state is compared with the code.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
};

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_data::{DEFAULT_K, DEFAULT_ROWS, DEFAULT_SAMPLE_SIZE, DEFAULT_SEED, train_rows};
use mysfits_domain::{Answer, Entry, Locale, MYSFIT_COUNT, OPTION_COUNT, QUESTION_COUNT, catalogue};
use mysfits_infra::{Stack, Stage, recommendations, sagemaker};

/// The label of the workshop's data point.
const LABEL: usize = 8;

/// Returns a diagram as it is now: generated, or as `drawn` in a guide.
///
/// # Errors
/// If the name is unknown, or a drawn diagram states something else than the code.
pub fn current(name: &str, drawn: &str, locale: Locale) -> Result<String> {
    match name {
        "stacks" => return stacks(locale),
        "request" => check_numbers(
            drawn,
            [
                ("browser", vec![Answer::MIN.get().into(), Answer::MAX.get().into()]),
                ("table", vec![Entry::COUNT]),
            ],
        ),
        "data" => {
            let n_trained = train_rows(DEFAULT_ROWS);
            check_numbers(
                drawn,
                [
                    ("questionnaire", vec![QUESTION_COUNT, OPTION_COUNT]),
                    ("mysfits", vec![MYSFIT_COUNT]),
                    ("survey", vec![DEFAULT_ROWS, usize::try_from(DEFAULT_SEED)?]),
                    ("test", vec![DEFAULT_ROWS - n_trained]),
                    ("model", vec![DEFAULT_SAMPLE_SIZE, n_trained, DEFAULT_K]),
                    ("table", vec![Entry::COUNT]),
                ],
            )
        }
        "messages" => check_messages(drawn),
        "deploy" => check_stages("deploy", &["planning.rs", "deploy.rs", "deploy/sagemaker.rs"], drawn)
            .and_then(|()| check_stages("destroy", &["destroy.rs"], drawn)),
        _ => bail!("unknown diagram {name:?}"),
    }?;
    Ok(drawn.to_owned())
}

/// Returns the nodes of a diagram with their labels.
fn nodes(drawn: &str) -> impl Iterator<Item = (&str, &str)> {
    drawn.lines().filter_map(|line| {
        let (node, rest) = line.split_once('"')?;
        Some((node.trim_end_matches(['[', '(']).trim(), rest.split('"').next()?))
    })
}

/// Checks the numbers in the nodes of a diagram, in any order; all other nodes must have none.
fn check_numbers<const N: usize>(drawn: &str, expected: [(&str, Vec<usize>); N]) -> Result<()> {
    let numbers = |label: &str| -> BTreeSet<usize> {
        // Commas separate thousands.
        label
            .replace(',', "")
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|word| word.parse().ok())
            .collect()
    };
    let stated: BTreeMap<_, _> = nodes(drawn).map(|(node, label)| (node, numbers(label))).collect();
    let stated: BTreeMap<_, _> = stated.into_iter().filter(|(_, numbers)| !numbers.is_empty()).collect();
    let expected: BTreeMap<_, _> =
        expected.into_iter().map(|(node, numbers)| (node, BTreeSet::from_iter(numbers))).collect();
    ensure!(stated == expected, "the diagram states {stated:?}; expected {expected:?}");
    Ok(())
}

/// Checks the messages of a request: the answers to the workshop's data point.
fn check_messages(drawn: &str) -> Result<()> {
    let mysfit = &catalogue()[LABEL];
    for message in [
        format!(r#"{{"predictions": [{{"predicted_label": {}.0}}]}}"#, mysfit.label.get()),
        format!(r#"{{"recommendedMysfit":"{}"}}"#, mysfit.id),
    ] {
        ensure!(drawn.lines().any(|line| line.ends_with(&message)), "the diagram does not show {message}");
    }
    Ok(())
}

/// Checks that the stages of a command, nodes `NAME: TEXT`, are those that the deployer's source announces.
fn check_stages(command: &str, files: &[&str], drawn: &str) -> Result<()> {
    let mut announced = BTreeSet::new();
    for file in files {
        let path = crate::root().join("crates/deploy/src").join(file);
        let source = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let names = source.split(".stage(").skip(1).filter_map(|rest| rest.split('"').nth(1));
        announced.extend(names.map(|name| name.replace("{}", "stack-…")));
    }
    let stages = nodes(drawn).filter(|(node, _)| node.starts_with(command));
    let stages = stages.filter_map(|(_, label)| Some(label.split_once(": ")?.0.to_owned()));
    let stages: BTreeSet<String> = stages.collect();
    ensure!(announced == stages, "the deployer's stages are {announced:?}, the diagram's {stages:?}");
    Ok(())
}

/// Returns the resources of each stack, from the templates, and the outputs that become parameters.
fn stacks(locale: Locale) -> Result<String> {
    let optional = match locale {
        Locale::En => "optional",
        Locale::Ko => "선택",
    };
    let mut text = "flowchart LR\n".to_owned();
    for (number, stack) in Stack::ALL.into_iter().enumerate() {
        let template = stack.template();
        let resources = template.resources().map(|resource| {
            let service = resource.kind.split("::").nth(1).unwrap_or(resource.kind);
            let is_optional = stack.is_optional() || resource.condition.is_some();
            let optional = if is_optional { format!(", {optional}") } else { String::new() };
            format!("{} ({service}{optional})", without_hash(resource.logical_id))
        });
        let list = resources.collect::<Vec<_>>().join("<br/>");
        writeln!(text, "    subgraph stack{number}[\"{}\"]", stack.name(&Stage::DEFAULT))?;
        writeln!(text, "        resources{number}[\"{list}\"]\n    end")?;
    }
    let number =
        |stack| Stack::ALL.iter().position(|other| *other == stack).context("a stack that is not in ALL");
    for (from, output, to) in [
        (Stack::SageMaker, sagemaker::output::ENDPOINT_NAME, Stack::Recommendations),
        (Stack::Recommendations, recommendations::output::RECOMMENDATIONS_API_ENDPOINT, Stack::Website),
        (Stack::SageMaker, sagemaker::output::DATA_BUCKET_NAME, Stack::Notebook),
    ] {
        writeln!(text, "    stack{} -- {output} --> stack{}", number(from)?, number(to)?)?;
    }
    Ok(text)
}

/// Returns a logical id without the hash of a deployment of the API.
fn without_hash(logical_id: &str) -> String {
    let name = logical_id.trim_end_matches(|c: char| c.is_ascii_digit() || ('a'..='f').contains(&c));
    if logical_id.len() - name.len() >= 12 { format!("{name}…") } else { logical_id.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a diagram of an explanation.
    fn drawn(name: &str, locale: Locale) -> String {
        let page = match name {
            "request" | "messages" => "request",
            "data" => "model",
            _ => "infrastructure",
        };
        let ending = match locale {
            Locale::En => "md",
            Locale::Ko => "ko.md",
        };
        let path = crate::root().join(format!("docs/explanation/{page}.{ending}"));
        let text = fs::read_to_string(path).unwrap();
        let (_, diagram) = text.split_once(&format!("<!-- diagram: {name} -->\n```mermaid\n")).unwrap();
        diagram.split("```").next().unwrap().to_owned()
    }

    #[test]
    fn rejects_what_the_code_does_not_say() {
        for (name, right, wrong) in [
            ("request", "32,768", "32,767"),
            ("request", "metrics", "3 metrics"),
            ("data", "10 neighbours", "11 neighbours"),
            ("messages", "8.0", "7.0"),
            ("deploy", "smoke-test: ", "smoke: "),
        ] {
            let diagram = drawn(name, Locale::En);
            assert_eq!(current(name, &diagram, Locale::En).unwrap(), diagram);
            let changed = diagram.replace(right, wrong);
            assert_ne!(changed, diagram);
            assert!(current(name, &changed, Locale::En).is_err(), "{name}: {wrong}");
        }
    }

    #[test]
    fn both_languages_have_the_same_nodes_and_arrows() {
        // Without the labels, which are in quotes or behind the name of a participant.
        let shape = |text: &str| -> Vec<String> {
            let line = |line: &str| line.split('"').step_by(2).collect::<Vec<_>>().join("\"");
            text.lines().filter(|line| !line.contains(" as ")).map(line).collect()
        };
        for name in ["request", "messages", "data", "stacks", "deploy"] {
            let [english, korean] = Locale::ALL.map(|locale| shape(&drawn(name, locale)));
            assert_eq!(english, korean, "{name}");
        }
    }
}
