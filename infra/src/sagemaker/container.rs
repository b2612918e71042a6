//! The container of training jobs and of the endpoint: SageMaker's k-NN, or an image of ours in a repository of the stack.

use super::{HAS_REPOSITORY, USES_OWN_IMAGE, output, parameter, resource};
use crate::{
    cfn::{
        Draft, Logic, Parameter, Removal, Statement, Text, attribute, either, only_if, parameter as value,
        sub,
    },
    names::image_repository,
    resource::{
        ecr::{ImageLifecycle, ImageRepository, ImageScanning},
        tags,
    },
    stage::STAGE,
};

/// The parameter's value for SageMaker's k-NN.
const BUILT_IN: &str = "built-in";
/// The parameter's value for an image of ours.
const OWN: &str = "own";
/// The number of images that a repository keeps: one for each release that can be deployed again.
const MAX_IMAGES: usize = 10;

pub(super) fn parameters(draft: &mut Draft) {
    use parameter as p;
    let container = "Container of training jobs and endpoint: built-in (SageMaker's k-NN) or own (local-sagemaker in a repository)";
    draft.parameter(p::CONTAINER, Parameter::choice(container, &[BUILT_IN, OWN]).or(BUILT_IN));
    let image =
        Parameter::text("Image of the endpoint with Container own; empty for SageMaker's k-NN").or("");
    let words = "REGISTRY/REPOSITORY@sha256:DIGEST, or empty";
    draft.parameter(p::CONTAINER_IMAGE, image.like("^(.+/.+@sha256:[0-9a-f]{64})?$", words));
}

pub(super) fn conditions(draft: &mut Draft) {
    draft.condition(HAS_REPOSITORY, Logic::Equals(parameter::CONTAINER, OWN));
    draft.condition(USES_OWN_IMAGE, Logic::given(parameter::CONTAINER_IMAGE));
}

/// Adds the repository.
pub(super) fn add(draft: &mut Draft) {
    let mut policy = serde_json::json!({ "rules": [{
        "rulePriority": 1,
        "description": format!("Keep the newest {MAX_IMAGES} images"),
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": MAX_IMAGES},
        "action": {"type": "expire"},
    }]});
    // Whether maps keep their order depends on the features of the build; the text must not.
    policy.sort_all_objects();
    let repository = ImageRepository {
        repository_name: sub(image_repository(STAGE)),
        empty_on_delete: true.into(),
        image_scanning_configuration: ImageScanning { scan_on_push: true },
        image_tag_mutability: "IMMUTABLE",
        lifecycle_policy: ImageLifecycle { lifecycle_policy_text: policy.to_string() },
        tags: tags(),
    };
    draft
        .add(resource::IMAGE_REPOSITORY, repository)
        .when(HAS_REPOSITORY)
        .on_removal(Removal::Delete)
        .skip("CKV_AWS_136", "The image holds a public program; ECR encrypts it with a key of its own");
    let uri = attribute(resource::IMAGE_REPOSITORY, "RepositoryUri");
    draft.output_if(
        HAS_REPOSITORY,
        output::IMAGE_REPOSITORY_URI,
        "Repository of the container's images",
        uri,
    );
}

/// Returns the image of the model.
pub(super) fn image() -> Text {
    let built_in = format!(
        "${{{}}}.dkr.ecr.${{AWS::Region}}.${{AWS::URLSuffix}}/knn:1",
        parameter::KNN_REGISTRY_ACCOUNT
    );
    either(USES_OWN_IMAGE, value(parameter::CONTAINER_IMAGE), sub(built_in))
}

/// Returns the statements for pulling the image of the algorithm, and nothing else.
pub(super) fn pull() -> [Statement; 2] {
    let built_in = format!(
        "arn:${{AWS::Partition}}:ecr:${{AWS::Region}}:${{{}}}:repository/knn",
        parameter::KNN_REGISTRY_ACCOUNT
    );
    let own = only_if(HAS_REPOSITORY, attribute(resource::IMAGE_REPOSITORY, "Arn"));
    [
        Statement::allow(
            "PullAlgorithm",
            &["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [sub(built_in), own],
        ),
        Statement::allow("GetRegistryToken", &["ecr:GetAuthorizationToken"], ["*".into()]),
    ]
}
