//! The custom domain of a stack: when there is one, and its DNS records.

use crate::{
    cfn::{Assertion, Condition, Draft, Logic, parameter},
    resource::route53::{AliasTarget, RecordSet},
};

/// The parameters and conditions of a stack's custom domain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StackDomain {
    /// The parameter with the domain name; empty for none.
    pub(crate) domain_name: &'static str,
    /// The parameter with the certificate's ARN; empty for none.
    pub(crate) certificate_arn: &'static str,
    /// The parameter with the hosted zone's id; empty if DNS is elsewhere.
    pub(crate) hosted_zone_id: &'static str,
    /// There is a custom domain.
    pub(crate) has_domain: Condition,
    /// The stack makes the DNS records of the custom domain.
    pub(crate) has_hosted_zone: Condition,
}

impl StackDomain {
    /// Returns the assertion that domain name and certificate are set together. `words` say so.
    pub(crate) fn assertion(&self, words: &'static str) -> Assertion {
        let names = [self.domain_name, self.certificate_arn];
        let neither = Logic::And(names.map(|name| Logic::Equals(name, "")).to_vec());
        Assertion::new(None, Logic::Or(vec![neither, self.given()]), words)
    }

    /// Adds the conditions.
    pub(crate) fn conditions(&self, draft: &mut Draft) {
        draft.condition(self.has_domain, self.given());
        let zone = vec![Logic::Is(self.has_domain), Logic::given(self.hosted_zone_id)];
        draft.condition(self.has_hosted_zone, Logic::And(zone));
    }

    /// Adds the alias records for IPv4 and IPv6, with these logical ids.
    pub(crate) fn records(&self, draft: &mut Draft, ids: [&'static str; 2], target: &AliasTarget) {
        for (id, r#type) in ids.into_iter().zip(["A", "AAAA"]) {
            let record = RecordSet {
                hosted_zone_id: parameter(self.hosted_zone_id),
                name: parameter(self.domain_name),
                r#type,
                alias_target: target.clone(),
            };
            draft.add(id, record).when(self.has_hosted_zone);
        }
    }

    /// Returns the condition that domain name and certificate are set.
    fn given(&self) -> Logic {
        Logic::And([self.domain_name, self.certificate_arn].map(Logic::given).to_vec())
    }
}
