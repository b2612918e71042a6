//! Buckets.

use super::{Tags, tags};
use crate::cfn::{Expr, Flag, PolicyDocument, Statement, Text, attribute, reference, sub};

super::property_types! {
    struct Bucket = "AWS::S3::Bucket" ["Arn", "DomainName", "RegionalDomainName"] {
        bucket_encryption: BucketEncryption,
        ownership_controls: OwnershipControls,
        public_access_block_configuration: PublicAccessBlock,
        versioning_configuration: Versioning,
        lifecycle_configuration: Lifecycle,
        tags: Tags,
    }

    struct BucketEncryption { server_side_encryption_configuration: [Expr<EncryptionRule>; 1] }

    /// How new objects are encrypted.
    struct EncryptionRule {
        bucket_key_enabled: Option<bool>,
        server_side_encryption_by_default: ByDefault,
    }

    struct ByDefault {
        #[serde(rename = "SSEAlgorithm")]
        algorithm: &'static str,
        #[serde(rename = "KMSMasterKeyID")]
        key: Option<Text>,
    }

    struct OwnershipControls { rules: [Ownership; 1] }
    struct Ownership { object_ownership: &'static str }

    struct PublicAccessBlock {
        block_public_acls: Flag,
        block_public_policy: Flag,
        ignore_public_acls: Flag,
        restrict_public_buckets: Flag,
    }

    struct Versioning { status: &'static str }
    struct Lifecycle { rules: Vec<LifecycleRule> }

    struct LifecycleRule {
        id: &'static str,
        status: &'static str,
        noncurrent_version_expiration: Option<NoncurrentVersionExpiration>,
        abort_incomplete_multipart_upload: Option<AbortUpload>,
    }

    struct NoncurrentVersionExpiration { noncurrent_days: u32 }
    struct AbortUpload { days_after_initiation: u32 }

    struct BucketPolicy = "AWS::S3::BucketPolicy" [] {
        bucket: Text,
        policy_document: PolicyDocument,
    }
}

impl EncryptionRule {
    /// With keys of S3's own.
    pub(crate) const S3: Self = Self {
        bucket_key_enabled: None,
        server_side_encryption_by_default: ByDefault { algorithm: "AES256", key: None },
    };

    /// Returns the encryption with our KMS key. One call to KMS serves many objects.
    pub(crate) fn kms(key: Text) -> Self {
        Self {
            bucket_key_enabled: Some(true),
            server_side_encryption_by_default: ByDefault { algorithm: "aws:kms", key: Some(key) },
        }
    }
}

impl Bucket {
    /// Returns a private bucket: no ACLs, no public policies, encrypted. Earlier versions of objects expire
    /// after thirty days, incomplete uploads after one.
    pub(crate) fn private(encryption: impl Into<Expr<EncryptionRule>>) -> Self {
        let rule = |id| LifecycleRule {
            id,
            status: "Enabled",
            noncurrent_version_expiration: None,
            abort_incomplete_multipart_upload: None,
        };
        Self {
            bucket_encryption: BucketEncryption { server_side_encryption_configuration: [encryption.into()] },
            ownership_controls: OwnershipControls {
                rules: [Ownership { object_ownership: "BucketOwnerEnforced" }],
            },
            public_access_block_configuration: PublicAccessBlock {
                block_public_acls: true.into(),
                block_public_policy: true.into(),
                ignore_public_acls: true.into(),
                restrict_public_buckets: true.into(),
            },
            versioning_configuration: Versioning { status: "Enabled" },
            lifecycle_configuration: Lifecycle {
                rules: vec![
                    LifecycleRule {
                        noncurrent_version_expiration: Some(NoncurrentVersionExpiration {
                            noncurrent_days: 30,
                        }),
                        ..rule("ExpireOldVersions")
                    },
                    LifecycleRule {
                        abort_incomplete_multipart_upload: Some(AbortUpload { days_after_initiation: 1 }),
                        ..rule("AbortHalfUploads")
                    },
                ],
            },
            tags: tags(),
        }
    }
}

impl BucketPolicy {
    /// Denies plain HTTP, and then whatever else the statements say.
    ///
    /// AWS's own services are not meant by the denial: they reach the bucket inside AWS's network, and the emulated
    /// CloudFront does so in plain HTTP.
    pub(crate) fn new(bucket: &'static str, statements: impl IntoIterator<Item = Statement>) -> Self {
        let everything = [attribute(bucket, "Arn"), sub(format!("${{{bucket}.Arn}}/*"))];
        let deny = Statement::deny_all("DenyPlainHttp", &["s3:*"], everything)
            .when("Bool", "aws:SecureTransport", ["false".into()])
            .when("Bool", "aws:PrincipalIsAWSService", ["false".into()]);
        let statements: Vec<_> = std::iter::once(deny).chain(statements).collect();
        Self { bucket: reference(bucket), policy_document: PolicyDocument::new(statements) }
    }
}
