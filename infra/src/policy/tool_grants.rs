//! The actions of the deployer itself, beside those of CloudFormation.

use super::{Grant, GrantScope};

pub(super) const GRANTS: &[Grant] = &[
    Grant {
        sid: "Stacks",
        kinds: &[],
        actions: &[
            "cloudformation:ContinueUpdateRollback",
            "cloudformation:CreateChangeSet",
            "cloudformation:DeleteChangeSet",
            "cloudformation:DeleteStack",
            "cloudformation:DescribeChangeSet",
            "cloudformation:DescribeEvents",
            "cloudformation:DescribeStackEvents",
            "cloudformation:DescribeStackResourceDrifts",
            "cloudformation:DescribeStackResources",
            "cloudformation:DescribeStacks",
            "cloudformation:DetectStackDrift",
            "cloudformation:DetectStackResourceDrift",
            "cloudformation:ExecuteChangeSet",
            "cloudformation:GetTemplate",
            "cloudformation:ListChangeSets",
            "cloudformation:ListStackResources",
            "cloudformation:TagResource",
        ],
        on: GrantScope::Named(&["arn:{p}:cloudformation:{r}:{a}:stack/MythicalMysfits-*/*"]),
    },
    // A drift detection has no ARN.
    Grant {
        sid: "DriftDetection",
        kinds: &[],
        actions: &["cloudformation:DescribeStackDriftDetectionStatus"],
        on: GrantScope::Everything,
    },
    Grant {
        sid: "Objects",
        kinds: &[],
        actions: &[
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
        ],
        on: GrantScope::OwnBuckets(&[
            "arn:{p}:s3:::mythicalmysfits-*/*",
            "arn:{p}:s3:::mysfits-artifacts-{a}-{r}/*",
        ]),
    },
    Grant {
        sid: "Invalidation",
        kinds: &[],
        actions: &["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"],
        on: GrantScope::Tagged(&["arn:{p}:cloudfront::{a}:distribution/*"]),
    },
    Grant {
        sid: "Training",
        kinds: &[],
        actions: &[
            "sagemaker:AddTags",
            "sagemaker:CreateTrainingJob",
            "sagemaker:DescribeTrainingJob",
            "sagemaker:ListTags",
            "sagemaker:StopTrainingJob",
        ],
        on: GrantScope::Named(&["arn:{p}:sagemaker:{r}:{a}:training-job/knn-*"]),
    },
    Grant {
        sid: "ReadAndDeleteLogs",
        kinds: &[],
        actions: &[
            "logs:CreateLogGroup",
            "logs:DeleteLogGroup",
            "logs:DeleteLogStream",
            "logs:DescribeLogStreams",
            "logs:FilterLogEvents",
            "logs:ListTagsForResource",
            "logs:TagResource",
        ],
        on: GrantScope::Named(&[
            "arn:{p}:logs:{r}:{a}:log-group:/mysfits/*",
            "arn:{p}:logs:{r}:{a}:log-group:/aws/sagemaker/*",
        ]),
    },
    // The search for remaining resources. These actions support no resources.
    Grant {
        sid: "ListResources",
        kinds: &[],
        actions: &[
            "logs:DescribeLogGroups",
            "s3:ListAllMyBuckets",
            "sagemaker:ListEndpointConfigs",
            "sagemaker:ListEndpoints",
            "sagemaker:ListModels",
            "sagemaker:ListNotebookInstances",
            "sagemaker:ListTrainingJobs",
            "tag:GetResources",
        ],
        on: GrantScope::Everything,
    },
];
