//! `Content-Type` and `Accept`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mysfits_sagemaker::codec::{Accept, ContentType};

fuzz_target!(|header: &str| {
    match Accept::parse(header) {
        Ok(accept) => {
            let said = format!("{}; verbose={}", accept.content_type(), accept.verbose);
            assert_eq!(Accept::parse(&said), Ok(accept));
            // What is asked for most of all is given.
            assert_eq!(Accept::parse(&format!("application/jsonlines;q=0, {said}, {header}")).is_ok(), true);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    match ContentType::parse(header) {
        // Parameters that mean nothing make no difference.
        Ok(content_type) => {
            assert_eq!(ContentType::parse(&format!("{header} ; x=\"a;b\"")), Ok(content_type))
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
