//! Differences between two templates, named by logical ids and properties.

use serde_yaml::{Mapping, Value};

/// The number of differences that a message shows.
const MAX_SHOWN: usize = 20;
/// The number of characters of a value that a message shows.
const MAX_VALUE: usize = 80;

/// Returns the differences between the document in a file and the one of its source, a line for each value:
/// `Resources.Topic.Properties.TopicName: "a" in the file, "b" in the source`.
pub(crate) fn differences(file: &Value, source: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", file, source, &mut found);
    found
}

/// Returns the lines of a message, each after a line break; the last one counts those that are not shown.
pub(crate) fn listed(differences: &[String]) -> String {
    let more = differences.len().saturating_sub(MAX_SHOWN);
    let last = (more > 0).then(|| format!("and {more} more"));
    let lines = differences.iter().take(MAX_SHOWN).chain(&last);
    lines.fold(String::new(), |text, line| text + "\n    " + line)
}

fn compare(place: &str, file: &Value, source: &Value, found: &mut Vec<String>) {
    match (file, source) {
        (Value::Mapping(file), Value::Mapping(source)) => {
            let only_source = source.iter().filter(|(key, _)| !file.contains_key(*key));
            for (key, value) in file.iter().chain(only_source) {
                let place = joined(place, key);
                match (file.get(key), source.get(key)) {
                    (Some(file), Some(source)) => compare(&place, file, source, found),
                    (Some(_), None) => found.push(format!("{place}: {} is only in the file", kind(value))),
                    (None, _) => found.push(format!("{place}: {} is only in the source", kind(value))),
                }
            }
        }
        (Value::Sequence(file), Value::Sequence(source)) if file.len() == source.len() => {
            for (i, (file, source)) in file.iter().zip(source).enumerate() {
                compare(&format!("{place}[{i}]"), file, source, found);
            }
        }
        (file, source) if file == source => {}
        (file, source) => {
            found.push(format!("{place}: {} in the file, {} in the source", text(file), text(source)));
        }
    }
}

fn joined(place: &str, key: &Value) -> String {
    let key = key.as_str().map_or_else(|| text(key), str::to_owned);
    if place.is_empty() { key } else { format!("{place}.{key}") }
}

/// Returns what is there: a resource by its type, any other value as text.
fn kind(value: &Value) -> String {
    let kind = value.as_mapping().and_then(|map: &Mapping| map.get("Type")?.as_str());
    kind.map_or_else(|| text(value), str::to_owned)
}

/// Returns the beginning of a value as JSON.
fn text(value: &Value) -> String {
    let json = serde_json::to_string(value).unwrap_or_default();
    let shown: String = json.chars().take(MAX_VALUE).collect();
    if shown == json { json } else { format!("{shown}…") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(yaml: &str) -> Value {
        serde_yaml::from_str(yaml).unwrap()
    }

    #[test]
    fn names_logical_ids_and_properties() {
        let file = parsed(
            "Resources: {Topic: {Type: 'AWS::SNS::Topic', Properties: {TopicName: a, Tags: [{Key: k, Value: v}]}},
                Old: {Type: 'AWS::S3::Bucket'}}",
        );
        let source = parsed(
            "Resources: {Topic: {Type: 'AWS::SNS::Topic', Properties: {TopicName: b, Tags: [{Key: k, Value: w}]}},
                New: {Type: 'AWS::KMS::Key'}}\nOutputs: {}",
        );
        assert_eq!(
            differences(&file, &source),
            [
                r#"Resources.Topic.Properties.TopicName: "a" in the file, "b" in the source"#,
                r#"Resources.Topic.Properties.Tags[0].Value: "v" in the file, "w" in the source"#,
                "Resources.Old: AWS::S3::Bucket is only in the file",
                "Resources.New: AWS::KMS::Key is only in the source",
                "Outputs: {} is only in the source",
            ]
        );
        assert_eq!(differences(&file, &file), [""; 0]);
    }

    #[test]
    fn shows_lists_of_other_lengths_and_long_values_in_part() {
        let [line] = &differences(&parsed("[a]"), &parsed(&format!("[a, {}]", "b".repeat(99))))[..] else {
            panic!("one difference")
        };
        assert!(line.starts_with(r#": ["a"] in the file, ["a","bbb"#) && line.contains('…'), "{line}");
    }

    #[test]
    fn shows_the_first_differences_and_counts_the_others() {
        let many: Vec<String> = (0..23).map(|number| number.to_string()).collect();
        assert!(listed(&many).ends_with("\n    19\n    and 3 more"));
        assert_eq!(listed(&many[..1]), "\n    0");
    }
}
