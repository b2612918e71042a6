//! The three stacks.

use crate::{
    cfn::{Draft, Template},
    recommendations, sagemaker, website,
};

/// One of the module's stacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stack {
    /// Data bucket, notebook, code repository, endpoint.
    SageMaker,
    /// Function and API.
    Recommendations,
    /// The site.
    Website,
}

impl Stack {
    /// All stacks in the order of deployment: outputs of one are parameters of the next. They are removed in reverse.
    pub const ALL: [Self; 3] = [Self::SageMaker, Self::Recommendations, Self::Website];

    /// The stack's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SageMaker => "MythicalMysfits-SageMaker",
            Self::Recommendations => "MythicalMysfits-Recommendations",
            Self::Website => "MythicalMysfits-Website",
        }
    }

    /// The name of the template's file.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::SageMaker => "sagemaker.yaml",
            Self::Recommendations => "recommendations.yaml",
            Self::Website => "website.yaml",
        }
    }

    pub(crate) fn draft(self) -> Draft {
        match self {
            Self::SageMaker => sagemaker::draft(),
            Self::Recommendations => recommendations::draft(),
            Self::Website => website::draft(),
        }
    }

    /// The stack's template; every reference in it holds.
    ///
    /// # Panics
    /// If one does not. Templates depend on nothing that is only known later, so that the tests would have panicked.
    #[must_use]
    pub fn template(self) -> Template {
        self.draft().finish().unwrap_or_else(|error| panic!("the template of {}: {error}", self.name()))
    }

    /// The stack's template as text.
    #[must_use]
    pub fn yaml(self) -> String {
        self.template().yaml()
    }
}
