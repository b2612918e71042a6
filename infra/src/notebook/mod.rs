//! The stack of the notebook: the workshop's notebook instance and its role. It is only deployed on request.

mod names;

pub use names::{output, parameter, resource};

use crate::{
    cfn::{
        Condition, Draft, Expr, Logic, Parameter, PolicyDocument, Statement, attribute, only_if,
        parameter as value, sub,
    },
    names::{code_repository, notebook as notebook_name, sagemaker as sagemaker_name},
    resource::{
        iam::{self, Policy, Role},
        sagemaker::{MetadataService, NotebookInstance, NotebookLifecycleConfig, Script},
        tags,
    },
    sagemaker::roles::{SERVICE, use_key, use_key_for_volumes, write_logs},
    stage::{STAGE, STAGE_PARAMETER, Stage},
};

/// The project, the kernel and what both compile take two, Rust less than two more; the rest is the learner's.
pub(crate) const VOLUME_GB: u32 = 10;
/// The folder of the data bucket that the notebook may use.
const FOLDER: &str = "notebook";
/// The data bucket is encrypted with a key of the SageMaker stack.
const USES_KMS: Condition = Condition("UsesKms");
/// Runs as root at each start of the notebook.
const START_SCRIPT: &str = include_str!("start.sh");
/// What it writes, by the names that it has for them.
const INCLUDED: [(&str, &str); 2] =
    [("stop-when-idle.sh", include_str!("stop-when-idle.sh")), ("install.sh", include_str!("install.sh"))];

/// Returns the stack's template, before its references are checked.
pub(crate) fn draft() -> Draft {
    let mut draft = Draft::new("Mythical Mysfits recommendations: the workshop's notebook instance");
    parameters(&mut draft);
    iam::boundary_parameter(&mut draft);
    draft.condition(USES_KMS, Logic::given(parameter::ENCRYPTION_KEY_ARN));
    role(&mut draft);
    notebook(&mut draft);
    draft
}

fn parameters(draft: &mut Draft) {
    use parameter as p;
    draft.parameter(STAGE_PARAMETER, Stage::parameter());
    draft.parameter(p::DATA_BUCKET_NAME, Parameter::text("Data bucket of the SageMaker stack"));
    let words = "the ARN of a role";
    let role = |description| Parameter::text(description).like("^arn:[a-z-]+:iam::[0-9]{12}:role/.+$", words);
    draft.parameter(p::TRAINING_ROLE_ARN, role("Role of the training jobs that the notebook starts"));
    draft.parameter(p::MODEL_ROLE_ARN, role("Role of the models that the notebook creates"));
    let key = Parameter::text("Encryption key of the SageMaker stack; empty for S3's own").or("");
    let words = "the ARN of a key, or empty";
    draft.parameter(p::ENCRYPTION_KEY_ARN, key.like("^(arn:[a-z-]+:kms:.+:key/.+)?$", words));
    let notebook = Parameter::text("Instance type of the notebook instance").or("ml.t3.medium");
    let words = "an ml type in lower case";
    draft.parameter(p::NOTEBOOK_INSTANCE_TYPE, notebook.like("^ml\\.[a-z][a-z0-9-]*\\.[a-z0-9]+$", words));
    let idle = Parameter::number("Idle minutes after which the notebook instance stops", 5, 1440);
    draft.parameter(p::NOTEBOOK_IDLE_MINUTES, idle.or("60"));
    let repository = Parameter::text(
        "Git repository that the notebook instance clones; empty for the stage's code repository",
    )
    .or("");
    let words = "an https address, or empty";
    draft.parameter(p::NOTEBOOK_REPOSITORY, repository.like("^(https://[A-Za-z0-9._~:/@%+-]+)?$", words));
    let commit =
        Parameter::text("Commit that the notebook instance checks out; empty for the default branch").or("");
    draft.parameter(p::NOTEBOOK_COMMIT, commit.like("^([0-9a-f]{40})?$", "40 hexadecimal digits, or empty"));
}

fn role(draft: &mut Draft) {
    let role = Role::of_service(SERVICE, "Role of the notebook instance of Mythical Mysfits");
    draft.add(resource::NOTEBOOK_ROLE, role);
    draft.add(
        resource::NOTEBOOK_POLICY,
        Policy::of(resource::NOTEBOOK_ROLE, "mysfits_notebook_policy", PolicyDocument::new(statements())),
    );
    let key = || value(parameter::ENCRYPTION_KEY_ARN);
    let statements = [use_key(key()), use_key_for_volumes(key())];
    // A separate policy: emulators do not accept `Fn::If` in a policy's list of statements.
    draft
        .add(
            resource::NOTEBOOK_KEY_POLICY,
            Policy::of(resource::NOTEBOOK_ROLE, "mysfits_key_policy", PolicyDocument::new(statements)),
        )
        .when(USES_KMS);
}

/// Returns what the notebook may do: start training jobs and endpoints of its own names, and use its folder of the data
/// bucket.
fn statements() -> Vec<Statement> {
    const HOST: [&str; 11] = [
        "sagemaker:AddTags",
        "sagemaker:CreateEndpoint",
        "sagemaker:CreateEndpointConfig",
        "sagemaker:CreateModel",
        "sagemaker:DeleteEndpoint",
        "sagemaker:DeleteEndpointConfig",
        "sagemaker:DeleteModel",
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:DescribeModel",
        "sagemaker:InvokeEndpoint",
    ];
    const TRAIN: [&str; 4] = [
        "sagemaker:AddTags",
        "sagemaker:CreateTrainingJob",
        "sagemaker:DescribeTrainingJob",
        "sagemaker:StopTrainingJob",
    ];
    let sagemaker = |name: &str| {
        sub(format!("arn:${{AWS::Partition}}:sagemaker:${{AWS::Region}}:${{AWS::AccountId}}:{name}"))
    };
    let notebook = sagemaker(&format!("notebook-instance/{}", notebook_name(STAGE)));
    let own = sagemaker_name("notebook-*", STAGE);
    let bucket = format!("arn:${{AWS::Partition}}:s3:::${{{}}}", parameter::DATA_BUCKET_NAME);
    vec![
        Statement::allow("Train", &TRAIN, [sagemaker(&format!("training-job/{own}"))]),
        Statement::allow(
            "Host",
            &HOST,
            ["model", "endpoint-config", "endpoint"].map(|kind| sagemaker(&format!("{kind}/{own}"))),
        ),
        Statement::allow(
            "StopWhenIdle",
            &["sagemaker:DescribeNotebookInstance", "sagemaker:StopNotebookInstance"],
            [notebook],
        ),
        Statement::allow(
            "PassRoles",
            &["iam:PassRole"],
            [value(parameter::TRAINING_ROLE_ARN), value(parameter::MODEL_ROLE_ARN)],
        )
        .when("StringEquals", "iam:PassedToService", [SERVICE.into()]),
        Statement::allow(
            "UseObjects",
            &["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            [sub(format!("{bucket}/{FOLDER}/*"))],
        ),
        Statement::allow(
            "UseBucket",
            &["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            [sub(bucket)],
        ),
        Statement::allow(
            "PullCode",
            &["codecommit:GitPull"],
            [sub(format!(
                "arn:${{AWS::Partition}}:codecommit:${{AWS::Region}}:${{AWS::AccountId}}:{}",
                code_repository(STAGE)
            ))],
        ),
        write_logs("NotebookInstances"),
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
        "#!/bin/bash\nIDLE_MINUTES=${{{}}}\nSTAGE='{STAGE}'\nREPOSITORY='${{{}}}'\nCOMMIT='${{{}}}'\nDATA_BUCKET='${{{}}}'\n\
         TRAINING_ROLE_ARN='${{{}}}'\nMODEL_ROLE_ARN='${{{}}}'\n\
         OWN_REPOSITORY='https://git-codecommit.${{AWS::Region}}.${{AWS::URLSuffix}}/v1/repos/{}'\n\
         : \"${{!REPOSITORY:=$OWN_REPOSITORY}}\"\n\
         {written}",
        parameter::NOTEBOOK_IDLE_MINUTES,
        parameter::NOTEBOOK_REPOSITORY,
        parameter::NOTEBOOK_COMMIT,
        parameter::DATA_BUCKET_NAME,
        parameter::TRAINING_ROLE_ARN,
        parameter::MODEL_ROLE_ARN,
        code_repository(STAGE),
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
    draft.add(resource::NOTEBOOK_LIFECYCLE, lifecycle);
    let notebook = NotebookInstance {
        notebook_instance_name: sub(notebook_name(STAGE)),
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
        kms_key_id: only_if(USES_KMS, value(parameter::ENCRYPTION_KEY_ARN)),
        tags: tags(),
    };
    // Without its policy the notebook's first minutes would go wrong.
    draft.add(resource::NOTEBOOK, notebook).after([resource::NOTEBOOK_POLICY]);
    let name = attribute(resource::NOTEBOOK, "NotebookInstanceName");
    draft.output(output::NOTEBOOK_NAME, "Name of the notebook instance", name);
}
