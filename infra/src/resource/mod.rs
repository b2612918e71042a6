//! The resource types that the stacks use, as far as they use them: what CloudFormation requires is not optional here.
//!
//! Every type with tags is made with [`tags`].

#![allow(clippy::struct_field_names, reason = "fields have CloudFormation's own names")]

pub(crate) mod api_gateway;
pub(crate) mod cloud_front;
pub(crate) mod cloud_watch;
pub(crate) mod ecr;
pub(crate) mod iam;
pub(crate) mod lambda;
pub(crate) mod route53;
pub(crate) mod s3;
pub(crate) mod sagemaker;
pub(crate) mod scaling;

use crate::{
    cfn::{Text, parameter},
    names::{PROJECT_TAG, STAGE_TAG},
    stage::STAGE_PARAMETER,
};

/// Defines structs of properties: visible in this crate, and serialised with the fields' names in Pascal case.
///
/// After `=` comes the name of a resource type with the attributes that can be asked of it; other structs are parts of
/// those.
macro_rules! property_types {
    ($(
        $(#[$meta:meta])*
        struct $name:ident $(= $kind:literal [$($attribute:literal),*])? {
            $($(#[$field_meta:meta])* $field:ident: $type:ty),+ $(,)?
        }
    )+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, serde::Serialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $name {
            $($(#[$field_meta])* pub(crate) $field: $type,)+
        }

        $(impl $crate::cfn::Properties for $name {
            const TYPE: &'static str = $kind;
            const ATTRIBUTES: &'static [&'static str] = &[$($attribute),*];
        })?
    )+};
}
use property_types;

property_types! {
    /// A tag.
    struct Tag {
        key: &'static str,
        value: Text,
    }

    /// A git repository.
    struct Repository = "AWS::CodeCommit::Repository" ["Arn", "CloneUrlHttp", "CloneUrlSsh", "Name"] {
        repository_name: Text,
        repository_description: &'static str,
        tags: Tags,
    }
}

/// The tags of everything that takes tags.
pub(crate) type Tags = [Tag; 2];

/// Returns the tags of all resources that support tags.
pub(crate) fn tags() -> Tags {
    let (key, value) = PROJECT_TAG;
    [Tag { key, value: value.into() }, Tag { key: STAGE_TAG, value: parameter(STAGE_PARAMETER) }]
}
