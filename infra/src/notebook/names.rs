//! The public names of this stack. Renaming one is a breaking change for its users.

/// Parameters, with the meaning that the template's own descriptions give.
pub mod parameter {
    /// The data bucket of the SageMaker stack.
    pub const DATA_BUCKET_NAME: &str = "DataBucketName";
    /// The role of the training jobs that the notebook starts.
    pub const TRAINING_ROLE_ARN: &str = "TrainingRoleArn";
    /// The role of the models that the notebook creates.
    pub const MODEL_ROLE_ARN: &str = "ModelRoleArn";
    /// The encryption key of the SageMaker stack; empty for S3's own.
    pub const ENCRYPTION_KEY_ARN: &str = "EncryptionKeyArn";
    /// Instance type of the notebook instance.
    pub const NOTEBOOK_INSTANCE_TYPE: &str = "NotebookInstanceType";
    /// The notebook stops after it has been idle for so many minutes.
    pub const NOTEBOOK_IDLE_MINUTES: &str = "NotebookIdleMinutes";
    /// The address of the Git repository that the notebook clones; empty for the module's own code repository.
    pub const NOTEBOOK_REPOSITORY: &str = "NotebookRepository";
    /// The commit that the notebook checks out; empty for the repository's default branch.
    pub const NOTEBOOK_COMMIT: &str = "NotebookCommit";
}

/// Outputs.
pub mod output {
    /// The notebook.
    pub const NOTEBOOK_NAME: &str = "NotebookName";
}

/// Logical ids.
pub mod resource {
    use crate::cfn::logical_id;

    /// The role of the notebook. Its id is short because it is a part of the role's name.
    pub const NOTEBOOK_ROLE: &str = logical_id("Role");
    /// What the role may do.
    pub const NOTEBOOK_POLICY: &str = logical_id("Policy");
    /// What the role may do with the key.
    pub const NOTEBOOK_KEY_POLICY: &str = logical_id("KeyPolicy");
    /// Stops the notebook when it is idle.
    pub const NOTEBOOK_LIFECYCLE: &str = logical_id("Lifecycle");
    /// The notebook.
    pub const NOTEBOOK: &str = logical_id("Notebook");
}
