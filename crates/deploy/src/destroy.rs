//! Taking everything away again: what there is, in which order it goes, and what is left afterwards.

use std::time::{Duration, Instant};

use mysfits_infra::{
    ARTIFACT_BUCKET_PREFIX, Stack,
    sagemaker::{NOTEBOOK_NAME, output},
};

use crate::{
    aws::{
        buckets::Owner,
        sagemaker::{Hosted, Kind},
        stacks::State,
    },
    error::DeployError,
    names::{
        ENDPOINT_LOGS, ENDPOINT_PREFIX, LOGS, NOTEBOOK_LOGS, TRAINING_JOB_PREFIX, TRAINING_LOGS,
        artifact_bucket,
    },
    session::{Pauses, Session},
    state::Next,
};

/// Groups into which SageMaker writes for all of an account's training jobs and notebooks.
const SHARED_LOGS: [&str; 2] = [TRAINING_LOGS, NOTEBOOK_LOGS];
/// For how long what was removed may still be listed.
const PATIENCE: Duration = Duration::from_mins(2);

/// Everything that there is of ours.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    /// The stacks, in the order of their removal.
    stacks: Vec<(Stack, State)>,
    /// What hosts models, whether in the stacks or not.
    hosted: Vec<Hosted>,
    /// What hosts models under a name like ours but without our tag.
    not_ours: Vec<Hosted>,
    /// Training jobs at work.
    training_jobs: Vec<String>,
    /// Log groups of ours.
    log_groups: Vec<String>,
    /// Streams of ours in groups that others use too.
    log_streams: Vec<(&'static str, String)>,
    /// Buckets of ours, those of the stacks too.
    buckets: Vec<String>,
}

impl Inventory {
    /// Returns a line for each resource, in the order of removal.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.training_jobs.iter().map(|job| format!("training job {job} (at work)")));
        lines.extend(self.stacks.iter().map(|(stack, state)| {
            format!("stack {} ({}) with all its resources", stack.name(), state.status)
        }));
        lines.extend(self.hosted.iter().map(|hosted| format!("{} {}", hosted.kind.word(), hosted.name)));
        lines.extend(self.log_groups.iter().map(|group| format!("log group {group}")));
        lines
            .extend(self.log_streams.iter().map(|(group, stream)| format!("log stream {stream} in {group}")));
        lines.extend(self.buckets.iter().map(|bucket| format!("bucket {bucket} with all that is in it")));
        lines
    }
}

impl Session {
    /// Removes everything that this tool created in the account and region, then verifies that nothing is
    /// left.
    ///
    /// # Errors
    /// If the user declines, a resource cannot be removed, or a resource is left at the end.
    pub async fn destroy(&self, yes: bool, dry_run: bool) -> Result<(), DeployError> {
        let inventory = self.inventory().await?;
        self.warn_of_strangers(&inventory);
        let lines = inventory.lines();
        if lines.is_empty() {
            self.console.line("there is nothing to remove");
        } else {
            self.console.line("will be removed for good:");
            for line in &lines {
                self.console.line(format!("  - {line}"));
            }
        }
        if dry_run {
            return Ok(());
        }
        if !lines.is_empty() {
            self.console.agree("remove all of this", yes)?;
        }
        for job in &inventory.training_jobs {
            self.console.stage("stop-training");
            self.aws.stop_training_job(job).await?;
        }
        for (stack, _) in &inventory.stacks {
            self.console.stage(&format!("remove-{}", short(*stack)));
            self.remove_stack(*stack).await?;
        }
        // What the stacks held is gone now; what is still there was made outside them.
        let rest = self.inventory().await?;
        self.console.stage("remove-endpoints");
        for hosted in &rest.hosted {
            self.aws.delete_hosted(hosted).await?;
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
        // The artifact bucket is what a repeated deployment needs first: it goes last.
        let artifacts = artifact_bucket(&self.aws.account, &self.aws.region);
        let (last, others): (Vec<_>, Vec<_>) = rest.buckets.iter().partition(|bucket| **bucket == artifacts);
        for bucket in others.into_iter().chain(last) {
            self.aws.empty_bucket(bucket).await?;
            self.aws.delete_bucket(bucket).await?;
        }
        self.console.stage("search");
        self.nothing_is_left().await?;
        self.console.line("nothing is left");
        Ok(())
    }

    /// Removes a stack in whatever state it is.
    async fn remove_stack(&self, stack: Stack) -> Result<(), DeployError> {
        loop {
            let Some(state) = self.aws.stack(stack).await? else { return Ok(()) };
            match Next::of(Some(&state.status)) {
                // A removal that an earlier run began, or a deployment that was killed.
                Next::Wait => self.settle(stack, &state).await?,
                _ => return self.remove(stack, &state).await,
            }
        }
    }

    /// What there is of ours: by stack, by tag where there are tags, by our names where there are none.
    async fn inventory(&self) -> Result<Inventory, DeployError> {
        let mut all = Inventory::default();
        for stack in Stack::ALL.into_iter().rev() {
            if let Some(state) = self.aws.stack(stack).await? {
                all.stacks.push((stack, state));
            }
        }
        for kind in Kind::HOSTING {
            // Models and configurations that stacks make are called after the stack, ours and the workshop's knn-….
            for part in ["knn", "MythicalMysfits"] {
                for hosted in self.aws.hosted(kind, part).await? {
                    if all.hosted.contains(&hosted) || all.not_ours.contains(&hosted) {
                        continue;
                    }
                    let is_ours = self.aws.is_our_hosted(&hosted.arn).await?;
                    if is_ours { &mut all.hosted } else { &mut all.not_ours }.push(hosted);
                }
            }
        }
        all.training_jobs = self.aws.running_training_jobs(TRAINING_JOB_PREFIX).await?;
        all.log_groups = self.our_log_groups(&all.not_ours).await?;
        for (group, prefix) in SHARED_LOGS.into_iter().zip([TRAINING_JOB_PREFIX, NOTEBOOK_NAME]) {
            let streams = self.aws.log_streams(group, prefix).await?;
            all.log_streams.extend(streams.into_iter().map(|stream| (group, stream)));
        }
        all.buckets = self.our_buckets().await?;
        Ok(all)
    }

    /// The log groups of our stacks and endpoints; those of endpoints that are not ours are left out.
    async fn our_log_groups(&self, not_ours: &[Hosted]) -> Result<Vec<String>, DeployError> {
        let mut groups = self.aws.log_groups(LOGS).await?;
        for stack in Stack::ALL {
            groups.extend(self.aws.log_groups(&format!("/aws/lambda/{}-", stack.name())).await?);
        }
        let suffix = format!("-{}", Stack::SageMaker.template().default_of(SUFFIX).unwrap_or_default());
        for group in self.aws.log_groups(&format!("{ENDPOINT_LOGS}{ENDPOINT_PREFIX}")).await? {
            let endpoint = group.strip_prefix(ENDPOINT_LOGS).unwrap_or_default();
            let is_other =
                not_ours.iter().any(|hosted| hosted.kind == Kind::Endpoint && hosted.name == endpoint);
            if endpoint.ends_with(&suffix) && !is_other {
                groups.push(group);
            }
        }
        Ok(groups)
    }

    /// The buckets that carry our tag, by the names that we and CloudFormation give; and the one that a killed run
    /// left unfinished.
    async fn our_buckets(&self) -> Result<Vec<String>, DeployError> {
        let artifacts = artifact_bucket(&self.aws.account, &self.aws.region);
        let mut prefixes: Vec<_> = Stack::ALL.iter().map(|stack| stack.name().to_lowercase()).collect();
        prefixes.push(format!("{ARTIFACT_BUCKET_PREFIX}-{}-", self.aws.account));
        let mut ours = Vec::new();
        for bucket in self.aws.buckets(&prefixes).await? {
            // Each region's artifacts belong to that region's deployment.
            if bucket.starts_with(ARTIFACT_BUCKET_PREFIX) && bucket != artifacts {
                continue;
            }
            match self.aws.bucket_owner(&bucket).await? {
                Owner::Us => ours.push(bucket),
                Owner::Unfinished if bucket == artifacts => ours.push(bucket),
                _ => {}
            }
        }
        Ok(ours)
    }

    fn warn_of_strangers(&self, inventory: &Inventory) {
        for Hosted { kind, name, .. } in &inventory.not_ours {
            self.console.line(format!(
                "note: the {} {name} does not carry our tag and stays; if it was made in the workshop's notebook and \
                 is not needed, remove it in SageMaker's console",
                kind.word()
            ));
        }
    }

    /// Searches by stack, name and tag until nothing is found, for some time.
    async fn nothing_is_left(&self) -> Result<(), DeployError> {
        let begun = Instant::now();
        let mut pauses = Pauses::default();
        loop {
            let mut left = self.inventory().await?.lines();
            left.extend(self.tagged_left().await?);
            if left.is_empty() {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                return Err(DeployError::Left { left });
            }
            self.console.doing("waiting for what was removed to vanish from AWS's lists");
            pauses.wait().await;
        }
    }

    /// What the tagging API lists and is really there: it lists what is gone for hours.
    async fn tagged_left(&self) -> Result<Vec<String>, DeployError> {
        let mut regions = vec![self.aws.region.as_str()];
        // CloudFront and what belongs to it live there.
        if self.aws.partition == "aws" && self.aws.region != "us-east-1" {
            regions.push("us-east-1");
        }
        let mut left = Vec::new();
        for region in regions {
            for tagged in self.aws.tagged(region).await? {
                // What another region's deployment has in us-east-1 is not left of this one.
                let of_region = tagged.tag("aws:cloudformation:stack-id").and_then(|id| id.split(':').nth(3));
                let is_elsewhere = region != self.aws.region && of_region != Some(self.aws.region.as_str());
                if !is_elsewhere && self.is_there(&tagged).await? {
                    left.push(tagged.arn);
                }
            }
        }
        Ok(left)
    }

    /// Whether something that is listed by its tag is really there.
    async fn is_there(&self, tagged: &crate::aws::tagging::Tagged) -> Result<bool, DeployError> {
        let arn = &tagged.arn;
        let (service, resource) = parts(arn);
        // CloudFormation remembers for months what became of each resource of a stack that is gone.
        let of_stack =
            tagged.tag("aws:cloudformation:stack-id").zip(tagged.tag("aws:cloudformation:logical-id"));
        if let Some((stack, logical_id)) = of_stack {
            let resources = self.aws.resources(stack).await?;
            if let Some(resource) = resources.iter().find(|resource| resource.logical_id == logical_id) {
                return Ok(resource.status.as_str() != "DELETE_COMPLETE");
            }
        }
        match service {
            "s3" => Ok(self.aws.bucket_owner(resource).await? != Owner::Nobody),
            "cloudformation" => {
                let state = self.aws.stack_by_id(arn).await?;
                Ok(state.is_some_and(|state| state.status.as_str() != "DELETE_COMPLETE"))
            }
            // A training job's record cannot be removed and costs nothing.
            "sagemaker" if resource.starts_with("training-job/") => Ok(false),
            "sagemaker" => Ok(self.aws.is_our_hosted(arn).await?),
            // The log groups of ours are searched by name.
            "logs" => {
                let group = resource.trim_start_matches("log-group:").trim_end_matches(":*");
                if SHARED_LOGS.contains(&group) {
                    // What others write into stays, although this tool made it.
                    return Ok(self.aws.is_our_empty_log_group(group).await?);
                }
                Ok(self.aws.log_groups(group).await?.iter().any(|found| found == group))
            }
            _ => Ok(true),
        }
    }
}

/// The parameter whose default is the suffix of our endpoints' names.
const SUFFIX: &str = mysfits_infra::sagemaker::parameter::ENDPOINT_SUFFIX;

/// An ARN's service and resource.
fn parts(arn: &str) -> (&str, &str) {
    let mut parts = arn.splitn(6, ':');
    (parts.nth(2).unwrap_or_default(), parts.nth(2).unwrap_or_default())
}

/// Returns the short name of a stack in stage names.
pub(crate) fn short(stack: Stack) -> &'static str {
    match stack {
        Stack::SageMaker => "stack-sagemaker",
        Stack::Recommendations => "stack-recommendations",
        Stack::Website => "stack-website",
    }
}

/// Returns the name of the endpoint in a stack's outputs.
pub(crate) fn endpoint_of(state: &State) -> Option<&str> {
    state.outputs.get(output::ENDPOINT_NAME).map(String::as_str).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_falls_apart_into_service_and_resource() {
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
    fn an_inventory_is_told_in_the_order_of_removal() {
        let all = Inventory {
            training_jobs: vec!["knn-mysfits-1".to_owned()],
            log_streams: vec![(TRAINING_LOGS, "knn-mysfits-1/algo-1".to_owned())],
            buckets: vec!["mysfits-artifacts-1-r".to_owned()],
            hosted: vec![Hosted { kind: Kind::Endpoint, name: "knn-x".to_owned(), arn: String::new() }],
            ..Inventory::default()
        };
        assert_eq!(
            all.lines(),
            [
                "training job knn-mysfits-1 (at work)",
                "endpoint knn-x",
                "log stream knn-mysfits-1/algo-1 in /aws/sagemaker/TrainingJobs",
                "bucket mysfits-artifacts-1-r with all that is in it",
            ]
        );
        assert!(Inventory::default().lines().is_empty());
    }
}
