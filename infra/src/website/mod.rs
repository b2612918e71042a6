//! The stack of the site: its bucket and the distribution before it.

mod distribution;
mod dns;
mod names;

pub use names::{output, parameter, resource};

use crate::{
    STAGE_PARAMETER, Stage,
    cfn::{Condition, Draft, Logic, Parameter},
    custom_domain::StackDomain,
};

/// The page calls other origins.
const HAS_API_ORIGINS: Condition = Condition("HasApiOrigins");
/// The recommendation API serves pages of results.
const HAS_RESULT_PAGES: Condition = Condition("HasResultPages");
/// The site has a domain name of its own.
const HAS_DOMAIN: Condition = Condition("HasDomain");
/// The stack makes the domain's DNS records.
const HAS_HOSTED_ZONE: Condition = Condition("HasHostedZone");
/// The custom domain of the site.
const DOMAIN: StackDomain = StackDomain {
    domain_name: parameter::DOMAIN_NAME,
    certificate_arn: parameter::CERTIFICATE_ARN,
    hosted_zone_id: parameter::HOSTED_ZONE_ID,
    has_domain: HAS_DOMAIN,
    has_hosted_zone: HAS_HOSTED_ZONE,
};
/// A web ACL stands before the site.
const HAS_WEB_ACL: Condition = Condition("HasWebAcl");

/// The viewer-request function: which file a path means, which paths are the API's, and in which language a visitor meets the site.
pub const ROUTES: &str = include_str!("routes.js");

/// Returns the stack's template, before its references are checked.
pub(crate) fn draft() -> Draft {
    let mut draft = Draft::new("Mythical Mysfits recommendations: the site");
    parameters(&mut draft);
    draft.condition(HAS_API_ORIGINS, Logic::given(parameter::API_ORIGINS));
    draft.condition(HAS_RESULT_PAGES, Logic::given(parameter::RESULT_PAGES_HOST));
    DOMAIN.conditions(&mut draft);
    draft.condition(HAS_WEB_ACL, Logic::given(parameter::WEB_ACL_ARN));
    distribution::add(&mut draft);
    dns::add(&mut draft);
    draft
}

fn parameters(draft: &mut Draft) {
    use parameter as p;
    draft.parameter(STAGE_PARAMETER, Stage::parameter());
    let origins = Parameter::text("Origins that the site may call, separated by spaces").or("");
    let pattern = "^(https?://[^/;, ]+( https?://[^/;, ]+)*)?$";
    draft.parameter(
        p::API_ORIGINS,
        origins.like(pattern, "https://HOST, several separated by spaces, or empty"),
    );
    let host = Parameter::text("API host that serves the pages of results, /r/*; empty for none").or("");
    let words = "a domain name in lower case, or empty";
    draft.parameter(p::RESULT_PAGES_HOST, host.like("^([a-z0-9-]+(\\.[a-z0-9-]+)+)?$", words));
    let domain = Parameter::text("Custom domain name; empty for CloudFront's").or("");
    let words = "a domain name in lower case, or empty";
    draft.parameter(p::DOMAIN_NAME, domain.like("^([a-z0-9-]+(\\.[a-z0-9-]+)+)?$", words));
    let certificate = Parameter::text("ACM certificate of the custom domain, in us-east-1").or("");
    let words = "the ARN of an ACM certificate in us-east-1, or empty";
    let pattern = "^(arn:[a-z-]+:acm:us-east-1:[0-9]{12}:certificate/.+)?$";
    draft.parameter(p::CERTIFICATE_ARN, certificate.like(pattern, words));
    let zone = "Route 53 hosted zone in which DNS records of the custom domain are made; empty for none";
    let words = "the id of a hosted zone, such as Z0123456789ABCDEFGHIJ, or empty";
    draft.parameter(p::HOSTED_ZONE_ID, Parameter::text(zone).or("").like("^(Z[A-Z0-9]{1,31})?$", words));
    let classes = ["PriceClass_100", "PriceClass_200", "PriceClass_All"];
    let class = Parameter::choice("CloudFront price class; 200 includes Seoul", &classes);
    draft.parameter(p::PRICE_CLASS, class.or("PriceClass_200"));
    let acl = Parameter::text("ARN of an AWS WAF web ACL for the site; empty for none").or("");
    let pattern = "^(arn:[a-z-]+:wafv2:us-east-1:[0-9]{12}:global/webacl/.+)?$";
    draft.parameter(p::WEB_ACL_ARN, acl.like(pattern, "the ARN of a global web ACL, or empty"));
    let words = "DomainName and CertificateArn must be set together";
    draft.rule("DomainHasCertificate", DOMAIN.assertion(words));
}
