//! The stack of the code repository: the workshop's code repository. It is only deployed on request.

use crate::{
    cfn::{Draft, attribute, sub},
    names,
    resource::{Repository, tags},
    stage::{STAGE, STAGE_PARAMETER, Stage},
};

/// Outputs.
pub mod output {
    /// The workshop's name for the code repository's HTTPS address.
    pub const CODE_REPOSITORY_CLONE_URL_HTTP: &str = "recommendationsRepositoryCloneUrlHttp";
    /// The workshop's name for the code repository's SSH address.
    pub const CODE_REPOSITORY_CLONE_URL_SSH: &str = "recommendationsRepositoryCloneUrlSsh";
}

/// Logical ids.
pub mod resource {
    use crate::cfn::logical_id;

    /// The code repository.
    pub const CODE_REPOSITORY: &str = logical_id("CodeRepository");
}

/// Returns the stack's template, before its references are checked.
pub(crate) fn draft() -> Draft {
    let mut draft = Draft::new("Mythical Mysfits recommendations: the workshop's code repository");
    draft.parameter(STAGE_PARAMETER, Stage::parameter());
    let repository = Repository {
        repository_name: sub(names::code_repository(STAGE)),
        repository_description: "Recommendation function of Mythical Mysfits",
        tags: tags(),
    };
    draft.add(resource::CODE_REPOSITORY, repository);
    for (name, description, url) in [
        (output::CODE_REPOSITORY_CLONE_URL_HTTP, "HTTPS clone URL of the code repository", "CloneUrlHttp"),
        (output::CODE_REPOSITORY_CLONE_URL_SSH, "SSH clone URL of the code repository", "CloneUrlSsh"),
    ] {
        draft.output(name, description, attribute(resource::CODE_REPOSITORY, url));
    }
    draft
}
