//! What a stack is created or updated with. Pure.

use std::collections::BTreeMap;

use mysfits_infra::{Stack, Stage, import, recommendations};

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

/// How CloudFormation compares a template with what exists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ChangeMode {
    /// With the stack's current template.
    #[default]
    Template,
    /// Also with the resources: those that were changed outside the stack are set back.
    RevertDrift,
    /// Also with resources outside the stack: those that have the template's names become part of the stack.
    ImportExisting,
}

/// What a stack is created or updated with.
#[derive(Debug)]
pub(crate) struct StackUpdate {
    pub(crate) source: TemplateSource,
    pub(crate) parameters: Parameters,
    /// The user's tags.
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) mode: ChangeMode,
}

impl StackUpdate {
    /// Returns the same update with the template that its parameters need. The API's deployment holds a copy of the allowed
    /// origin, so another origin needs another deployment.
    pub(crate) fn with_api_deployment(&self, stack: Stack, there: Option<&StackState>) -> Self {
        let Self { parameters, tags, mode, .. } = self;
        let name = recommendations::parameter::ALLOW_ORIGIN;
        let deployed = || there.and_then(|state| state.parameters.get(name)).map(String::as_str);
        let origin = parameters.get(name).or_else(|| deployed().filter(|_| parameters.keeps(name)));
        let source = match (stack, &self.source, origin) {
            (Stack::Recommendations, TemplateSource::Body(text), Some(origin)) => {
                TemplateSource::Body(recommendations::with_allow_origin(text, origin))
            }
            _ => self.source.clone(),
        };
        Self { source, parameters: parameters.clone(), tags: tags.clone(), mode: *mode }
    }

    /// Returns the update with a template whose resources can be imported, if that is its mode.
    pub(crate) fn with_importable_names(self, stack: Stack, stage: &Stage, region: &str) -> Self {
        let source = match (self.mode, &self.source) {
            (ChangeMode::ImportExisting, TemplateSource::Body(text)) => {
                TemplateSource::Body(import::with_importable_names(text, stack, stage, region))
            }
            _ => return self,
        };
        Self { source, ..self }
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
            let mode = ChangeMode::Template;
            let update = StackUpdate { source, parameters, tags: BTreeMap::new(), mode };
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
