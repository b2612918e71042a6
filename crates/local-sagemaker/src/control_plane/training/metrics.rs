//! Metrics of a job: what its metric definitions find in its log.

use regex_lite::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aws::{
    json::{ApiError, Input, member},
    time::ApiTimestamp,
};

/// The service's limits.
const MAX_DEFINITIONS: usize = 40;
const MAX_NAME_CHARS: usize = 255;
const MAX_REGEX_CHARS: usize = 500;
/// The memory of a compiled expression, in bytes.
const MAX_COMPILED_BYTES: usize = 1 << 16;
/// Longer lines have no metrics. The time for a line is linear in its length.
const MAX_LINE_BYTES: usize = 1 << 12;

/// The definitions of the built-in k-NN, in the form that `DescribeTrainingJob` has for Amazon's built-in algorithms.
///
/// The objectives `test:accuracy` and `test:mse` are documented for k-NN. The others have the names and expressions of Amazon's
/// other algorithms that write the same lines.
const BUILT_IN: [(&str, &str); 5] = [
    ("test:accuracy", r"#quality_metric: host=\S+, test accuracy <score>=(\S+)"),
    ("test:macro_f_beta", r"#quality_metric: host=\S+, test macro_f_\S+ <score>=(\S+)"),
    ("test:mse", r"#quality_metric: host=\S+, test mse <score>=(\S+)"),
    ("train:progress", r"#progress_metric: host=\S+, completed (\S+) %"),
    ("train:throughput", r"#throughput_metric: host=\S+, train throughput=(\S+) records/second"),
];

/// The last value of a metric in a job's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::control_plane) struct JobMetric {
    pub(in crate::control_plane) name: String,
    pub(in crate::control_plane) value: f64,
    pub(in crate::control_plane) time: ApiTimestamp,
}

impl JobMetric {
    pub(super) fn describe(&self) -> Value {
        json!({ "MetricName": self.name, "Value": self.value, "Timestamp": Value::from(self.time) })
    }
}

/// What to look for in a job's log.
#[derive(Debug)]
pub(in crate::control_plane) struct MetricDefinitions(Vec<MetricDefinition>);

#[derive(Debug)]
struct MetricDefinition {
    name: String,
    pattern: Regex,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricDefinitionMember {
    name: String,
    regex: String,
}

impl MetricDefinitions {
    /// Reads the `MetricDefinitions` of an algorithm. Without any, they are those of the built-in k-NN, and are added to the
    /// algorithm, as the service does.
    pub(super) fn new(algorithm: &mut Input) -> Result<Self, ApiError> {
        let members: Vec<MetricDefinitionMember> =
            member(algorithm, "MetricDefinitions")?.unwrap_or_default();
        if members.is_empty() {
            let built_in = BUILT_IN.iter().map(|(name, regex)| json!({ "Name": name, "Regex": regex }));
            algorithm.insert("MetricDefinitions".to_owned(), built_in.collect());
            let definitions = BUILT_IN.iter().map(|(name, regex)| MetricDefinition::new(name, regex));
            return Ok(Self(definitions.collect::<Result<_, _>>()?));
        }
        if members.len() > MAX_DEFINITIONS {
            return Err(ApiError::constraint(
                &members.len().to_string(),
                "algorithmSpecification.metricDefinitions",
                &format!("Member must have length less than or equal to {MAX_DEFINITIONS}"),
            ));
        }
        let definitions =
            members.iter().map(|definition| MetricDefinition::new(&definition.name, &definition.regex));
        Ok(Self(definitions.collect::<Result<_, _>>()?))
    }

    /// Returns whether there is a metric of this name.
    pub(in crate::control_plane) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|definition| definition.name == name)
    }

    /// Returns the last value of each metric that occurs in the log, in the order of the definitions: the number in the first
    /// group of its expression. What is no finite number is no value.
    pub(super) fn find(&self, log: &str) -> Vec<JobMetric> {
        let time = ApiTimestamp::now();
        let lines: Vec<&str> = log.lines().filter(|line| line.len() <= MAX_LINE_BYTES).collect();
        let last = |definition: &MetricDefinition| {
            let value = lines.iter().rev().find_map(|line| definition.value(line))?;
            Some(JobMetric { name: definition.name.clone(), value, time })
        };
        self.0.iter().filter_map(last).collect()
    }
}

impl MetricDefinition {
    fn new(name: &str, regex: &str) -> Result<Self, ApiError> {
        for (member, value, limit) in [("name", name, MAX_NAME_CHARS), ("regex", regex, MAX_REGEX_CHARS)] {
            if value.is_empty() || value.chars().count() > limit {
                return Err(ApiError::constraint(
                    value,
                    &format!("algorithmSpecification.metricDefinitions.member.{member}"),
                    &format!("Member must have length between 1 and {limit}"),
                ));
            }
        }
        let pattern = RegexBuilder::new(regex).size_limit(MAX_COMPILED_BYTES).build();
        let pattern = pattern.map_err(|error| {
            ApiError::validation(format!("The Regex {regex:?} of the metric {name} cannot be used: {error}"))
        })?;
        if pattern.captures_len() < 2 {
            return Err(ApiError::validation(format!(
                "The Regex {regex:?} of the metric {name} has no group, such as ([0-9.]+), for the value"
            )));
        }
        Ok(Self { name: name.to_owned(), pattern })
    }

    fn value(&self, line: &str) -> Option<f64> {
        let value: f64 = self.pattern.captures(line)?.get(1)?.as_str().parse().ok()?;
        value.is_finite().then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definitions(value: Value) -> Result<MetricDefinitions, String> {
        let mut algorithm = Input::from_iter([("MetricDefinitions".to_owned(), value)]);
        MetricDefinitions::new(&mut algorithm).map_err(|error| error.message)
    }

    fn found(value: Value, log: &str) -> Vec<(String, f64)> {
        let found = definitions(value).unwrap().find(log);
        found.into_iter().map(|metric| (metric.name, metric.value)).collect()
    }

    #[test]
    fn the_built_in_definitions_find_the_scores_of_a_log() {
        let log = "[11/22/2026 22:30:00 INFO 7] #progress_metric: host=algo-1, completed 100.0 % of epochs\n\
                   [11/22/2026 22:30:00 INFO 7] #test_score (algo-1) : ('accuracy', 0.75)\n\
                   [11/22/2026 22:30:00 INFO 7] #quality_metric: host=algo-1, test accuracy <score>=0.75\n\
                   [11/22/2026 22:30:00 INFO 7] #quality_metric: host=algo-1, test macro_f_1.000 <score>=nan\n";
        let expected = [("test:accuracy".to_owned(), 0.75), ("train:progress".to_owned(), 100.0)];
        assert_eq!(found(Value::Null, log), expected);
    }

    #[test]
    fn the_last_value_counts() {
        let definition = json!([{ "Name": "loss", "Regex": r"loss=([-+.0-9e]+)" }]);
        assert_eq!(found(definition.clone(), "loss=1\nloss=3e-1\nloss=x\n"), [("loss".to_owned(), 0.3)]);
        assert_eq!(found(definition, "none"), []);
    }

    #[test]
    fn definitions_that_cannot_be_used_are_refused() {
        let one = |name: &str, regex: &str| json!([{ "Name": name, "Regex": regex }]);
        for (value, expected) in [
            (one("m", "("), "cannot be used"),
            (one("m", r"(a)\1"), "cannot be used"),
            (one("m", "(a{1000}){1000}"), "cannot be used"),
            (one("m", "a"), "has no group"),
            (one("", "(a)"), "name' failed to satisfy constraint"),
            (one("m", &"a".repeat(501)), "length between 1 and 500"),
            (vec![json!({ "Name": "m", "Regex": "(a)" }); 41].into(), "less than or equal to 40"),
        ] {
            let message = definitions(value).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
    }
}
