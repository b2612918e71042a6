use std::process::Command;

use mysfits_sagemaker::codec::recordio::write_sample;

use super::*;

/// Two heaps of points, far from each other.
fn heaps(n_samples: usize) -> Vec<u8> {
    let mut written = Vec::new();
    for row in 0..n_samples {
        let label = (row % 2) as f32;
        write_sample(&[label * 8.0 + (row % 3) as f32, label * 8.0], Some(f64::from(label)), &mut written);
    }
    written
}

fn hyperparameters() -> [(&'static str, String); 4] {
    [
        ("feature_dim", "2".to_owned()),
        ("k", "3".to_owned()),
        ("sample_size", "40".to_owned()),
        ("predictor_type", "classifier".to_owned()),
    ]
}

#[test]
fn a_model_is_trained_hosted_asked_and_gone_in_this_process() {
    let mut sagemaker = SageMaker::here();
    assert_eq!(sagemaker.to_string(), "SageMaker: ≈this-process");
    let channels = Channels { train: heaps(40), test: heaps(10) };
    let job = sagemaker.train(&channels, &hyperparameters()).unwrap();
    assert_eq!(job.accuracy, 1.0);
    let endpoint = sagemaker.deploy(&job).unwrap();
    assert!(endpoint.starts_with("knn-notebook-"), "{endpoint}");
    assert_eq!(sagemaker.predict(&endpoint, "0,0\n9,8\n1,1\n").unwrap(), [0.0, 1.0, 0.0]);
    // More than the endpoint answers in one piece.
    let many = sagemaker.predict(&endpoint, &"9,8\n".repeat(20_000)).unwrap();
    assert!(many.len() == 20_000 && many.iter().all(|label| *label == 1.0));
    let refused = sagemaker.predict(&endpoint, "a,b\n").unwrap_err();
    assert!(matches!(&refused, SageMakerError::Refused(_)), "{refused:?}");

    assert!(sagemaker.exists(&endpoint).unwrap());
    sagemaker.delete(&endpoint).unwrap();
    assert!(!sagemaker.exists(&endpoint).unwrap());
    assert!(sagemaker.predict(&endpoint, "0,0\n").is_err());
    assert!(matches!(sagemaker.delete(&endpoint), Err(SageMakerError::Refused(_))));
}

/// A program that answers the first request with this line, whatever it is.
fn answering(line: &str) -> Program {
    Program::spawn(Command::new("sh").args(["-c", r#"read -r _; printf '%s\n' "$1""#, "sh", line])).unwrap()
}

#[test]
fn the_cloud_is_where_the_program_says() {
    let sagemaker = SageMaker::by(answering(r#"{"place":"eu-west-1"}"#)).unwrap();
    assert_eq!(sagemaker.to_string(), "SageMaker: ≈eu-west-1");
}

#[test]
fn without_credentials_it_is_this_process() {
    let sagemaker = SageMaker::by(answering(r#""nowhere""#)).unwrap();
    assert_eq!(sagemaker.to_string(), "SageMaker: ≈this-process");
}

#[test]
fn credentials_that_are_wrong_are_an_error_and_not_this_process() {
    let error = SageMaker::by(answering(r#"{"failed":"the credentials have expired"}"#)).unwrap_err();
    assert_eq!(error.to_string(), "the credentials have expired");
}

#[test]
fn a_program_that_answers_something_else_or_nothing_is_an_error() {
    for line in ["hello", "", r#""done""#] {
        let error = SageMaker::by(answering(line)).unwrap_err();
        assert!(error.to_string().starts_with("the program's reply cannot be read"), "{error}");
    }
    let absent = Program::start("/no/such/program".as_ref()).unwrap_err();
    assert!(absent.to_string().contains("/no/such/program"), "{absent}");
}
