//! Batch transform: JSONPath filters, records of objects, joins.

use std::sync::Arc;

use mysfits_sagemaker::batch::{
    AssembleWith, BatchStrategy, DataProcessing, DataProcessingOptions, JsonPath, Payloads, RecordSplitter,
    SplitType,
};

/// The longest record and request.
const MAX_BYTES: usize = 512;

/// Parses the first line as a JSONPath expression, and applies it to the rest as JSON and as a row of CSV.
///
/// # Panics
/// If parsing or selecting breaks a rule that holds for every input.
pub fn json_path(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (path, data) = text.split_once('\n').unwrap_or((&text, "[0,[1,2],{\"a\":3}]"));
    match path.parse::<JsonPath>() {
        Err(error) => assert!(error.position <= path.chars().count()),
        Ok(parsed) => {
            assert_eq!(parsed.to_string(), path);
            if let Ok(selected) = parsed.select(data) {
                // What is selected from JSON is JSON.
                JsonPath::root().select(&selected).expect("a JSON value");
            }
            let columns: Vec<&str> = data.split(',').collect();
            if let Ok(selected) = parsed.select_columns(&columns) {
                assert!(parsed.selects_columns());
                assert!(selected.iter().all(|column| columns.contains(column)));
            }
        }
    }
}

/// Splits an object in every way, and joins its records with responses. The first line has the two filters, separated by a
/// space.
///
/// # Panics
/// If splitting or joining breaks a rule that holds for every input.
pub fn transform_object(input: &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or_default();
    let (head, object) = input.split_at(end);
    for split in [SplitType::None, SplitType::Line, SplitType::RecordIo] {
        for record in RecordSplitter::new(object, split, MAX_BYTES).map_while(Result::ok) {
            assert!(!record.is_empty() && record.len() <= MAX_BYTES);
            assert!(split != SplitType::Line || !record.contains(&b'\n'));
        }
    }
    let head = String::from_utf8_lossy(head);
    let (input_filter, output_filter) = head.split_once(' ').unwrap_or(("$", "$"));
    let (Ok(input_filter), Ok(output_filter)) = (input_filter.parse(), output_filter.parse()) else { return };
    for (media_type, strategy) in
        [("text/csv", BatchStrategy::MultiRecord), ("application/jsonlines", BatchStrategy::SingleRecord)]
    {
        let options = DataProcessingOptions {
            input_filter: JsonPath::clone(&input_filter),
            is_joined: true,
            output_filter: JsonPath::clone(&output_filter),
            content_type: media_type.to_owned(),
            accept: media_type.to_owned(),
            split: SplitType::Line,
            assemble_with: AssembleWith::Line,
        };
        let processing = Arc::new(DataProcessing::new(options).expect("formats that can be processed"));
        let payloads = Payloads::new(object, SplitType::Line, strategy, MAX_BYTES, Arc::clone(&processing));
        for payload in payloads.map_while(Result::ok) {
            assert_eq!(payload.records.len(), payload.n_records);
            // A container that returns its request.
            let mut output = Vec::new();
            if processing.write_output(&payload, &payload.body, media_type, &mut output).is_ok() {
                assert!(output.ends_with(b"\n"));
            }
        }
    }
}
