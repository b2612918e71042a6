//! Templates as text.
//!
//! CloudFormation, cfn-lint and most other readers follow YAML 1.1; `serde_yaml` writes YAML 1.2, where `off`, `no`,
//! `1_000` and `12:30:45` are plain texts. A 1.1 reader takes them for a boolean, numbers and base-60 numbers.

use std::fmt::Write as _;

use serde_yaml::Value;

/// Words that some reader of YAML 1.1 takes for a boolean or for nothing, in lower case.
pub(super) const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// Returns the document as YAML. Strings are quoted where a YAML 1.1 parser would read another type.
///
/// # Panics
/// If the document holds what YAML cannot say; no template does.
pub(crate) fn yaml(document: &Value) -> String {
    let mut guard = Guard { mark: mark(document), quoted: Vec::new() };
    let mut marked = document.clone();
    guard.replace(&mut marked);
    let text =
        serde_yaml::to_string(&marked).expect("a template is maps, lists, texts, numbers and booleans");
    let mut yaml = String::with_capacity(text.len());
    // Marks are replaced from left to right, each by the text that it stands for.
    let mut parts = text.split(&guard.mark);
    yaml.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (number, rest) = part.split_once('Z').expect("a mark ends with Z");
        let place: usize = number.parse().expect("a mark is numbered");
        write!(yaml, "'{}'", guard.quoted[place].replace('\'', "''"))
            .expect("a string takes all that is written");
        yaml.push_str(rest);
    }
    yaml
}

/// Puts marks in the place of texts that must be quoted: `serde_yaml` decides on quotes by itself and cannot be told.
struct Guard {
    mark: String,
    quoted: Vec<String>,
}

impl Guard {
    fn replace(&mut self, value: &mut Value) {
        match value {
            Value::String(text) if must_be_quoted(text) => {
                let place = self.quoted.len();
                let marked = format!("{}{place}Z", self.mark);
                self.quoted.push(std::mem::replace(text, marked));
            }
            Value::Sequence(list) => list.iter_mut().for_each(|value| self.replace(value)),
            Value::Mapping(map) => {
                let entries = std::mem::take(map).into_iter();
                *map = entries
                    .map(|(mut key, mut value)| {
                        self.replace(&mut key);
                        self.replace(&mut value);
                        (key, value)
                    })
                    .collect();
            }
            _ => {}
        }
    }
}

/// A word that stands nowhere in the document, and that YAML writes as it is.
fn mark(document: &Value) -> String {
    let mut mark = "Mark".to_owned();
    while contains(document, &mark) {
        mark.push('k');
    }
    mark
}

fn contains(value: &Value, word: &str) -> bool {
    match value {
        Value::String(text) => text.contains(word),
        Value::Sequence(list) => list.iter().any(|value| contains(value, word)),
        Value::Mapping(map) => map.iter().any(|(key, value)| contains(key, word) || contains(value, word)),
        _ => false,
    }
}

/// Returns whether a YAML 1.1 parser could read the unquoted text as another type.
///
/// Only texts of one line are checked: longer ones become block scalars, which are always strings. Numbers,
/// dates and times begin with a digit, a sign or a point; `=`, `<<` and `~` have meanings of their own.
pub(super) fn must_be_quoted(text: &str) -> bool {
    let printable = !text.is_empty() && text.chars().all(|c| !c.is_control());
    let begins_oddly = text.starts_with(|c: char| c.is_ascii_digit() || "+-.=<~".contains(c));
    printable && (begins_oddly || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts that some reader of YAML 1.1 takes for something else.
    const DANGEROUS: [&str; 34] = [
        "on",
        "OFF",
        "Yes",
        "no",
        "y",
        "N",
        "True",
        "FALSE",
        "null",
        "Null",
        "~",
        "=",
        "<<",
        "012345678901",
        "0123",
        "0x1F",
        "0b11",
        "0o17",
        "1_000",
        "1e3",
        "12:30:45",
        "1:30",
        "2012-10-17",
        "2026-11-22T09:00:00Z",
        "+1",
        "-1",
        "-.inf",
        ".NaN",
        ".5",
        "1.5",
        "08",
        "-",
        "190:20:30.15",
        "685_230.15",
    ];
    /// Texts that every reader takes for what they are.
    const HARMLESS: [&str; 6] = ["online", "nothing", "AWS::S3::Bucket", "/*", "yes and no", "python3"];

    fn line(text: &str) -> String {
        yaml(&Value::from(text)).lines().last().unwrap().to_owned()
    }

    #[test]
    fn dangerous_texts_are_quoted_as_values_and_as_keys() {
        for text in DANGEROUS {
            assert_eq!(line(text), format!("'{text}'"));
            let map: Value =
                [(Value::from(text), Value::from(text))].into_iter().collect::<serde_yaml::Mapping>().into();
            assert!(yaml(&map).ends_with(&format!("'{text}': '{text}'\n")), "{}", yaml(&map));
            let list = Value::Sequence(vec![text.into()]);
            assert!(yaml(&list).ends_with(&format!("- '{text}'\n")), "{}", yaml(&list));
        }
        for word in WORDS {
            assert!(must_be_quoted(word) && must_be_quoted(&word.to_uppercase()), "{word}");
        }
    }

    #[test]
    fn harmless_texts_stay_as_they_are() {
        for text in HARMLESS {
            assert!(!must_be_quoted(text), "{text}");
            assert_eq!(line(text).trim_matches('\''), text);
        }
    }

    #[test]
    fn quotes_inside_and_marks_in_the_document_come_back() {
        for text in [
            "1'2",
            "Mark",
            "Mark0Z",
            "Markk0Z and Mark",
            "",
            " 1",
            "1\n2\n",
            "#1",
            "1: 2",
            "- off",
            "한국어",
            "1\t2",
        ] {
            let document = Value::Sequence(vec![text.into(), "off".into(), text.into()]);
            let read: Value = serde_yaml::from_str(&yaml(&document)).unwrap();
            assert_eq!(read, document, "{}", yaml(&document));
        }
    }

    #[test]
    fn booleans_and_numbers_stay_what_they_are() {
        let document = Value::Sequence(vec![true.into(), 1.into(), 0.01.into()]);
        assert!(yaml(&document).ends_with("- true\n- 1\n- 0.01\n"), "{}", yaml(&document));
    }
}
