//! Ranges of hyperparameters, and the values at a point of them.
//!
//! A point has a coordinate in `0.0..1.0` for each parameter, in the order integer, continuous, categorical. Equal parts of the
//! coordinate are equally many values, on the parameter's scale.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    aws::json::{ApiError, Input, member},
    control_plane::members::refuse_others,
};

/// The service's limit for each kind of range.
const MAX_RANGES: usize = 30;
const MAX_VALUES: usize = 30;
/// With `Auto`, a range is logarithmic if its largest value is this many times its smallest or more.
const AUTO_LOGARITHMIC_RATIO: f64 = 100.0;

/// The hyperparameters that are tuned, each with its range; at least one.
#[derive(Debug, Clone)]
pub(super) struct ParameterRanges(Vec<ParameterRange>);

#[derive(Debug, Clone)]
struct ParameterRange {
    name: String,
    kind: RangeKind,
}

#[derive(Debug, Clone)]
enum RangeKind {
    Integer { min: i64, max: i64, scale: Scale },
    Continuous { min: f64, max: f64, scale: Scale },
    Categorical(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    Linear,
    Logarithmic,
    /// Logarithmic in the distance from 1.
    ReverseLogarithmic,
}

/// A combination of values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Combination {
    pub(super) values: BTreeMap<String, String>,
    /// The same for the same values.
    pub(super) point: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NumberRange {
    name: String,
    min_value: String,
    max_value: String,
    scaling_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CategoricalRange {
    name: String,
    values: Vec<String>,
}

fn invalid(name: &str, reason: &str) -> ApiError {
    let name: String = name.chars().take(64).collect();
    ApiError::validation(format!("The range of the hyperparameter {name} is invalid: {reason}"))
}

impl ParameterRanges {
    /// Reads `ParameterRanges` or `HyperParameterRanges`, whose member in the request is `path`.
    pub(super) fn new(input: &Input, path: &str) -> Result<Self, ApiError> {
        let members = ["IntegerParameterRanges", "ContinuousParameterRanges", "CategoricalParameterRanges"];
        refuse_others(input, &format!("{path}."), &members)?;
        let mut ranges = Vec::new();
        for range in list::<NumberRange>(input, "IntegerParameterRanges")? {
            ranges.push(ParameterRange { kind: RangeKind::integer(&range)?, name: range.name });
        }
        for range in list::<NumberRange>(input, "ContinuousParameterRanges")? {
            ranges.push(ParameterRange { kind: RangeKind::continuous(&range)?, name: range.name });
        }
        for CategoricalRange { name, mut values } in list(input, "CategoricalParameterRanges")? {
            if values.is_empty() || values.len() > MAX_VALUES {
                return Err(invalid(&name, &format!("there must be 1 to {MAX_VALUES} Values")));
            }
            values.dedup();
            ranges.push(ParameterRange { name, kind: RangeKind::Categorical(values) });
        }
        if ranges.is_empty() {
            return Err(ApiError::validation(format!("{path} must have at least one range")));
        }
        let mut names = BTreeSet::new();
        if let Some(same) = ranges.iter().find(|range| !names.insert(range.name.as_str())) {
            return Err(invalid(&same.name, "there is another one of this name"));
        }
        Ok(Self(ranges))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|range| range.name.as_str())
    }

    /// Returns the values of the only combination in the grid with this number, from 0, the last parameter changing fastest;
    /// `None` after the last combination.
    pub(super) fn grid(&self, mut number: u64) -> Option<Combination> {
        let mut point = vec![0.0; self.0.len()];
        for (coordinate, range) in point.iter_mut().zip(&self.0).rev() {
            let n_values = range.kind.n_values()?;
            *coordinate = ((number % n_values) as f64 + 0.5) / n_values as f64;
            number /= n_values;
        }
        (number == 0).then(|| self.at(&point))
    }

    /// Returns the number of combinations; `None` if a range is continuous, or there are more than fit.
    pub(super) fn n_combinations(&self) -> Option<u64> {
        self.0.iter().try_fold(1_u64, |n, range| n.checked_mul(range.kind.n_values()?))
    }

    pub(super) fn are_categorical(&self) -> bool {
        self.0.iter().all(|range| matches!(range.kind, RangeKind::Categorical(_)))
    }

    /// Returns the combination at a point.
    pub(super) fn at(&self, point: &[f64]) -> Combination {
        let cells = self.0.iter().zip(point).map(|(range, at)| (range.name.clone(), range.kind.at(*at)));
        let (mut values, mut point) = (BTreeMap::new(), Vec::with_capacity(self.0.len()));
        for (name, (value, at)) in cells {
            values.insert(name, value);
            point.push(at);
        }
        Combination { values, point }
    }

    /// Returns the distance of two points, in `0.0..=1.0`: two values of a category are as far apart as a range is long.
    pub(super) fn distance(&self, a: &[f64], b: &[f64]) -> f64 {
        let squares = self.0.iter().zip(a.iter().zip(b)).map(|(range, (a, b))| match range.kind {
            RangeKind::Categorical(_) => f64::from(a != b),
            RangeKind::Integer { .. } | RangeKind::Continuous { .. } => (a - b).powi(2),
        });
        (squares.sum::<f64>() / self.0.len() as f64).sqrt()
    }
}

fn list<T: serde::de::DeserializeOwned>(input: &Input, name: &str) -> Result<Vec<T>, ApiError> {
    let members: Vec<Value> = member(input, name)?.unwrap_or_default();
    if members.len() > MAX_RANGES {
        let constraint = format!("Member must have length less than or equal to {MAX_RANGES}");
        return Err(ApiError::constraint(&members.len().to_string(), name, &constraint));
    }
    Ok(member(input, name)?.unwrap_or_default())
}

impl RangeKind {
    fn integer(range: &NumberRange) -> Result<Self, ApiError> {
        let bound = |text: &str| {
            let bound = text.trim().parse::<i64>().ok().filter(|bound| bound.abs() <= 1 << 52);
            bound.ok_or_else(|| invalid(&range.name, &format!("{text:?} is not a whole number")))
        };
        let (min, max) = (bound(&range.min_value)?, bound(&range.max_value)?);
        if min > max {
            return Err(invalid(&range.name, &format!("MinValue {min} is greater than MaxValue {max}")));
        }
        if range.scaling_type.as_deref() == Some("ReverseLogarithmic") {
            return Err(invalid(&range.name, "ReverseLogarithmic is for continuous ranges only"));
        }
        Ok(Self::Integer { min, max, scale: Scale::new(range, min as f64, max as f64)? })
    }

    fn continuous(range: &NumberRange) -> Result<Self, ApiError> {
        let bound = |text: &str| {
            let bound = text.trim().parse::<f64>().ok().filter(|bound| bound.is_finite());
            bound.ok_or_else(|| invalid(&range.name, &format!("{text:?} is not a finite number")))
        };
        let (min, max) = (bound(&range.min_value)?, bound(&range.max_value)?);
        if min > max || !(max - min).is_finite() {
            return Err(invalid(&range.name, &format!("MinValue {min} is greater than MaxValue {max}")));
        }
        Ok(Self::Continuous { min, max, scale: Scale::new(range, min, max)? })
    }

    fn n_values(&self) -> Option<u64> {
        match self {
            Self::Integer { min, max, .. } => Some(max.abs_diff(*min) + 1),
            Self::Continuous { .. } => None,
            Self::Categorical(values) => Some(values.len() as u64),
        }
    }

    /// Returns the value at a coordinate, and the coordinate in the middle of it.
    fn at(&self, at: f64) -> (String, f64) {
        match self {
            Self::Integer { min, max, scale } => {
                let (from, to) = (*min as f64, *max as f64 + 1.0);
                let value = (scale.value(from, to, at).floor() as i64).clamp(*min, *max);
                (value.to_string(), scale.coordinate(from, to, value as f64 + 0.5))
            }
            Self::Continuous { min, max, scale } => {
                let value = scale.value(*min, *max, at).clamp(*min, *max);
                (value.to_string(), at)
            }
            Self::Categorical(values) => {
                let number = ((at * values.len() as f64) as usize).min(values.len() - 1);
                (values[number].clone(), (number as f64 + 0.5) / values.len() as f64)
            }
        }
    }
}

impl Scale {
    fn new(range: &NumberRange, min: f64, max: f64) -> Result<Self, ApiError> {
        match range.scaling_type.as_deref() {
            None | Some("Auto") if min > 0.0 && max / min >= AUTO_LOGARITHMIC_RATIO => Ok(Self::Logarithmic),
            None | Some("Auto" | "Linear") => Ok(Self::Linear),
            Some("Logarithmic") if min > 0.0 => Ok(Self::Logarithmic),
            Some("Logarithmic") => Err(invalid(&range.name, "Logarithmic needs a MinValue greater than 0")),
            Some("ReverseLogarithmic") if min >= 0.0 && max < 1.0 => Ok(Self::ReverseLogarithmic),
            Some("ReverseLogarithmic") => {
                Err(invalid(&range.name, "ReverseLogarithmic needs a range within 0 <= x < 1"))
            }
            Some(other) => Err(ApiError::constraint(
                other,
                "scalingType",
                "Member must satisfy enum value set: [Auto, Linear, Logarithmic, ReverseLogarithmic]",
            )),
        }
    }

    fn value(self, min: f64, max: f64, at: f64) -> f64 {
        match self {
            Self::Linear => min + at * (max - min),
            Self::Logarithmic => (min.ln() + at * (max.ln() - min.ln())).exp(),
            Self::ReverseLogarithmic => 1.0 - Self::Logarithmic.value(1.0 - min, 1.0 - max, at),
        }
    }

    fn coordinate(self, min: f64, max: f64, value: f64) -> f64 {
        match self {
            Self::Linear => (value - min) / (max - min),
            Self::Logarithmic => (value / min).ln() / (max / min).ln(),
            Self::ReverseLogarithmic => Self::Logarithmic.coordinate(1.0 - min, 1.0 - max, 1.0 - value),
        }
    }
}
