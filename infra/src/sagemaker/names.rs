//! The public names of this stack. Renaming one is a breaking change for its users.

/// Parameters, with the meaning that the template's own descriptions give.
pub mod parameter {
    /// The model artifact; empty for no endpoint.
    pub const MODEL_DATA_URL: &str = "ModelDataUrl";
    /// The account of the registry of SageMaker's k-NN in the stack's region.
    pub const KNN_REGISTRY_ACCOUNT: &str = "KnnRegistryAccount";
    /// `built-in` or `own`.
    pub const CONTAINER: &str = "Container";
    /// The endpoint's image with an own container.
    pub const CONTAINER_IMAGE: &str = "ContainerImage";
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
    /// When the endpoint is removed, `yyyy-mm-ddThh:mm:ss` in UTC; empty for never.
    pub const ENDPOINT_EXPIRY: &str = "EndpointExpiry";
}

/// Outputs.
pub mod output {
    /// The bucket for training data and models.
    pub const DATA_BUCKET_NAME: &str = "DataBucketName";
    /// The role of training jobs.
    pub const TRAINING_ROLE_ARN: &str = "TrainingRoleArn";
    /// The role of models.
    pub const MODEL_ROLE_ARN: &str = "ModelRoleArn";
    /// The key that encrypts data and models, if there is one.
    pub const ENCRYPTION_KEY_ARN: &str = "EncryptionKeyArn";
    /// The repository of container images, if there is one.
    pub const IMAGE_REPOSITORY_URI: &str = "ImageRepositoryUri";
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
    /// The repository of container images, when `Container` is `own`.
    pub const IMAGE_REPOSITORY: &str = logical_id("ImageRepository");
    /// The role of training jobs.
    pub const TRAINING_ROLE: &str = logical_id("TrainingRole");
    /// What training jobs may do.
    pub const TRAINING_POLICY: &str = logical_id("TrainingPolicy");
    /// What training jobs may do with the key.
    pub const TRAINING_KEY_POLICY: &str = logical_id("TrainingKeyPolicy");
    /// The role of models.
    pub const MODEL_ROLE: &str = logical_id("ModelRole");
    /// What models may do.
    pub const MODEL_POLICY: &str = logical_id("ModelPolicy");
    /// What models may do with the key.
    pub const MODEL_KEY_POLICY: &str = logical_id("ModelKeyPolicy");
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
