//! The roles of training jobs and of models, and the statements that the notebook's role shares with them.

use super::{USES_KMS, container, output, resource};
use crate::{
    cfn::{Draft, DraftEntry, PolicyDocument, Statement, Text, attribute, sub},
    resource::iam::{Policy, Role},
};

/// The service that assumes all roles of this module.
pub(crate) const SERVICE: &str = "sagemaker.amazonaws.com";
/// The folders of the data bucket in which training jobs read their data and write their models.
const TRAINING_FOLDERS: [&str; 2] = ["training", "notebook"];
/// The folders of the data bucket that hold models: those that the deployer uploads, and those of training jobs.
const MODEL_FOLDERS: [&str; 3] = ["models", "training", "notebook"];

/// Adds the role of training jobs and that of models.
pub(super) fn add(draft: &mut Draft) {
    training(draft);
    model(draft);
}

fn training(draft: &mut Draft) {
    let role = Role::of_service(SERVICE, "Role of the training jobs of Mythical Mysfits");
    draft.add(resource::TRAINING_ROLE, role);
    let mut statements = vec![
        Statement::allow(
            "UseObjects",
            &["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
            TRAINING_FOLDERS.map(objects_in),
        ),
        Statement::allow(
            "ListBucket",
            &["s3:GetBucketLocation", "s3:ListBucket"],
            [attribute(resource::DATA_BUCKET, "Arn")],
        ),
    ];
    statements.extend(container::pull());
    statements.push(write_logs("TrainingJobs"));
    statements.push(put_metrics(&["/aws/sagemaker/TrainingJobs"]));
    let policy =
        Policy::of(resource::TRAINING_ROLE, "mysfits_training_policy", PolicyDocument::new(statements));
    explain(draft.add(resource::TRAINING_POLICY, policy));
    let use_key = use_key(attribute(resource::ENCRYPTION_KEY, "Arn"));
    let policy = Policy::of(resource::TRAINING_ROLE, "mysfits_key_policy", PolicyDocument::new([use_key]));
    // A separate policy: emulators do not accept `Fn::If` in a policy's list of statements.
    draft.add(resource::TRAINING_KEY_POLICY, policy).when(USES_KMS);
    let arn = attribute(resource::TRAINING_ROLE, "Arn");
    draft.output(output::TRAINING_ROLE_ARN, "Role of training jobs", arn);
}

fn model(draft: &mut Draft) {
    let role = Role::of_service(SERVICE, "Role of the models of Mythical Mysfits");
    draft.add(resource::MODEL_ROLE, role);
    let mut statements =
        vec![Statement::allow("ReadModels", &["s3:GetObject"], MODEL_FOLDERS.map(objects_in))];
    statements.extend(container::pull());
    statements.push(write_logs("Endpoints"));
    statements.push(put_metrics(&["/aws/sagemaker/Endpoints", "aws/sagemaker/Endpoints"]));
    let policy = Policy::of(resource::MODEL_ROLE, "mysfits_model_policy", PolicyDocument::new(statements));
    explain(draft.add(resource::MODEL_POLICY, policy));
    let key = attribute(resource::ENCRYPTION_KEY, "Arn");
    let statements = [use_key(key.clone()), use_key_for_volumes(key)];
    let policy = Policy::of(resource::MODEL_ROLE, "mysfits_key_policy", PolicyDocument::new(statements));
    draft.add(resource::MODEL_KEY_POLICY, policy).when(USES_KMS);
    draft.output(output::MODEL_ROLE_ARN, "Role of models", attribute(resource::MODEL_ROLE, "Arn"));
}

fn objects_in(folder: &str) -> Text {
    sub(format!("${{{}.Arn}}/{folder}/*", resource::DATA_BUCKET))
}

/// Writing logs to the groups whose names begin with `/aws/sagemaker/` and `kind`.
pub(crate) fn write_logs(kind: &str) -> Statement {
    let group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/sagemaker";
    Statement::allow(
        "WriteLogs",
        &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        [sub(format!("{group}/{kind}*"))],
    )
}

fn put_metrics(namespaces: &[&str]) -> Statement {
    Statement::allow("PutMetrics", &["cloudwatch:PutMetricData"], ["*".into()]).when(
        "StringEquals",
        "cloudwatch:namespace",
        namespaces.iter().map(|namespace| Text::from(*namespace)),
    )
}

/// Using a key for objects.
pub(crate) fn use_key(key: Text) -> Statement {
    Statement::allow("UseKey", &["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"], [key])
}

/// Letting EC2 use a key for the volumes of notebooks and endpoints.
pub(crate) fn use_key_for_volumes(key: Text) -> Statement {
    Statement::allow("UseKeyForVolumes", &["kms:CreateGrant"], [key]).when(
        "Bool",
        "kms:GrantIsForAWSResource",
        ["true".into()],
    )
}

/// Gives the reasons for the wildcards in a policy with [`container::pull`] and [`put_metrics`].
fn explain(policy: &mut DraftEntry) {
    policy
        .wildcard("GetRegistryToken", "ecr:GetAuthorizationToken gives a token for every registry")
        .wildcard(
            "PutMetrics",
            "cloudwatch:PutMetricData knows no resources; the namespaces are limited instead",
        );
}
