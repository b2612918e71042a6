//! Functions.

use serde::Serialize;

use super::Tags;
use crate::cfn::{Number, Text};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LambdaFunction {
    pub(crate) description: &'static str,
    pub(crate) runtime: &'static str,
    pub(crate) handler: &'static str,
    pub(crate) architectures: [Text; 1],
    pub(crate) code: Code,
    pub(crate) role: Text,
    pub(crate) memory_size: Number,
    pub(crate) timeout: Number,
    pub(crate) reserved_concurrent_executions: Number,
    pub(crate) environment: FunctionEnvironment,
    pub(crate) logging_config: Logging,
    pub(crate) tracing_config: Tracing,
    pub(crate) tags: Tags,
}

#[derive(Debug, Serialize)]
pub(crate) struct Code {
    #[serde(rename = "S3Bucket")]
    pub(crate) bucket: Text,
    #[serde(rename = "S3Key")]
    pub(crate) key: Text,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FunctionEnvironment {
    pub(crate) variables: indexmap::IndexMap<&'static str, Text>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Logging {
    pub(crate) log_format: &'static str,
    pub(crate) log_group: Text,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tracing {
    pub(crate) mode: &'static str,
}

/// That a service may call a function.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Permission {
    pub(crate) action: &'static str,
    pub(crate) function_name: Text,
    pub(crate) principal: &'static str,
    pub(crate) source_arn: Text,
}

super::resource_types! {
    LambdaFunction = "AWS::Lambda::Function" ["Arn"];
    Permission = "AWS::Lambda::Permission" [];
}
