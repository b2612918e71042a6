//! The custom domain of the API, and its DNS records.

use super::{
    HAS_API_DOMAIN, HAS_API_HOSTED_ZONE,
    api::{ENDPOINT_ACCESS_MODE, SECURITY_POLICY},
    output, parameter, resource,
};
use crate::{
    cfn::{Draft, Parameter, attribute, parameter as value, reference},
    custom_domain::StackDomain,
    resource::{
        api_gateway::{ApiDomain, BasePathMapping, DomainEndpointConfiguration},
        route53::AliasTarget,
        tags,
    },
};

/// The custom domain of the API.
const DOMAIN: StackDomain = StackDomain {
    domain_name: parameter::API_DOMAIN_NAME,
    certificate_arn: parameter::API_CERTIFICATE_ARN,
    hosted_zone_id: parameter::API_HOSTED_ZONE_ID,
    has_domain: HAS_API_DOMAIN,
    has_hosted_zone: HAS_API_HOSTED_ZONE,
};

/// Adds the parameters.
pub(super) fn parameters(draft: &mut Draft) {
    use parameter as p;
    let domain = Parameter::text("Custom domain name of the API; empty for API Gateway's").or("");
    let words = "a domain name in lower case, or empty";
    draft.parameter(p::API_DOMAIN_NAME, domain.like("^([a-z0-9-]+(\\.[a-z0-9-]+)+)?$", words));
    let certificate = Parameter::text("ACM certificate of the API's domain, in the stack's region").or("");
    let words = "the ARN of an ACM certificate in the stack's region, or empty";
    let pattern = "^(arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/.+)?$";
    draft.parameter(p::API_CERTIFICATE_ARN, certificate.like(pattern, words));
    let zone = "Route 53 hosted zone in which DNS records of the API's domain are made; empty for none";
    let words = "the id of a hosted zone, such as Z0123456789ABCDEFGHIJ, or empty";
    draft.parameter(p::API_HOSTED_ZONE_ID, Parameter::text(zone).or("").like("^(Z[A-Z0-9]{1,31})?$", words));
    let words = "ApiDomainName and ApiCertificateArn must be set together";
    draft.rule("ApiDomainHasCertificate", DOMAIN.assertion(words));
}

/// Adds the conditions.
pub(super) fn conditions(draft: &mut Draft) {
    DOMAIN.conditions(draft);
}

/// Adds the domain, its records, and the output for those who make them elsewhere.
pub(super) fn add(draft: &mut Draft) {
    let domain = ApiDomain {
        domain_name: value(parameter::API_DOMAIN_NAME),
        regional_certificate_arn: value(parameter::API_CERTIFICATE_ARN),
        // The API itself may have IPv4 only: a domain need not have the address type of what is behind it.
        endpoint_configuration: DomainEndpointConfiguration {
            types: ["REGIONAL"],
            ip_address_type: "dualstack",
        },
        security_policy: SECURITY_POLICY,
        endpoint_access_mode: ENDPOINT_ACCESS_MODE,
        tags: tags(),
    };
    draft.add(resource::API_DOMAIN, domain).when(HAS_API_DOMAIN);
    let mapping = BasePathMapping {
        domain_name: reference(resource::API_DOMAIN),
        rest_api_id: reference(resource::API),
        stage: reference(resource::API_STAGE),
    };
    draft.add(resource::API_DOMAIN_MAPPING, mapping).when(HAS_API_DOMAIN);
    let target = AliasTarget {
        dns_name: attribute(resource::API_DOMAIN, "RegionalDomainName"),
        hosted_zone_id: attribute(resource::API_DOMAIN, "RegionalHostedZoneId"),
    };
    DOMAIN.records(draft, [resource::API_ADDRESS_RECORD, resource::API_IPV6_ADDRESS_RECORD], &target);
    let words = "API Gateway's domain name of the API's custom domain";
    draft.output_if(HAS_API_DOMAIN, output::API_REGIONAL_DOMAIN_NAME, words, target.dns_name);
}
