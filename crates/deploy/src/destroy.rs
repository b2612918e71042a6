//! `destroy`: the inventory of our resources, their deletion, and the search for what remains.

use std::time::Duration;

use aws_sdk_cloudformation::types::{ResourceStatus, StackResourceSummary};
use mysfits_infra::{
    Stack,
    names::{self, SAGEMAKER_PREFIX, artifact_bucket, stage_of_sagemaker},
};

use crate::{
    aws::{
        buckets::BucketOwner,
        sagemaker::{SageMakerKind, SageMakerResource},
        stacks::StackState,
    },
    deployer::StackDeployer,
    error::DeployError,
    names::{ENDPOINT_LOGS, NOTEBOOK_LOGS, TRAINING_LOGS},
    poll::poll,
    state::NextAction,
};

/// Log groups that all training jobs and notebooks of the account share.
const SHARED_LOGS: [&str; 2] = [TRAINING_LOGS, NOTEBOOK_LOGS];
/// How long deleted resources may still be listed.
const LISTING_DELAY: Duration = Duration::from_mins(2);

/// The resources of a stage.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    /// The stacks, in the order of deletion.
    stacks: Vec<(Stack, StackState)>,
    /// Endpoints, endpoint configurations and models, in stacks or not.
    hosted: Vec<SageMakerResource>,
    /// The same with a name of ours but without our tags.
    not_ours: Vec<SageMakerResource>,
    /// Training jobs in progress.
    training_jobs: Vec<String>,
    /// Log groups of ours.
    log_groups: Vec<String>,
    /// Streams of ours in shared groups.
    log_streams: Vec<(&'static str, String)>,
    /// Buckets of ours, including those of the stacks.
    buckets: Vec<String>,
}

impl Inventory {
    /// Returns a line for each resource, in the order of deletion.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.training_jobs.iter().map(|job| format!("training job {job} (in progress)")));
        lines.extend(
            self.stacks
                .iter()
                .map(|(_, state)| format!("stack {} ({}) with all its resources", state.name, state.status)),
        );
        lines.extend(self.hosted.iter().map(|hosted| format!("{} {}", hosted.kind.word(), hosted.name)));
        lines.extend(self.log_groups.iter().map(|group| format!("log group {group}")));
        lines
            .extend(self.log_streams.iter().map(|(group, stream)| format!("log stream {stream} in {group}")));
        lines.extend(self.buckets.iter().map(|bucket| format!("bucket {bucket} with all its objects")));
        lines
    }
}

impl StackDeployer {
    /// Deletes everything that this tool created for the stage, then verifies that nothing remains.
    pub(crate) async fn destroy(&self, yes: bool, dry_run: bool) -> Result<(), DeployError> {
        let inventory = self.inventory().await?;
        self.warn_of_foreign_resources(&inventory);
        let lines = inventory.lines();
        if lines.is_empty() {
            self.console.line("there is nothing to delete");
        } else {
            self.console.line("will be deleted permanently:");
            for line in &lines {
                self.console.line(format!("  - {line}"));
            }
        }
        if dry_run {
            return Ok(());
        }
        if !lines.is_empty() {
            self.console.confirm("delete all of this", yes)?;
        }
        for job in &inventory.training_jobs {
            self.console.stage("stop-training");
            self.aws.stop_training_job(job).await?;
        }
        for (stack, _) in &inventory.stacks {
            self.console.stage(&format!("remove-{}", stage_name(*stack)));
            self.delete_stack(*stack).await?;
        }
        // The stacks' resources are deleted; the rest was created outside the stacks.
        let rest = self.inventory().await?;
        self.console.stage("remove-endpoints");
        for hosted in &rest.hosted {
            self.aws.delete_resource(hosted).await?;
        }
        self.console.stage("remove-logs");
        for group in &rest.log_groups {
            self.aws.delete_log_group(group).await?;
        }
        for (group, stream) in &rest.log_streams {
            self.aws.delete_log_stream(group, stream).await?;
        }
        for group in SHARED_LOGS {
            if self.aws.is_our_empty_log_group(group).await? {
                self.aws.delete_log_group(group).await?;
            }
        }
        self.console.stage("remove-buckets");
        // A repeated deployment needs the artifact bucket first, so it is deleted last.
        let artifacts = self.artifact_bucket();
        let (last, others): (Vec<_>, Vec<_>) = rest.buckets.iter().partition(|bucket| **bucket == artifacts);
        for bucket in others.into_iter().chain(last) {
            self.aws.empty_bucket(bucket).await?;
            self.aws.delete_bucket(bucket).await?;
        }
        self.console.stage("search");
        self.verify_nothing_remains().await?;
        self.console.line("nothing remains");
        Ok(())
    }

    /// Deletes a stack in any state.
    async fn delete_stack(&self, stack: Stack) -> Result<(), DeployError> {
        loop {
            let Some(state) = self.aws.stack(stack).await? else { return Ok(()) };
            match NextAction::for_status(Some(&state.status)) {
                // An operation of an interrupted run.
                NextAction::Wait => self.wait_for_operation(stack, &state).await?,
                _ => return self.remove(stack, &state).await,
            }
        }
    }

    /// Returns our resources: by stack, by tag, and, where tags are not supported, by name.
    async fn inventory(&self) -> Result<Inventory, DeployError> {
        let mut all = Inventory::default();
        for stack in Stack::ALL.into_iter().rev() {
            if let Some(state) = self.aws.stack(stack).await? {
                all.stacks.push((stack, state));
            }
        }
        for kind in SageMakerKind::ALL {
            // Stacks name models and configurations after the stack; the notebook names them knn-….
            for part in [SAGEMAKER_PREFIX, &self.aws.stack_name(Stack::SageMaker)] {
                for hosted in self.aws.sagemaker_resources(kind, part).await? {
                    if all.hosted.contains(&hosted) || all.not_ours.contains(&hosted) {
                        continue;
                    }
                    let is_of_other_stage =
                        stage_of_sagemaker(&hosted.name).is_some() && !self.is_named(&hosted.name);
                    if is_of_other_stage {
                        continue;
                    }
                    let is_ours = self.aws.has_our_tags(&hosted.arn).await?;
                    if is_ours { &mut all.hosted } else { &mut all.not_ours }.push(hosted);
                }
            }
        }
        all.training_jobs = self.aws.running_training_jobs().await?;
        all.log_groups = self.our_log_groups(&all.not_ours).await?;
        // Streams are named after the job or the instance, before a slash.
        let notebook = format!("{}/", names::notebook(&self.aws.stage));
        let streams = self.aws.log_streams(NOTEBOOK_LOGS, &notebook).await?;
        all.log_streams.extend(streams.into_iter().map(|stream| (NOTEBOOK_LOGS, stream)));
        let streams = self.aws.log_streams(TRAINING_LOGS, SAGEMAKER_PREFIX).await?;
        let is_ours = |stream: &String| stream.split('/').next().is_some_and(|job| self.is_named(job));
        all.log_streams.extend(streams.into_iter().filter(is_ours).map(|stream| (TRAINING_LOGS, stream)));
        all.buckets = self.our_buckets().await?;
        Ok(all)
    }

    /// Returns the log groups of our stacks and endpoints.
    async fn our_log_groups(&self, not_ours: &[SageMakerResource]) -> Result<Vec<String>, DeployError> {
        let mut groups = self.aws.log_groups(&names::log_groups(&self.aws.stage)).await?;
        for stack in Stack::ALL {
            groups
                .extend(self.aws.log_groups(&format!("/aws/lambda/{}-", self.aws.stack_name(stack))).await?);
        }
        for group in self.aws.log_groups(&format!("{ENDPOINT_LOGS}{SAGEMAKER_PREFIX}")).await? {
            let endpoint = group.strip_prefix(ENDPOINT_LOGS).unwrap_or_default();
            let is_other = not_ours
                .iter()
                .any(|hosted| hosted.kind == SageMakerKind::Endpoint && hosted.name == endpoint);
            if self.is_named(endpoint) && !is_other {
                groups.push(group);
            }
        }
        Ok(groups)
    }

    /// Returns the buckets with our name and tag, and the unfinished bucket of an interrupted run.
    async fn our_buckets(&self) -> Result<Vec<String>, DeployError> {
        let artifacts = self.artifact_bucket();
        let stack_bucket = |stack: Stack| format!("{}-", self.aws.stack_name(stack).to_lowercase());
        let mut prefixes: Vec<_> = Stack::ALL.into_iter().map(stack_bucket).collect();
        prefixes.push(artifacts.clone());
        let mut ours = Vec::new();
        for bucket in self.aws.buckets(&prefixes).await? {
            match self.aws.bucket_owner(&bucket).await? {
                BucketOwner::Ours => ours.push(bucket),
                BucketOwner::Unfinished if bucket == artifacts => ours.push(bucket),
                _ => {}
            }
        }
        Ok(ours)
    }

    /// Returns whether an endpoint or a training job has a name of the stage.
    fn is_named(&self, name: &str) -> bool {
        stage_of_sagemaker(name) == Some(self.aws.stage.as_str())
    }

    fn artifact_bucket(&self) -> String {
        artifact_bucket(&self.aws.stage, &self.aws.account, &self.aws.region)
    }

    fn warn_of_foreign_resources(&self, inventory: &Inventory) {
        for SageMakerResource { kind, name, .. } in &inventory.not_ours {
            self.console.line(format!(
                "note: the {} {name} does not have our tags and is kept; if it was created in the workshop's notebook and \
                 is not needed, delete it in SageMaker's console",
                kind.word()
            ));
        }
    }

    /// Searches by stack, name and tag until nothing is found.
    async fn verify_nothing_remains(&self) -> Result<(), DeployError> {
        self.console.doing("waiting until deleted resources are no longer listed");
        let mut left = Vec::new();
        let searched = poll("the search for remaining resources", LISTING_DELAY, async || {
            left = self.inventory().await?.lines();
            left.extend(self.tagged_left().await?);
            Ok(left.is_empty().then_some(()))
        })
        .await;
        match searched {
            Err(DeployError::Timeout { .. }) => Err(DeployError::Left { left }),
            searched => searched,
        }
    }

    /// Returns existing resources with our tags. The tagging API also lists deleted ones for hours.
    async fn tagged_left(&self) -> Result<Vec<String>, DeployError> {
        let mut regions = vec![self.aws.region.as_str()];
        // CloudFront's resources are in this region.
        if self.aws.partition == "aws" && self.aws.region != "us-east-1" {
            regions.push("us-east-1");
        }
        let mut left = Vec::new();
        for region in regions {
            for tagged in self.aws.tagged(region).await? {
                // Skip resources of another region's deployment: those of global services.
                let of_region = tagged.tag("aws:cloudformation:stack-id").and_then(|id| id.split(':').nth(3));
                // A function's name holds the region, and it has no tags of CloudFormation's own.
                let is_function = tagged.arn.contains(":cloudfront:") && tagged.arn.contains(":function/");
                let is_elsewhere = if is_function {
                    !tagged.arn.contains(&format!("-{}-", self.aws.region))
                } else {
                    of_region.unwrap_or(region) != self.aws.region
                };
                if !is_elsewhere && self.exists(&tagged).await? {
                    left.push(tagged.arn);
                }
            }
        }
        Ok(left)
    }

    /// Returns whether a resource that the tagging API lists exists.
    async fn exists(&self, tagged: &crate::aws::tagging::Tagged) -> Result<bool, DeployError> {
        let arn = &tagged.arn;
        let (service, resource) = parts(arn);
        // CloudFormation keeps the resource statuses of deleted stacks for months.
        let of_stack =
            tagged.tag("aws:cloudformation:stack-id").zip(tagged.tag("aws:cloudformation:logical-id"));
        if let Some((stack, logical_id)) = of_stack {
            let resources = self.aws.resources(stack).await?;
            let is_it = |resource: &&StackResourceSummary| resource.logical_resource_id() == Some(logical_id);
            if let Some(resource) = resources.iter().find(is_it) {
                return Ok(resource.resource_status() != Some(&ResourceStatus::DeleteComplete));
            }
        }
        match service {
            "s3" => Ok(self.aws.bucket_owner(resource).await? != BucketOwner::NotFound),
            "cloudformation" => {
                let state = self.aws.stack_by_id(arn).await?;
                Ok(state.is_some_and(|state| state.status.as_str() != "DELETE_COMPLETE"))
            }
            // The record of a training job cannot be deleted and costs nothing.
            "sagemaker" if resource.starts_with("training-job/") => Ok(false),
            "sagemaker" => Ok(self.aws.has_our_tags(arn).await?),
            // Log groups are searched by name.
            "logs" => {
                let group = resource.trim_start_matches("log-group:").trim_end_matches(":*");
                if SHARED_LOGS.contains(&group) {
                    // A group with streams of others is kept, although this tool created it.
                    return Ok(self.aws.is_our_empty_log_group(group).await?);
                }
                Ok(self.aws.log_groups(group).await?.iter().any(|found| found == group))
            }
            _ => Ok(true),
        }
    }
}

/// Returns an ARN's service and resource.
fn parts(arn: &str) -> (&str, &str) {
    let mut parts = arn.splitn(6, ':');
    (parts.nth(2).unwrap_or_default(), parts.nth(2).unwrap_or_default())
}

/// Returns the short name of a stack in stage names.
fn stage_name(stack: Stack) -> &'static str {
    match stack {
        Stack::SageMaker => "stack-sagemaker",
        Stack::Recommendations => "stack-recommendations",
        Stack::Website => "stack-website",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_an_arn_into_service_and_resource() {
        assert_eq!(parts("arn:aws:s3:::a-bucket"), ("s3", "a-bucket"));
        assert_eq!(
            parts("arn:aws:logs:us-east-1:123456789012:log-group:/mysfits/api:*"),
            ("logs", "log-group:/mysfits/api:*")
        );
        assert_eq!(
            parts("arn:aws:sagemaker:us-east-1:1:training-job/knn-x"),
            ("sagemaker", "training-job/knn-x")
        );
        assert_eq!(parts("nonsense"), ("", ""));
    }

    #[test]
    fn lists_an_inventory_in_the_order_of_deletion() {
        let all = Inventory {
            training_jobs: vec!["knn-mysfits-1".to_owned()],
            log_streams: vec![(TRAINING_LOGS, "knn-mysfits-1/algo-1".to_owned())],
            buckets: vec!["mysfits-artifacts-1-r".to_owned()],
            hosted: vec![SageMakerResource {
                kind: SageMakerKind::Endpoint,
                name: "knn-x".to_owned(),
                arn: String::new(),
            }],
            ..Inventory::default()
        };
        assert_eq!(
            all.lines(),
            [
                "training job knn-mysfits-1 (in progress)",
                "endpoint knn-x",
                "log stream knn-mysfits-1/algo-1 in /aws/sagemaker/TrainingJobs",
                "bucket mysfits-artifacts-1-r with all its objects",
            ]
        );
        assert!(Inventory::default().lines().is_empty());
    }
}
