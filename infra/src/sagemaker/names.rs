//! The public names of this stack. Renaming one is a breaking change for its users.

/// Parameters, with the meaning that the template's own descriptions give.
pub mod parameter {
    /// The model artifact; empty for no endpoint.
    pub const MODEL_DATA_URL: &str = "ModelDataUrl";
    /// `serverless` or `instance`.
    pub const HOSTING_MODE: &str = "HostingMode";
    /// Instance type of the endpoint, when it is hosted on instances.
    pub const ENDPOINT_INSTANCE_TYPE: &str = "EndpointInstanceType";
    /// Fewest instances.
    pub const MIN_INSTANCES: &str = "MinInstances";
    /// Most instances.
    pub const MAX_INSTANCES: &str = "MaxInstances";
    /// Invocations of one instance in one minute that autoscaling aims at.
    pub const TARGET_INVOCATIONS_PER_INSTANCE: &str = "TargetInvocationsPerInstance";
    /// Memory of a serverless endpoint.
    pub const SERVERLESS_MEMORY_IN_MB: &str = "ServerlessMemoryInMB";
    /// Requests that a serverless endpoint answers at once.
    pub const SERVERLESS_MAX_CONCURRENCY: &str = "ServerlessMaxConcurrency";
    /// `s3` or `kms`.
    pub const ENCRYPTION: &str = "Encryption";
    /// `true` or `false`.
    pub const CREATE_NOTEBOOK: &str = "CreateNotebook";
    /// Instance type of the notebook instance.
    pub const NOTEBOOK_INSTANCE_TYPE: &str = "NotebookInstanceType";
    /// The notebook stops after it has been idle for so many minutes.
    pub const NOTEBOOK_IDLE_MINUTES: &str = "NotebookIdleMinutes";
    /// The address of the Git repository that the notebook clones; empty for the stack's own.
    pub const NOTEBOOK_REPOSITORY: &str = "NotebookRepository";
    /// The commit that the notebook checks out; empty for the repository's default branch.
    pub const NOTEBOOK_COMMIT: &str = "NotebookCommit";
    /// `true` or `false`.
    pub const CREATE_CODE_REPOSITORY: &str = "CreateCodeRepository";
    /// When the endpoint is removed, `yyyy-mm-ddThh:mm:ss` in UTC; empty for never.
    pub const ENDPOINT_EXPIRY: &str = "EndpointExpiry";
}

/// Outputs.
pub mod output {
    /// The bucket for training data and models.
    pub const DATA_BUCKET_NAME: &str = "DataBucketName";
    /// The role of notebook, training jobs and model.
    pub const NOTEBOOK_ROLE_ARN: &str = "NotebookRoleArn";
    /// The notebook, if there is one.
    pub const NOTEBOOK_NAME: &str = "NotebookName";
    /// The workshop's name for the code repository's HTTPS address, if there is one.
    pub const CODE_REPOSITORY_CLONE_URL_HTTP: &str = "recommendationsRepositoryCloneUrlHttp";
    /// The workshop's name for the code repository's SSH address, if there is one.
    pub const CODE_REPOSITORY_CLONE_URL_SSH: &str = "recommendationsRepositoryCloneUrlSsh";
    /// The endpoint, if there is a model.
    pub const ENDPOINT_NAME: &str = "EndpointName";
    /// The endpoint's ARN, if there is a model.
    pub const ENDPOINT_ARN: &str = "EndpointArn";
}

/// Logical ids.
pub mod resource {
    use crate::cfn::logical_id;

    /// Encrypts bucket and volumes, when `Encryption` is `kms`.
    pub const ENCRYPTION_KEY: &str = logical_id("EncryptionKey");
    /// Training data and models.
    pub const DATA_BUCKET: &str = logical_id("DataBucket");
    /// Refuses plain HTTP.
    pub const DATA_BUCKET_POLICY: &str = logical_id("DataBucketPolicy");
    /// The role of notebook, training jobs and model.
    pub const NOTEBOOK_ROLE: &str = logical_id("NotebookRole");
    /// What the role may do.
    pub const NOTEBOOK_POLICY: &str = logical_id("NotebookPolicy");
    /// What the role may do with the key.
    pub const NOTEBOOK_KEY_POLICY: &str = logical_id("NotebookKeyPolicy");
    /// Stops the notebook when it is idle.
    pub const NOTEBOOK_LIFECYCLE: &str = logical_id("NotebookLifecycle");
    /// The notebook.
    pub const NOTEBOOK: &str = logical_id("Notebook");
    /// The code repository.
    pub const CODE_REPOSITORY: &str = logical_id("CodeRepository");
    /// The model.
    pub const MODEL: &str = logical_id("Model");
    /// The endpoint's configuration.
    pub const ENDPOINT_CONFIG: &str = logical_id("EndpointConfig");
    /// The endpoint.
    pub const ENDPOINT: &str = logical_id("Endpoint");
    /// What autoscaling counts.
    pub const SCALABLE_TARGET: &str = logical_id("ScalableTarget");
    /// How autoscaling decides.
    pub const SCALING_POLICY: &str = logical_id("ScalingPolicy");
    /// May remove the endpoint.
    pub const EXPIRY_ROLE: &str = logical_id("ExpiryRole");
    /// Removes the endpoint when its time has come.
    pub const EXPIRY_SCHEDULE: &str = logical_id("ExpirySchedule");
}
