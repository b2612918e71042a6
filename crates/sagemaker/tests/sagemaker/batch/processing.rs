//! Filters and joins, with the examples of the developer guide.

use mysfits_sagemaker::batch::{
    AssembleWith, BatchStrategy, DataProcessing, DataProcessingOptions, JsonPath, Payload, Payloads,
    ProcessingError, SplitType,
};

/// CSV in lines, and no filter.
pub fn options() -> DataProcessingOptions {
    DataProcessingOptions {
        input_filter: JsonPath::root(),
        is_joined: false,
        output_filter: JsonPath::root(),
        content_type: "text/csv".to_owned(),
        accept: "text/csv".to_owned(),
        split: SplitType::Line,
        assemble_with: AssembleWith::Line,
    }
}

pub fn processing(options: DataProcessingOptions) -> DataProcessing {
    DataProcessing::new(options).unwrap()
}

/// Options with these filters and this media type for input and output.
fn filters(media_type: &str, input: &str, output: &str) -> DataProcessingOptions {
    DataProcessingOptions {
        input_filter: input.parse().unwrap(),
        is_joined: true,
        output_filter: output.parse().unwrap(),
        content_type: media_type.to_owned(),
        accept: media_type.to_owned(),
        ..options()
    }
}

/// Returns the only request for an object, and what is written for a response to it.
fn transformed(
    options: &DataProcessingOptions,
    object: &str,
    response: &str,
) -> Result<(String, String), ProcessingError> {
    let processing = processing(options.clone());
    let payload = payload(&processing, options.split, object);
    let mut output = Vec::new();
    processing.write_output(&payload, response.as_bytes(), &options.accept, &mut output)?;
    Ok((String::from_utf8(payload.body).unwrap(), String::from_utf8(output).unwrap()))
}

fn payload(processing: &DataProcessing, split: SplitType, object: &str) -> Payload {
    let processing = std::sync::Arc::new(processing.clone());
    let mut payloads =
        Payloads::new(object.as_bytes(), split, BatchStrategy::MultiRecord, 1 << 20, processing);
    let payload = payloads.next().unwrap().unwrap();
    assert!(payloads.next().is_none());
    payload
}

/// "Example: Output Only Inferences".
#[test]
fn responses_are_written_as_they_are_by_default() {
    let (request, output) = transformed(&options(), "1,2\n3,4\n", "0.5\n0.7").unwrap();
    assert_eq!((request.as_str(), output.as_str()), ("1,2\n3,4", "0.5\n0.7\n"));
    let (_, output) = transformed(&options(), "1,2\n3,4\n", "0.5\n0.7\n").unwrap();
    assert_eq!(output, "0.5\n0.7\n");
    let unassembled = DataProcessingOptions { assemble_with: AssembleWith::None, ..options() };
    assert_eq!(transformed(&unassembled, "1,2\n3,4\n", "0.5\n0.7").unwrap().1, "0.5\n0.7");
}

/// The lines of the output stay those of the records.
#[test]
fn selected_column_may_be_empty() {
    let options = filters("text/csv", "$", "$[1]");
    assert_eq!(transformed(&options, "1,,3\n4,5,6\n", "0\n1\n").unwrap().1, "\n5\n");
}

/// "Example: Output Input Data and Inferences": JSON.
#[test]
fn joins_json_objects_under_sagemaker_output() {
    for media_type in ["application/json", "application/jsonlines"] {
        let options = filters(media_type, "$", "$");
        let (_, output) = transformed(&options, r#"{"key":1}"#, r#"{"label":1}"#).unwrap();
        assert_eq!(output, "{\"key\":1,\"SageMakerOutput\":{\"label\":1}}\n");
    }
    // "The joined result for JSON must be a key-value pair object."
    let options = filters("application/jsonlines", "$", "$");
    let (_, output) = transformed(&options, "[1, 2]\n3", "{\"label\": 1.0}\n{\"label\": 0.0}").unwrap();
    assert_eq!(
        output,
        "{\"SageMakerInput\":[1, 2],\"SageMakerOutput\":{\"label\": 1.0}}\n\
         {\"SageMakerInput\":3,\"SageMakerOutput\":{\"label\": 0.0}}\n"
    );
    // "If your JSON-formatted input file contains an attribute with this name, values might be overwritten."
    let (_, output) = transformed(&options, r#"{"SageMakerOutput": 7, "a": 1}"#, "2").unwrap();
    assert_eq!(output, "{\"a\":1,\"SageMakerOutput\":2}\n");
}

/// "if the record is `[1,2,3]`, and the label result is `[1]`, then the output file would contain `[1,2,3,1]`."
#[test]
fn joins_csv_columns_at_the_end() {
    let options = filters("text/csv", "$", "$");
    let (request, output) = transformed(&options, "1,2,3\n\"a,b\",5,6\n", "1\n0,0.5\n").unwrap();
    assert_eq!(request, "1,2,3\n\"a,b\",5,6");
    assert_eq!(output, "1,2,3,1\n\"a,b\",5,6,0,0.5\n");
}

/// "Example: Output an ID Column with Results and Exclude the ID Column from the Input (CSV)".
#[test]
fn excludes_an_id_column_from_the_input() {
    let options = filters("text/csv", "$[1:]", "$");
    let (request, output) = transformed(&options, "7,1,2,3,4\n8,5,6,7,8\n", "0\n1\n").unwrap();
    assert_eq!(request, "1,2,3,4\n5,6,7,8");
    assert_eq!(output, "7,1,2,3,4,0\n8,5,6,7,8,1\n");
    let options = filters("text/csv", "$[1:]", "$[0,-1]");
    assert_eq!(transformed(&options, "7,1,2\n8,5,6\n", "0\n1\n").unwrap().1, "7,0\n8,1\n");
    let options = filters("text/csv", "$[:-1]", "$[-2,-1]");
    let (request, output) = transformed(&options, "1,2,9\n", "0.25").unwrap();
    assert_eq!((request.as_str(), output.as_str()), ("1,2", "9,0.25\n"));
}

/// "Example: Output an ID Attribute with Results and Exclude the ID Attribute from the Input (JSON)".
#[test]
fn excludes_an_id_attribute_from_the_input() {
    let options = filters("application/jsonlines", "$.features", "$['id','SageMakerOutput']");
    let object = "{\"id\": 1, \"features\": [1.0, 2.50]}\n{\"id\": 2, \"features\": [3, 4]}\n";
    let (request, output) = transformed(&options, object, "{\"score\": 0.10}\n{\"score\": 0.2}\n").unwrap();
    assert_eq!(request, "[1.0, 2.50]\n[3, 4]");
    assert_eq!(
        output,
        "{\"id\":1,\"SageMakerOutput\":{\"score\": 0.10}}\n{\"id\":2,\"SageMakerOutput\":{\"score\": 0.2}}\n"
    );
}

/// A published use: CSV in, JSON out, only one attribute is kept.
#[test]
fn filters_responses_of_another_format_than_the_input() {
    let options = DataProcessingOptions {
        is_joined: false,
        accept: "application/json".to_owned(),
        ..filters("text/csv", "$[:1]", "$['class']")
    };
    let (request, output) = transformed(&options, "1,2,9\n", r#"{"class": ["a"], "scores": [1]}"#).unwrap();
    assert_eq!((request.as_str(), output.as_str()), ("1,2", "[\"a\"]\n"));
    // Without Accept, the response says what it is.
    let options = DataProcessingOptions { accept: String::new(), ..options };
    let processing = processing(options.clone());
    let payload = payload(&processing, options.split, "1,2,9\n");
    let mut output = Vec::new();
    processing.write_output(&payload, br#"{"class": 1}"#, "application/json", &mut output).unwrap();
    assert_eq!(output, b"1\n");
    let error = processing.write_output(&payload, b"x", "image/png", &mut output).unwrap_err();
    assert!(matches!(error, ProcessingError::Format { header: "Content-Type of the response", .. }));
}

#[test]
fn names_what_cannot_be_joined() {
    let error = |media_type: &str, object: &str, response: &str| {
        transformed(&filters(media_type, "$", "$"), object, response).unwrap_err().to_string()
    };
    assert_eq!(
        error("text/csv", "1,2\n3,4\n", "0\n"),
        "Failed to join the output with the input: 1 predictions for 2 records"
    );
    assert_eq!(
        error("text/csv", "1,2\n", r#"{"predictions": [{"predicted_label": 1.0}]}"#),
        "Failed to parse output from the algorithm as CSV: bare \" in non quoted field"
    );
    assert_eq!(
        error("text/csv", "1,2\"\n", "1\n"),
        "Failed to parse line: '1,2\"' as CSV: bare \" in non quoted field"
    );
    assert!(
        error("application/jsonlines", "{\n", "1\n").starts_with("Failed to parse record: '{' as JSON: EOF")
    );
    assert!(
        error("application/jsonlines", "1\n", "{\n")
            .starts_with("Failed to parse output from the algorithm as JSON: EOF")
    );
}

#[test]
fn rejects_formats_that_cannot_be_processed() {
    let error = |options| DataProcessing::new(options).unwrap_err();
    let recordio = "application/x-recordio-protobuf";
    assert!(matches!(error(filters(recordio, "$[0]", "$")), ProcessingError::Format { .. }));
    let output = DataProcessingOptions { accept: recordio.to_owned(), ..filters("text/csv", "$", "$[0]") };
    assert!(matches!(error(output), ProcessingError::Format { header: "Accept", .. }));
    let whole = DataProcessingOptions { split: SplitType::None, ..filters("text/csv", "$[0]", "$") };
    assert_eq!(error(whole), ProcessingError::NotLines { member: "SplitType" });
    let joined = DataProcessingOptions { assemble_with: AssembleWith::None, ..filters("text/csv", "$", "$") };
    assert_eq!(error(joined), ProcessingError::NotLines { member: "AssembleWith" });
    // Without filter and join, every format will do.
    let plain =
        DataProcessingOptions { content_type: recordio.to_owned(), accept: recordio.to_owned(), ..options() };
    assert!(DataProcessing::new(plain).is_ok());
}
