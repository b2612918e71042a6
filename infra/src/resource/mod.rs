//! The resource types that the stacks use, as far as they use them: what CloudFormation requires is not optional here.
//!
//! Every type with tags is made with [`tags`].

#![allow(clippy::struct_field_names, reason = "fields have CloudFormation's own names")]

pub(crate) mod api_gateway;
pub(crate) mod cloud_front;
pub(crate) mod cloud_watch;
pub(crate) mod iam;
pub(crate) mod lambda;
pub(crate) mod s3;
pub(crate) mod sagemaker;
pub(crate) mod scaling;

use serde::Serialize;

use crate::{PROJECT_TAG, cfn::Properties};

/// A tag.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: &'static str,
    value: &'static str,
}

/// The tags of everything that takes tags.
pub(crate) type Tags = [Tag; 1];

/// Returns the tags of all resources that support tags.
pub(crate) fn tags() -> Tags {
    let (key, value) = PROJECT_TAG;
    [Tag { key, value }]
}

/// Gives property structs the names of their resource types and the attributes that can be asked of them.
macro_rules! resource_types {
    ($($name:ty = $kind:literal [$($attribute:literal),*];)+) => {
        $(impl $crate::cfn::Properties for $name {
            const TYPE: &'static str = $kind;
            const ATTRIBUTES: &'static [&'static str] = &[$($attribute),*];
        })+
    };
}
pub(crate) use resource_types;

/// A git repository.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Repository {
    pub(crate) repository_name: &'static str,
    pub(crate) repository_description: &'static str,
    pub(crate) tags: Tags,
}

impl Properties for Repository {
    const TYPE: &'static str = "AWS::CodeCommit::Repository";
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "CloneUrlHttp", "CloneUrlSsh", "Name"];
}
