//! `application/json` and `application/jsonlines`.
//!
//! An instance is `{"features": [..]}`, or `{"data": {"features": {"values": [..]}}}`, or, sparse, the latter with
//! `keys` and `shape`: all features 0 but those named.

use serde::Deserialize;

use super::{DecodeError, Rows, number::write_float};

/// The most features that a sparse instance may claim: nothing is allocated on a larger claim.
const MAX_SPARSE_DIM: u64 = 1 << 16;
/// The most features that the instances of a body with a sparse one may have together: a few bytes claim a whole row.
const MAX_SPARSE_VALUES: usize = 1 << 24;

#[derive(Deserialize)]
struct Request {
    instances: Vec<Instance>,
}

#[derive(Deserialize)]
struct Instance {
    features: Option<Vec<f32>>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    features: Tensor,
}

#[derive(Deserialize)]
struct Tensor {
    values: Vec<f32>,
    keys: Option<Vec<u64>>,
    shape: Option<Vec<u64>>,
}

impl Instance {
    fn push_to(self, rows: &mut Rows) -> Result<(), DecodeError> {
        let row = rows.count;
        let wrong = |reason: String| DecodeError::Row { row, reason };
        match (self.features, self.data) {
            (Some(values), None) => rows.values().extend(values),
            (None, Some(Data { features })) => features.push_to(rows.values()).map_err(wrong)?,
            _ => {
                return Err(wrong("an instance has either \"features\" or \"data\"".to_owned()));
            }
        }
        rows.end_row()
    }
}

impl Tensor {
    fn push_to(self, row: &mut Vec<f32>) -> Result<(), String> {
        let keys = self.keys.unwrap_or_default();
        // Without keys and values, but with a shape, it is sparse too: all zeros.
        if keys.is_empty() && (self.shape.is_none() || !self.values.is_empty()) {
            row.extend(self.values);
            return Ok(());
        }
        let dim = match self.shape.as_deref() {
            Some(&[dim]) if dim <= MAX_SPARSE_DIM => dim as usize,
            shape => {
                return Err(format!(
                    "the shape of a sparse instance is {shape:?}; it must be one number of at most {MAX_SPARSE_DIM}"
                ));
            }
        };
        if keys.len() != self.values.len() {
            return Err(format!("there are {} keys for {} values", keys.len(), self.values.len()));
        }
        let start = row.len();
        if start + dim > MAX_SPARSE_VALUES {
            return Err(format!("the instances have more than {MAX_SPARSE_VALUES} features together"));
        }
        row.resize(start + dim, 0.0);
        for (key, value) in keys.into_iter().zip(self.values) {
            let place = usize::try_from(key).ok().filter(|&key| key < dim);
            let place = place.ok_or_else(|| format!("key {key} is outside the shape [{dim}]"))?;
            row[start + place] = value;
        }
        Ok(())
    }
}

pub(super) fn decode(body: &[u8], rows: &mut Rows) -> Result<(), DecodeError> {
    let request: Request =
        serde_json::from_slice(body).map_err(|error| DecodeError::Json(error.to_string()))?;
    request.instances.into_iter().try_for_each(|instance| instance.push_to(rows))
}

pub(super) fn decode_lines(body: &[u8], rows: &mut Rows) -> Result<(), DecodeError> {
    let text = std::str::from_utf8(body).map_err(|_| DecodeError::NotText)?;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let instance: Instance = serde_json::from_str(line)
            .map_err(|error| DecodeError::Row { row: rows.count, reason: error.to_string() })?;
        instance.push_to(rows)?;
    }
    Ok(())
}

pub(super) fn encode(predicted_labels: &[f32]) -> Vec<u8> {
    let mut out = String::with_capacity(20 + predicted_labels.len() * 26);
    out.push_str("{\"predictions\": [");
    for (i, &label) in predicted_labels.iter().enumerate() {
        out.push_str(if i == 0 { "{\"predicted_label\": " } else { ", {\"predicted_label\": " });
        write_float(label, &mut out);
        out.push('}');
    }
    out.push_str("]}");
    out.into_bytes()
}
