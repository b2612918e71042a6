//! Regions that a deployment cannot be made in.

use clap::ValueEnum as _;
use mysfits_infra::{
    Stack,
    recommendations::parameter::{API_CERTIFICATE_ARN, BACKEND},
    sagemaker::{parameter::CONTAINER, registry_account},
};
use thiserror::Error;

use crate::{Backend, DeploySettings, EndpointContainer};

/// Why a region cannot be deployed to.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnsupportedRegion {
    /// CloudFormation does not have all resource types of the stacks there.
    #[error(
        "CloudFormation in the region {region} does not have the types {} of the stack {stack}; {}deploy to another region \
         (--region)", types.join(", "), leave_out(.stack)
    )]
    MissingTypes {
        /// The region.
        region: String,
        /// The last part of the stack's name.
        stack: &'static str,
        /// The types.
        types: Vec<&'static str>,
    },
    /// SageMaker's k-NN algorithm is not there.
    #[error(
        "SageMaker has no k-NN image in the region {region}, which --backend {backend} needs; use --backend embedded or \
         --container own, or deploy to another region (--region)"
    )]
    NoAlgorithm {
        /// The region.
        region: String,
        /// The backend.
        backend: &'static str,
    },
    /// The certificate of the API's domain is in another region.
    #[error(
        "the certificate of the API's domain is in the region {found}, but the API is in {region}; request a certificate in \
         {region} and pass its ARN as --api-certificate"
    )]
    CertificateElsewhere {
        /// The region.
        region: String,
        /// The certificate's region.
        found: String,
    },
}

/// How to deploy without an optional stack.
fn leave_out(stack: &str) -> String {
    let option = if stack == Stack::Repository.short_name() {
        "--with-repository"
    } else if stack == Stack::Notebook.short_name() {
        "--with-notebook"
    } else {
        return String::new();
    };
    let key = option.trim_start_matches("--with-");
    format!("leave out {option} (`{key}` in mysfits.toml), or ")
}

/// Checks that a deployment with these settings can be made in a region.
///
/// # Errors
/// If the region lacks a resource type of a stack, the algorithm of the endpoint's model, or the certificate of the API's
/// domain.
pub fn check_region(region: &str, settings: &DeploySettings) -> Result<(), UnsupportedRegion> {
    let is_wanted = |stack: &Stack| match stack {
        Stack::Repository => settings.repository,
        Stack::Notebook => settings.notebook,
        Stack::SageMaker | Stack::Recommendations | Stack::Website => true,
    };
    for stack in Stack::ALL.into_iter().filter(is_wanted) {
        let types = stack.missing_types(region);
        if !types.is_empty() {
            let (region, stack) = (region.to_owned(), stack.short_name());
            return Err(UnsupportedRegion::MissingTypes { region, stack, types });
        }
    }
    let certificate = settings.parameters.get(API_CERTIFICATE_ARN);
    let found = certificate.and_then(|arn| arn.split(':').nth(3)).unwrap_or(region);
    if found != region {
        let (region, found) = (region.to_owned(), found.to_owned());
        return Err(UnsupportedRegion::CertificateElsewhere { region, found });
    }
    // A backend that is not given is the deployed one, or needs no endpoint.
    let backend = settings.parameters.get(BACKEND).and_then(|name| Backend::from_str(name, false).ok());
    let is_own =
        settings.parameters.get(CONTAINER).is_some_and(|name| name == EndpointContainer::Own.as_str());
    match backend.filter(|backend| backend.needs_endpoint() && !is_own) {
        Some(backend) if registry_account(region).is_none() => {
            Err(UnsupportedRegion::NoAlgorithm { region: region.to_owned(), backend: backend.as_str() })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(line: &str) -> DeploySettings {
        #[derive(Debug, clap::Parser)]
        struct Cli {
            #[command(flatten)]
            args: crate::DeployArgs,
        }
        let args = std::iter::once("deploy").chain(line.split_whitespace());
        <Cli as clap::Parser>::parse_from(args).args.settings().unwrap()
    }

    #[track_caller]
    fn refused(region: &str, line: &str) -> String {
        check_region(region, &settings(line)).unwrap_err().to_string()
    }

    #[test]
    fn refuses_regions_of_other_partitions() {
        for region in ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "eusc-de-east-1"] {
            let error = refused(region, "");
            assert!(error.contains(region) && error.contains("AWS::CloudFront::Function"), "{error}");
            assert!(error.contains("of the stack Site; deploy to another region (--region)"), "{error}");
        }
        assert!(refused("me-central-1", "").contains("AWS::SageMaker::Endpoint"));
    }

    #[test]
    fn says_what_to_leave_out() {
        let error = refused("ap-southeast-3", "--with-repository");
        assert!(error.contains("AWS::CodeCommit::Repository of the stack Repository"), "{error}");
        assert!(error.contains("leave out --with-repository (`repository` in mysfits.toml), or"), "{error}");
        assert_eq!(check_region("ap-southeast-3", &settings("")), Ok(()));
    }

    #[test]
    fn refuses_a_certificate_of_another_region() {
        let line =
            "--api-domain a.example.com --api-certificate arn:aws:acm:us-east-1:123456789012:certificate/1";
        let error = refused("eu-west-1", line);
        assert!(error.contains("in the region us-east-1, but the API is in eu-west-1"), "{error}");
        assert_eq!(check_region("us-east-1", &settings(line)), Ok(()));
        assert_eq!(check_region("eu-west-1", &settings("--api-certificate=")), Ok(()));
    }

    #[test]
    fn refuses_an_endpoint_in_a_region_without_its_algorithm() {
        for backend in ["endpoint", "fallback"] {
            let error = refused("ap-southeast-7", &format!("--backend {backend}"));
            assert!(error.contains("no k-NN image in the region ap-southeast-7"), "{error}");
            assert!(error.contains(&format!("--backend {backend} needs; use --backend embedded")), "{error}");
        }
        assert_eq!(check_region("ap-southeast-7", &settings("--backend embedded")), Ok(()));
        assert_eq!(check_region("ap-southeast-7", &settings("--backend endpoint --container own")), Ok(()));
        let all = settings("--backend fallback --with-notebook --with-repository");
        assert_eq!(check_region("us-east-1", &all), Ok(()));
    }
}
