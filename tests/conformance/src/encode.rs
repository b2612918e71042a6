//! Request bodies: samples in every way that the formats can be written.

use std::fmt::Write as _;

use crate::{
    record::{self, Float32Tensor, Float64Tensor, ProtoRecord, ProtoTensor},
    suite::BodyKind,
};

/// Returns the samples as a request's body.
#[must_use]
pub fn encode(kind: BodyKind, samples: &[Vec<f64>]) -> Vec<u8> {
    let lines = |line: fn(&[f64]) -> String| {
        samples.iter().map(|sample| line(sample)).collect::<Vec<_>>().join("\n").into_bytes()
    };
    let records = |tensor: fn(&[f64]) -> ProtoTensor| {
        record::write(&samples.iter().map(|sample| ProtoRecord::sample(tensor(sample))).collect::<Vec<_>>())
    };
    let instances = |shapes: &[fn(&[f64]) -> String]| {
        let instances = samples.iter().zip(shapes.iter().cycle()).map(|(sample, shape)| shape(sample));
        format!("{{\"instances\": [{}]}}", instances.collect::<Vec<_>>().join(", ")).into_bytes()
    };
    match kind {
        BodyKind::Csv => lines(joined),
        BodyKind::CsvLabelled => lines(|sample| format!("11,{}", joined(sample))),
        BodyKind::JsonFeatures => instances(&[features]),
        BodyKind::JsonData => instances(&[data]),
        BodyKind::JsonMixed => instances(&[features, data, sparse]),
        BodyKind::JsonlinesFeatures => lines(features),
        BodyKind::JsonlinesSparse => lines(sparse),
        BodyKind::RecordioFloat32 => records(|sample| {
            ProtoTensor::Float32(Float32Tensor { values: single(sample), ..Default::default() })
        }),
        BodyKind::RecordioFloat64 => {
            records(|sample| ProtoTensor::Float64(Float64Tensor { values: sample.to_vec() }))
        }
        BodyKind::RecordioSparse => records(|sample| {
            let (keys, values) = nonzero(sample);
            let shape = vec![sample.len() as u64];
            ProtoTensor::Float32(Float32Tensor { values: single(&values), keys, shape })
        }),
    }
}

fn joined(numbers: &[f64]) -> String {
    let mut text = String::new();
    for (position, number) in numbers.iter().enumerate() {
        let separator = if position == 0 { "" } else { "," };
        let _ = write!(text, "{separator}{number}"); // into a string: cannot fail
    }
    text
}

fn features(sample: &[f64]) -> String {
    format!("{{\"features\": [{}]}}", joined(sample))
}

fn data(sample: &[f64]) -> String {
    format!("{{\"data\": {{\"features\": {{\"values\": [{}]}}}}}}", joined(sample))
}

fn sparse(sample: &[f64]) -> String {
    let (keys, values) = nonzero(sample);
    let keys = keys.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let (values, dim) = (joined(&values), sample.len());
    format!(
        "{{\"data\": {{\"features\": {{\"keys\": [{keys}], \"shape\": [{dim}], \"values\": [{values}]}}}}}}"
    )
}

/// Returns the indexes and values of the elements that are not zero. For all zeros, returns the first element, because a tensor
/// without keys is not sparse.
fn nonzero(sample: &[f64]) -> (Vec<u64>, Vec<f64>) {
    let found: (Vec<u64>, Vec<f64>) =
        (0..).zip(sample.iter().copied()).filter(|(_, value)| *value != 0.0).unzip();
    if found.0.is_empty() { (vec![0], vec![0.0]) } else { found }
}

fn single(numbers: &[f64]) -> Vec<f32> {
    numbers.iter().map(|number| *number as f32).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::suite::Suite;

    /// The most that a request may hold.
    const MAX_BODY_BYTES: usize = 6_291_456;

    #[test]
    fn every_body_of_the_matrix_fits_into_a_request() {
        let suite = Suite::load().unwrap();
        let most = suite.matrix.rows.iter().max().copied().unwrap();
        let samples = suite.samples.take(most);
        for request in &suite.matrix.requests {
            let length = encode(request.body, &samples).len();
            assert!(length <= MAX_BODY_BYTES, "{}: {length}", request.name);
        }
    }

    #[test]
    fn bodies_look_as_the_guide_shows_them() {
        let samples = [vec![1.5, 0.0, 2.0], vec![0.0, 0.0, 0.0]];
        let text = |kind| String::from_utf8(encode(kind, &samples)).unwrap();
        assert_eq!(text(BodyKind::Csv), "1.5,0,2\n0,0,0");
        assert_eq!(text(BodyKind::CsvLabelled), "11,1.5,0,2\n11,0,0,0");
        assert_eq!(
            text(BodyKind::JsonFeatures),
            r#"{"instances": [{"features": [1.5,0,2]}, {"features": [0,0,0]}]}"#
        );
        assert_eq!(
            text(BodyKind::JsonlinesSparse),
            "{\"data\": {\"features\": {\"keys\": [0,2], \"shape\": [3], \"values\": [1.5,2]}}}\n\
             {\"data\": {\"features\": {\"keys\": [0], \"shape\": [3], \"values\": [0]}}}"
        );
    }

    #[test]
    fn a_record_has_the_bytes_that_the_sdk_writes() {
        let bytes = encode(BodyKind::RecordioFloat32, &[vec![1.0, 0.0, 2.0, 7.0, 0.0]]);
        let golden =
            "0a23d7ce240000000a220a0676616c756573121812160a140000803f00000000000000400000e04000000000";
        assert_eq!(bytes, crate::suite::from_hex(golden).unwrap());
        let sparse = encode(BodyKind::RecordioSparse, &[vec![0.0, 3.0, 0.0, 0.0, 1.0]]);
        let golden = "0a23d7ce1f0000000a1d0a0676616c7565731213121 10a08000040400000803f120201041a01 0500";
        assert_eq!(sparse, crate::suite::from_hex(&golden.replace(' ', "")).unwrap());
    }
}
