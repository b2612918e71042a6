//! What a stack is created or updated with. Pure.

use std::collections::BTreeMap;

use mysfits_infra::{Stack, recommendations};

use super::stack_state::StackState;
use crate::parameters::Parameters;

/// Where CloudFormation reads a template from.
#[derive(Debug, Clone)]
pub enum TemplateSource {
    /// The request.
    Body(String),
    /// An uploaded object; for templates that are too long for a request.
    Url(String),
}

/// What a stack is created or updated with.
#[derive(Debug)]
pub(crate) struct StackUpdate {
    pub(crate) source: TemplateSource,
    pub(crate) parameters: Parameters,
    /// The user's tags.
    pub(crate) tags: BTreeMap<String, String>,
    /// Whether resources that were changed outside the stack are set back to the template.
    pub(crate) revert_drift: bool,
}

impl StackUpdate {
    /// Returns the same update with the template that its parameters need. The API's deployment holds a copy of the allowed
    /// origin, so another origin needs another deployment.
    pub(crate) fn with_api_deployment(&self, stack: Stack, there: Option<&StackState>) -> Self {
        let Self { parameters, tags, revert_drift, .. } = self;
        let name = recommendations::parameter::ALLOW_ORIGIN;
        let deployed = || there.and_then(|state| state.parameters.get(name)).map(String::as_str);
        let origin = parameters.get(name).or_else(|| deployed().filter(|_| parameters.keeps(name)));
        let source = match (stack, &self.source, origin) {
            (Stack::Recommendations, TemplateSource::Body(text), Some(origin)) => {
                TemplateSource::Body(recommendations::with_allow_origin(text, origin))
            }
            _ => self.source.clone(),
        };
        Self { source, parameters: parameters.clone(), tags: tags.clone(), revert_drift: *revert_drift }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_allowed_origin_changes_the_template() {
        let name = recommendations::parameter::ALLOW_ORIGIN;
        let text = |parameters: Parameters| {
            let source = TemplateSource::Body(Stack::Recommendations.yaml());
            let update = StackUpdate { source, parameters, tags: BTreeMap::new(), revert_drift: false };
            match update.with_api_deployment(Stack::Recommendations, None).source {
                TemplateSource::Body(text) | TemplateSource::Url(text) => text,
            }
        };
        let default = text(Parameters::default());
        assert_eq!(default, Stack::Recommendations.yaml());
        let of = |origin: &str| text(Parameters::default().set(name, origin));
        assert_eq!(of("*"), default);
        assert_ne!(of("https://a.example"), default);
        assert_ne!(of("https://a.example"), of("https://b.example"));
    }
}
