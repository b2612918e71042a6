//! Parses the values of hyperparameters and collects the problems.

use std::{collections::BTreeMap, fmt::Display, num::IntErrorKind};

use mysfits_knn::{MAX_K, Metric, PQ_M, ProjectionKind};

use super::{DEFAULTS, IndexType, InvalidHyperparameter, OTHERS, count, invalid::shorten};

/// Parses values and collects the problems.
pub(super) struct HyperparameterReader<'a> {
    pub(super) values: &'a BTreeMap<String, String>,
    pub(super) problems: Vec<InvalidHyperparameter>,
}

impl HyperparameterReader<'_> {
    pub(super) fn refuse_unknown(&mut self) {
        let known = || DEFAULTS.iter().map(|(name, _)| *name).chain(OTHERS);
        for name in self.values.keys().filter(|name| known().all(|known| known != name.as_str())) {
            let near = known().map(|known| (strsim::levenshtein(known, name), known)).min();
            let most = name.chars().count().div_ceil(3).min(3);
            let known = near.filter(|(edits, _)| *edits <= most).map(|(_, known)| known);
            self.problems.push(InvalidHyperparameter::Extraneous { name: shorten(name), known });
        }
    }

    /// Returns whether there is a value, or one with a reported problem.
    fn is_given(&self, name: &str) -> bool {
        let noted = |problem: &InvalidHyperparameter| matches!(problem, InvalidHyperparameter::NotAString { name: noted, .. } if noted == name);
        self.values.contains_key(name) || self.problems.iter().any(noted)
    }

    pub(super) fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Option<T>,
    ) -> Option<T> {
        if !self.is_given(name) {
            let expected = match name {
                "k" => whole_numbers(1, MAX_K as u64),
                "predictor_type" => "'classifier' or 'regressor'".to_owned(),
                "sample_size" => "the number of samples that are drawn from the training data".to_owned(),
                _ => whole_numbers(1, u64::MAX),
            };
            self.problems.push(InvalidHyperparameter::Missing { name, expected });
        }
        read(self, name)
    }

    pub(super) fn required_whole(&mut self, name: &'static str, max: u64) -> Option<u64> {
        self.required(name, |reader, name| reader.whole(name, 1, max))
    }

    /// Returns a whole number in `min..=max`; `None` if there is no valid value.
    pub(super) fn whole(&mut self, name: &'static str, min: u64, max: u64) -> Option<u64> {
        let text = self.values.get(name)?;
        let (number, shown) = match text.trim().parse::<i128>() {
            Ok(number) => (Some(number), text.trim()),
            Err(error) if *error.kind() == IntErrorKind::PosOverflow => (Some(i128::MAX), text.trim()),
            Err(error) if *error.kind() == IntErrorKind::NegOverflow => (Some(i128::MIN), text.trim()),
            Err(_) => (None, text.as_str()),
        };
        let is_valid = |n: &i128| *n >= i128::from(min) && (max == u64::MAX || *n <= i128::from(max));
        let Some(number) = number.filter(is_valid) else {
            let (value, expected) = (shorten(shown), whole_numbers(min, max));
            self.problems.push(InvalidHyperparameter::Range { name, value, expected });
            return None;
        };
        Some(u64::try_from(number).unwrap_or(u64::MAX))
    }

    pub(super) fn choice<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let value = self.values.get(name)?;
        let found = choices.iter().find(|(choice, _)| choice == value);
        if found.is_none() {
            let choices = quoted(choices.iter().map(|(choice, _)| choice));
            let value = shorten(value);
            self.problems.push(InvalidHyperparameter::Choice { name, value, choices });
        }
        found.map(|(_, value)| *value)
    }

    pub(super) fn reduction(&mut self, feature_dim: Option<u64>) -> Option<(ProjectionKind, usize)> {
        let (name, type_name) = ("dimension_reduction_target", "dimension_reduction_type");
        let kinds =
            [("none", None), ("sign", Some(ProjectionKind::Sign)), ("fjlt", Some(ProjectionKind::Fjlt))];
        let target = self.whole(name, 1, u64::MAX);
        let kind = if self.is_given(type_name) { self.choice(type_name, &kinds)? } else { None };
        let Some(kind) = kind else {
            if self.is_given(name) {
                let rule =
                    format!("only be set when '{type_name}' = 'sign' or 'fjlt': set that, or remove it");
                self.problems.push(InvalidHyperparameter::Dependency { name, rule });
            }
            return None;
        };
        if !self.is_given(name) {
            let expected = format!("a whole number from 1 to feature_dim - 1, because {type_name} is set");
            self.problems.push(InvalidHyperparameter::Missing { name, expected });
        }
        let target = target?;
        if let Some(dim) = feature_dim.filter(|dim| target >= *dim) {
            let rule = format!("be less than 'feature_dim': it is {target}, and feature_dim is {dim}");
            self.problems.push(InvalidHyperparameter::Dependency { name, rule });
        }
        Some((kind, count(target)))
    }

    pub(super) fn index_type(&mut self, metric: Option<Metric>) -> Option<IndexType> {
        let name = "faiss_index_pq_m";
        let types = [
            ("faiss.Flat", IndexType::Flat),
            ("faiss.IVFFlat", IndexType::IvfFlat),
            ("faiss.IVFPQ", IndexType::IvfPq { m: 0 }),
        ];
        let m = self.whole(name, 1, u64::MAX);
        if let Some(m) = m.filter(|m| !PQ_M.contains(&count(*m))) {
            let (value, choices) = (m.to_string(), quoted(PQ_M));
            self.problems.push(InvalidHyperparameter::Choice { name, value, choices });
        }
        let index_type = self.choice("index_type", &types)?;
        let IndexType::IvfPq { .. } = index_type else {
            if self.is_given(name) {
                let rule = "only be set when 'index_type' = 'faiss.IVFPQ': set that, or remove it".to_owned();
                self.problems.push(InvalidHyperparameter::Dependency { name, rule });
            }
            return Some(index_type);
        };
        if let Some(metric) = metric.filter(|metric| *metric != Metric::L2) {
            let rule = format!("be L2 when 'index_type' = 'faiss.IVFPQ': it is {metric}");
            self.problems.push(InvalidHyperparameter::Dependency { name: "index_metric", rule });
        }
        if !self.is_given(name) {
            let expected = format!("one of {PQ_M:?}, because index_type is faiss.IVFPQ");
            self.problems.push(InvalidHyperparameter::Missing { name, expected });
        }
        Some(IndexType::IvfPq { m: count(m?) })
    }
}

fn quoted(choices: impl IntoIterator<Item = impl Display>) -> String {
    let quoted: Vec<String> = choices.into_iter().map(|choice| format!("'{choice}'")).collect();
    quoted.join(", ")
}

fn whole_numbers(min: u64, max: u64) -> String {
    if max == u64::MAX {
        format!("a whole number, at least {min}")
    } else {
        format!("a whole number from {min} to {max}")
    }
}
