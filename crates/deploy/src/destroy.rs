//! `destroy`: the inventory of our resources, and their deletion. `leftovers` searches for what remains.

use aws_sdk_cloudformation::types::ResourceStatus;
use mysfits_deploy_cli::DestroyArgs;
use mysfits_infra::{
    Stack,
    names::{self, SAGEMAKER_PREFIX, artifact_bucket, stage_of_sagemaker},
    sagemaker,
};
use serde::Serialize;

use crate::{
    aws::{
        buckets::BucketOwner,
        sagemaker::{SageMakerKind, SageMakerResource},
        stacks::StackState,
    },
    deployer::StackDeployer,
    error::DeployError,
    lock::DeployLock,
    names::{ENDPOINT_LOGS, NOTEBOOK_LOGS, TRAINING_LOGS},
    plan,
    state::NextAction,
};

/// The folders of the data bucket in which this tool writes; the rest is users' work.
const OWN_FOLDERS: [&str; 2] = ["models/", "training/"];

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
    /// Streams of ours in log groups that all training jobs or notebook instances of the account share.
    log_streams: Vec<(&'static str, String)>,
    /// Buckets of ours, including those of the stacks, with what is known of their owner.
    buckets: Vec<(String, BucketOwner)>,
}

/// The result of `destroy --json`.
#[derive(Debug, Serialize)]
struct DestroyReport {
    /// What was deleted, or, with `--dry-run`, what would be.
    resources: Vec<String>,
    /// Those of them that hold users' work.
    work: Vec<String>,
    is_dry_run: bool,
    notes: Vec<String>,
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
        lines.extend(self.buckets.iter().map(|(bucket, _)| format!("bucket {bucket} with all its objects")));
        lines
    }
}

impl StackDeployer {
    /// Deletes everything that this tool created for the stage, then verifies that nothing remains.
    pub(crate) async fn destroy(&self, args: &DestroyArgs, lock: &DeployLock) -> Result<(), DeployError> {
        let inventory = self.inventory().await?;
        self.warn_of_foreign_resources(&inventory);
        let work = self.work(&inventory).await?;
        let lines = inventory.lines();
        if lines.is_empty() {
            self.console.line("there is nothing to delete");
        } else {
            self.console.line("will be deleted permanently:");
            for line in lines.iter().chain(&work) {
                self.console.line(format!("  - {line}"));
            }
        }
        let mut report =
            DestroyReport { resources: lines, work, is_dry_run: args.dry_run, notes: Vec::new() };
        if !args.dry_run {
            if !report.work.is_empty() && !args.delete_data {
                return Err(DeployError::DeletesData(report.work));
            }
            if !report.resources.is_empty() {
                self.console.confirm("delete all of this", args.yes)?;
            }
            report.notes = self.delete(&inventory, lock).await?;
        }
        if self.console.is_json() { self.console.json(&report) } else { Ok(()) }
    }

    /// Deletes the resources; returns notes about what could not be verified.
    async fn delete(&self, inventory: &Inventory, lock: &DeployLock) -> Result<Vec<String>, DeployError> {
        let artifacts = self.artifact_bucket();
        // A bucket without its tag is what an interrupted run left; an object in it would make it foreign.
        if inventory.buckets.contains(&(artifacts.clone(), BucketOwner::Ours)) {
            self.lock(lock, &artifacts, "destroy").await?;
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
        self.console.stage("remove-buckets");
        // A repeated deployment needs the artifact bucket first, so it is deleted last.
        let buckets = rest.buckets.iter().map(|(bucket, _)| bucket);
        let (last, others): (Vec<_>, Vec<_>) = buckets.partition(|bucket| **bucket == artifacts);
        for bucket in others.into_iter().chain(last) {
            if *bucket == artifacts {
                lock.forget();
            }
            self.aws.empty_bucket(bucket).await?;
            self.aws.delete_bucket(bucket).await?;
        }
        self.console.stage("search");
        let notes = self.verify_nothing_remains().await?;
        for note in &notes {
            self.console.line(format!("note: {note}"));
        }
        self.console.finish();
        self.console.line("nothing remains");
        Ok(notes)
    }

    /// Returns the resources of the stacks that hold users' work.
    async fn work(&self, inventory: &Inventory) -> Result<Vec<String>, DeployError> {
        let mut work = Vec::new();
        for (stack, state) in &inventory.stacks {
            for resource in self.aws.resources(&state.id).await? {
                let id = resource.physical_resource_id().filter(|id| !id.is_empty());
                let is_there = resource.resource_status() != Some(&ResourceStatus::DeleteComplete);
                let Some(id) = id.filter(|_| is_there) else { continue };
                let name = resource.resource_type().and_then(plan::work);
                work.extend(name.map(|name| format!("{name} {id}")));
                let is_data = resource.logical_resource_id() == Some(sagemaker::resource::DATA_BUCKET);
                let is_ours = || inventory.buckets.iter().any(|(bucket, _)| bucket == id);
                if *stack == Stack::SageMaker && is_data && is_ours() && self.holds_own_data(id).await? {
                    work.push(format!("the data bucket {id}, which holds your own data"));
                }
            }
        }
        Ok(work)
    }

    /// Returns whether a data bucket holds objects that this tool did not write.
    async fn holds_own_data(&self, bucket: &str) -> Result<bool, DeployError> {
        let keys = self.aws.keys(bucket, "").await?;
        Ok(keys.iter().any(|key| !OWN_FOLDERS.iter().any(|folder| key.starts_with(folder))))
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
    pub(crate) async fn inventory(&self) -> Result<Inventory, DeployError> {
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
        let mut groups = self.aws.our_log_groups(&names::log_groups(&self.aws.stage)).await?;
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

    /// Returns the buckets with the names that the stacks give and our tag, and the unfinished bucket of an interrupted run.
    async fn our_buckets(&self) -> Result<Vec<(String, BucketOwner)>, DeployError> {
        let artifacts = self.artifact_bucket();
        let mut prefixes: Vec<_> = Stack::ALL
            .into_iter()
            .flat_map(|stack| bucket_prefixes(stack, &self.aws.stack_name(stack)))
            .collect();
        prefixes.push(artifacts.clone());
        let mut ours = Vec::new();
        for bucket in self.aws.buckets(&prefixes).await? {
            let owner = self.aws.bucket_owner(&bucket).await?;
            let is_ours = match owner {
                BucketOwner::Ours => true,
                BucketOwner::Unfinished => bucket == artifacts,
                BucketOwner::NotFound | BucketOwner::Foreign => false,
            };
            ours.extend(is_ours.then_some((bucket, owner)));
        }
        Ok(ours)
    }

    /// Returns whether an endpoint or a training job has a name of the stage.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        stage_of_sagemaker(name) == Some(self.aws.stage.as_str())
    }

    pub(crate) fn artifact_bucket(&self) -> String {
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
}

/// Returns the short name of a stack in stage names.
fn stage_name(stack: Stack) -> &'static str {
    match stack {
        Stack::SageMaker => "stack-sagemaker",
        Stack::Recommendations => "stack-recommendations",
        Stack::Website => "stack-website",
        Stack::Repository => "stack-repository",
        Stack::Notebook => "stack-notebook",
    }
}

/// Returns what the names of a stack's buckets begin with, as CloudFormation makes them: the policy of who deploys allows
/// reading the tags of these only.
fn bucket_prefixes(stack: Stack, stack_name: &str) -> Vec<String> {
    let template = stack.template();
    let buckets = template.resources().filter(|resource| resource.kind == "AWS::S3::Bucket");
    buckets.map(|bucket| format!("{stack_name}-{}-", bucket.logical_id).to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_buckets_of_the_stacks_are_looked_at() {
        let prefixes = |stack: Stack| bucket_prefixes(stack, "Mysfits-dev-X");
        assert_eq!(prefixes(Stack::SageMaker), ["mysfits-dev-x-databucket-"]);
        assert_eq!(prefixes(Stack::Website), ["mysfits-dev-x-sitebucket-"]);
        assert!(prefixes(Stack::Recommendations).is_empty());
    }

    #[test]
    fn lists_an_inventory_in_the_order_of_deletion() {
        let all = Inventory {
            training_jobs: vec!["knn-mysfits-1".to_owned()],
            log_streams: vec![(TRAINING_LOGS, "knn-mysfits-1/algo-1".to_owned())],
            buckets: vec![("mysfits-artifacts-1-r".to_owned(), BucketOwner::Ours)],
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
