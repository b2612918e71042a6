//! The notebook, the role that it shares with training jobs and models, and the code repository.

use super::{HAS_CODE_REPOSITORY, HAS_NOTEBOOK, USES_KMS, endpoint, output, parameter, resource};
use crate::{
    cfn::{
        Draft, Expr, PolicyDocument, Statement, Text, attribute, only_if, parameter as value, reference, sub,
    },
    names,
    resource::{
        Repository,
        iam::{Policy, Role},
        sagemaker::{MetadataService, NotebookInstance, NotebookLifecycleConfig, Script},
        tags,
    },
    stage::STAGE,
};

/// The project, the kernel and what both compile take two, Rust less than two more; the rest is the learner's.
pub(crate) const VOLUME_GB: u32 = 10;
/// Runs as root at each start of the notebook.
const START_SCRIPT: &str = include_str!("notebook-start.sh");
/// What it writes, by the names that it has for them.
const INCLUDED: [(&str, &str); 2] = [
    ("notebook-stop-when-idle.sh", include_str!("notebook-stop-when-idle.sh")),
    ("notebook-install.sh", include_str!("notebook-install.sh")),
];

/// Adds role, notebook and repository.
pub(super) fn add(draft: &mut Draft) {
    role(draft);
    notebook(draft);
    repository(draft);
}

fn role(draft: &mut Draft) {
    let role = Role::of_service(
        "sagemaker.amazonaws.com",
        "Role of notebook, training jobs and model of Mythical Mysfits",
    );
    draft.add(resource::NOTEBOOK_ROLE, role);
    draft
        .add(
            resource::NOTEBOOK_POLICY,
            Policy::of(resource::NOTEBOOK_ROLE, "mysfits_notebook_policy", PolicyDocument::new(statements())),
        )
        .wildcard("GetRegistryToken", "ecr:GetAuthorizationToken gives a token for every registry")
        .wildcard(
            "PutMetrics",
            "cloudwatch:PutMetricData knows no resources; the namespaces are limited instead",
        );
    let key = attribute(resource::ENCRYPTION_KEY, "Arn");
    let use_key =
        Statement::allow("UseKey", &["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"], [key.clone()]);
    // Disks of notebooks, training jobs and endpoints are attached by EC2, to which the key is lent.
    let lend_key = Statement::allow("UseKeyForVolumes", &["kms:CreateGrant"], [key]).when(
        "Bool",
        "kms:GrantIsForAWSResource",
        ["true".into()],
    );
    // A policy of its own: emulators do not accept a choice among the statements of one. It is there before any model
    // is, for a model's artifact is uploaded into the bucket that the stack made.
    draft
        .add(
            resource::NOTEBOOK_KEY_POLICY,
            Policy::of(
                resource::NOTEBOOK_ROLE,
                "mysfits_key_policy",
                PolicyDocument::new([use_key, lend_key]),
            ),
        )
        .when(USES_KMS);
    let arn = attribute(resource::NOTEBOOK_ROLE, "Arn");
    draft.output(output::NOTEBOOK_ROLE_ARN, "Role of notebook, training jobs and model", arn);
}

/// What the role may do: train, host, and see to its own data.
fn statements() -> Vec<Statement> {
    const TRAIN_AND_HOST: [&str; 15] = [
        "sagemaker:AddTags",
        "sagemaker:CreateEndpoint",
        "sagemaker:CreateEndpointConfig",
        "sagemaker:CreateModel",
        "sagemaker:CreateTrainingJob",
        "sagemaker:DeleteEndpoint",
        "sagemaker:DeleteEndpointConfig",
        "sagemaker:DeleteModel",
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:DescribeModel",
        "sagemaker:DescribeTrainingJob",
        "sagemaker:InvokeEndpoint",
        "sagemaker:StopTrainingJob",
        "sagemaker:UpdateEndpoint",
    ];
    let sagemaker = |name: &str| {
        sub(format!("arn:${{AWS::Partition}}:sagemaker:${{AWS::Region}}:${{AWS::AccountId}}:{name}"))
    };
    let bucket = attribute(resource::DATA_BUCKET, "Arn");
    let role = attribute(resource::NOTEBOOK_ROLE, "Arn");
    let log_group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/sagemaker";
    let notebook = sagemaker(&format!("notebook-instance/{}", names::notebook(STAGE)));
    vec![
        Statement::allow(
            "TrainAndHost",
            &TRAIN_AND_HOST,
            ["training-job", "model", "endpoint-config", "endpoint"]
                .map(|kind| sagemaker(&format!("{kind}/knn-*"))),
        ),
        Statement::allow(
            "StopWhenIdle",
            &["sagemaker:DescribeNotebookInstance", "sagemaker:StopNotebookInstance"],
            [notebook],
        ),
        Statement::allow("PassRole", &["iam:PassRole"], [role]).when(
            "StringEquals",
            "iam:PassedToService",
            ["sagemaker.amazonaws.com".into()],
        ),
        Statement::allow(
            "PullAlgorithm",
            &["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [endpoint::repository_arn()],
        ),
        Statement::allow("GetRegistryToken", &["ecr:GetAuthorizationToken"], ["*".into()]),
        Statement::allow(
            "UseObjects",
            &["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            [sub(format!("${{{}.Arn}}/*", resource::DATA_BUCKET))],
        ),
        Statement::allow(
            "UseBucket",
            &["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            [bucket],
        ),
        Statement::allow(
            "PullCode",
            &["codecommit:GitPull"],
            [sub(format!(
                "arn:${{AWS::Partition}}:codecommit:${{AWS::Region}}:${{AWS::AccountId}}:{}",
                names::code_repository(STAGE)
            ))],
        ),
        Statement::allow(
            "WriteLogs",
            &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            [sub(format!("{log_group}/*"))],
        ),
        Statement::allow("PutMetrics", &["cloudwatch:PutMetricData"], ["*".into()]).when(
            "StringEquals",
            "cloudwatch:namespace",
            ["/aws/sagemaker/Endpoints", "/aws/sagemaker/TrainingJobs", "aws/sagemaker/Endpoints"]
                .map(Text::from),
        ),
    ]
}

/// The whole script, with what CloudFormation is to fill in.
fn script() -> String {
    let written = INCLUDED.iter().fold(START_SCRIPT.to_owned(), |script, (name, content)| {
        script.replace(&format!("#INCLUDE {name}\n"), content)
    });
    // What the shell is to fill in must not be taken for CloudFormation's.
    let written = written.replace("${", "${!");
    format!(
        "#!/bin/bash\nIDLE_MINUTES=${{{}}}\nSTAGE='{STAGE}'\nREPOSITORY='${{{}}}'\nCOMMIT='${{{}}}'\nDATA_BUCKET='${{{}}}'\nROLE_ARN='${{{}.Arn}}'\n\
         OWN_REPOSITORY='https://git-codecommit.${{AWS::Region}}.${{AWS::URLSuffix}}/v1/repos/{}'\n\
         : \"${{!REPOSITORY:=$OWN_REPOSITORY}}\"\n\
         {written}",
        parameter::NOTEBOOK_IDLE_MINUTES,
        parameter::NOTEBOOK_REPOSITORY,
        parameter::NOTEBOOK_COMMIT,
        resource::DATA_BUCKET,
        resource::NOTEBOOK_ROLE,
        names::code_repository(STAGE),
    )
}

/// Returns the start script of a notebook instance, with these values as CloudFormation substitutes them.
#[must_use]
pub fn start_script(values: &[(&str, &str)]) -> String {
    let filled =
        |script: String, (name, value): &(&str, &str)| script.replace(&format!("${{{name}}}"), value);
    values.iter().fold(script(), filled).replace("${!", "${")
}

fn notebook(draft: &mut Draft) {
    let start = Script { content: Expr::Base64(Box::new(sub(script()))) };
    let lifecycle = NotebookLifecycleConfig { on_start: [start], tags: tags() };
    draft.add(resource::NOTEBOOK_LIFECYCLE, lifecycle).when(HAS_NOTEBOOK);
    let notebook = NotebookInstance {
        notebook_instance_name: sub(names::notebook(STAGE)),
        instance_type: value(parameter::NOTEBOOK_INSTANCE_TYPE),
        platform_identifier: "notebook-al2023-v1",
        role_arn: attribute(resource::NOTEBOOK_ROLE, "Arn"),
        volume_size: VOLUME_GB,
        root_access: "Disabled",
        direct_internet_access: "Enabled",
        instance_metadata_service_configuration: MetadataService {
            minimum_instance_metadata_service_version: "2",
        },
        lifecycle_config_name: attribute(resource::NOTEBOOK_LIFECYCLE, "NotebookInstanceLifecycleConfigName"),
        kms_key_id: only_if(USES_KMS, reference(resource::ENCRYPTION_KEY)),
        tags: tags(),
    };
    // Without its policy the notebook's first minutes would go wrong.
    draft.add(resource::NOTEBOOK, notebook).when(HAS_NOTEBOOK).after([resource::NOTEBOOK_POLICY]);
    let name = attribute(resource::NOTEBOOK, "NotebookInstanceName");
    draft.output_if(HAS_NOTEBOOK, output::NOTEBOOK_NAME, "Name of the notebook instance", name);
}

fn repository(draft: &mut Draft) {
    let repository = Repository {
        repository_name: sub(names::code_repository(STAGE)),
        repository_description: "Recommendation function of Mythical Mysfits",
        tags: tags(),
    };
    draft.add(resource::CODE_REPOSITORY, repository).when(HAS_CODE_REPOSITORY);
    for (name, description, url) in [
        (output::CODE_REPOSITORY_CLONE_URL_HTTP, "HTTPS clone URL of the code repository", "CloneUrlHttp"),
        (output::CODE_REPOSITORY_CLONE_URL_SSH, "SSH clone URL of the code repository", "CloneUrlSsh"),
    ] {
        draft.output_if(HAS_CODE_REPOSITORY, name, description, attribute(resource::CODE_REPOSITORY, url));
    }
}
