//! Elastic Container Registry.

use super::Tags;
use crate::cfn::{Flag, Text};

super::property_types! {
    struct ImageRepository = "AWS::ECR::Repository" ["Arn", "RepositoryUri"] {
        repository_name: Text,
        empty_on_delete: Flag,
        image_scanning_configuration: ImageScanning,
        image_tag_mutability: &'static str,
        lifecycle_policy: ImageLifecycle,
        tags: Tags,
    }

    struct ImageScanning { scan_on_push: bool }

    struct ImageLifecycle { lifecycle_policy_text: String }
}
