//! All formats at once: one sample means the same in each of them, and nothing brings them down.

use mysfits_sagemaker::codec::{ContentType, decode, recordio};
use proptest::prelude::*;

use super::{CSV, JSON, LINES, RECORD_IO, record};

fn rows() -> impl Strategy<Value = Vec<Vec<f32>>> {
    (1usize..8).prop_flat_map(|dim| {
        let number = prop_oneof![
            (-9i8..=9).prop_map(f32::from),
            any::<f32>().prop_filter("finite", |n| n.is_finite())
        ];
        prop::collection::vec(prop::collection::vec(number, dim), 1..20)
    })
}

fn decoded(content_type: &str, body: &[u8]) -> Option<ndarray::Array2<f32>> {
    decode(&ContentType::parse(content_type).unwrap(), body).ok()
}

proptest! {
    #[test]
    fn all_formats_decode_the_same_rows(rows in rows()) {
        let csv: String = rows
            .iter()
            .map(|row| row.iter().map(f32::to_string).collect::<Vec<_>>().join(",") + "\n")
            .collect();
        let instances: Vec<_> = rows.iter().map(|row| serde_json::json!({ "features": row })).collect();
        let lines: String = instances.iter().map(|instance| format!("{instance}\n")).collect();
        let json = serde_json::json!({ "instances": instances }).to_string();
        let mut record_io = Vec::new();
        for row in &rows {
            recordio::write_sample(row, None, &mut record_io);
        }
        for (content_type, body) in
            [(CSV, csv.into_bytes()), (LINES, lines.into_bytes()), (JSON, json.into_bytes()), (RECORD_IO, record_io)]
        {
            let decoded = decoded(content_type, &body).unwrap();
            prop_assert_eq!(decoded.dim(), (rows.len(), rows[0].len()));
            prop_assert!(decoded.iter().eq(rows.iter().flatten()), "{} {:?}", content_type, decoded);
        }
    }

    /// Doubles are what Python sends: each format must round them to the same `f32`, the nearest.
    #[test]
    fn a_double_is_the_same_number_in_every_format(
        number in prop_oneof![
            any::<f64>(),
            any::<f32>().prop_map(f64::from),
            -1e3..1e3,
            // Half way between two neighbours, and just beside it.
            (any::<f32>(), -1i64..=1).prop_map(|(n, beside)| {
                let (low, high) = (f64::from(n), f64::from(f32::from_bits(n.to_bits().wrapping_add(1))));
                f64::from_bits(f64::midpoint(low, high).to_bits().wrapping_add_signed(beside))
            }),
        ].prop_filter("within f32", |n| (*n as f32).is_finite()),
    ) {
        let text = format!("{number:e}");
        let json = format!(r#"{{"features": [{text}]}}"#);
        let records = record::doubles(&[number]);
        let expected = Some(ndarray::array![[number as f32]]);
        prop_assert_eq!(decoded(CSV, text.as_bytes()), expected.clone());
        prop_assert_eq!(decoded(LINES, json.as_bytes()), expected.clone());
        prop_assert_eq!(decoded(JSON, format!(r#"{{"instances": [{json}]}}"#).as_bytes()), expected.clone());
        prop_assert_eq!(decoded(RECORD_IO, &records), expected);
    }

    #[test]
    fn no_bytes_bring_a_decoder_down(
        label_size in prop_oneof![Just(0), 0usize..5, Just(usize::MAX)],
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..100),
            r#"[0-9,.eE+\n\r "-]{0,80}"#.prop_map(String::into_bytes),
            r#"(\{"instances": ?\[)?((\{"(data|features|keys|shape|values)": ?)|[\[\]{}":,0-9a-z]|\n){0,30}"#
                .prop_map(String::into_bytes),
            // A valid frame with an arbitrary payload.
            prop::collection::vec(any::<u8>(), 0..60).prop_map(|payload| record::framed(&payload)),
            (rows(), prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4)).prop_map(
                |(rows, changes)| {
                    let mut body = Vec::new();
                    for row in &rows {
                        recordio::write_sample(row, Some(1.0), &mut body);
                    }
                    for (at, byte) in changes {
                        *at.get_mut(&mut body) = byte;
                    }
                    body
                }
            ),
        ],
    ) {
        let csv = ContentType::Csv { label_size };
        for content_type in [csv, ContentType::Json, ContentType::JsonLines, ContentType::RecordIo] {
            if let Ok(rows) = decode(&content_type, &body) {
                prop_assert!(rows.nrows() > 0 && rows.ncols() > 0);
            }
        }
    }
}
