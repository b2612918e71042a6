//! Functions.

use super::Tags;
use crate::cfn::{Number, Text};

super::property_types! {
    struct LambdaFunction = "AWS::Lambda::Function" ["Arn"] {
        description: &'static str,
        runtime: &'static str,
        handler: &'static str,
        architectures: [Text; 1],
        code: Code,
        role: Text,
        memory_size: Number,
        timeout: Number,
        reserved_concurrent_executions: Number,
        environment: FunctionEnvironment,
        logging_config: Logging,
        tracing_config: Tracing,
        tags: Tags,
    }

    struct Code {
        #[serde(rename = "S3Bucket")]
        bucket: Text,
        #[serde(rename = "S3Key")]
        key: Text,
    }

    struct FunctionEnvironment { variables: indexmap::IndexMap<&'static str, Text> }

    struct Logging {
        log_format: &'static str,
        log_group: Text,
    }

    struct Tracing { mode: Text }

    /// That a service may call a function.
    struct Permission = "AWS::Lambda::Permission" [] {
        action: &'static str,
        function_name: Text,
        principal: &'static str,
        source_arn: Text,
    }
}
