//! Whether a resource exists: asked of its own service, by its ARN.
//!
//! The tagging API does not tell, because it lists deleted resources for hours.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderName, Method, header};
use serde_json::{Value, json};

use super::{
    Aws,
    buckets::BucketOwner,
    client::{AwsService, ServiceRequest},
    distribution::CLOUDFRONT,
    function::LAMBDA,
    logs::group_of,
};
use crate::error::{AwsError, DeployError};

/// What a service says about a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Existence {
    /// It exists; with the service's description of it, in the service's format.
    Exists(String),
    /// It does not exist, or is being deleted.
    Deleted,
    /// The service did not tell, for this reason.
    Unknown(String),
}

const KMS: AwsService =
    AwsService { id: "KMS", signing_name: "kms", host: "kms", target: "TrentService", only_region: None };
const CODECOMMIT: AwsService = AwsService {
    id: "CodeCommit",
    signing_name: "codecommit",
    host: "codecommit",
    target: "CodeCommit_20150413",
    only_region: None,
};
pub(super) const ECR: AwsService = AwsService {
    id: "ECR",
    signing_name: "ecr",
    host: "api.ecr",
    target: "AmazonEC2ContainerRegistry_V20150921",
    only_region: None,
};
const SNS: AwsService =
    AwsService { id: "SNS", signing_name: "sns", host: "sns", target: "", only_region: None };
const CLOUDWATCH: AwsService = AwsService {
    id: "CloudWatch",
    signing_name: "monitoring",
    host: "monitoring",
    target: "",
    only_region: None,
};
const API_GATEWAY: AwsService = AwsService {
    id: "API Gateway",
    signing_name: "apigateway",
    host: "apigateway",
    target: "",
    only_region: None,
};

/// A request that describes a resource.
#[derive(Debug)]
struct DescribeRequest {
    service: AwsService,
    operation: &'static str,
    method: Method,
    path: String,
    headers: Vec<(HeaderName, String)>,
    body: Bytes,
}

impl DescribeRequest {
    /// A request with a path.
    fn get(service: AwsService, operation: &'static str, path: String) -> Self {
        Self { service, operation, method: Method::GET, path, headers: Vec::new(), body: Bytes::new() }
    }

    /// A request of the protocol AWS JSON 1.1.
    fn json(service: AwsService, operation: &'static str, input: &Value) -> Self {
        let headers = vec![
            (header::CONTENT_TYPE, "application/x-amz-json-1.1".to_owned()),
            (HeaderName::from_static("x-amz-target"), format!("{}.{operation}", service.target)),
        ];
        let (path, body) = ("/".to_owned(), input.to_string().into());
        Self { service, operation, method: Method::POST, path, headers, body }
    }

    /// A request of the query protocol with one parameter.
    fn query(service: AwsService, operation: &'static str, version: &str, name: &str, value: &str) -> Self {
        let content_type = "application/x-www-form-urlencoded".to_owned();
        let body = format!("Action={operation}&Version={version}&{name}={}", encoded(value)).into();
        let headers = vec![(header::CONTENT_TYPE, content_type)];
        Self { service, operation, method: Method::POST, path: "/".to_owned(), headers, body }
    }

    /// Returns the request that describes the resource; `None` for a service that this tool cannot ask.
    fn about(arn: &str) -> Option<Self> {
        let (service, resource) = parts(arn);
        let of = |prefix: &str| resource.strip_prefix(prefix);
        Some(match service {
            "lambda" => {
                let path = format!("/2015-03-31/functions/{}/configuration", of("function:")?);
                Self::get(LAMBDA, "GetFunctionConfiguration", path)
            }
            "cloudfront" => match (of("distribution/"), of("function/")) {
                (Some(id), _) => {
                    Self::get(CLOUDFRONT, "GetDistribution", format!("/2020-05-31/distribution/{id}"))
                }
                (_, Some(name)) => {
                    let path = format!("/2020-05-31/function/{name}/describe");
                    Self::get(CLOUDFRONT, "DescribeFunction", path)
                }
                _ => return None,
            },
            "apigateway" => {
                let mut parts = resource.split('/').skip(1);
                let operation = match (parts.next(), parts.nth(1)) {
                    (Some("restapis"), None) => "GetRestApi",
                    (Some("restapis"), Some("stages")) => "GetStage",
                    (Some("domainnames"), None) => "GetDomainName",
                    _ => return None,
                };
                Self::get(API_GATEWAY, operation, resource.to_owned())
            }
            "kms" => Self::json(KMS, "DescribeKey", &json!({"KeyId": of("key/")?})),
            "codecommit" => Self::json(CODECOMMIT, "GetRepository", &json!({"repositoryName": resource})),
            "ecr" => {
                let input = json!({"repositoryNames": [of("repository/")?]});
                Self::json(ECR, "DescribeRepositories", &input)
            }
            "sns" => Self::query(SNS, "GetTopicAttributes", "2010-03-31", "TopicArn", arn),
            "cloudwatch" => match (of("alarm:"), of("dashboard/")) {
                (Some(name), _) => {
                    Self::query(CLOUDWATCH, "DescribeAlarms", "2010-08-01", "AlarmNames.member.1", name)
                }
                (_, Some(name)) => {
                    Self::query(CLOUDWATCH, "GetDashboard", "2010-08-01", "DashboardName", name)
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Returns whether a description is that of an existing resource.
    fn is_found(&self, description: &str) -> bool {
        match self.operation {
            "DescribeAlarms" => description.contains("<AlarmName>"),
            // A deleted key exists for at least a week, costs nothing, and cannot be used.
            "DescribeKey" => !description.contains("\"PendingDeletion\""),
            _ => true,
        }
    }
}

/// The error codes of services for a missing resource.
const ABSENT: [&str; 9] = [
    "ResourceNotFoundException",
    "NoSuchDistribution",
    "NoSuchFunctionExists",
    "NotFoundException",
    "RepositoryDoesNotExistException",
    "RepositoryNotFoundException",
    "NotFound",
    "ResourceNotFound",
    "DashboardNotFoundError",
];

impl Aws {
    /// Asks a resource's service whether it exists.
    pub(crate) async fn existence(&self, arn: &str) -> Existence {
        match self.ask(arn).await {
            Ok(existence) => existence,
            Err(error) => Existence::Unknown(error.to_string()),
        }
    }

    async fn ask(&self, arn: &str) -> Result<Existence, DeployError> {
        let (service, resource) = parts(arn);
        let if_exists = |exists| if exists { Existence::Exists(String::new()) } else { Existence::Deleted };
        match service {
            "s3" => Ok(if_exists(self.bucket_owner(resource).await? != BucketOwner::NotFound)),
            "cloudformation" => {
                let state = self.stack_by_id(arn).await?;
                Ok(if_exists(state.is_some_and(|state| state.status.as_str() != "DELETE_COMPLETE")))
            }
            // The record of a training job cannot be deleted and costs nothing.
            "sagemaker" if resource.starts_with("training-job/") => Ok(Existence::Deleted),
            "sagemaker" => Ok(if_exists(self.has_our_tags(arn).await?)),
            "logs" => {
                let group = group_of(resource);
                Ok(if_exists(self.log_groups(group).await?.iter().any(|found| found == group)))
            }
            _ => match DescribeRequest::about(arn) {
                None => Ok(Existence::Unknown(format!("this tool cannot ask {service} about it"))),
                Some(request) => Ok(self.answer(&request).await?),
            },
        }
    }

    async fn answer(&self, request: &DescribeRequest) -> Result<Existence, AwsError> {
        let DescribeRequest { service, method, path, headers, body, .. } = request;
        let call = ServiceRequest {
            operation: request.operation,
            method: method.clone(),
            path,
            headers: headers.clone(),
            body: body.clone(),
        };
        match self.client.send(*service, call).await {
            Ok(description) => {
                let description = String::from_utf8_lossy(&description).into_owned();
                let is_found = request.is_found(&description);
                Ok(if is_found { Existence::Exists(description) } else { Existence::Deleted })
            }
            Err(error) if ABSENT.iter().any(|code| error.is(code)) => Ok(Existence::Deleted),
            Err(error) => Err(error),
        }
    }
}

/// Returns an ARN's service and resource.
pub(crate) fn parts(arn: &str) -> (&str, &str) {
    let mut parts = arn.splitn(6, ':');
    (parts.nth(2).unwrap_or_default(), parts.nth(2).unwrap_or_default())
}

/// Percent-encodes all but unreserved characters.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_an_arn_into_service_and_resource() {
        assert_eq!(parts("arn:aws:s3:::a-bucket"), ("s3", "a-bucket"));
        assert_eq!(
            parts("arn:aws:logs:us-east-1:123456789012:log-group:/mysfits/api:*"),
            ("logs", "log-group:/mysfits/api:*")
        );
        assert_eq!(
            parts("arn:aws:sagemaker:us-east-1:1:training-job/knn-x"),
            ("sagemaker", "training-job/knn-x")
        );
        assert_eq!(parts("nonsense"), ("", ""));
    }

    #[test]
    fn asks_each_service_about_its_resources() {
        let request = |arn: &str| {
            let request = DescribeRequest::about(arn)?;
            let body = String::from_utf8(request.body.to_vec()).ok()?;
            Some(format!("{} {} {} {body}", request.operation, request.method, request.path))
        };
        let lambda = "arn:aws:lambda:eu-west-1:1:function:f";
        for (arn, expected) in [
            (lambda, "GetFunctionConfiguration GET /2015-03-31/functions/f/configuration "),
            ("arn:aws:cloudfront::1:distribution/E1", "GetDistribution GET /2020-05-31/distribution/E1 "),
            ("arn:aws:cloudfront::1:function/f", "DescribeFunction GET /2020-05-31/function/f/describe "),
            ("arn:aws:apigateway:eu-west-1::/restapis/a1", "GetRestApi GET /restapis/a1 "),
            (
                "arn:aws:apigateway:eu-west-1::/restapis/a1/stages/prod",
                "GetStage GET /restapis/a1/stages/prod ",
            ),
            (
                "arn:aws:apigateway:eu-west-1::/domainnames/api.example.com",
                "GetDomainName GET /domainnames/api.example.com ",
            ),
            ("arn:aws:kms:eu-west-1:1:key/k", r#"DescribeKey POST / {"KeyId":"k"}"#),
            ("arn:aws:codecommit:eu-west-1:1:r", r#"GetRepository POST / {"repositoryName":"r"}"#),
            (
                "arn:aws:ecr:eu-west-1:1:repository/a/b",
                r#"DescribeRepositories POST / {"repositoryNames":["a/b"]}"#,
            ),
            (
                "arn:aws:sns:eu-west-1:1:t",
                "GetTopicAttributes POST / Action=GetTopicAttributes&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A1%3At",
            ),
            (
                "arn:aws:cloudwatch:eu-west-1:1:alarm:a b",
                "DescribeAlarms POST / Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=a%20b",
            ),
            (
                "arn:aws:cloudwatch::1:dashboard/d",
                "GetDashboard POST / Action=GetDashboard&Version=2010-08-01&DashboardName=d",
            ),
        ] {
            assert_eq!(request(arn).as_deref(), Some(expected));
        }
        assert_eq!(request("arn:aws:apigateway:eu-west-1::/usageplans/u"), None);
        assert_eq!(request("arn:aws:ec2:eu-west-1:1:instance/i-1"), None);
        assert_eq!(request("arn:aws:cloudfront::1:streaming-distribution/E1"), None);
    }
}
