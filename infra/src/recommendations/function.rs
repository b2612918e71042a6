//! The function, what it may do, and where it logs.

use indexmap::IndexMap;

use super::{
    HAS_ENDPOINT, HAS_RESERVED_CONCURRENCY, HAS_RUNTIME_URL, TRACES, output, parameter, resource, variable,
};
use crate::{
    cfn::{
        Draft, PolicyDocument, Removal, Statement, attribute, either, only_if, parameter as value, reference,
        sub,
    },
    names,
    resource::{
        cloud_watch::LogGroup,
        iam::{Policy, Role},
        lambda::{Code, FunctionEnvironment, LambdaFunction, Logging, Tracing},
        tags,
    },
    stage::STAGE,
};

/// Why log groups have no key of ours.
pub(super) const LOGS_UNENCRYPTED: &str = "Always encrypted by the service; nothing personal is logged";

/// Returns a log group of the stack; `name` is the last part of its name.
pub(super) fn log_group(name: &str) -> LogGroup {
    LogGroup {
        log_group_name: sub(names::log_groups(STAGE) + name),
        retention_in_days: value(parameter::LOG_RETENTION_DAYS),
        tags: tags(),
    }
}

/// Adds the function and what it needs.
pub(super) fn add(draft: &mut Draft) {
    draft
        .add(resource::FUNCTION_LOG_GROUP, log_group("function"))
        .on_removal(Removal::Delete)
        .skip("CKV_AWS_158", LOGS_UNENCRYPTED);
    role(draft);
    function(draft);
}

fn role(draft: &mut Draft) {
    let log = Statement::allow(
        "WriteLogs",
        &["logs:CreateLogStream", "logs:PutLogEvents"],
        [attribute(resource::FUNCTION_LOG_GROUP, "Arn")],
    );
    let trace =
        Statement::allow("Trace", &["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*".into()]);
    let role = Role::of_service("lambda.amazonaws.com", "Recommendation function of Mythical Mysfits")
        .with("logs-and-traces", PolicyDocument::new([log, trace]));
    draft
        .add(resource::FUNCTION_ROLE, role)
        .wildcard("Trace", "X-Ray's actions for writing know no resources");
    let endpoint = sub(format!(
        "arn:${{AWS::Partition}}:sagemaker:${{AWS::Region}}:${{AWS::AccountId}}:endpoint/${{{}}}",
        parameter::ENDPOINT_NAME
    ));
    let ask = Statement::allow("InvokeEndpoint", &["sagemaker:InvokeEndpoint"], [endpoint]);
    let policy = Policy::of(resource::FUNCTION_ROLE, "ask-endpoint", PolicyDocument::new([ask]));
    draft.add(resource::ENDPOINT_POLICY, policy).when(HAS_ENDPOINT);
}

fn function(draft: &mut Draft) {
    let variables = IndexMap::from([
        (variable::BACKEND, value(parameter::BACKEND)),
        (variable::ENDPOINT_NAME, only_if(HAS_ENDPOINT, value(parameter::ENDPOINT_NAME))),
        (variable::ALLOW_ORIGIN, value(parameter::ALLOW_ORIGIN)),
        (variable::SAGEMAKER_RUNTIME_URL, only_if(HAS_RUNTIME_URL, value(parameter::SAGEMAKER_RUNTIME_URL))),
        (variable::LOG_LEVEL, value(parameter::LOG_LEVEL)),
        (variable::METRICS, value(parameter::METRICS)),
        (variable::METRIC_NAMESPACE, sub(names::metric_namespace(STAGE))),
    ]);
    let function = LambdaFunction {
        description: "Mythical Mysfits: recommendation API",
        runtime: "provided.al2023",
        handler: "bootstrap",
        architectures: [value(parameter::ARCHITECTURE)],
        code: Code { bucket: value(parameter::ARTIFACT_BUCKET), key: value(parameter::ARTIFACT_KEY) },
        role: attribute(resource::FUNCTION_ROLE, "Arn"),
        memory_size: value(parameter::MEMORY_SIZE),
        timeout: value(parameter::TIMEOUT_SECONDS),
        reserved_concurrent_executions: only_if(
            HAS_RESERVED_CONCURRENCY,
            value(parameter::RESERVED_CONCURRENCY),
        ),
        environment: FunctionEnvironment { variables },
        // Our own log group: the one that Lambda creates by default outlives the function and never expires
        // its lines.
        logging_config: Logging { log_format: "JSON", log_group: reference(resource::FUNCTION_LOG_GROUP) },
        tracing_config: Tracing { mode: either(TRACES, "Active", "PassThrough") },
        tags: tags(),
    };
    draft
        .add(resource::FUNCTION, function)
        .skip(
            "CKV_AWS_116",
            "Only called synchronously; failures reach the caller, there is nothing to queue",
        )
        .skip("CKV_AWS_117", "Talks to one public API; a VPC costs a NAT gateway and slower starts")
        .skip("CKV_AWS_173", "Variables hold names, no secrets; they are encrypted by the service");
    let name = reference(resource::FUNCTION);
    draft.output(output::FUNCTION_NAME, "Function name", name);
    draft.output(output::FUNCTION_ARN, "Function ARN", attribute(resource::FUNCTION, "Arn"));
    let log_group = reference(resource::FUNCTION_LOG_GROUP);
    draft.output(output::FUNCTION_LOG_GROUP_NAME, "Log group of the function", log_group);
}
