//! What the tool does itself, beside CloudFormation.

use super::{Grant, On};

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
        on: On::Named(&["arn:{p}:cloudformation:{r}:{a}:stack/MythicalMysfits-*/*"]),
    },
    Grant {
        sid: "DriftDetectionsHaveNoArn",
        kinds: &[],
        actions: &["cloudformation:DescribeStackDriftDetectionStatus"],
        on: On::Everything,
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
        on: On::OwnBuckets(&["arn:{p}:s3:::mythicalmysfits-*/*", "arn:{p}:s3:::mysfits-artifacts-{a}-{r}/*"]),
    },
    Grant {
        sid: "Invalidation",
        kinds: &[],
        actions: &["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"],
        on: On::Tagged(&["arn:{p}:cloudfront::{a}:distribution/*"]),
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
        on: On::Named(&["arn:{p}:sagemaker:{r}:{a}:training-job/knn-*"]),
    },
    Grant {
        sid: "ReadAndRemoveLogs",
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
        on: On::Named(&[
            "arn:{p}:logs:{r}:{a}:log-group:/mysfits/*",
            "arn:{p}:logs:{r}:{a}:log-group:/aws/sagemaker/*",
        ]),
    },
    // Only these find what is left after a removal, wherever it is.
    Grant {
        sid: "ListsOfAllThatThereIsKnowNoResources",
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
        on: On::Everything,
    },
];
