//! STS and IAM in the query protocol: a form in, XML out. Every role exists, and every caller may assume it.
//!
//! The caller is an assumed role, so that the SageMaker SDK's `get_execution_role` works. The credentials of `AssumeRole` act
//! in the role's account.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use mysfits_sagemaker::AccountRegion;
use uuid::Uuid;

use crate::aws::time::ApiTimestamp;

/// The longest request, in bytes.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1024;
/// The role of all callers.
const ROLE: &str = "local-sagemaker";
const STS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
const IAM: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
/// How long the credentials of `AssumeRole` claim to be valid if the request does not say, and at most, in seconds.
const DEFAULT_DURATION_SECONDS: u64 = 3600;
const MAX_DURATION_SECONDS: u64 = 43_200;

/// An error of these services.
struct QueryError {
    code: &'static str,
    message: String,
}

/// A result: the namespace, and the XML inside of `<{Action}Result>`.
type QueryResult = Result<(&'static str, String), QueryError>;

/// Answers a request with this form as its body.
pub(super) fn respond(owner: &AccountRegion, body: &[u8]) -> Response {
    let form: BTreeMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
    let action = form.get("Action").map_or("", String::as_str);
    let result = match action {
        "GetCallerIdentity" => Ok(caller_identity(owner)),
        "AssumeRole" => assume_role(&form),
        "GetRole" => role(owner, &form),
        _ => Err(QueryError {
            code: "InvalidAction",
            message: format!("{action} is not supported here: GetCallerIdentity, AssumeRole and GetRole are"),
        }),
    };
    let id = Uuid::new_v4();
    let (status, xml) = match result {
        Ok((namespace, result)) => (
            StatusCode::OK,
            format!(
                "<{action}Response xmlns=\"{namespace}\"><{action}Result>{result}</{action}Result>\
                 <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{action}Response>"
            ),
        ),
        Err(QueryError { code, message }) => (
            StatusCode::BAD_REQUEST,
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{}</Message></Error>\
                 <RequestId>{id}</RequestId></ErrorResponse>",
                escape(&message)
            ),
        ),
    };
    (status, [(header::CONTENT_TYPE, "text/xml")], xml).into_response()
}

fn caller_identity(owner: &AccountRegion) -> (&'static str, String) {
    let (partition, account) = (owner.partition(), owner.account());
    let arn = format!("arn:{partition}:sts::{account}:assumed-role/{ROLE}/local");
    (STS, elements(&[("Arn", &arn), ("UserId", "AROALOCALSAGEMAKER000:local"), ("Account", account)]))
}

fn assume_role(form: &BTreeMap<String, String>) -> QueryResult {
    let (arn, session) = (required(form, "RoleArn")?, required(form, "RoleSessionName")?);
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else {
        return Err(invalid(&format!("{arn} is invalid")));
    };
    let name = resource.strip_prefix("role/").ok_or_else(|| invalid(&format!("{arn} is invalid")))?;
    let name = name.rsplit('/').next().unwrap_or_default();
    let seconds = match form.get("DurationSeconds") {
        Some(text) => text.parse().map_err(|_| invalid("DurationSeconds is not a number"))?,
        None => DEFAULT_DURATION_SECONDS,
    };
    let expiration = ApiTimestamp::now().after(Duration::from_secs(seconds.min(MAX_DURATION_SECONDS)));
    let credentials = elements(&[
        ("AccessKeyId", account),
        ("SecretAccessKey", "local"),
        ("SessionToken", "local"),
        ("Expiration", &expiration.iso8601()),
    ]);
    let user = elements(&[
        ("AssumedRoleId", &format!("AROALOCALSAGEMAKER000:{session}")),
        ("Arn", &format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}")),
    ]);
    Ok((STS, format!("<Credentials>{credentials}</Credentials><AssumedRoleUser>{user}</AssumedRoleUser>")))
}

fn role(owner: &AccountRegion, form: &BTreeMap<String, String>) -> QueryResult {
    let name = required(form, "RoleName")?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(is_name) {
        return Err(invalid(&format!("The specified value for roleName is invalid: {name}")));
    }
    let role = elements(&[
        ("Path", "/"),
        ("RoleName", name),
        ("RoleId", "AROALOCALSAGEMAKER000"),
        ("Arn", &format!("arn:{}:iam::{}:role/{name}", owner.partition(), owner.account())),
        ("CreateDate", "2017-11-29T00:00:00Z"),
    ]);
    Ok((IAM, format!("<Role>{role}</Role>")))
}

fn required<'f>(form: &'f BTreeMap<String, String>, name: &str) -> Result<&'f str, QueryError> {
    form.get(name).map(String::as_str).ok_or_else(|| {
        invalid(&format!(
            "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null"
        ))
    })
}

fn invalid(message: &str) -> QueryError {
    QueryError { code: "ValidationError", message: message.to_owned() }
}

fn elements(members: &[(&str, &str)]) -> String {
    members.iter().fold(String::new(), |mut xml, (name, text)| {
        let _ = write!(xml, "<{name}>{}</{name}>", escape(text));
        xml
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
